import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from masquerade.errors import InputError, ProvenanceError, UsageError
from masquerade.provenance import ledger
from masquerade.provenance.home import home_dir
from masquerade.provenance.keys import new_key, public_text, signing_key
from masquerade.provenance.ledger.export import export_ledger, verify_export
from masquerade.provenance.ledger.words import KINDS, full, table


@pytest.fixture(params=["jsonl", "csv"])
def export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An export of five rows, whose bodies hold what is awkward in a file."""
    for number in range(5):
        body = json.dumps({"name": f'a "b"\n, ä;{number}', "method": "swap_mesh"})
        ledger.append("output", f"hash {number}", body)
    out = tmp_path / f"export.{request.param}"
    export_ledger(out)
    return out


def test_a_third_party_can_check_an_export(export: Path, tmp_path: Path) -> None:
    ours = public_text(signing_key())
    for signer in ("", ours):
        report = verify_export(export, signer=signer, home=tmp_path / "third party")
        assert report.problems == ()
        assert (report.rows, report.signer) == (5, ours)
        assert "ask its owner" in report.notes[0]
    assert verify_export(export).notes == ("the key is this installation's own",)
    other = public_text(new_key())
    assert verify_export(export, signer=other).exit_code == 5


def _lines(change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    def harm(path: Path) -> None:
        first, sep = ([], "\n") if path.suffix == ".jsonl" else ([0], "\r\n")
        rows = path.read_bytes().decode().split(sep)[:-1]
        head = [rows.pop(0) for _ in first]
        path.write_bytes("".join(row + sep for row in [*head, *change(rows)]).encode())

    return harm


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda rows: [rows[0].replace("swap_mesh", "swap_neat"), *rows[1:]], "row 1 was changed"),
        (lambda rows: [*rows[:2], *rows[3:]], "rows 3 to 3 are missing"),
        (lambda rows: [*rows[:4], *rows[5:]], "speaks of 5 rows"),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "rows 1 to 1 are missing"),
        (lambda rows: rows[:-1], "the signed head is missing"),
        (lambda rows: [*rows, rows[0]], "rows after the head"),
        (lambda rows: [], "the signed head is missing"),
    ],
)
def test_a_changed_export_is_found(
    export: Path, change: Callable[[list[str]], list[str]], found: str
) -> None:
    if (
        export.suffix == ".csv"
        and "swap_mesh" in export.read_text()
        and found == "row 1 was changed"
    ):
        export.write_bytes(export.read_bytes().replace(b"swap_mesh", b"swap_neat", 1))
    else:
        _lines(change)(export)
    report = verify_export(export)
    assert report.exit_code == 5
    assert any(found in problem for problem in report.problems), report.problems


@pytest.mark.parametrize("content", [b"", b"hello", b"[1]", b"{}", b"\xff\xfe", b'{"seq": "x"}\n'])
@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_what_is_no_export_is_said_to_be_none(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"export{ending}"
    path.write_bytes(content)
    if ending == ".csv" and content[:1] != b"\xff":
        assert verify_export(path).problems == (
            "the signed head is missing: rows may have been cut off at the end",
        )
    elif content:
        with pytest.raises(InputError, match="export of a ledger"):
            verify_export(path)


def test_an_export_is_never_written_over_and_has_a_known_ending(export: Path) -> None:
    with pytest.raises(UsageError, match="exists"):
        export_ledger(export)
    with pytest.raises(UsageError, match="kinds of export"):
        export_ledger(export.with_suffix(".txt"))


def test_a_broken_ledger_is_not_exported(export: Path, tmp_path: Path) -> None:
    (home_dir() / "ledger.head").unlink()
    with pytest.raises(ProvenanceError, match="the ledger is broken"):
        export_ledger(tmp_path / "again.jsonl")
    assert not (tmp_path / "again.jsonl").exists()


def test_the_csv_opens_in_a_spreadsheet(export: Path) -> None:
    if export.suffix == ".csv":
        with export.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["kind"] for row in rows] == ["output"] * 5 + ["head"]


def test_rows_are_shown_with_a_heading_and_why_they_are_there() -> None:
    body = {"name": "out.mp4", "method": "swap_mesh", "purpose": "a very long purpose " * 9}
    ledger.append("output", "f" * 64, json.dumps(body))
    ledger.append("revoke", "mqc-0123456789abcdef", '{"why":"asked by phone"}')
    ledger.append("novelty", "something", "[]")
    head, *lines = table(ledger.rows())
    assert head.split() == ["row", "when", "(UTC)", "id", "what"]
    assert "sealed: out.mp4 (swap_mesh, for a v..." in lines[0]
    assert "consent revoked: mqc-0123456789abcd..." in lines[1]
    assert "novelty: something" in lines[2]
    assert all(len(line) <= 78 for line in lines)
    assert "follows" in "\n".join(full(ledger.rows()[1]))
    assert set(KINDS) >= {"output", "consent", "revoke", "trust", "signing", "clock"}
