"""Reports as files: written once, signed beside, and entered into the ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import masquerade
from masquerade.errors import InputError, OutputError, UsageError
from masquerade.pipelines.examine import Examination
from masquerade.pipelines.examine_page import examine_page
from masquerade.pipelines.examine_paper import examine_paper
from masquerade.pipelines.examine_text import examine_text
from masquerade.pipelines.examine_words import Custody
from masquerade.pipelines.report_file import put
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json, canonical_bytes, sha256_hex, unicode_text
from masquerade.provenance.keys import is_signed, public_text, sign, signing_key

KIND: Final = "examined"
BESIDE: Final = ".signature.json"
_OWN: Final = "this installation's"
_FOREIGN: Final = "not this installation's: compare signed by with the key of whoever examined it"


@dataclass(frozen=True, slots=True)
class Saved:
    """Reports that were written.

    Attributes:
        reports: The files.
        signatures: Beside each of them.
        ledger_id: The entry that holds their hashes.
    """

    reports: tuple[Path, ...]
    signatures: tuple[Path, ...]
    ledger_id: str


def json_bytes(found: Examination, _custody: Custody | None = None) -> bytes:
    """The report for programs: the same bytes for the same file, version and ledger."""
    return (json.dumps(found.as_json(), indent=1, sort_keys=True) + "\n").encode()


def _html_bytes(found: Examination, custody: Custody) -> bytes:
    return examine_page(found, custody).encode()


def _text_bytes(found: Examination, custody: Custody) -> bytes:
    return examine_text(found, custody).encode()


_FORMS: Final[Mapping[str, Callable[[Examination, Custody], bytes]]] = {
    ".html": _html_bytes,
    ".pdf": examine_paper,
    ".json": json_bytes,
    ".md": _text_bytes,
}


def check_reports(
    outs: Sequence[Path], *, overwrite: bool = False, examined: Path | None = None
) -> None:
    """Looks, before any work, whether reports can be written there.

    Args:
        outs: Where reports are to lie.
        overwrite: Files that exist may be replaced.
        examined: The file under examination, which no report replaces.

    Raises:
        UsageError: A name has another ending than .html, .pdf, .json or .md, or no folder.
        OutputError: A file exists already, or is the one that is examined.
    """
    for out in outs:
        if examined is not None and out.exists() and out.samefile(examined):
            raise OutputError(f"{out} is what is examined", "another file", "choose another name")
        if out.suffix.lower() not in _FORMS:
            raise UsageError(f"{out} is to hold a report", "a name ending in " + ", ".join(_FORMS))
        if not out.parent.is_dir():
            raise UsageError(
                f"there is no folder {out.parent}", "a folder that is there", "make it first"
            )
        for place in (out, beside(out)):
            if place.exists() and not overwrite:
                raise OutputError(
                    f"{place} exists", "a new file", "choose another name, or --overwrite"
                )


def save(
    found: Examination, outs: Sequence[Path], *, overwrite: bool = False, home: Path | None = None
) -> Saved:
    """The reports, written, signed and entered into the ledger.

    Args:
        found: What came of the examination.
        outs: Names that end in .html, .pdf, .json or .md.
        overwrite: Files that exist may be replaced.
        home: The installation's folder.

    Raises:
        UsageError: A name has another ending, or the extra ``pdf`` is missing.
        OutputError: A file exists already or cannot be written.
        ProvenanceError: Keys or ledger cannot be used.
    """
    check_reports(outs, overwrite=overwrite)
    key = signing_key(home)
    time = datetime.now(UTC).isoformat(timespec="seconds")
    custody = Custody(ledger.new_row_id(), time, public_text(key))
    made = [(out, _FORMS[out.suffix.lower()](found, custody)) for out in outs]
    hashes: list[Json] = [
        {"name": unicode_text(out.name), "sha256": sha256_hex(data)} for out, data in made
    ]
    body: dict[str, Json] = {
        "name": found.name,
        "verdict": found.verdict.finding.value,
        "reports": hashes,
        "version": masquerade.__version__,
    }
    told = canonical_bytes(body).decode()
    ledger.append(KIND, found.sha256, told, row_id=custody.ledger_id, home=home)
    signatures = []
    for out, data in made:
        note: dict[str, Json] = {
            "report": unicode_text(out.name),
            "report_sha256": sha256_hex(data),
            "file_sha256": found.sha256,
            "ledger": custody.ledger_id,
            "time": custody.time,
            "signed_by": custody.signed_by,
        }
        note["signature"] = sign(canonical_bytes(note), key)
        put(out, data)
        put(beside(out), (json.dumps(note, indent=1) + "\n").encode())
        signatures.append(beside(out))
    return Saved(tuple(outs), tuple(signatures), custody.ledger_id)


def beside(out: Path) -> Path:
    """Where the signature of a report lies."""
    return out.with_name(out.name + BESIDE)


def checked(report: Path, *, home: Path | None = None) -> dict[str, str]:
    """What a report's signature says, after it was found to fit, and whose key made it.

    Whoever changes a report can sign it anew with a key of their own, so that a signature by
    another key than this installation's says no more than whose it is.

    Args:
        report: A report, its signature beside it.
        home: The installation's folder.

    Raises:
        InputError: There is no signature to read, or it does not fit: one of them was changed.
        ProvenanceError: This installation's key cannot be read.
    """
    try:
        note = json.loads(beside(report).read_text(encoding="utf-8"))
        data = report.read_bytes()
        signature, public = str(note.pop("signature")), str(note["signed_by"])
        told = canonical_bytes(note)
        same = note["report_sha256"] == sha256_hex(data)
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
    return {name: str(value) for name, value in note.items()} | {"key": _OWN if own else _FOREIGN}
