"""What a folder's examinations come to: a table and an index page, signed when all are done.

While files are still examined, both are written anew after each and carry no signature, so that a
run that was stopped does not look like one that was finished.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import masquerade
from masquerade.errors import InputError, OutputError
from masquerade.pipelines.examine.sign import Entry, checked, put_signed, unsign
from masquerade.pipelines.examine.words import Custody, custody_facts
from masquerade.pipelines.report_file import put
from masquerade.provenance import ledger
from masquerade.provenance.canonical import sha256_hex, unicode_text
from masquerade.provenance.keys import public_text, signing_key

UNFINISHED: Final = "not finished: files are still being examined, or the run was stopped"
_COLUMNS: Final = (
    "file", "verdict", "log10 ratio", "strength", "sentence", "kind", "sha256", "report",
)  # fmt: skip
_FORMULA: Final = re.compile(r"(^|;\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")  # and full width
"""Where a spreadsheet would begin a formula: in half of Europe, semicolons part the cells."""
_TABLE: Final = "summary.csv"
_INDEX: Final = "index.html"


@dataclass(frozen=True, slots=True)
class Done:
    """One file of a folder: its path below it, what came of it, and its report."""

    place: str
    verdict: str
    log10_lr: float | None
    strength: str
    sentence: str
    kind: str
    sha256: str
    report: str

    def row(self) -> tuple[str, ...]:
        """The columns of the table."""
        ratio = "" if self.log10_lr is None else f"{self.log10_lr:.4f}"
        return (
            self.place, self.verdict, ratio, self.strength, self.sentence, self.kind,
            self.sha256, self.report,
        )  # fmt: skip


def check_tables(out: Path) -> None:
    """Passes when there is no table and no index page yet where reports are to go.

    Those of a run that was stopped are none: its index page says that it is not finished.

    Args:
        out: The folder for reports.

    Raises:
        OutputError: There is one, of an earlier run or of somebody else's.
    """
    if _is_unfinished(out / _INDEX):
        return
    for name in (_TABLE, _INDEX):
        if (out / name).exists():
            raise OutputError(
                f"{out / name} exists",
                "a folder without one",
                "choose another folder, or --overwrite",
            )


def _is_unfinished(index: Path) -> bool:
    """Whether an index page is what `put_tables` writes while files are still examined."""
    try:
        return index.read_text(encoding="utf-8").endswith(_foot([("State", UNFINISHED)]))
    except (OSError, UnicodeDecodeError):
        return False


def put_tables(found: Sequence[Done], name: str, out: Path) -> None:
    """Table and index page as they stand, unsigned.

    Args:
        found: What came of each file so far.
        name: Of the folder that is examined.
        out: Where reports lie.
    """
    for place, data in _made(found, name, out, None):
        unsign(place)
        put(place, data)


def sign_tables(
    found: Sequence[Done], name: str, out: Path, *, home: Path | None = None
) -> tuple[Path, ...]:
    """Both as they stay, with a row of the ledger and a signature each.

    Args:
        found: What came of every file.
        name: Of the folder that was examined.
        out: Where reports lie.
        home: The installation's folder.
    """
    time = datetime.now(UTC).isoformat(timespec="seconds")
    custody = Custody(ledger.new_row_id(), time, public_text(signing_key(home)))
    made = _made(found, name, out, custody)
    told = f"{unicode_text(name)} ({_files(found)})"
    entry = Entry(
        sha256_hex(made[0][1]), {"name": told, "version": masquerade.__version__}, custody, home
    )
    return put_signed(made, entry)


def checked_folder(out: Path, *, home: Path | None = None) -> dict[str, str]:
    """What the signature of a folder's table says, after everything in it was found to fit.

    Table and index page have to be as they were signed, and so has every report that the table
    names, each of the file that the table says.

    Args:
        out: The folder with reports.
        home: The installation's folder.

    Raises:
        InputError: Something is missing, was changed, or is not signed.
        ProvenanceError: As for `checked`.
    """
    if not (out / _TABLE).is_file():
        raise InputError(f"{out} holds no {_TABLE}", "a folder of reports that `examine` wrote")
    note = checked(out / _TABLE, home=home)
    index = checked(out / _INDEX, home=home)
    if index["ledger"] != note["ledger"]:
        raise InputError(f"{out / _INDEX} is of another run than {_TABLE}", "both of one run")
    rows = _rows_of(out / _TABLE)
    names = {(row["report"].removeprefix("'"), row["sha256"]) for row in rows if row["report"]}
    for name, sha256 in sorted(names):
        told = checked(out / name, home=home)
        same = told.get("report") == name and told.get("file_sha256") == sha256
        if not same or told["signed_by"] != note["signed_by"]:
            raise InputError(
                f"{out / name} is not the report that the table names", "the reports of one run"
            )
    return note | {"files": str(len(rows)), "reports": str(len(names))}


def _rows_of(place: Path) -> list[dict[str, str]]:
    """The rows of a table; whoever signed it may have written anything into it.

    Raises:
        InputError: It is no table of examinations.
    """
    try:
        head, *rows = csv.reader(io.StringIO(place.read_text(encoding="utf-8"), newline=""))
        if tuple(head) == _COLUMNS:
            return [dict(zip(head, row, strict=True)) for row in rows]
    except (OSError, ValueError, csv.Error):
        pass
    raise InputError(f"{place} is no table of examinations", "one that `examine FOLDER` wrote")


def _made(
    found: Sequence[Done], name: str, out: Path, custody: Custody | None
) -> list[tuple[Path, bytes]]:
    page = index_page(found, name, custody)
    return [(out / _TABLE, table(found).encode()), (out / _INDEX, page.encode())]


def _files(found: Sequence[Done]) -> str:
    return "1 file" if len(found) == 1 else f"{len(found)} files"


def table(found: Sequence[Done]) -> str:
    """The table, as CSV; a cell that a spreadsheet would take for a formula is quoted."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for one in found:
        cells = ((_as_is(cell) if number != 2 else cell) for number, cell in enumerate(one.row()))
        writer.writerow(cells)
    return text.getvalue()


