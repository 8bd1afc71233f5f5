"""A lock file that two processes cannot hold at once; the system frees it when a holder dies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """A block that runs in one process and one thread at a time; others wait their turn.

    Args:
        path: The lock file, made when it is not there and left there afterwards.
        wait: Whether to wait while another holds it.

    Raises:
        BlockingIOError: Another holds it, and it is not to be waited for.
        OSError: The file cannot be made.

    Example:
        >>> from tempfile import mkdtemp
        >>> with locked(Path(mkdtemp()) / "lock"):
        ...     pass
    """
    with path.open("a+b") as file:
        _acquire(file, wait)
        try:
            yield
        finally:
            _release(file)


if sys.platform == "win32":
    import msvcrt
    import time

    def _acquire(file: IO[bytes], wait: bool) -> None:
        while True:
            file.seek(0)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            except PermissionError as error:
                if not wait:
                    raise BlockingIOError("held by another") from error
                time.sleep(0.1)
            else:
                return

    def _release(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _acquire(file: IO[bytes], wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
