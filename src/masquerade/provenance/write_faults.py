"""What the system says where an output cannot be written, as errors that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from masquerade.errors import OutputError

_DISK_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def plain_faults(out: Path) -> Iterator[None]:
    """Turns what the system says into an error that says what to do."""
    try:
        yield
    except OutputError as error:  # of a part, whose name and folder tell people nothing
        if getattr(error.__cause__, "errno", None) in _DISK_FULL:
            raise _full(out) from error
        raise
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise _full(out) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise OutputError(
                f"no permission to write {out} ({error.strerror})", "a folder you may write to"
            ) from error
        raise OutputError(f"{out} cannot be written ({error.strerror or error})") from error


def _full(out: Path) -> OutputError:
    return OutputError(
        f"the disk of {out.absolute().parent} is full", "free space", "free some and run again"
    )
