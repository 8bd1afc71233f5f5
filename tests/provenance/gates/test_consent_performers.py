"""Whoever is replaced performs, and needs a record in any case."""

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from masquerade.errors import ConsentError
from masquerade.provenance.consent.measured import MeasuredPerson, Sight
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.gates import consent_measured, consent_performers, consent_sources
from masquerade.provenance.gates.gate import Request
from masquerade.types import Draft, Embedding, IdentityUse


@pytest.fixture
def draft(scene: ModuleType, tmp_path: Path) -> Draft:
    clip, photo = tmp_path / "clip.mp4", tmp_path / "photo.png"
    clip.write_bytes(b"clip")
    photo.write_bytes(b"photo")
    made: Draft = scene.make_draft(clip, photo, "")
    return replace(made, recipe=replace(made.recipe, method="body"))


def seen(monkeypatch: pytest.MonkeyPatch, **faces: list[Embedding]) -> None:
    """What is measured in the target and in the source."""

    def measured(path: Path, _sha256: str) -> tuple[MeasuredPerson, ...]:
        some = faces["target" if path.name == "clip.mp4" else "source"]
        return tuple(MeasuredPerson(one, 100.0, 1) for one in some)

    monkeypatch.setattr(consent_measured, "people_in", measured)
    monkeypatch.setattr(consent_measured, "is_heard", lambda _item: False)
    monkeypatch.setattr(consent_sources, "is_heard", lambda _item: False)


def performer(scene: ModuleType, seed: int, *modality: str) -> ConsentRecord:
    made: ConsentRecord = scene.make_record(
        kind="performer", embeddings=[scene.face(seed)], modality=[*modality, "face"]
    )
    return made


def test_whoever_is_replaced_needs_a_record_that_covers_the_body(
    scene: ModuleType, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, target=[scene.face(5)])

    def passes(*records: ConsentRecord) -> None:
        consent_performers.check(Request(draft, records, "test"))

    passes(performer(scene, 5, "body"))
    with pytest.raises(ConsentError, match="has no consent record"):
        passes()
    with pytest.raises(ConsentError, match="does not cover the body"):
        passes(performer(scene, 5))
    with pytest.raises(ConsentError, match="is not the one of consent"):
        passes(performer(scene, 6, "body"))


def test_everybody_who_could_be_meant_is_asked(
    scene: ModuleType, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, target=[scene.face(5), scene.face(6)])
    with pytest.raises(ConsentError, match="2 people could be meant"):
        consent_performers.check(Request(draft, (performer(scene, 5, "body"),), "test"))


def test_where_no_face_is_seen_a_performers_word_is_asked_for_all_the_same(
    scene: ModuleType, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, target=[])
    found = consent_performers.check(Request(draft, (performer(scene, 5, "body"),), "test"))
    assert [one.distance for one in found] == [None]
    with pytest.raises(ConsentError, match="no performer has a record"):
        consent_performers.check(Request(draft, (scene.make_record(),), "test"))


def test_whoever_is_seen_lends_the_body_and_not_the_face_alone(
    scene: ModuleType, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, target=[], source=[scene.face()])

    def passes(record: ConsentRecord) -> None:
        photo = draft.recipe.inputs[1]
        uses = (IdentityUse("source", "body", scene.face(), photo.sha256, record.id),)
        consent_sources.check(Request(replace(draft, uses=uses), (record,), "test"))

    passes(scene.make_record(modality=["face", "body"]))
    with pytest.raises(ConsentError, match="does not cover the body"):
        passes(scene.make_record())


def test_a_face_without_a_record_is_said_with_its_place_and_still_refuses(
    scene: ModuleType, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Printed on a thing, taken for a face by mistake, in one picture only: it counts."""
    thing = MeasuredPerson(scene.face(6), 90.0, 1, Sight(512, 2.5, (700.0, 400.0, 780.0, 480.0)))

    def measured(path: Path, _sha256: str) -> tuple[MeasuredPerson, ...]:
        return (thing, MeasuredPerson(scene.face(5), 100.0, 7))

    seen(monkeypatch, target=[])
    monkeypatch.setattr(consent_measured, "people_in", measured)
    with pytest.raises(ConsentError, match=r"at 2\.50 s around \(740, 440\), 90 px"):
        consent_performers.check(Request(draft, (performer(scene, 5, "body"),), "test"))
    with pytest.raises(ConsentError, match=r"has no consent record \(seen at 2\.50 s"):
        consent_performers.check(Request(draft, (), "test"))
