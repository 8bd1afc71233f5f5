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
    """The report for programs: the same bytes for the same file and version."""
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


def check_reports(outs: Sequence[Path], *, overwrite: bool = False) -> None:
    """Looks, before any work, whether reports can be written there.

    Raises:
        UsageError: A name has another ending than .html, .pdf, .json or .md, or no folder.
        OutputError: A file exists already.
    """
    for out in outs:
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


def checked(report: Path) -> dict[str, str]:
    """What a report's signature says, after it was found to fit.

    Args:
        report: A report, its signature beside it.

    Raises:
        InputError: There is no signature to read, or it does not fit: one of them was changed.
    """
    try:
        note = json.loads(beside(report).read_text(encoding="utf-8"))
        data = report.read_bytes()
        signature, public = str(note.pop("signature")), str(note["signed_by"])
        same = note["report_sha256"] == sha256_hex(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"the signature of {report} cannot be read ({type(error).__name__})",
            f"the file {beside(report).name} as it was written",
        ) from error
    if not is_signed(canonical_bytes(note), signature, public) or not same:
        raise InputError(
            f"{report} is not as it was signed", "report and signature as they were written"
        )
    return {name: str(value) for name, value in note.items()}
