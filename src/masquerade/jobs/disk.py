"""What a disk refuses, said as errors that name what was to be written."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from masquerade.errors import DiskFullError, OutputError

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def writing(what: str) -> Iterator[None]:
    """A block that writes; what the system refuses in it becomes an error with a name.

    Args:
        what: What is written, for the message.

    Raises:
        DiskFullError: There is no room.
        OutputError: It cannot be written for another reason.

    Example:
        >>> with writing("the list"):
        ...     raise OSError(errno.ENOSPC, "No space left on device")
        Traceback (most recent call last):
        ...
        masquerade.errors.DiskFullError: no room on the disk for the list; ...
    """
    try:
        yield
    except OSError as error:
        raise refused(what, error) from error


def refused(what: str, error: OSError) -> OutputError:
    """The error that says what could not be written, and why."""
    if error.errno in _NO_ROOM:
        return DiskFullError(
            f"no room on the disk for {what}",
            "free space",
            "free some, then go on from there",
        )
    if error.errno == errno.ENOENT:
        return OutputError(f"{what} is not there any more", "files that are kept", "send it again")
    return OutputError(
        f"{what} cannot be written ({error.strerror or error})", "a folder that can be written in"
    )
