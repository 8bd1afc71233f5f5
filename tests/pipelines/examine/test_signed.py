"""Reports are in place before the ledger knows them, and signed after: a kill shows as a kill."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from masquerade.cli import main
from masquerade.errors import InputError, ProvenanceError
from masquerade.pipelines.examine import sign as examine_sign
from masquerade.pipelines.examine.sign import Entry, beside, checked, put_signed
from masquerade.pipelines.examine.tables import (
    UNFINISHED,
    Done,
    checked_folder,
    put_tables,
    sign_tables,
)
from masquerade.pipelines.examine.words import Custody
from masquerade.provenance import ledger
from masquerade.provenance.canonical import sha256_hex
from masquerade.provenance.keys import public_text, signing_key

FILE = sha256_hex(b"what was examined")
STEPS = 5  # two reports, a row, two signatures


class _KilledError(BaseException):
    """As abrupt as a kill: nothing catches it."""


def _entry() -> Entry:
    custody = Custody(ledger.new_row_id(), "2026-01-01T00:00:00+00:00", public_text(signing_key()))
    return Entry(FILE, {"name": "a.mp4"}, custody)


def _write(outs: list[Path], words: str) -> None:
    put_signed([(out, f"{words} {out.name}".encode()) for out in outs], _entry())


def _killed_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets so many files and rows be written, and no more."""
    left = [steps]

    def counted(work: Callable[..., object]) -> Callable[..., object]:
        def one(*given: object, **named: object) -> object:
            if not left[0]:
                raise _KilledError
            left[0] -= 1
            return work(*given, **named)

        return one

    monkeypatch.setattr(examine_sign, "put", counted(examine_sign.put))
    monkeypatch.setattr(ledger, "append", counted(ledger.append))


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("steps", range(STEPS))
def test_a_kill_leaves_no_row_without_reports_and_no_signature_without_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int, again: bool
) -> None:
    outs = [tmp_path / "r.html", tmp_path / "r.json"]
    if again:
        _write(outs, "older")
    before = len(ledger.rows(kind="examined"))
    with monkeypatch.context() as patch:
        _killed_after(steps, patch)
        with pytest.raises(_KilledError):
            _write(outs, "newer")
    rows = ledger.rows(kind="examined")[before:]
    assert len(rows) == (steps > 2)
    if rows:
        assert all(sha256_hex(out.read_bytes()) in rows[0].body for out in outs)
    for number, out in enumerate(outs):
        if not out.exists():
            assert not beside(out).exists()
        elif beside(out).exists():  # whole: of this run, or still of the one before
            assert checked(out)["ledger"]
            assert steps > 3 + number or (again and steps < 1 + number)
        else:
            with pytest.raises(InputError, match="is not signed"):
                checked(out)
    _write(outs, "at last")
    assert all(checked(out)["file_sha256"] == FILE for out in outs)


def test_a_signature_that_the_ledger_does_not_know_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "r.html"
    with monkeypatch.context() as patch:
        patch.setattr(ledger, "append", lambda *_given, **_named: None)
        _write([out], "never entered")
    with pytest.raises(ProvenanceError, match="its ledger does not know"):
        checked(out)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Reports of two files, table and index, and a row for one that could not be read."""
    out = tmp_path / "reports"
    out.mkdir()
    done = []
    for name in ("-a", "b"):
        report = out / f"{name}.html"
        _write([report, report.with_suffix(".json")], name)
        done.append(Done(name, "inconclusive", None, "", "so", "still", FILE, report.name))
    done.append(Done("c.mp4", "not examinable", None, "", "torn", "unknown", "", ""))
    put_tables(done, "media", out)
    with pytest.raises(InputError, match="is not signed"):
        checked_folder(out)
    assert UNFINISHED in (out / "index.html").read_text(encoding="utf-8")
    sign_tables(done, "media", out)
    return out


def test_a_folder_of_reports_is_signed_as_a_whole(folder: Path) -> None:
    note = checked_folder(folder)
    assert (note["files"], note["reports"]) == ("3", "2")
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert UNFINISHED not in page
    assert note["ledger"] in page
    assert checked(folder / "index.html")["ledger"] == note["ledger"]
    assert main(["examine", "--check", str(folder)]) == 0
    assert ledger.rows(kind="examined")[-1].id == note["ledger"]


def _add(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


def _exchange(path: Path) -> None:
    shutil.copy(path.with_name("b.html"), path)
    shutil.copy(beside(path.with_name("b.html")), beside(path))


def test_what_was_changed_in_a_folder_of_reports_is_found(folder: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    for name, harm in (
        ("summary.csv", _add),
        ("index.html", _add),
        ("-a.html", _add),
        ("b.html", Path.unlink),
        ("summary.csv", Path.unlink),
        ("index.html.signature.json", Path.unlink),
        ("-a.html", _exchange),
    ):
        harm(folder / name)
        with pytest.raises(InputError):
            checked_folder(folder)
        shutil.copytree(kept, folder, dirs_exist_ok=True)
    checked_folder(folder)
    (folder / "index.html").unlink()
    assert main(["examine", "--check", str(folder)]) == InputError.exit_code


def test_another_folder_holds_no_reports(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no summary"):
        checked_folder(tmp_path)


@pytest.mark.parametrize("table", [b"", b"x,y\r\n1,2\r\n", b"\xff\xfe", b"file,verdict\r\na"])
def test_a_table_that_is_signed_and_is_none_is_told(table: bytes, tmp_path: Path) -> None:
    made = [(tmp_path / "summary.csv", table), (tmp_path / "index.html", b"<html>")]
    put_signed(made, _entry())
    with pytest.raises(InputError, match="no table of examinations"):
        checked_folder(tmp_path)
