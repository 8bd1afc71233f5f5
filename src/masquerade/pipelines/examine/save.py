"""Reports as files, in every form: written once, entered into the ledger, and signed beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import masquerade
from masquerade.errors import OutputError, UsageError
from masquerade.pipelines.examine.examine import Examination
from masquerade.pipelines.examine.page import examine_page
from masquerade.pipelines.examine.paper import examine_paper
from masquerade.pipelines.examine.sign import Entry, beside, put_signed
from masquerade.pipelines.examine.text import examine_text
from masquerade.pipelines.examine.words import Custody
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json
from masquerade.provenance.keys import public_text, signing_key


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
    time = datetime.now(UTC).isoformat(timespec="seconds")
    custody = Custody(ledger.new_row_id(), time, public_text(signing_key(home)))
    made = [(out, _FORMS[out.suffix.lower()](found, custody)) for out in outs]
    body: dict[str, Json] = {
        "name": found.name,
        "verdict": found.verdict.finding.value,
        "version": masquerade.__version__,
    }
    signatures = put_signed(made, Entry(found.sha256, body, custody, home))
    return Saved(tuple(outs), signatures, custody.ledger_id)
