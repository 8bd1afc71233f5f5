"""A method that shows those in its target as they never were needs their consent, and no trick
helps; files that a method works with are those that its recipe names."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade import personas
from masquerade.errors import ConsentError, InputError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.readers import FaceReader
from masquerade.generate import edit, style
from masquerade.hashing import file_sha256
from masquerade.media.read import read_image
from masquerade.pipelines.generate import plan
from masquerade.pipelines.request import Request, read_request
from masquerade.provenance.consent.records import load
from masquerade.provenance.policy import Request as Question
from masquerade.provenance.policy import pass_gates
from masquerade.types import Embedding, IdentityUse, InputUse

SMILE = edit.Options(effect=("smile=0.6",))


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two people, and one picture of both in which the second is small."""
    place = tmp_path_factory.mktemp("photos")
    ada, ben = (read_image(personas.load(name).picture).pixels for name in personas.names()[:2])
    small = Image.fromarray(ben).resize((ben.shape[1] // 3, ben.shape[0] // 3))
    both = Image.new("RGB", (ada.shape[1] + small.width, ada.shape[0]), (120, 120, 120))
    both.paste(Image.fromarray(ada), (0, 0))
    both.paste(small, (ada.shape[1], 40))
    found = {"ada": Image.fromarray(ada), "ben": Image.fromarray(ben), "both": both}
    for name, picture in found.items():
        picture.save(place / f"{name}.png")
    return {name: place / f"{name}.png" for name in found}


def identity(photo: Path, reader: FaceReader) -> Embedding:
    pixels = read_image(photo).pixels
    return embed(pixels, find_faces(pixels, reader)[0], reader)


def ask(target: Path, *records: Path, person: str = "auto") -> Request:
    return Request("edit", target, consents=records, person=person, purpose="test", options=SMILE)


@pytest.mark.weights
def test_whoever_is_changed_consents(photos, reader, make_record) -> None:
    ours = make_record(embeddings=[identity(photos["ada"], reader)])
    asked = read_request(ask(photos["ada"], ours))

    planned = plan(asked.job, reader=reader)

    draft = planned.draft
    assert [item.role for item in draft.recipe.inputs] == ["target", "source"]
    (coverage, *_) = pass_gates(Question(draft, asked.records, "test")).coverage
    assert coverage.record.id == load(ours).id
    assert planned.tally.moved is None
    assert len([frame for part in draft.segments for frame in part.frames]) == 1
    assert planned.tally.moved is not None
    assert 0 < planned.tally.moved < 0.45


def test_without_a_record_nobody_is_changed(photos) -> None:
    with pytest.raises(ConsentError, match="0 consent records"):
        read_request(ask(photos["ada"]))


@pytest.mark.weights
def test_anothers_record_does_not_do(photos, reader, make_record) -> None:
    theirs = make_record(embeddings=[identity(photos["ben"], reader)])
    asked = read_request(ask(photos["ada"], theirs))

    with pytest.raises(ConsentError):
        pass_gates(Question(plan(asked.job, reader=reader).draft, asked.records, "test"))


@pytest.mark.weights
@pytest.mark.parametrize("meant", ["ben", "everyone"])
def test_a_small_face_consents_too(photos, reader, make_record, meant: str) -> None:
    """It is below what gates take for a bystander of a source."""
    ours = make_record(embeddings=[identity(photos["ada"], reader)])
    asked = read_request(ask(photos["both"], ours, person=str(photos.get(meant, meant))))

    with pytest.raises(ConsentError):
        pass_gates(Question(plan(asked.job, reader=reader).draft, asked.records, "test"))


@pytest.mark.weights
def test_a_consenting_source_does_not_stand_in_for_the_target(photos, reader, make_record) -> None:
    """The gate asks the method, not the draft, whether the target is changed."""
    ben = identity(photos["ben"], reader)
    record = load(make_record(embeddings=[ben]))
    mine = load(make_record(embeddings=[identity(photos["ada"], reader)]))
    asked = read_request(ask(photos["ada"], make_record(embeddings=[ben])))
    draft = plan(replace(asked.job, consents=(mine,)), reader=reader).draft
    (target, _) = draft.recipe.inputs
    lent = InputUse("source", "ben.png", file_sha256(photos["ben"]), photos["ben"])
    forged = replace(
        draft,
        recipe=replace(draft.recipe, inputs=(target, lent)),
        uses=(IdentityUse("source", "face", ben, lent.sha256, record.id),),
    )

    with pytest.raises(ConsentError, match=r"ada\.png has no consent record"):
        pass_gates(Question(forged, (record,), "test"))


def test_it_takes_no_people_map(photos) -> None:
    with pytest.raises(UsageError, match="takes no source"):
        read_request(replace(ask(photos["ada"]), people=Path("map.toml")))


@pytest.mark.weights
def test_a_style_changed_after_it_was_named_is_noticed(
    photos, reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wave = tmp_path / "wave.png"
    Image.fromarray(np.zeros((32, 32, 3), np.uint8)).save(wave)
    options = style.Options(style=(str(wave),))
    job = read_request(Request("style", photos["ada"], options=options)).job
    monkeypatch.setattr(style, "prepare", lambda *_, **__: wave.write_bytes(b"another"))

    with pytest.raises(InputError, match="was changed"):
        plan(job, reader=reader)
