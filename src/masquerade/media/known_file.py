"""A file that is read as it was when it was hashed, or not at all.

Whoever can write where an input lies could exchange it between the check of its consent and the
work on it. So each part is held against its hash of before as it is read.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from masquerade.errors import PolicyError
from masquerade.hashing import BLOCK, BlockHashes

_EXPECTED: Final[ContextVar[Mapping[Path, BlockHashes]]] = ContextVar(
    "expected", default=MappingProxyType({})
)


@contextmanager
def held_to(files: Mapping[Path, BlockHashes]) -> Iterator[None]:
    """Within the block, pictures and sound of these files are read as they were, or not at all.

    That holds for all that is called from it, and for what is made `ahead` of it in a thread.

    Args:
        files: What each holds, from `masquerade.hashing.block_hashes`.
    """
    named = {path.absolute(): known for path, known in files.items()}
    token = _EXPECTED.set(MappingProxyType({**_EXPECTED.get(), **named}))
    try:
        yield
    finally:
        _EXPECTED.reset(token)


def expected_of(path: Path) -> BlockHashes | None:
    """What a file has to hold here; None where that is not asked."""
    held = _EXPECTED.get()
    return held.get(path.absolute()) if held else None


class KnownFile(io.RawIOBase):
    """The bytes of a file, each part of which has the hash it had.

    Args:
        path: The file.
        known: From `masquerade.hashing.block_hashes`.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path, known: BlockHashes) -> None:
        self.name = str(path)
        self._known, self._place = known, 0
        self._held: tuple[int, bytes] = (-1, b"")
        self._changed = False
        self._file = path.open("rb", buffering=0)

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves to a place, counted in bytes from the beginning, from here or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._known.size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer as far as the block at this place reaches; 0 at the end.

        Raises:
            PolicyError: The file is another one now.
        """
        number, within = divmod(self._place, BLOCK)
        if self._place >= self._known.size:
            return 0
        part = self._block(number)[within : within + len(buffer)]
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or fewer at the end; all that is left where none is named.

        Raises:
            PolicyError: The file is another one now.
        """
        left = self._known.size - self._place
        wanted = left if size < 0 else min(size, left)
        parts = []
        while wanted > 0:
            number, within = divmod(self._place, BLOCK)
            part = self._block(number)[within : within + wanted]
            parts.append(part)
            self._place += len(part)
            wanted -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
        super().close()

    def check(self) -> None:
        """Passes when all that was read is what it was.

        Raises:
            PolicyError: Some was not, though whoever read it took that for the file's end.
        """
        if self._changed:
            raise self._refusal()

    def _block(self, number: int) -> bytes:
        if self._held[0] == number:
            return self._held[1]
        self._file.seek(number * BLOCK)
        data = b""
        while len(data) < BLOCK and (more := self._file.read(BLOCK - len(data))):
            data += more
        if hashlib.sha256(data).digest() != self._known.blocks[number]:
            self._changed = True
            raise self._refusal()
        self._held = (number, data)
        return data

    def _refusal(self) -> PolicyError:
        return PolicyError(
            f"the input {Path(self.name).name} was changed while it was worked on",
            f"SHA-256 {self._known.sha256[:16]}",
            "leave it alone while a job runs, and run it again",
        )
