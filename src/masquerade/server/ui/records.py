"""Consent records that this installation's pages know: made here, or handed in as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from masquerade import personas
from masquerade.errors import ConsentError, MasqueradeError, OutputError
from masquerade.jobs.place import studio_folder
from masquerade.provenance.consent.check import check_standing
from masquerade.provenance.consent.records import ConsentRecord, load, save_record
from masquerade.provenance.consent.revocation import revoked_ids
from masquerade.provenance.home import private_folder

_REVOKED: Final = "it was taken back: nothing more can be made under it"


@dataclass(frozen=True, slots=True)
class Filed:
    """A record and how it stands.

    Attributes:
        path: Its file.
        record: What is in it.
        fault: Why nothing can be made under it; empty where it holds.
    """

    path: Path
    record: ConsentRecord
    fault: str = ""

    @property
    def words(self) -> str:
        """It in a line, to pick from."""
        record = self.record
        covered = " and ".join(record.modality)
        return (
            f"{record.subject} ({covered}), for {', '.join(record.purposes)},"
            f" until {last_day(record):%Y-%m-%d}"
        )

    @property
    def stands(self) -> str:
        """How it stands, in a word or two."""
        if not self.fault:
            return "in force"
        return "taken back" if self.fault == _REVOKED else "not in force"

    @property
    def closed_words(self) -> str:
        """It in a line where it cannot be picked, with why."""
        return f"{self.record.subject}: {self.stands}"


def last_day(record: ConsentRecord) -> datetime:
    """The last day on which it holds: it ends with that day, at midnight."""
    return record.valid_until - timedelta(seconds=1)


def folder(home: Path | None = None) -> Path:
    """Where the records lie.

    Raises:
        OutputError: The folder cannot be made.
    """
    try:
        return private_folder(studio_folder(home) / "consents")
    except OSError as error:
        raise OutputError(f"records cannot be kept ({error.strerror})") from error


def filed(home: Path | None = None) -> list[Filed]:
    """All records, newest first; a file that is none any more is left out."""
    found = []
    for path in folder(home).glob("*.consent"):
        try:
            found.append(_read(path, home))
        except (MasqueradeError, OSError):
            continue
    return sorted(found, key=lambda one: one.record.valid_from, reverse=True)


def of_personas(home: Path | None = None) -> list[Filed]:
    """The records that personas bring; one that was taken back here has its fault."""
    return [_read(personas.load(name).consent, home) for name in personas.names()]


def closed_personas(home: Path | None = None) -> dict[str, str]:
    """Why a persona's record does not hold here, by the persona; none of those that may be used."""
    listed = zip(personas.names(), of_personas(home), strict=True)
    return {name: one.fault for name, one in listed if one.fault}


def file_record(record: ConsentRecord, home: Path | None = None) -> Path:
    """Puts a record with the others and says where.

    Raises:
        OutputError: It cannot be written.
    """
    path = folder(home) / f"{record.id}.consent"
    if not path.exists():
        save_record(record, path)
    return path


def hand_in(path: Path, home: Path | None = None) -> Filed:
    """A record from a file that somebody brought, put with the others.

    Raises:
        ConsentError: It is not genuine, or does not hold.
    """
    record = load(path)
    check_standing(record, now=datetime.now(UTC), home=home)
    return Filed(file_record(record, home), record)


def _read(path: Path, home: Path | None) -> Filed:
    record = load(path)
    if record.id in revoked_ids(home):
        return Filed(path, record, _REVOKED)
    try:
        check_standing(record, now=datetime.now(UTC), home=home)
    except ConsentError as error:
        return Filed(path, record, error.found)
    return Filed(path, record)
