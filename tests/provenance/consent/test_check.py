from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from masquerade.errors import ConsentError, ProvenanceError, UsageError
from masquerade.provenance.consent import trust
from masquerade.provenance.consent.check import (
    FACE_THRESHOLD,
    PERSONA_VOICE_THRESHOLD,
    check,
    check_face,
    check_standing,
    check_unseen,
    check_voice,
)
from masquerade.provenance.consent.records import (
    ConsentRecord,
    DeclaredProof,
    MadeProof,
    MadeVoiceProof,
)
from masquerade.provenance.consent.revocation import revoke
from masquerade.provenance.home import home_dir
from masquerade.provenance.keys import new_key, public_text
from masquerade.types import IdentityUse

NOW = datetime.now(UTC)
MADE_VOICE = MadeVoiceProof(recipe_sha256="a" * 64, nearest_distance=0.3, compared_voices=80)
DECLARED = DeclaredProof(declared_by="x", proof_sha256="b" * 64)
MADE = MadeProof(recipe_sha256="a" * 64, nearest_distance=0.7, compared_faces=500)


def _use(scene: ModuleType, seed: int = 1) -> IdentityUse:
    return IdentityUse("source", "face", scene.face(seed), "f" * 64)


def test_a_record_covers_its_own_face(scene: ModuleType, record: ConsentRecord) -> None:
    found = check(record, _use(scene), purpose="test", method="swap_mesh", media="video")
    assert found.distance < 1e-6
    assert found.signed_by == "this installation"


@pytest.mark.parametrize(
    ("record_says", "asked", "reason"),
    [
        ({}, {"purpose": " Test "}, ""),
        ({}, {"purpose": "film"}, "does not cover the purpose 'film'"),
        ({}, {"purpose": ""}, "without a purpose"),
        ({}, {"purpose": "any"}, "does not cover the purpose 'any'"),
        ({}, {"now": NOW + timedelta(days=31)}, "expired on"),
        ({}, {"now": NOW - timedelta(days=1)}, "not valid yet"),
        ({}, {"media": "audio"}, "does not cover audio"),
        ({"methods": ["swap"]}, {}, ""),
        ({"methods": ["swap_mesh"]}, {}, ""),
        ({"methods": ["lipsync"]}, {}, "does not cover the method swap_mesh"),
        ({"kind": "performer"}, {}, "is for a performer, yet the face is used as source"),
    ],
)
def test_every_point_of_a_record_is_checked(
    scene: ModuleType, record_says: dict[str, object], asked: dict[str, object], reason: str
) -> None:
    record = scene.make_record(**record_says)
    given = {"purpose": "test", "method": "swap_mesh", "media": "video"} | asked
    if not reason:
        check(record, _use(scene), **given)
        return
    with pytest.raises(ConsentError, match=reason):
        check(record, _use(scene), **given)


def test_another_face_is_refused_with_distance_and_threshold(
    scene: ModuleType, record: ConsentRecord
) -> None:
    with pytest.raises(ConsentError, match=r"distance 1\.\d\d; expected: at most 0\.50"):
        check(record, _use(scene, seed=2), purpose="test", method="swap_mesh")


@pytest.mark.parametrize(
    "embedding", [np.zeros(128), np.full(128, np.nan), np.ones(3), np.zeros(0)]
)
def test_a_face_that_was_not_measured_is_refused(
    record: ConsentRecord, embedding: np.ndarray
) -> None:
    with pytest.raises(ConsentError, match="could not be measured"):
        check_face(record, embedding.astype(np.float32))


def test_the_nearest_of_several_bound_faces_counts(scene: ModuleType) -> None:
    record = scene.make_record(embeddings=[scene.face(3), scene.face(1)])
    assert check_face(record, scene.face(1)) < FACE_THRESHOLD


def _spoken(scene: ModuleType, seed: int = 1, role: str = "source") -> IdentityUse:
    return IdentityUse(role, "voice", scene.voice(seed).embedding, "f" * 64)  # type: ignore[arg-type]


