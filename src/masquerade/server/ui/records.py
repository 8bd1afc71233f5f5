"""Consent records that this installation's pages know: made here, or handed in as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from masquerade import personas
from masquerade.errors import ConsentError, MasqueradeError, OutputError
from masquerade.jobs.place import studio_folder
from masquerade.provenance.consent.check import check_standing
from masquerade.provenance.consent.records import ConsentRecord, load, save_record
from masquerade.provenance.consent.revocation import revoked_ids
from masquerade.provenance.home import private_folder


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
        return (
            f"{record.subject} ({record.bound_to}), for {', '.join(record.purposes)},"
            f" until {record.valid_until:%Y-%m-%d}"
        )


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


def of_personas() -> list[Filed]:
    """The records that personas bring."""
    places = [personas.load(name).consent for name in personas.names()]
    return [Filed(place, load(place)) for place in places]


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
        return Filed(path, record, "revoked: nothing more can be made under it")
    try:
        check_standing(record, now=datetime.now(UTC), home=home)
    except ConsentError as error:
        return Filed(path, record, error.found)
    return Filed(path, record)
