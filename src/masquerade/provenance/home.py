"""The installation's private folder, and how files in it come to be.

Keys, trust decisions, revocations and the ledger live here. The folder is the environment variable
``MASQUERADE_HOME``, or the user's data folder. Nothing in it can switch a check off: a file that is
missing or unreadable is an error, never a reason to go on without it.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from platformdirs import user_data_dir

from masquerade.errors import OutputError, ProvenanceError


def home_dir(home: Path | None = None) -> Path:
    """The installation's folder, made on first use, readable by its owner only.

    Args:
        home: Another folder instead of ``MASQUERADE_HOME`` or the user's data folder.

    Raises:
        ProvenanceError: It cannot be made, or cannot be kept private.
    """
    place = home_place(home)
    try:
        private_folder(place)
    except OSError as error:
        raise ProvenanceError(
            f"the folder for keys and the ledger cannot be used: {place} ({error.strerror})",
            "a folder that only you can read and write",
            "set MASQUERADE_HOME to such a folder",
        ) from error
    return place


def home_place(home: Path | None = None) -> Path:
    """Where the installation's folder is or will be; nothing is made."""
    usual = os.environ.get("MASQUERADE_HOME") or user_data_dir("masquerade")
    return home or Path(usual).expanduser()


def private_folder(place: Path) -> Path:
    """That folder, made if need be, with permissions 0700.

    Raises:
        OSError: It cannot be made, is not a folder, or belongs to someone else.
    """
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = place.stat()
    if os.name == "posix":
        if status.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "it belongs to another user", str(place))
        if status.st_mode & 0o077:
            place.chmod(0o700)
        if not os.access(place, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "no permission to write in it", str(place))
    return place


def create_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """What is in `path`; if it is not there yet, `make` says what, and only one process wins.

    The file appears complete or not at all, with permissions 0600.

    Raises:
        ProvenanceError: It cannot be read or made, or other users can read it.
    """
    try:
        if not path.exists():
            private_folder(path.parent)
            _link_new(path, make())
        return read_private(path)
    except OSError as error:
        raise ProvenanceError(
            f"cannot make {path.name} in {path.parent} ({error.strerror or error})",
            "a folder that only you can read and write",
        ) from error


def read_private(path: Path) -> bytes:
    """The bytes of a file that only its owner can read.

    Raises:
        ProvenanceError: Other users can read or change it.
        OSError: It cannot be read.
    """
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ProvenanceError(
            f"other users can read or change {path}",
            "permissions 0600",
            f"if you trust its content still: chmod 600 {path}; if not, remove it",
        )
    return path.read_bytes()


def write_private(path: Path, data: bytes) -> None:
    """Puts `data` in the place of `path` in one step, with permissions 0600.

    Raises:
        OSError: The disk is full, or the folder cannot be written.
    """
    temporary = _temporary(path, data)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder last through a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def only_one(lock: Path, *, what: str) -> Iterator[None]:
    """Holds a lock that other processes cannot take, and that a killed process lets go of.

    SQLite's file lock is used because it works the same on every system.

    Raises:
        OutputError: Another process holds it, or its folder cannot be written.
    """
    with closing(sqlite3.connect(lock, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise OutputError(f"{lock.parent} cannot be written ({error})") from error
            raise OutputError(
                f"another run is at work on {what}", "one run at a time", "wait for it, or stop it"
            ) from error
        yield


def _link_new(path: Path, data: bytes) -> None:
    temporary = _temporary(path, data)
    try:
        with suppress(FileExistsError):  # another process was first: its file counts
            os.link(temporary, path)
        sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _temporary(path: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except (OSError, KeyboardInterrupt):
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)
