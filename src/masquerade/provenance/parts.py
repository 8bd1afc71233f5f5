"""Finished segments of a job that is not through yet, encrypted, so that a stopped run goes on.

They lie in a hidden folder beside the output, readable by its owner only, under AES-GCM with a key
of the installation: nobody can play them, and a part of another job, of another place in the job,
or changed by a byte, does not open. A part that does not open is made again.
"""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from masquerade.errors import ProvenanceError
from masquerade.provenance.canonical import canonical_bytes, sha256_hex
from masquerade.provenance.fingerprint import Print, as_text, from_text
from masquerade.provenance.home import only_one, private_folder, write_private
from masquerade.provenance.kept_parts import folder_for
from masquerade.provenance.keys import decrypt, encrypt, rest_key
from masquerade.types import DraftSegment


@dataclass(frozen=True, slots=True)
class Part:
    """One finished segment.

    Attributes:
        frames: How many pictures.
        covered: In how many of them the label had to cover a part of a face.
        tally: What the draft said came of them.
        prints: Fingerprints of the pictures as written, one a second.
        bare: The same of the pictures before they were marked.
        data: The encoded pictures.
    """

    frames: int
    covered: int
    tally: str
    prints: tuple[Print, ...]
    bare: tuple[Print, ...]
    data: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Parts:
    """The store of one job."""

    folder: Path
    job: str
    key: bytes

    def find(self, segment: DraftSegment) -> Part | None:
        """The part of a segment, when an earlier run finished it."""
        return self._open(self._path(segment.index, segment.key), segment.index, segment.key)

    def put(self, segment: DraftSegment, part: Part) -> None:
        """Keeps the part of a segment; there as a whole or not at all.

        Raises:
            OSError: The disk is full, or the folder cannot be written.
        """
        head = canonical_bytes(
            [part.frames, part.covered, part.tally, as_text(part.prints), as_text(part.bare)]
        )
        data = len(head).to_bytes(4, "little") + head + part.data
        sealed = encrypt(data, self.key, self._context(segment.index, segment.key))
        write_private(self._path(segment.index, segment.key), sealed)

    def data(self, names: list[tuple[int, str]]) -> Iterator[bytes]:
        """Encoded pictures of the segments of those indices and keys, one at a time.

        Raises:
            ProvenanceError: One of them is gone, or was changed meanwhile.
        """
        for index, key in names:
            part = self._open(self._path(index, key), index, key)
            if part is None:
                raise ProvenanceError(
                    f"finished part {index} was removed or changed while it was needed",
                    "a folder that nothing else writes to",
                    "run the command again",
                )
            yield part.data

    def discard(self) -> None:
        """Removes every finished part."""
        for path in self.folder.glob("*.part"):
            path.unlink()

    def work_file(self, name: str) -> Path:
        """A place in the folder for a file that is under way; what lay there is removed."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        return path

    def _open(self, path: Path, index: int, key: str) -> Part | None:
        try:
            data = decrypt(path.read_bytes(), self.key, self._context(index, key))
        except (FileNotFoundError, ProvenanceError):
            return None
        start = 4 + int.from_bytes(data[:4], "little")
        frames, covered, tally, prints, bare = json.loads(data[4:start])
        return Part(frames, covered, tally, from_text(prints), from_text(bare), data[start:])

    def _path(self, index: int, key: str) -> Path:
        return self.folder / f"{index:06d}-{sha256_hex(key.encode())[:16]}.part"

    def _context(self, index: int, key: str) -> bytes:
        return canonical_bytes([self.job, index, key])


@contextmanager
def open_parts(out: Path, job: str, *, home: Path | None = None) -> Iterator[Parts]:
    """The store of a job, held by this process alone; removed when no part is left to go on from.

    Args:
        out: The job's output; the folder lies beside it.
        job: Name of everything that decides the content of parts.
        home: The installation's folder.

    Raises:
        OutputError: Another run is at work on the same output.
        OSError: The folder cannot be made, or is a link.
    """
    folder = folder_for(out, job)
    if folder.is_symlink():
        raise PermissionError(errno.EPERM, "it is a link to another place", str(folder))
    private_folder(folder)
    left = True
    try:
        with only_one(folder / "lock", what=str(out)):
            _remove_unfinished(folder)
            try:
                parts = Parts(folder, job, rest_key(home, "parts"))
                yield parts
                parts.discard()
            finally:
                _remove_unfinished(folder)
                left = any(folder.glob("*.part"))
    finally:
        if not left:
            shutil.rmtree(folder, ignore_errors=True)  # the lock; another run may hold it by now


def _remove_unfinished(folder: Path) -> None:
    """Work files of a run that was killed: joined, perhaps not signed."""
    for path in folder.iterdir():
        if path.suffix != ".part" and not path.name.startswith("lock"):
            path.unlink()
