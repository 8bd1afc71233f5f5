"""Files of one browser session: what was dropped on a page, and what came of it.

Names that come from browsers never become paths: each file lies in a folder of its own with a name
drawn at random, under a cleaned name. A file is given back to the session that has it, to no other.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade.errors import InputError, LimitError, OutputError
from masquerade.jobs.disk import writing
from masquerade.jobs.erase import erase
from masquerade.jobs.files import Files
from masquerade.jobs.place import studio_folder
from masquerade.provenance.home import home_dir, private_folder

KEPT_S: Final = 7 * 24 * 3600.0
_ID: Final = re.compile(r"[0-9a-f]{24}")
_SESSION: Final = re.compile(r"[0-9a-f-]{8,64}")
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Kept:
    """A file on the shelf.

    Attributes:
        id: Of its folder.
        path: Of the file.
    """

    id: str
    path: Path

    @property
    def name(self) -> str:
        """What it is called."""
        return self.path.name

    @property
    def address(self) -> str:
        """Where a browser of the same session finds it."""
        return f"/shelf/{self.id}"

    @property
    def size_words(self) -> str:
        """How large it is, for people."""
        return size_words(self.path.stat().st_size)


def size_words(count: int) -> str:
    """A number of bytes for people.

    Example:
        >>> size_words(900), size_words(2_500_000)
        ('900 bytes', '2.5 MB')
    """
    if count < 1000:
        return f"{count} bytes"
    for unit in ("kB", "MB"):
        count_in = count / (1000 if unit == "kB" else 1_000_000)
        if count_in < 1000:
            return f"{count_in:.1f} {unit}" if count_in < 100 else f"{count_in:.0f} {unit}"
    return f"{count / 1e9:.1f} GB"


class Shelf:
    """The files of one session.

    Args:
        session: Its id, as the signed cookie has it.
        home: The installation's folder.

    Raises:
        InputError: That is no id of a session.
    """

    def __init__(self, session: str, home: Path | None = None) -> None:
        if not _SESSION.fullmatch(session):
            raise InputError("this browser's session cannot be read", "", "load the page again")
        self._folder = shelves(home) / session

    def place(self, name: str) -> Kept:
        """A new place for a file of that name; nothing lies there yet.

        Raises:
            OutputError: The folder cannot be made.
        """
        try:
            private_folder(self._folder)
            made = self._folder / secrets.token_hex(12)
            made.mkdir(mode=0o700)
        except OSError as error:
            raise OutputError(f"the file cannot be kept ({error.strerror})") from error
        return Kept(made.name, made / clean_name(name))

    async def keep(
        self, name: str, chunks: AsyncIterator[bytes], *, size: int, files: Files
    ) -> Kept:
        """A file as it comes in, kept; whatever goes wrong, nothing of it stays.

        Args:
            name: What it is called where it comes from.
            chunks: Its content.
            size: How long it is said to be; its room is taken from the start.
            files: Whose quota it counts in.

        Raises:
            LimitError: It is larger than one may be, or there is no room in the quota.
            DiskFullError: The disk is full.
            InputError: It is longer or shorter than was said.
            OutputError: It cannot be written.
        """
        kept = self.place(name)
        try:
            _check_size(kept.name, size, files.upload_bytes)
            await asyncio.to_thread(files.hold, kept.path, size)
            with writing(kept.name):
                await _write(kept, chunks, size)
        except BaseException:  # also where whoever sends it goes away
            self.drop(kept.id)
            raise
        return kept

    def copy(self, path: Path, name: str = "") -> Kept:
        """A copy of a file of ours on the shelf.

        Raises:
            OutputError: It cannot be written.
        """
        kept = self.place(name or path.name)
        try:
            shutil.copyfile(path, kept.path)
        except OSError as error:
            raise OutputError(f"{kept.name} cannot be kept ({error.strerror})") from error
        return kept

    def find(self, file_id: str) -> Kept:
        """The file of that id.

        Raises:
            InputError: This session has none.
        """
        folder = self._folder / file_id
        files = (
            [one for one in folder.iterdir() if one.is_file() and not one.name.startswith(".")]
            if _ID.fullmatch(file_id) and folder.is_dir()
            else []
        )
        if not files:
            raise InputError("there is no such file", "a file of this session", "drop it again")
        return Kept(file_id, min(files))

    def files(self) -> list[Kept]:
        """All files of the session."""
        found = []
        for folder in self._folder.glob("*"):
            with suppress(InputError):
                found.append(self.find(folder.name))
        return found

    def drop(self, file_id: str) -> None:
        """Takes a file away, if it is there, and its content with it.

        Raises:
            OutputError: It cannot be erased.
        """
        if _ID.fullmatch(file_id):
            erase(self._folder / file_id)


def _check_size(name: str, size: int, most: int) -> None:
    if size > most:
        raise LimitError(
            f"{name} has {size_words(size)}",
            f"{size_words(most)} or less",
            "cut it, or use the command line, which reads files where they lie",
        )


async def _write(kept: Kept, chunks: AsyncIterator[bytes], size: int) -> None:
    """Puts content into the room that is held for it.

    Raises:
        InputError: It is longer or shorter than was said.
        OSError: It cannot be written.
    """
    with kept.path.open("r+b") as file:
        try:
            async for chunk in chunks:
                if file.tell() + len(chunk) > size:
                    break
                file.write(chunk)
            if file.tell() != size:
                raise InputError(
                    f"{kept.name} did not come whole", f"{size_words(size)}", "send it again"
                )
        except BaseException:
            file.truncate()  # what was held and never came need not be overwritten
            raise


def shelves(home: Path | None = None) -> Path:
    """The folder of all sessions' files.

    Raises:
        OutputError: It cannot be made.
    """
    try:
        home_dir(home)
        return private_folder(studio_folder(home) / "shelves")
    except OSError as error:
        raise OutputError(f"files cannot be kept ({error.strerror})") from error


def sweep(home: Path | None = None, *, older_than_s: float = KEPT_S) -> int:
    """Erases files that have lain longer than that, and says how many folders held one."""
    gone, now = 0, time.time()
    for folder in shelves(home).glob("*/*"):
        if _ID.fullmatch(folder.name) and now - folder.stat().st_mtime > older_than_s:
            with suppress(OutputError):  # it is in use; the next sweep tries again
                gone += bool(erase(folder))
    return gone


def clean_name(name: str) -> str:
    r"""A name without folders, controls or a leading dot; never empty, and not too long.

    Example:
        >>> clean_name("../../etc/passwd"), clean_name("C:\\x\\my clip.MP4"), clean_name("...")
        ('passwd', 'my clip.MP4', 'file')
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(one for one in last if one.isprintable() and one not in '<>:"|?*').strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        return _cut(plain, _LONGEST) or "file"
    ending = _cut(ending, 10)
    return f"{_cut(stem, _LONGEST - len(ending.encode()) - 1)}.{ending}"


def _cut(words: str, most: int) -> str:
    """So many bytes of them, which is what file systems count."""
    return words.encode(errors="ignore")[:most].decode(errors="ignore")
