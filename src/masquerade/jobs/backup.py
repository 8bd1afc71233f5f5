"""The installation's state in one file, and back: keys, ledger, records, jobs.

Databases are copied by SQLite's own means, so that work may go on meanwhile. The head of the ledger
is copied before its rows: rows beyond a head are no fault, a head beyond the rows would be one.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import masquerade
from masquerade.errors import InputError, OutputError, UsageError
from masquerade.hashing import file_sha256
from masquerade.provenance.home import home_place, private_folder, sync_folder
from masquerade.provenance.keys import KEY_FILE, LEDGER_FILE
from masquerade.provenance.ledger.head import HEAD_FILE
from masquerade.provenance.ledger.store import check_ledger

LIST: Final = "backup.json"
_FILES: Final = ("studio/uploads/", "studio/jobs/")
_LEFT_OUT: Final = ("cache", "weights")
_SIDE: Final = ("-wal", "-shm", "-journal")
_MOST_LIST: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """What a backup holds.

    Attributes:
        place: The backup.
        files: How many.
        size_bytes: Of the backup.
        version: Of the program that made it.
    """

    place: Path
    files: int
    size_bytes: int
    version: str


def backup(out: Path, *, with_files: bool = False, home: Path | None = None) -> Kept:
    """Everything that cannot be made again, in one file that only its owner can read.

    Args:
        out: Where it goes; a tar file.
        with_files: Uploads and results of the server too.
        home: The installation's folder.

    Raises:
        UsageError: `out` exists, or lies in the folder itself.
        InputError: There is no installation.
        OutputError: It cannot be written.
    """
    place = home_place(home)
    if not (place / KEY_FILE).exists():
        raise InputError(f"{place} holds no keys", "the folder of an installation")
    if out.exists():
        raise UsageError(f"{out} exists", "a new file", "choose another name")
    if place.resolve() in out.resolve().parents:
        raise UsageError(f"{out} lies in the folder that is kept", "another place")
    hashes: dict[str, str] = {}
    temporary = out.with_name(f".{out.name}.{secrets.token_hex(8)}.unfinished")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
            for path in _state(place, with_files):
                _add(tar, path, path.relative_to(place).as_posix(), hashes)
            told = {"masquerade": masquerade.__version__, "files": hashes}
            _add_bytes(tar, LIST, json.dumps(told, indent=1).encode())
        temporary.replace(out)
        sync_folder(out.parent)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror})", "room for it") from error
    finally:
        temporary.unlink(missing_ok=True)
    return Kept(out, len(hashes), out.stat().st_size, masquerade.__version__)


def restore(source: Path, *, home: Path | None = None) -> Kept:
    """An installation as it was, in a folder that holds none.

    Args:
        source: A backup.
        home: The installation's folder.

    Raises:
        UsageError: The folder holds an installation.
        InputError: The backup is damaged, or none, or not there.
        ProvenanceError: Its ledger is broken.
        OutputError: It cannot be written.
    """
    place = home_place(home)
    if any((place / name).exists() for name in (KEY_FILE, LEDGER_FILE, HEAD_FILE)):
        raise UsageError(
            f"{place} holds an installation", "a folder without one",
            "set MASQUERADE_HOME to a new folder, or move that one away",
        )  # fmt: skip
    try:
        source.open("rb").close()
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error.strerror})", "a backup") from error
    try:
        private_folder(place.parent) if not place.parent.exists() else None
        with tempfile.TemporaryDirectory(prefix=".restoring.", dir=place.parent) as folder:
            fresh = Path(folder) / "home"
            private_folder(fresh)
            kept = _unpacked(source, fresh)
            check_ledger(fresh)
            private_folder(place)
            for path in sorted(fresh.iterdir()):
                path.rename(place / path.name)
    except OSError as error:
        raise OutputError(f"{place} cannot be written ({error.strerror or error})") from error
    return kept


def _state(place: Path, with_files: bool) -> Iterator[Path]:
    """Files that make the state, the ledger's head first."""
    head = place / HEAD_FILE
    if head.exists():
        yield head
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        skipped = name.startswith(_FILES) and not with_files
        if path == head or skipped or name.partition("/")[0] in _LEFT_OUT:
            continue
        if path.is_file() and not path.is_symlink() and not name.endswith(_SIDE):
            yield path


def _add(tar: tarfile.TarFile, path: Path, name: str, hashes: dict[str, str]) -> None:
    if path.suffix == ".sqlite":
        data = _database_bytes(path)
        hashes[name] = hashlib.sha256(data).hexdigest()
        _add_bytes(tar, name, data)
        return
    with path.open("rb") as file:
        info = tarfile.TarInfo(name)
        info.size, info.mode = os.fstat(file.fileno()).st_size, 0o600
        tar.addfile(info, file)
    hashes[name] = file_sha256(path)


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))


def _database_bytes(path: Path) -> bytes:
    """A database as it is this moment, whoever writes to it."""
    try:
        with (
            closing(sqlite3.connect(path, timeout=30)) as source,
            closing(sqlite3.connect(":memory:")) as copy,
        ):
            source.backup(copy)
            return copy.serialize()
    except sqlite3.Error as error:
        raise InputError(f"{path.name} cannot be read ({error})", "a SQLite file") from error


def _unpacked(source: Path, fresh: Path) -> Kept:
    """Puts all files of a backup into a new folder, each held against its hash."""
    try:
        with tarfile.open(source, "r:") as tar:
            written = {one.name: _write(tar, one, fresh) for one in tar if one.name != LIST}
            listed = tar.extractfile(LIST)
            told = json.loads(listed.read(_MOST_LIST)) if listed else {}
        wanted, version = dict(told["files"]), str(told["masquerade"])
    except (
        tarfile.TarError,
        LookupError,
        ValueError,
        TypeError,
        EOFError,
        RecursionError,
    ) as error:
        raise InputError(f"{source.name} is no whole backup ({error})", "a backup") from error
    if written != wanted:
        changed = sorted(name for name in written | wanted if written.get(name) != wanted.get(name))
        raise InputError(
            f"{source.name} is damaged: {', '.join(changed[:3])}", "files as they were kept",
            "take another backup",
        )  # fmt: skip
    if KEY_FILE not in written:
        raise InputError(f"{source.name} holds no key", "a backup of an installation")
    return Kept(source, len(written), source.stat().st_size, version)


def _write(tar: tarfile.TarFile, one: tarfile.TarInfo, fresh: Path) -> str:
    name = PurePosixPath(one.name)
    plain = one.isreg() and not one.issparse()  # holes would fill a disk out of nothing
    file = tar.extractfile(one) if plain else None
    away = not name.parts or name.is_absolute() or ".." in name.parts or "\\" in one.name
    if file is None or away or name.parts[0] in _LEFT_OUT:
        raise InputError(f"{one.name} cannot be part of a backup", "plain files within the folder")
    path = fresh.joinpath(*name.parts)
    for parent in reversed(path.relative_to(fresh).parents):
        private_folder(fresh / parent)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        shutil.copyfileobj(file, target)
        target.flush()
        os.fsync(target.fileno())
    return file_sha256(path)
