"""Files that jobs of others work with: uploads, and what jobs made; within a quota, for a time.

Whoever asks over the network names files by reference alone: ``upload:up-...`` for what they
uploaded, ``job:job-...`` for what a job of theirs made. Nothing else is ever turned into a path.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from masquerade.errors import DiskFullError, InputError, LimitError, OutputError, UsageError
from masquerade.hashing import file_sha256
from masquerade.jobs.database import Connection, Database
from masquerade.jobs.disk import writing
from masquerade.jobs.endings import ENDINGS, check_content, plain_name
from masquerade.jobs.erase import erase
from masquerade.models.lock import locked
from masquerade.provenance.canonical import Json
from masquerade.provenance.home import private_folder

REFERENCE: Final = re.compile(
    r"(?:upload:(?P<upload>up-[0-9a-f]{32})"
    r"|job:(?P<job>job-[0-9a-f]{32})(?:/(?P<name>[^/\\:\x00-\x1f]{1,120}))?)"
)
_SHARE: Final = 0.25  # of the quota that the uploads of one owner may take together
_COUNTED: Final = ("jobs", "library", "shelves")  # the last two are those of the pages
_LOCK: Final = ".lock"  # beside an upload: no name of one begins with a dot


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sends in parts.

    Attributes:
        id: ``up-`` and 32 hexadecimal digits.
        owner: Key of whoever sends it.
        name: As it was called, without what a file system could take amiss.
        size: In bytes, as announced.
        received: Bytes that are there.
        sha256: Of the whole; empty until it is complete.
    """

    id: str
    owner: str
    name: str
    size: int
    received: int
    sha256: str

    @property
    def complete(self) -> bool:
        """Whether it can be used."""
        return bool(self.sha256)


