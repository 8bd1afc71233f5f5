"""Consent records that lie beside a source: named where one is missing, never used unasked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from masquerade.errors import MasqueradeError
from masquerade.hashing import file_sha256
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.provenance.consent.records import load

_ENDING: Final = ".consent"
_MOST: Final = 50  # records and sources that are looked at


def nearby(sources: Sequence[Path]) -> Path | None:
    """The record beside a source that names the file by its hash, else one of the same name.

    Args:
        sources: Photos, videos, models, or folders of them.
    """
    records = list(islice(_records(sources), _MOST))
    files = list(islice(_files(sources), _MOST)) if records else []
    by_name: Path | None = None
    seen = _hashes(files)
    for path in records:
        record = _read(path)
        if record is None or record.kind is Kind.PERFORMER:
            continue
        if seen & set(record.reference_sha256):
            return path
        if by_name is None and path.stem in {one.stem for one in (*sources, *files)}:
            by_name = path
    return by_name


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    for one in sources:
        yield from (
            sorted(path for path in one.iterdir() if path.is_file()) if one.is_dir() else [one]
        )


def _records(sources: Sequence[Path]) -> Iterator[Path]:
    """Beside a source, or in the folder that it is."""
    folders = [place for one in sources for place in ([one] if one.is_dir() else []) + [one.parent]]
    for folder in dict.fromkeys(folders):
        yield from sorted(folder.glob(f"*{_ENDING}"))


def _hashes(files: Sequence[Path]) -> set[str]:
    found = set()
    for path in files:
        try:
            found.add(file_sha256(path))
        except OSError:  # the message is about consent; that a file cannot be read is said later
            continue
    return found


def _read(path: Path) -> ConsentRecord | None:
    """The record; None where it is none that can be used."""
    try:
        return load(path)
    except (MasqueradeError, OSError):
        return None
