"""What is asked over the network names no file of this machine, whatever field it stands in."""

from __future__ import annotations

import pytest
from pydantic import BaseModel
from tests.jobs.test_files import PNG, sent

from masquerade.errors import UsageError
from masquerade.jobs.files import Files
from masquerade.jobs.remote import check_remote, jobs_named, uploads_named, with_paths
from masquerade.jobs.work import KINDS, OUTS, digest_of, kind_of, read_spec
from masquerade.provenance.canonical import Json

UP = "upload:up-" + "0" * 32
JOB = "job:job-" + "1" * 32
GOOD: dict[str, Json] = {"method": "style", "target": UP, "out": "r.mp4"}


@pytest.mark.parametrize(
    "changed",
    [
        {"target": "/etc/passwd"},
        {"target": "clip.mp4"},
        {"target": "../clip.mp4"},
        {"target": UP + "/../x"},
        {"target": JOB + "/../../x.mp4"},
        {"sources": [UP, "photos/ada.jpg"]},
        {"consents": ["~/ada.consent"]},
        {"out": "/srv/r.mp4"},
        {"out": "../r.mp4"},
        {"out": ".hidden"},
        {"person": "/etc/face.jpg"},
        {"person": "..\\face.jpg"},
        {"person": "C:face.jpg"},
        {"people": UP},
        {"settings": UP},
        {"options": {"style": ["/srv/style.png"]}},
        {"options": {"style": ["~root/style.png:0.5"]}},
        {"options": {"style": [UP + "/x"]}},
        {"label": "../eu"},
        {"method": "swap_network", "options": {"network": UP}},
        {"method": "swap_neural", "options": {"model": "models/ab.safetensors"}},
        {"method": "edit", "options": {"effect": ["/etc/effects.json"]}},
        {"method": "swap_mesh/../x"},
        {"unknown": 1},
        {"purpose": "half a letter: \ud83d"},
        {"options": {"style": ["\ud83d"]}},
        {"options": {"style": ["ink"], "strokes": float("nan")}},
    ],
)
def test_paths_are_refused_wherever_they_stand(changed: dict[str, Json]) -> None:
    with pytest.raises(UsageError):
        check_remote("make", GOOD | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"target": JOB},
        {"target": JOB + "/result.mp4"},
        {"person": UP},
        {"purpose": "film/television, 2026"},
        {"options": {"style": ["ink:0.3", "frost"]}},
        {"options": {"style": [UP + ":0.3"]}},
        {"method": "swap_neural", "options": {"model": JOB + "/ab.safetensors"}},
        {"method": "swap_network", "options": {"network": "mine"}},
        {"method": "edit", "options": {"effect": ["lipstick=0.8:#a02040"]}},
    ],
)
def test_references_and_plain_words_are_taken(changed: dict[str, Json]) -> None:
    assert check_remote("make", GOOD | changed)


@pytest.mark.parametrize(
    ("compare", "taken"),
    [
        ("style=ink,frost", True),
        (f"style={UP}", True),
        ("network=mine", True),
        (f"network={UP}", False),
        (f" Network ={UP}", False),
        (f"settings={JOB}/r.md", False),
        ("style=/srv/style.png", False),
    ],
)
def test_what_a_preview_compares_names_no_card_either(compare: str, taken: bool) -> None:
    spec: dict[str, Json] = GOOD | {"out": "r.png", "compare": [compare]}
    if taken:
        assert check_remote("preview", spec)
    else:
        with pytest.raises(UsageError):
            check_remote("preview", spec)


def test_every_kind_and_each_of_its_paths_is_guarded() -> None:
    for name in KINDS:
        for field, declared in kind_of(name).Spec.model_fields.items():
            if "Path" in str(declared.annotation) and field not in OUTS:
                value: Json = ["/etc/x.mp4"] if "tuple" in str(declared.annotation) else "/etc/x"
                with pytest.raises(UsageError):
                    check_remote(name, {field: value})


def test_references_are_found_and_replaced(files: Files) -> None:
    upload = sent(files)
    reference = f"upload:{upload.id}"
    spec: dict[str, Json] = GOOD | {
        "target": reference,
        "sources": [JOB],
        "options": {"style": [f"{reference}:0.3"]},
        "purpose": f"as {reference} says",
    }
    read = check_remote("make", spec)
    assert uploads_named("make", read) == [upload.id]
    assert jobs_named("make", read) == [JOB.removeprefix("job:")]
    told = with_paths("make", spec | {"sources": []}, files, "ada")
    path = str(files.path_of(upload))
    assert told["target"] == path
    assert told["options"] == {"style": [f"{path}:0.3"]}
    assert told["purpose"] == spec["purpose"]  # free words stay as they were written
    with pytest.raises(UsageError):
        with_paths("make", spec | {"sources": []}, files, "ben")


def test_the_same_file_sent_again_is_the_same_work(files: Files) -> None:
    from masquerade.jobs.remote import hash_of_uploads

    hash_of = hash_of_uploads(files, "ada")
    digests = set()
    for upload in (sent(files), sent(files), sent(files, data=PNG + b"x")):
        read = read_spec("make", GOOD | {"target": f"upload:{upload.id}"})
        digests.add(digest_of("make", read, "ada", hash_of))
    assert len(digests) == 2


def test_specs_say_what_does_not_fit() -> None:
    with pytest.raises(UsageError, match="no kind of work"):
        read_spec("swop", {})
    with pytest.raises(UsageError, match="target"):
        read_spec("verify", {})
    with pytest.raises(UsageError, match="strength"):
        read_spec("make", GOOD | {"options": {"strength": 7}})
    for name in KINDS:
        assert issubclass(kind_of(name).Spec, BaseModel)
        assert kind_of(name).gives in ("media", "biometric", "report")
        fields = kind_of(name).Spec.model_fields.values()
        assert all(field.description for field in fields), name