class Files:
    """Uploads and job folders of one installation.

    Args:
        folder: Where they lie.
        database: That of the queue.
        quota_bytes: All of them together may not take more.
        upload_bytes: Nor one upload.
    """

    def __init__(
        self, folder: Path, database: Database, *, quota_bytes: int, upload_bytes: int
    ) -> None:
        self.folder = folder
        self._database = database
        self.quota_bytes, self.upload_bytes = quota_bytes, upload_bytes
        self._holding = threading.Lock()

    def begin(self, owner: str, name: str, size: int) -> Upload:
        """A new upload, with nothing received.

        Raises:
            LimitError: It is too large, there is no room, or the owner's share is used up.
            InputError: Files of this ending are not taken.
            DiskFullError: There is no room for it.
            OutputError: It cannot be kept for another reason.
        """
        plain = plain_name(name)
        ending = Path(plain).suffix.lower()
        if ending not in ENDINGS:
            raise InputError(
                f"{plain} ends in {ending or 'nothing'}", "one of " + " ".join(sorted(ENDINGS))
            )
        if not 0 < size <= self.upload_bytes:
            raise LimitError(
                f"{plain} has {size} bytes", f"1 to {self.upload_bytes}", "send a smaller file"
            )
        self.check_room(size)
        self._check_share(owner, size)
        upload = Upload(f"up-{uuid4().hex}", owner, plain, size, 0, "")
        try:
            with writing(plain):
                private_folder(self._place(upload).parent)
                self._place(upload).touch(0o600)
            self._enter(upload)
        except OutputError:
            erase(self._place(upload).parent)
            raise
        return upload

    def _enter(self, upload: Upload) -> None:
        now_s = self._database.now_s()
        with self._database.writing() as connection:
            connection.change(
                "INSERT INTO uploads (id, owner, name, size, sha256, created_s, used_s)"
                " VALUES (?, ?, ?, ?, '', ?, ?)",
                (upload.id, upload.owner, upload.name, upload.size, now_s, now_s),
            )

    def append(self, upload: Upload, offset: int, data: bytes) -> Upload:
        """The upload with a part added at its end; a part that is there already is no fault.

        Raises:
            UsageError: The part does not join on, or reaches beyond the announced size.
            DiskFullError: There is no room for it; what was there before is, and can be gone on
                from.
            OutputError: It cannot be written for another reason.
        """
        with writing(upload.name), self._guard(upload):
            now = self.upload(upload.id, upload.owner)  # it may be complete by now
            if now.complete:
                raise UsageError(f"{now.id} is complete", "one that is under way")
            if offset > now.received or offset + len(data) > now.size:
                raise UsageError(
                    f"{len(data)} bytes at {offset}",
                    f"bytes from {now.received} on, up to {now.size}",
                    "ask how far the upload is, and go on from there",
                )
            _put(self._place(now), offset, data, kept=now.received)
        return self.upload(upload.id, upload.owner)

    def complete(self, upload: Upload, sha256: str) -> Upload:
        """The upload, ready to be used.

        Raises:
            UsageError: Bytes are missing.
            InputError: The content has another hash than was announced, or is no such file.
        """
        with writing(upload.name), self._guard(upload):  # what is checked stays as it is
            now = self.upload(upload.id, upload.owner)
            if now.complete:
                return now
            if now.received != now.size:
                raise UsageError(
                    f"{now.received} bytes of {now.size} are there", "all of them", "send the rest"
                )
            place = self._place(now)
            check_content(place)
            found = file_sha256(place)
            if sha256 and found != sha256.lower():
                raise InputError(
                    f"what was received has SHA-256 {found}", sha256, "delete it, and send it again"
                )
            with self._database.writing() as connection:
                connection.change("UPDATE uploads SET sha256 = ? WHERE id = ?", (found, now.id))
        return self.upload(upload.id, upload.owner)

    def upload(self, upload_id: str, owner: str | None) -> Upload:
        """The upload of that name.

        Args:
            upload_id: Its name.
            owner: Whose; None for anybody's.

        Raises:
            UsageError: There is none, or it is somebody else's.
        """
        clause = "id = ?" if owner is None else "id = ? AND owner = ?"
        values = (upload_id,) if owner is None else (upload_id, owner)
        with self._database.reading() as connection:
            found = self._uploads(connection, clause, values)
        if not found:
            raise UsageError(f"no upload is named {upload_id}", "one of your own that is kept")
        return found[0]

    def uploads(self, owner: str | None) -> list[Upload]:
        """Uploads of an owner, or all, newest first."""
        clause, values = ("1 = 1", ()) if owner is None else ("owner = ?", (owner,))
        with self._database.reading() as connection:
            return self._uploads(connection, clause, values)

    def remove(self, upload: Upload) -> None:
        """Erases an upload."""
        with self._database.writing() as connection:
            connection.change("DELETE FROM uploads WHERE id = ?", (upload.id,))
        erase(self._place(upload).parent)

    def path_of(self, upload: Upload) -> Path:
        """Where a complete upload lies.

        Raises:
            UsageError: It is under way.
        """
        if not upload.complete:
            raise UsageError(f"{upload.id} is not complete", "an upload that is")
        return self._place(upload)

    def job_folder(self, job_id: str) -> Path:
        """Where a job of somebody else works and leaves what it made."""
        return self.folder / "jobs" / job_id

    def results(self, job_id: str) -> list[Path]:
        """What a job made, by name."""
        try:
            found = sorted(self.job_folder(job_id).iterdir())
        except OSError:
            return []
        return [path for path in found if not path.name.startswith(".") and path.is_file()]

    def result(self, job_id: str, name: str = "") -> Path:
        """One file that a job made: of that name, or the first.

        Raises:
            InputError: It made none, or it is not kept any more.
        """
        found = [path for path in self.results(job_id) if not name or path.name == name]
        if not found:
            raise InputError(
                f"{job_id} has no file {name}".rstrip(), "one that it made and that is kept"
            )
        return found[0]

    def resolved(self, text: str, owner: str) -> Path | None:
        """The path that a reference stands for; None where the text is none.

        Raises:
            UsageError: It is nobody's, or somebody else's.
            InputError: The file is not there.
        """
        found = REFERENCE.fullmatch(text)
        if found is None:
            return None
        if found["upload"]:
            upload = self.upload(found["upload"], owner)
            now_s = self._database.now_s()
            with self._database.writing() as connection:
                connection.change("UPDATE uploads SET used_s = ? WHERE id = ?", (now_s, upload.id))
            return self.path_of(upload)
        self._check_owner(found["job"], owner)
        return self.result(found["job"], found["name"] or "")

    def _check_owner(self, job_id: str, owner: str) -> None:
        with self._database.reading() as connection:
            rows = connection.rows("SELECT 1 FROM jobs WHERE id = ? AND owner = ?", (job_id, owner))
        if not rows:
            raise UsageError(f"no job is named {job_id}", "one of your own")

    def check_room(self, size: int) -> None:
        """Passes when so many more bytes fit.

        Raises:
            LimitError: They exceed the quota.
            DiskFullError: The disk is full.
            OutputError: The folder cannot be used.
        """
        used = self.used_bytes()
        if used + size > self.quota_bytes:
            raise LimitError(
                f"{used / 1e9:.1f} GB of {self.quota_bytes / 1e9:.1f} GB are used",
                f"room for {size / 1e9:.2f} GB",
                "delete uploads and results that are not needed any more",
            )
        with writing("uploads and results"):
            private_folder(self.folder)
            free = shutil.disk_usage(self.folder).free
        if free < size:
            raise DiskFullError("the disk is full", f"room for {size / 1e9:.2f} GB", "free some")

    def _check_share(self, owner: str, size: int) -> None:
        """Passes when an owner's uploads, as announced, leave room for those of others."""
        announced = sum(one.size for one in self.uploads(owner))
        if announced and announced + size > _SHARE * self.quota_bytes:
            raise LimitError(
                f"your uploads take {announced / 1e9:.2f} GB, and this one has {size / 1e9:.2f} GB",
                f"{_SHARE * self.quota_bytes / 1e9:.2f} GB together, so that others have room",
                "delete those that are not needed any more, also unfinished ones",
            )

    def used_bytes(self) -> int:
        """Of all uploads, as announced, and all that jobs and pages keep."""
        with self._database.reading() as connection:
            (row,) = connection.rows("SELECT COALESCE(SUM(size), 0) FROM uploads")
        return int(row[0]) + sum(size for name in _COUNTED for size in _sizes(self.folder / name))

    def hold(self, place: Path, size: int) -> None:
        """Makes a file of so many zeros, so that its room is taken before its content is there.

        Raises:
            LimitError: It exceeds the quota.
            DiskFullError: The disk is full.
            OutputError: It cannot be made.
        """
        with self._holding:  # two that come at once do not both take the last room
            self.check_room(size)
            with writing(place.name), place.open("xb") as file:
                file.truncate(size)

    def _uploads(
        self, connection: Connection, clause: str, values: tuple[str, ...]
    ) -> list[Upload]:
        rows = connection.rows(
            "SELECT id, owner, name, size, sha256 FROM uploads"  # noqa: S608
            f" WHERE {clause} ORDER BY created_s DESC",
            values,
        )
        return [self._counted(Upload(row[0], row[1], row[2], row[3], 0, row[4])) for row in rows]

    def _counted(self, upload: Upload) -> Upload:
        """The upload with what is there of it; a lost file counts as nothing received."""
        try:
            received = self._place(upload).stat().st_size
        except OSError:
            received = 0
        return Upload(upload.id, upload.owner, upload.name, upload.size, received, upload.sha256)

    def _guard(self, upload: Upload) -> AbstractContextManager[None]:
        """Held while an upload's content is written or checked, by one process and thread."""
        return locked(self._place(upload).with_name(_LOCK))

    def _place(self, upload: Upload) -> Path:
        return self.folder / "uploads" / upload.id / upload.name


def listed(paths: list[Path]) -> list[Json]:
    """Name, size and SHA-256 of files."""
    return [
        {"name": one.name, "bytes": one.stat().st_size, "sha256": file_sha256(one)} for one in paths
    ]


def _put(place: Path, offset: int, data: bytes, *, kept: int) -> None:
    """Writes a part; where the disk refuses some of it, the file ends as before.

    Raises:
        OSError: It cannot be written.
    """
    with place.open("r+b", buffering=0) as file:
        file.seek(offset)
        left = memoryview(data)
        try:
            while left:
                left = left[file.write(left) :]
        except OSError:
            file.truncate(kept)
            raise


def _sizes(folder: Path) -> Iterator[int]:
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                yield (Path(root) / name).lstat().st_size
            except OSError:
                continue  # removed this moment