def _as_is(cell: str) -> str:
    plain = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in cell)
    return _FORMULA.sub(r"\1'", plain)


def index_page(found: Sequence[Done], name: str, custody: Custody | None = None) -> str:
    """A page that lists every file with its verdict and links to its report.

    Args:
        found: What came of each file.
        name: Of the folder.
        custody: Who examined it and when; None: it is not finished.
    """
    facts = custody_facts(custody) if custody else [("State", UNFINISHED)]
    rows = "".join(
        f"<tr><td>{_link(one)}</td><td>{_text(one.verdict)}</td><td>{_text(one.sentence)}</td></tr>"
        for one in found
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src'
        " 'unsafe-inline'\">"
        f"<title>Examinations: {_text(name)}</title><style>body{{font:16px/1.45 system-ui,"
        "sans-serif;margin:16px;color:#22242a}table{border-collapse:collapse;width:100%}td,th"
        "{text-align:left;vertical-align:top;padding:8px;border-bottom:1px solid #dfe2e8;"
        "overflow-wrap:anywhere}footer{color:#5d6470;font-size:.85rem;margin-top:16px;overflow-wrap:"
        f"anywhere}}</style></head><body><h1>{_text(name)}</h1><p>{_files(found)}"
        f' examined. <a href="{_TABLE}">The table as CSV</a>. A file without a finding is not'
        " thereby genuine.</p><table><tr><th>File</th><th>Verdict</th><th>In words</th></tr>"
        f"{rows}</table>{_foot(facts)}"
    )


def _foot(facts: Iterable[tuple[str, str]]) -> str:
    """The end of the page, which says who examined when, or that it is not finished."""
    lines = "".join(f"{_text(what)}: {_text(words)}<br>" for what, words in facts)
    return f"<footer>{lines}</footer></body></html>\n"


def _link(one: Done) -> str:
    name = _text(one.place)
    return f'<a href="{_text(one.report)}">{name}</a>' if one.report else name


def _text(words: str) -> str:
    return html.escape("".join(one if one.isprintable() else ascii(one)[1:-1] for one in words))
