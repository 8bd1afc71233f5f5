import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from masquerade.errors import ConsentError, OutputError, UsageError
from masquerade.provenance.bound_face import open_face
from masquerade.provenance.consent import (
    ConsentRecord,
    DeclaredProof,
    MadeProof,
    load,
    save_record,
    verify_record,
)
from masquerade.provenance.keys import new_key, public_text

NOW = datetime.now(UTC)
MADE = MadeProof(recipe_sha256="a" * 64, nearest_distance=0.7, compared_faces=500)


def test_a_record_comes_back_from_its_file(record: ConsentRecord, tmp_path: Path) -> None:
    save_record(record, tmp_path / "ann.consent")
    assert load(tmp_path / "ann.consent") == record
    with pytest.raises(OutputError, match="exists"):
        save_record(record, tmp_path / "ann.consent")


def test_a_real_face_is_not_readable_in_the_file(scene: ModuleType, record: ConsentRecord) -> None:
    text = record.text()
    assert record.faces[0].plain is None
    assert str(round(float(scene.face()[0]), 3)) not in text
    assert abs(open_face(record.faces[0], record.id) - scene.face()).max() < 1e-6


def test_a_bound_face_opens_under_its_own_record_only(record: ConsentRecord) -> None:
    with pytest.raises(ConsentError, match="cannot be opened"):
        open_face(record.faces[0], "mqc-0000000000000000")


def test_a_bound_face_opens_in_its_own_installation_only(
    record: ConsentRecord, tmp_path: Path
) -> None:
    with pytest.raises(ConsentError, match="encrypted by installation"):
        open_face(record.faces[0], record.id, home=tmp_path)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"valid_until": NOW + timedelta(days=3600)}, ""),
        ({"valid_until": NOW + timedelta(days=3700)}, "longer than 10 years"),
        ({"valid_until": NOW - timedelta(days=1)}, "ends before it begins"),
        ({"adult_attested": False}, "adult_attested"),
        ({"purposes": []}, "purposes"),
        ({"purposes": ["any"]}, "for personas only"),
        ({"kind": "estate"}, "kind: Input should be"),
        ({"subject": "  "}, "subject"),
        ({"embeddings": []}, "faces"),
        ({"reference_sha256": ["xyz"]}, "reference_sha256"),
        ({"valid_until": datetime(2030, 1, 1)}, "valid_until"),
        ({"proof": MADE}, "only a persona"),
        ({"kind": "persona"}, "needs a proof"),
        ({"kind": "persona", "proof": MADE, "purposes": ["any"]}, ""),
    ],
)
def test_a_record_must_make_sense(
    scene: ModuleType, changes: dict[str, object], fault: str
) -> None:
    if not fault:
        verify_record(scene.make_record(**changes))
        return
    with pytest.raises(UsageError, match=fault):
        scene.make_record(**changes)


def test_a_persona_is_bound_in_plain_and_says_how_it_is_known(scene: ModuleType) -> None:
    made = scene.make_record(kind="persona", proof=MADE)
    assert made.faces[0].plain is not None
    assert made.standing == "persona; nearest of 500 real faces at 0.70"
    declared = DeclaredProof(declared_by="Studio", proof_sha256="b" * 64)
    other = scene.make_record(kind="persona", proof=declared)
    assert "declared by Studio, not verified" in other.standing


def test_a_record_can_be_signed_with_a_given_key(scene: ModuleType) -> None:
    key = new_key()
    record = scene.make_record(kind="persona", proof=MADE, key=key)
    assert record.signer == public_text(key)
    verify_record(record)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "Bea"),
        ("purposes", ["film"]),
        ("valid_until", "2031-01-01T00:00:00Z"),
        ("grantee", "everyone"),
        ("signature", "AAAA"),
        ("signer", "ed25519:" + "A" * 43),
    ],
)
def test_any_change_breaks_the_signature(
    record: ConsentRecord, tmp_path: Path, field: str, value: object
) -> None:
    content = json.loads(record.text()) | {field: value}
    path = tmp_path / "changed.consent"
    path.write_text(json.dumps(content))
    with pytest.raises(ConsentError, match="signature"):
        load(path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "not json", '{"schema_version": 2}'])
def test_a_file_that_is_no_record_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.consent"
    path.write_text(content)
    with pytest.raises(ConsentError, match="not a valid consent record"):
        load(path)


def test_a_missing_or_huge_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConsentError, match="cannot be read"):
        load(tmp_path / "none.consent")
    (tmp_path / "huge").write_bytes(b" " * 1_000_001)
    with pytest.raises(ConsentError, match="larger than"):
        load(tmp_path / "huge")


def test_an_unknown_field_is_refused(record: ConsentRecord, tmp_path: Path) -> None:
    path = tmp_path / "more.consent"
    path.write_text(json.dumps(json.loads(record.text()) | {"skip_checks": True}))
    with pytest.raises(ConsentError, match="skip_checks"):
        load(path)


def test_a_face_that_is_no_number_is_refused(scene: ModuleType, tmp_path: Path) -> None:
    record = scene.make_record(kind="persona", proof=MADE)
    content = json.loads(record.text())
    content["faces"][0]["plain"][0] = float("inf")
    path = tmp_path / "infinite.consent"
    path.write_text(json.dumps(content).replace("Infinity", "1e400"))
    with pytest.raises(ConsentError, match="finite number"):
        load(path)
