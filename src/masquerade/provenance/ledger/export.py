"""The ledger as a file that a third party can check with nothing but the signer's public key.

Every row is in it, in JSON lines or CSV, and one more at the end: the head, signed, which says how
many rows there are and which key wrote them. An export says what the ledger held when it was made;
two exports of one ledger, kept in different hands, show that nothing before the first was changed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, TextIO, TypeAlias

from masquerade.errors import InputError, OutputError, ProvenanceError, UsageError
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json, canonical_bytes
from masquerade.provenance.keys import is_signed, key_fingerprint, public_text, sign, signing_key
from masquerade.provenance.ledger.row import GENESIS, Chain, LedgerRow

Form: TypeAlias = Literal["jsonl", "csv"]

HEAD: Final = "head"
_COLUMNS = [one.name for one in fields(LedgerRow)]
_FIELD_CHARS = 100_000_000
_FORMS: Final[dict[str, Form]] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export is worth.

    Attributes:
        rows: How many it holds.
        signer: Public key that signed its rows and its head.
        made: When it was made, as it says.
        head: The last row's hash.
        problems: What is wrong.
        notes: What is not wrong, but worth knowing.
    """

    rows: int
    signer: str
    made: str
    head: str
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0, or 5 when something is wrong."""
        return ProvenanceError.exit_code if self.problems else 0

    def lines(self) -> list[str]:
        """The report in plain words."""
        state = "BROKEN" if self.problems else "whole"
        return [
            f"export: {state}, {self.rows} rows, made {self.made}, head {self.head[:16]}",
            f"  signed by {self.signer or 'nobody'}",
            *(f"  {text}" for text in self.problems),
            *(f"  note: {text}" for text in self.notes),
        ]

    def as_json(self) -> dict[str, Json]:
        """The report for programs."""
        return {
            "rows": self.rows,
            "signer": self.signer,
            "made": self.made,
            "head": self.head,
            "problems": list(self.problems),
            "notes": list(self.notes),
        }


def form_of(path: Path) -> Form:
    """How a file of that ending is written.

    Raises:
        UsageError: There is no export of that ending.
    """
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise UsageError(f"{path} ends in none of the kinds of export", " ".join(_FORMS))
    return form


def export_ledger(out: Path, *, home: Path | None = None) -> ExportReport:
    """What was exported: the whole ledger, with its signed head.

    Args:
        out: A file that is not there yet, ending in ``.jsonl`` or ``.csv``.
        home: The installation's folder.

    Raises:
        UsageError: The file exists, or has another ending.
        ProvenanceError: The ledger is broken; a broken one is not vouched for.
        OutputError: The file cannot be written.
    """
    form = form_of(out)
    ledger.check_ledger(home)
    key = signing_key(home)
    chain = Chain(public_text(key))
    try:
        with out.open("x", encoding="utf-8", newline="") as file:
            write = _writer(file, form)
            for row in ledger.each_row(home):
                chain.add(row)
                write(row)
            made = datetime.now(UTC).isoformat(timespec="seconds")
            head = _head(chain, made)
            write(replace(head, signature=sign(_signed_bytes(head), key)))
    except FileExistsError as error:
        raise UsageError(f"{out} exists", "a new file", "choose another name") from error
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror})") from error
    count = chain.last.seq if chain.last else 0
    return ExportReport(count, chain.public, made, chain.head, tuple(chain.problems), ())


def verify_export(path: Path, *, signer: str = "", home: Path | None = None) -> ExportReport:
    """Whether an export is as its signer wrote it: no row changed, removed, added or reordered.

    Args:
        path: The export.
        signer: The public key that must have signed it; without it, the one it names.
        home: The installation's folder, to say whether the export is its own.

    Raises:
        InputError: It is no export.
        UsageError: Its ending is that of none.
    """
    head: LedgerRow | None = None
    public = signer or _signer_of(path)
    chain = Chain(public)
    problems: list[str] = []
    for row in _rows(path):
        if head is not None:
            problems.append("there are rows after the head")
            break
        if row.kind == HEAD:
            head = row
        else:
            chain.add(row)
    problems += [*chain.problems, *_head_problems(head, chain)]
    count = chain.last.seq if chain.last else 0
    notes = [*chain.notes, _whose(public, home)] if public else chain.notes
    made = head.time if head else "at a time it does not name"
    return ExportReport(count, public, made, chain.head, tuple(problems), tuple(notes))


def _head(chain: Chain, made: str) -> LedgerRow:
    count = chain.last.seq if chain.last else 0
    return LedgerRow(count, "", made, HEAD, chain.public, "", "", chain.head, "")


def _signed_bytes(head: LedgerRow) -> bytes:
    return canonical_bytes(["ledger export", head.seq, head.time, head.subject, head.hash])


def _head_problems(head: LedgerRow | None, chain: Chain) -> list[str]:
    if head is None:
        return ["the signed head is missing: rows may have been cut off at the end"]
    if head.subject != chain.public or not is_signed(
        _signed_bytes(head), head.signature, chain.public
    ):
        return ["the head was not signed by that key"]
    count = chain.last.seq if chain.last else 0
    if head.seq != count or head.hash != (chain.head if chain.last else GENESIS):
        return [f"the head speaks of {head.seq} rows, of which the last is another"]
    return []


def _whose(public: str, home: Path | None) -> str:
    if public == public_text(signing_key(home)):
        return "the key is this installation's own"
    return f"ask its owner whether {key_fingerprint(public)} is the fingerprint of their key"


def _signer_of(path: Path) -> str:
    for row in _rows(path):
        if row.kind == HEAD:
            return row.subject
    return ""


def _writer(file: TextIO, form: Form) -> Callable[[LedgerRow], object]:
    if form == "jsonl":
        return lambda row: file.write(canonical_bytes(asdict(row)).decode() + "\n")
    table = csv.writer(file)
    table.writerow(_COLUMNS)
    return lambda row: table.writerow(asdict(row).values())


def _rows(path: Path) -> Iterator[LedgerRow]:
    form = form_of(path)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            contents = map(json.loads, file) if form == "jsonl" else _csv_rows(file)
            for number, content in enumerate(contents, 1):
                yield _row(content, number)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read ({error})", "an export of a ledger") from error
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise InputError(
            f"{path} is not an export of a ledger ({error})", "what `masquerade ledger export` made"
        ) from error


def _csv_rows(file: TextIO) -> Iterator[dict[str, str]]:
    csv.field_size_limit(_FIELD_CHARS)  # fingerprints of a long video are a long field
    return iter(csv.DictReader(file, strict=True))


def _row(content: dict[str, str], number: int) -> LedgerRow:
    if set(content) != set(_COLUMNS):
        raise ValueError(f"line {number} has other columns")
    values = {name: str(content[name]) for name in _COLUMNS if name != "seq"}
    return LedgerRow(seq=int(content["seq"]), **values)
