"""Reports put in place, entered into the ledger and signed, in this order; and checked.

A process can be killed between any two of these steps. Reports come first, so that no row of the
ledger speaks of a report that was never there; signatures come last, so that no report is signed
that the ledger does not know. What a kill leaves is a report without a signature, and `checked`
says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade.errors import InputError, OutputError, ProvenanceError
from masquerade.pipelines.examine.words import Custody
from masquerade.pipelines.report_file import put
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json, canonical_bytes, sha256_hex, unicode_text
from masquerade.provenance.home import sync_folder
from masquerade.provenance.keys import is_signed, public_text, sign, signing_key

KIND: Final = "examined"
BESIDE: Final = ".signature.json"
_OWN: Final = "this installation's"
_FOREIGN: Final = "not this installation's: compare signed by with the key of whoever examined it"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger is told of reports.

    Attributes:
        subject: SHA-256 of what was examined.
        body: More about it.
        custody: Who examined it and when, with the row's name.
        home: The installation's folder.
    """

    subject: str
    body: Mapping[str, Json]
    custody: Custody
    home: Path | None = None


def beside(out: Path) -> Path:
    """Where the signature of a report lies."""
    return out.with_name(out.name + BESIDE)


def put_signed(made: Sequence[tuple[Path, bytes]], entry: Entry) -> tuple[Path, ...]:
    """Reports in their places, in the ledger, and signed; where their signatures lie.

    Args:
        made: Where each report is to lie, and its bytes. What is there is replaced.
        entry: What the ledger is told.

    Raises:
        OutputError: A file cannot be written.
        ProvenanceError: Keys or ledger cannot be used.
    """
    key = signing_key(entry.home)
    ledger.rows(newest=1, home=entry.home)  # one that cannot be read stops it before any report
    for out, data in made:
        unsign(out)
        put(out, data)
    hashes: list[Json] = [
        {"name": unicode_text(out.name), "sha256": sha256_hex(data)} for out, data in made
    ]
    told = canonical_bytes({**entry.body, "reports": hashes}).decode()
    row_id = entry.custody.ledger_id
    ledger.append(KIND, entry.subject, told, row_id=row_id, home=entry.home)
    for out, data in made:
        note: dict[str, Json] = {
            "report": unicode_text(out.name),
            "report_sha256": sha256_hex(data),
            "file_sha256": entry.subject,
            "ledger": row_id,
            "time": entry.custody.time,
            "signed_by": entry.custody.signed_by,
        }
        note["signature"] = sign(canonical_bytes(note), key)
        put(beside(out), (json.dumps(note, indent=1) + "\n").encode())
    return tuple(beside(out) for out, _ in made)


def unsign(out: Path) -> None:
    """Takes an older report's signature away: a newer report would seem to be forged beside it.

    Raises:
        OutputError: It cannot be removed.
    """
    try:
        if beside(out).exists():
            beside(out).unlink()
            sync_folder(out.parent)
    except OSError as error:
        raise OutputError(f"{beside(out)} cannot be replaced ({error.strerror})") from error


def checked(report: Path, *, home: Path | None = None) -> dict[str, str]:
    """What a report's signature says, after it was found to fit, and whose key made it.

    Whoever changes a report can sign it anew with a key of their own, so that a signature by
    another key than this installation's says no more than whose it is.

    Args:
        report: A report, its signature beside it.
        home: The installation's folder.

    Raises:
        InputError: There is no signature to read, or it does not fit: one of them was changed.
        ProvenanceError: This installation's key or ledger cannot be read, or its key signed what
            its ledger does not know.
    """
    data = _bytes_of(report)
    if not beside(report).exists():
        raise _unsigned(report, data, home)
    try:
        note = json.loads(beside(report).read_text(encoding="utf-8"))
        signature, public = str(note.pop("signature")), str(note["signed_by"])
        told = canonical_bytes(note)
        same = note["report_sha256"] == sha256_hex(data)
        row_id = str(note["ledger"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            f"the signature of {report} cannot be read ({type(error).__name__})",
            f"the file {beside(report).name} as it was written",
        ) from error
    if not is_signed(told, signature, public) or not same:
        raise InputError(
            f"{report} is not as it was signed", "report and signature as they were written"
        )
    own = public == public_text(signing_key(home))
    if own and not _knows(row_id, sha256_hex(data), home):
        raise ProvenanceError(
            f"this installation's key signed {report}, and its ledger does not know of it",
            f"the row {row_id}",
            "see `masquerade ledger verify`; restore the ledger from a backup",
        )
    return {name: str(value) for name, value in note.items()} | {"key": _OWN if own else _FOREIGN}


def _bytes_of(report: Path) -> bytes:
    try:
        return report.read_bytes()
    except OSError as error:
        raise InputError(
            f"{report} cannot be read ({error.strerror or type(error).__name__})", "a report"
        ) from error


def _knows(row_id: str, sha256: str, home: Path | None) -> bool:
    """Whether that row of the ledger is there and names a report of that hash."""
    row = ledger.row_by_id(row_id, home=home)
    return row is not None and row.kind == KIND and _names(row.body, sha256)


def _names(body: str, sha256: str) -> bool:
    told = json.loads(body)
    return any(one.get("sha256") == sha256 for one in told.get("reports", ()))


def _unsigned(report: Path, data: bytes, home: Path | None) -> InputError:
    """That a report is not signed, and whether this installation's ledger knows it all the same."""
    sha256 = sha256_hex(data)
    rows = [row for row in ledger.rows(kind=KIND, home=home) if _names(row.body, sha256)]
    known = (
        f"the ledger holds this very report (row {rows[-1].id}), so that it was written here and"
        " stopped before it was signed, or its signature was removed"
        if rows
        else "the ledger does not know this report either: it was not finished, or not made here"
    )
    return InputError(
        f"{report} is not signed: there is no {beside(report).name}; {known}",
        "a report with its signature beside it",
        "examine the file again, with --overwrite",
    )