def test_a_record_covers_its_own_voice(scene: ModuleType) -> None:
    record = scene.make_record(embeddings=(), voices=[scene.voice()])
    found = check(record, _spoken(scene), purpose="test", method="voice", media="audio")
    assert found.distance < 1e-6
    with pytest.raises(ConsentError, match=r"distance \d\.\d\d; expected: at most 0\.18"):
        check(record, _spoken(scene, 2), purpose="test", method="voice", media="audio")


@pytest.mark.parametrize(
    ("record_says", "asked", "reason"),
    [
        ({}, {"purpose": "film"}, "does not cover the purpose 'film'"),
        ({}, {"now": NOW + timedelta(days=31)}, "expired on"),
        ({}, {"media": "still"}, "does not cover still"),
        ({"methods": ["swap"]}, {}, "does not cover the method voice"),
        ({"kind": "performer"}, {}, "is for a performer, yet the voice is used as source"),
    ],
)
def test_every_point_of_a_voice_is_checked(
    scene: ModuleType, record_says: dict[str, object], asked: dict[str, object], reason: str
) -> None:
    record = scene.make_record(embeddings=(), voices=[scene.voice()], **record_says)
    given = {"purpose": "test", "method": "voice", "media": "audio"} | asked
    with pytest.raises(ConsentError, match=reason):
        check(record, _spoken(scene), **given)


def test_a_face_is_no_voice_and_a_voice_is_no_face(scene: ModuleType) -> None:
    faces = scene.make_record()
    voices = scene.make_record(embeddings=(), voices=[scene.voice()])
    with pytest.raises(ConsentError, match="does not cover the voice"):
        check(faces, _spoken(scene), purpose="test", method="voice")
    with pytest.raises(ConsentError, match="does not cover the face"):
        check(voices, _use(scene), purpose="test", method="swap_mesh")
    with pytest.raises(ConsentError, match="bound to no face"):
        check_face(voices, scene.face())
    with pytest.raises(ConsentError, match="bound to no voice"):
        check_voice(faces, scene.voice().embedding)
    with pytest.raises(ConsentError, match="could not be measured"):
        check_voice(voices, scene.face())


def test_a_record_may_cover_both(scene: ModuleType) -> None:
    record = scene.make_record(voices=[scene.voice()])
    assert record.modality == ("face", "voice")
    check(record, _use(scene), purpose="test", method="swap_mesh", media="video")
    check(record, _spoken(scene), purpose="test", method="dub", media="video")


def test_a_body_is_told_by_its_face_and_has_to_be_named(scene: ModuleType) -> None:
    body = replace(_use(scene), modality="body")
    named = scene.make_record(modality=["body", "face"])
    check(named, body, purpose="test", method="body")
    with pytest.raises(ConsentError, match="does not cover the body"):
        check(scene.make_record(), body, purpose="test", method="body")
    with pytest.raises(ConsentError, match="is not the one of consent"):
        check(named, replace(body, embedding=-body.embedding), purpose="test", method="body")


def test_a_performer_who_is_never_seen_is_taken_at_their_word(scene: ModuleType) -> None:
    record = scene.make_record(kind="performer", modality=["body", "face"])
    found = check_unseen(record, modality="body", purpose="test", method="body")
    assert found.distance is None
    with pytest.raises(ConsentError, match="does not cover the body"):
        check_unseen(
            scene.make_record(kind="performer"), modality="body", purpose="test", method="body"
        )


