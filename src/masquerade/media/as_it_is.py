"""A file as it is now: what is read of it here is what its hash names, whoever exchanges it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from masquerade.errors import MediaError, PolicyError
from masquerade.hashing import BlockHashes, block_hashes, file_sha256
from masquerade.media.container import check_file, reason
from masquerade.media.known_file import expected_of, held_to
from masquerade.media.limits import DEFAULT_LIMITS, Limits


@contextmanager
def as_it_is(
    path: Path, *, sha256: str = "", limits: Limits = DEFAULT_LIMITS
) -> Iterator[BlockHashes]:
    """Within the block a file is read as it is at its beginning, or not at all; gives its hashes.

    Hashed before and read by name afterwards, a file that is exchanged for the moment in between
    would be drawn from under another one's name. Where the file is held already, it stays so.

    Args:
        path: A media file.
        sha256: What it has to be; anything where this is empty.
        limits: Against hostile files.

    Raises:
        MediaError: It is of no use; LimitError where it is too large.
        PolicyError: It is not the file of that hash, or was changed since it was held.
    """
    known = expected_of(path) or _hashed(path, limits)
    if sha256 and known.sha256 != sha256:
        raise PolicyError(
            f"the input {path.name} was changed while it was worked on",
            f"SHA-256 {sha256[:16]}",
            "leave it alone while a job runs, and run it again",
        )
    with held_to({path: known}):
        yield known


def sha256_as_held(path: Path) -> str:
    """SHA-256 of a file as it is held here; of what lies there where it is not held.

    Raises:
        OSError: It is not held, and cannot be read.
    """
    known = expected_of(path)
    return known.sha256 if known else file_sha256(path)


def _hashed(path: Path, limits: Limits) -> BlockHashes:
    check_file(path, limits)
    try:
        return block_hashes(path)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {reason(error)}", "a file you may read") from None
