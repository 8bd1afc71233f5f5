"""The gates' own look at faces; the networks are real."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from masquerade import personas, registry
from masquerade.errors import ConsentError, ModelError, PolicyError
from masquerade.faces.embed import distance
from masquerade.hashing import file_sha256
from masquerade.provenance.consent import measured
from masquerade.provenance.consent.bound_face import open_face
from masquerade.provenance.consent.measured import people_in
from masquerade.provenance.consent.records import ConsentRecord, Guardian, load
from masquerade.provenance.gates import consent_guardian, consent_measured, consent_sources
from masquerade.provenance.gates.gate import Request
from masquerade.types import Draft, Embedding, IdentityUse, InputUse

pytestmark = pytest.mark.weights
HUGO = personas.load("hugo")


def _bound(persona: personas.Persona) -> Embedding:
    return open_face(load(persona.consent).faces[0], "")


def _from(photo: Path, draft: Draft) -> Draft:
    """The draft with another photo as its source, and the embedding it stated."""
    item = InputUse("source", photo.name, file_sha256(photo), photo)
    recipe = replace(draft.recipe, inputs=(draft.recipe.inputs[0], item))
    uses = (replace(draft.uses[0], input_sha256=item.sha256),)
    return replace(draft, recipe=recipe, uses=uses)


def _side_by_side(path: Path, *, shrunk: int) -> Path:
    """Ada, and Hugo beside her at a share of the size."""
    ada, hugo = (Image.open(personas.load(name).picture) for name in ("ada", "hugo"))
    hugo = hugo.resize((hugo.width // shrunk, hugo.height // shrunk))
    both = Image.new("RGB", (ada.width + hugo.width, ada.height), (120, 120, 120))
    both.paste(ada, (0, 0))
    both.paste(hugo, (ada.width, 0))
    both.save(path, quality=95)
    return path


@pytest.fixture
def request_of(make_draft: Callable[..., Draft], record: ConsentRecord) -> Callable[..., Request]:
    def make(photo: Path, *, method: str = "swap_mesh") -> Request:
        draft = _from(photo, make_draft())
        draft = replace(draft, recipe=replace(draft.recipe, method=method))
        return Request(draft, (record,), "test")

    return make


def test_the_stated_embedding_of_a_strangers_photo_does_not_help(
    request_of: Callable[..., Request], photo: Path, record: ConsentRecord
) -> None:
    covered = consent_sources.check(request_of(photo))
    assert {one.record.id for one in covered} == {record.id}
    with pytest.raises(ConsentError, match="not the one of consent"):
        consent_sources.check(request_of(HUGO.picture))


@pytest.mark.parametrize(
    ("shrunk", "method", "fault"),
    [
        (1, "swap_mesh", "2 people could be meant"),
        (3, "swap_mesh", ""),
        (3, "from_elsewhere", "2 people could be meant"),
    ],
)
def test_everybody_who_could_be_meant_is_covered(
    request_of: Callable[..., Request], tmp_path: Path, shrunk: int, method: str, fault: str
) -> None:
    asked = request_of(_side_by_side(tmp_path / "both.jpg", shrunk=shrunk), method=method)
    if not fault:
        assert len(consent_sources.check(asked)) == 2  # as stated, and as measured
        return
    with pytest.raises(ConsentError, match=fault):
        consent_sources.check(asked)


def test_a_source_without_a_face_is_refused(
    request_of: Callable[..., Request], tmp_path: Path
) -> None:
    Image.fromarray(np.full((64, 64, 3), 90, np.uint8)).save(tmp_path / "grey.png")
    with pytest.raises(ConsentError, match="no face can be measured"):
        consent_sources.check(request_of(tmp_path / "grey.png"))
    (tmp_path / "torn.jpg").write_bytes(b"no picture")
    with pytest.raises(ConsentError, match="cannot be measured"):
        consent_sources.check(request_of(tmp_path / "torn.jpg"))


def test_a_source_that_lies_nowhere_is_refused(
    request_of: Callable[..., Request], photo: Path
) -> None:
    asked = request_of(photo)
    gone = replace(asked.draft.recipe.inputs[1], path=None)
    recipe = replace(asked.draft.recipe, inputs=(asked.draft.recipe.inputs[0], gone))
    with pytest.raises(PolicyError, match="does not say where"):
        consent_sources.check(replace(asked, draft=replace(asked.draft, recipe=recipe)))


def test_a_method_of_another_package_needs_a_record_for_everybody_in_its_target(
    make_draft: Callable[..., Draft], scene: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = registry.Entry("glow", "masquerade.generate.swap_mesh", "", "studio", "1.0")
    monkeypatch.setattr(registry, "entry", lambda *_: entry)
    monkeypatch.setattr(registry, "takes", lambda _: ("target",))
    target = InputUse("target", "hugo.jpg", file_sha256(HUGO.picture), HUGO.picture)
    draft = scene.still_of(make_draft())
    recipe = replace(draft.recipe, method="glow", inputs=(target,))
    draft = replace(draft, recipe=recipe, target=HUGO.picture, uses=())
    with pytest.raises(ConsentError, match=r"face in the target hugo\.jpg has no consent record"):
        consent_sources.check(Request(draft, (), "test"))
    actor = scene.make_record(kind="performer", embeddings=[_bound(HUGO)])
    assert consent_sources.check(Request(draft, (actor,), "test"))[0].record == actor


def test_whoever_drives_a_method_needs_a_record_too(
    make_draft: Callable[..., Draft], record: ConsentRecord
) -> None:
    draft = make_draft()
    driving = InputUse("driving", "hugo.jpg", file_sha256(HUGO.picture), HUGO.picture)
    recipe = replace(draft.recipe, method="glow", inputs=(*draft.recipe.inputs, driving))
    stated = replace(draft.uses[0], role="driving", input_sha256=driving.sha256)
    draft = replace(draft, recipe=recipe, uses=(*draft.uses, stated))
    for method in ("glow", "swap_mesh"):
        whose = replace(draft, recipe=replace(recipe, method=method))
        with pytest.raises(ConsentError, match="not the one of consent"):
            consent_sources.check(Request(whose, (record,), "test"))


def test_only_installed_methods_of_this_package_are_our_own() -> None:
    assert not consent_measured.is_foreign("swap_mesh")
    assert consent_measured.is_foreign("not_installed")


def test_a_file_is_measured_once_and_only_as_the_file_it_was(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Path(shutil.copy(photo, tmp_path / "ada.jpg"))
    digest = file_sha256(copy)
    first = people_in(copy, digest)
    monkeypatch.setattr(measured, "_measure", lambda _: pytest.fail("measured again"))
    assert people_in(copy, digest) is first
    monkeypatch.setattr(measured, "_measure", lambda _: first)
    with pytest.raises(PolicyError, match="was changed"):
        people_in(copy, "0" * 64)


def test_missing_weights_close_the_gate(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: Path) -> None:
        raise ModelError("face_mesh is not here")

    copy = Path(shutil.copy(photo, tmp_path / "ada.jpg"))
    monkeypatch.setattr(measured, "_measure", gone)
    with pytest.raises(ConsentError, match="face_mesh is not here"):
        people_in(copy, file_sha256(copy))


@pytest.mark.media
def test_a_video_is_measured_over_its_length(media_dir: Path) -> None:
    clips = sorted((media_dir / "talking" / "grid_s1").glob("*.mpg"))[:2]
    one, other = (people_in(clip, file_sha256(clip)) for clip in clips)
    assert len(one) == len(other) == 1
    assert one[0].seen > 1
    assert distance(one[0].embedding, other[0].embedding) < 0.4


def test_a_guardians_consent_ends_when_the_child_is_of_age(
    make_draft: Callable[..., Draft], record: ConsentRecord, scene: ModuleType
) -> None:
    guardian = Guardian(
        name="Eva", relation="mother", statement="I, Eva, consent.", stated_on=date(2020, 1, 1)
    )
    grown = scene.make_record(
        adult_attested=False,
        guardians=[guardian],
        valid_from=datetime(2020, 1, 1, tzinfo=UTC),
        valid_until=datetime(2021, 1, 1, tzinfo=UTC),
        of_age_on=date(2021, 1, 1),
    )
    with pytest.raises(ConsentError, match="is of age since 2021-01-01"):
        consent_guardian.check(Request(make_draft(), (grown,), "test"))
    consent_guardian.check(Request(make_draft(), (record,), "test"))
    nobody = record.model_copy(update={"adult_attested": False})
    with pytest.raises(ConsentError, match="put together by hand"):
        consent_guardian.check(Request(make_draft(), (nobody,), "test"))


def test_a_use_names_file_role_and_face(photo: Path) -> None:
    one = people_in(photo, file_sha256(photo))[0]
    item = InputUse("source", photo.name, "a" * 64, photo)
    use = consent_measured.use_of(one, item, "source")
    assert isinstance(use, IdentityUse)
    assert (use.role, use.input_sha256) == ("source", "a" * 64)


def test_two_alike_in_one_picture_are_two_people(tmp_path: Path) -> None:
    with Image.open(personas.load("ada").picture) as image:
        one = np.asarray(image.convert("RGB"))
    twins = tmp_path / "twins.png"
    Image.fromarray(np.hstack([one, one[:, ::-1]])).save(twins)
    assert [person.seen for person in people_in(twins, file_sha256(twins))] == [1, 1]


def test_somebody_whom_transparency_alone_shows_is_measured(
    request_of: Callable[..., Request], tmp_path: Path
) -> None:
    """The colours are Ada's, whom the record covers; over white, the picture is Hugo."""
    under = np.asarray(Image.open(personas.load("ada").picture).convert("RGB")) * 0.45
    hugo = Image.open(HUGO.picture).convert("L").resize((under.shape[1], under.shape[0]))
    wanted = 120 + np.asarray(hugo) * 0.5
    alpha = np.clip((255 - wanted) / (255 - under.mean(axis=2)), 0, 1) * 255
    plain, photo = tmp_path / "plain.png", tmp_path / "two.png"
    Image.fromarray(under.astype(np.uint8)).save(plain)
    Image.fromarray(np.dstack([under, alpha]).astype(np.uint8)).save(photo)

    consent_sources.check(request_of(plain))
    with pytest.raises(ConsentError, match="is not the one of consent"):
        consent_sources.check(request_of(photo))


def test_faces_are_measured_in_the_file_of_that_hash_alone(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another photo that lies there just while faces are looked for, and is taken away again."""
    path = Path(shutil.copy(HUGO.picture, tmp_path / "hugo.jpg"))
    really = measured._measure

    def exchanged(place: Path) -> tuple[measured.MeasuredPerson, ...]:
        shutil.copy(photo, place)
        try:
            return really(place)
        finally:
            shutil.copy(HUGO.picture, place)

    monkeypatch.setattr(measured, "_measure", exchanged)
    with pytest.raises(PolicyError, match="changed"):
        people_in(path, file_sha256(path))