def test_a_voice_measured_with_another_network_is_refused(
    scene: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = scene.make_record(embeddings=(), voices=[scene.voice()])
    monkeypatch.setattr("masquerade.provenance.consent.check.voice_network", lambda: "0" * 64)
    with pytest.raises(ConsentError, match="measured with another network"):
        check_voice(record, scene.voice().embedding)


def test_a_revoked_voice_is_refused(scene: ModuleType) -> None:
    record = scene.make_record(embeddings=(), voices=[scene.voice()])
    revoke(record.id)
    with pytest.raises(ConsentError, match="was revoked"):
        check(record, _spoken(scene), purpose="test", method="voice")


def test_a_record_of_another_installation_needs_trust(scene: ModuleType, tmp_path: Path) -> None:
    other = tmp_path / "other"
    record = scene.make_record(home=other, kind="persona", proof=MADE)
    with pytest.raises(ConsentError, match="signed by an unknown key"):
        check_standing(record)
    trust.trust_signer(record.signer, "Studio B")
    assert check_standing(record) == "Studio B"
    check(record, _use(scene), purpose="test", method="swap_mesh")


@pytest.mark.parametrize(("key", "name"), [("nonsense", "x"), ("ed25519:AAAA", "x"), ("", "x")])
def test_only_a_key_can_be_trusted(key: str, name: str) -> None:
    with pytest.raises(UsageError):
        trust.trust_signer(key, name)


def test_revoked_consent_is_refused(scene: ModuleType, record: ConsentRecord) -> None:
    revoke(record.id, "changed her mind")
    with pytest.raises(ConsentError, match="was revoked"):
        check(record, _use(scene), purpose="test", method="swap_mesh")


def test_a_revocation_cannot_be_deleted(record: ConsentRecord) -> None:
    revoke(record.id)
    (home_dir() / "revoked.txt").unlink()
    with pytest.raises(ConsentError, match="was revoked"):
        check_standing(record)


def test_a_revocation_may_be_added_by_hand(record: ConsentRecord) -> None:
    (home_dir() / "revoked.txt").write_text(f"# from outside\n{record.id} # told by phone\n")
    with pytest.raises(ConsentError, match="was revoked"):
        check_standing(record)


def test_an_unreadable_revocation_list_is_a_refusal(record: ConsentRecord) -> None:
    (home_dir() / "revoked.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConsentError, match="cannot be read"):
        check_standing(record)


def test_a_missing_ledger_is_a_refusal(record: ConsentRecord) -> None:
    for path in home_dir().glob("ledger.sqlite*"):
        path.unlink()
    with pytest.raises(ProvenanceError, match="ledger is missing"):
        check_standing(record)


def test_the_persona_key_signs_personas_only(
    scene: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key()
    monkeypatch.setattr(
        "masquerade.provenance.consent.check.persona_keys", lambda: frozenset({public_text(key)})
    )
    persona = scene.make_record(kind="persona", proof=MADE, purposes=["any"], key=key)
    assert check_standing(persona) == "the project's persona key"
    declared = DeclaredProof(declared_by="x", proof_sha256="b" * 64)
    for record in (
        scene.make_record(key=key),
        scene.make_record(kind="persona", proof=declared, key=key),
    ):
        with pytest.raises(ConsentError, match="personas only"):
            check_standing(record)


@pytest.mark.parametrize("proof", [DECLARED, MADE_VOICE])
def test_nobodys_word_makes_a_recording_the_voice_of_a_persona(
    scene: ModuleType, proof: DeclaredProof | MadeVoiceProof
) -> None:
    heard = scene.voice(challenge="")
    record = scene.make_record(
        kind="persona", embeddings=(), voices=[heard], purposes=["any"], voice_proof=proof
    )
    with pytest.raises(ConsentError, match="of a persona, and its voice was not made here"):
        check_voice(record, heard.embedding)


def test_the_voice_of_a_persona_is_told_more_narrowly_than_that_of_a_person(
    scene: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key()
    keys = frozenset({public_text(key)})
    monkeypatch.setattr("masquerade.provenance.consent.check.persona_keys", lambda: keys)
    heard, other = scene.voice(challenge=""), scene.voice(2).embedding
    record = scene.make_record(
        kind="persona",
        embeddings=(),
        voices=[heard],
        purposes=["any"],
        voice_proof=MADE_VOICE,
        key=key,
    )
    across = other - (other @ heard.embedding) * heard.embedding
    across /= np.linalg.norm(across)

    def at(distance: float) -> np.ndarray:
        angle = np.arccos(1 - distance)
        made = np.cos(angle) * heard.embedding + np.sin(angle) * across
        return made.astype(np.float32)

    assert check_voice(record, at(0.08)) == pytest.approx(0.08, abs=1e-4)
    with pytest.raises(ConsentError, match=r"distance 0\.12"):
        check_voice(record, at(0.12))
    assert PERSONA_VOICE_THRESHOLD == 0.1


def test_changed_in_memory_is_found(scene: ModuleType, record: ConsentRecord) -> None:
    forged = record.model_copy(update={"purposes": ("film",)})
    with pytest.raises(ConsentError, match="signature"):
        check(forged, _use(scene), purpose="film", method="swap_mesh")
