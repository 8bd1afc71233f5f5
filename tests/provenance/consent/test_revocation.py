import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from masquerade.errors import ConsentError, OutputError, UsageError
from masquerade.provenance import ledger
from masquerade.provenance.consent import trust
from masquerade.provenance.consent.check import check_standing
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.consent.revocation import (
    SignedRevocation,
    export_revocation,
    import_revocation,
    read_revocation,
    revocation_of,
    revoke,
    revoked_ids,
    standing_now,
)
from masquerade.provenance.home import home_dir
from masquerade.provenance.seal import save, seal
from masquerade.provenance.verify import verify
from masquerade.types import Draft

UNKNOWN = "mqc-0123456789abcdef"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another installation."""
    return tmp_path / "other"


def test_revoking_tells_what_was_made_under_it(
    make_draft: Callable[..., Draft], record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    saved = save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    body = json.dumps({"name": "ann.safetensors", "consents": [{"id": record.id}]})
    ledger.append("model", "mqm-1", body)
    told = revoke(record.id, "she asked")
    assert [(one.name, one.sha256, one.id) for one in told.outputs] == [
        ("out.mp4", saved.sha256, saved.ledger_id)
    ]
    assert [(one.name, one.id) for one in told.models] == [("ann.safetensors", "mqm-1")]
    words = "\n".join(told.lines())
    for part in ("out.mp4", saved.sha256, "cannot be unmade", "Masquerade refuses to load"):
        assert part in words
    assert "Other programs" not in words


def test_verify_says_that_consent_was_taken_back_and_whose_method_it_was(
    make_draft: Callable[..., Draft], record: ConsentRecord, scene: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "out.mp4"
    save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    before = verify(out)
    assert (before.revoked, before.claims.method_of) == ((), "Masquerade")
    revoke(record.id, "she asked")
    after = verify(out)
    assert after.exit_code == 0  # the file is as it was signed: what changed is the consent
    assert after.as_json()["revoked"] == list(after.revoked)
    words = "\n".join(after.lines())
    assert f"consent {record.id} is REVOKED on 20" in words
    assert (
        after.verdict == "made here, and unchanged since; the consent behind it was REVOKED since"
    )
    assert "swap_mesh, of Masquerade" in words


@pytest.mark.parametrize(
    ("record_id", "fault"),
    [("no such; id", "not the id"), ("mqc-12", "not the id"), (UNKNOWN, "--unknown")],
)
def test_only_records_that_are_known_are_revoked(record_id: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        revoke(record_id)
    assert revoked_ids() == frozenset()


def test_an_unknown_record_is_revoked_when_that_is_meant() -> None:
    assert revoke(UNKNOWN, unknown=True).outputs == ()
    assert revoked_ids() == {UNKNOWN}


def test_the_first_revocation_counts(record: ConsentRecord) -> None:
    first = revoke(record.id, "first")
    assert (revoke(record.id, "second").why, revocation_of(record.id).time) == ("first", first.time)


def test_what_stands_now_is_said_of_revoked_records_only(
    record: ConsentRecord, scene: ModuleType
) -> None:
    other = scene.make_record()
    revoke(record.id, "she asked")
    said = standing_now([record.id, other.id])
    assert list(said) == [record.id]
    assert said[record.id].startswith("REVOKED on 20")
    assert "(she asked)" in said[record.id]
    (home_dir() / "revoked.txt").write_text(f"{other.id}\n")
    assert standing_now([other.id])[other.id].startswith("REVOKED: ")


def test_a_revocation_counts_on_another_machine_that_trusts_its_signer(
    record: ConsentRecord, other: Path, tmp_path: Path
) -> None:
    revoke(record.id, "she asked")
    path = tmp_path / "ann.revoked"
    export_revocation(record.id, path)
    given = read_revocation(path)
    assert given is not None
    with pytest.raises(ConsentError, match="signed by an unknown key"):
        import_revocation(given, home=other)
    trust.trust_signer(record.signer, "Studio A", home=other)
    check_standing(record, home=other)
    assert import_revocation(given, home=other).why == "she asked"
    with pytest.raises(ConsentError, match="was revoked"):
        check_standing(record, home=other)
    with pytest.raises(OutputError, match="exists"):
        export_revocation(record.id, path)


def test_a_changed_revocation_is_refused(record: ConsentRecord, tmp_path: Path) -> None:
    revoke(record.id)
    signed = export_revocation(record.id, tmp_path / "one")
    with pytest.raises(ConsentError, match="signature of the revocation"):
        import_revocation(signed.model_copy(update={"record_id": UNKNOWN}))
    assert SignedRevocation.model_validate_json((tmp_path / "one").read_text()) == signed


def test_a_revocation_that_says_a_thing_twice_is_none(
    record: ConsentRecord, tmp_path: Path
) -> None:
    revoke(record.id)
    path = tmp_path / "one"
    export_revocation(record.id, path)
    path.write_text(path.read_text().replace("{", f'{{"record_id": "{UNKNOWN}",', 1))
    assert read_revocation(path) is None


def test_only_what_is_revoked_is_exported(record: ConsentRecord, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not revoked"):
        export_revocation(record.id, tmp_path / "one")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["", "{}", "\x00"])
def test_another_file_is_no_revocation(content: str, tmp_path: Path) -> None:
    (tmp_path / "one").write_text(content)
    assert read_revocation(tmp_path / "one") is None


def test_a_file_too_large_for_a_revocation_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b" " * 1_000_001)
    with pytest.raises(ConsentError, match="larger than"):
        read_revocation(tmp_path / "one")
