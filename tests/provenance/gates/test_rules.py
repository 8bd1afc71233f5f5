from importlib import resources
from pathlib import Path

import pytest

from masquerade.errors import PolicyError
from masquerade.provenance.consent.check import FACE_THRESHOLD
from masquerade.provenance.fingerprint import MATCH_BITS
from masquerade.provenance.gates import rules as table
from masquerade.provenance.gates.rules import RULES_FILE, rule, rules
from masquerade.provenance.policy import GATES, Request, pass_gates
from masquerade.types import Draft


def _replaced(monkeypatch: pytest.MonkeyPatch, folder: Path, data: bytes | None) -> None:
    if data is not None:
        (folder / RULES_FILE).write_bytes(data)
    monkeypatch.setattr(table, "files", lambda _package: folder)


def test_every_gate_has_a_rule_that_explains_it_and_no_rule_is_left_over() -> None:
    assert list(rules()) == [gate.name for gate in GATES]
    for one in rules().values():
        assert all((one.checks, one.limit, one.source, one.measured, one.mistake))


def test_numbers_are_those_the_code_goes_by() -> None:
    for one in rules().values():
        assert one.numbers.get("face_distance", FACE_THRESHOLD) == FACE_THRESHOLD
        assert one.numbers.get("bits", MATCH_BITS) == MATCH_BITS


def _published() -> bytes:
    return (resources.files("masquerade.provenance.gates") / RULES_FILE).read_bytes()


@pytest.mark.parametrize("harm", ["emptied", "missing", "edited", "nonsense", "cut"])
def test_an_edited_table_closes_the_gates(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make_draft: object, record: object, harm: str
) -> None:
    data = _published()
    harmed = {
        "emptied": b"",
        "missing": None,
        "edited": data.replace(b"probability = 0.5", b"probability = 1.5"),
        "nonsense": b"\xff\xfe",
        "cut": data[: len(data) // 2],
    }[harm]
    _replaced(monkeypatch, tmp_path, harmed)
    draft: Draft = make_draft()  # type: ignore[operator]
    with pytest.raises(PolicyError, match="table of rules"):
        pass_gates(Request(draft, (record,), "test"))  # type: ignore[arg-type]


def test_a_gate_without_a_rule_closes() -> None:
    with pytest.raises(PolicyError, match="says nothing"):
        rule("no such gate")
