"""Files removed so that their content is gone too, as far as a program can see to it.

Content is written over before names are taken away. What a disk keeps of its own accord stays out
of reach: copies of file systems that never write in place, snapshots, backups, spare cells of
flash memory. Whoever needs more encrypts the disk and, in the end, throws away its key.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from masquerade.errors import OutputError

_BLOCK: Final = 1 << 20


def erase(place: Path) -> int:
    """Overwrites and removes a file, or a folder with all in it; links are removed, not followed.

    Returns:
        How many files were erased; 0 where nothing was there.

    Raises:
        OutputError: Something cannot be erased.
    """
    try:
        if place.is_symlink() or place.is_file():
            return _erase_file(place)
        if not place.is_dir():
            return 0
        erased = sum(erase(one) for one in place.iterdir())
        place.rmdir()
    except FileNotFoundError:  # another process was first
        return 0
    except OSError as error:
        raise OutputError(
            f"{place} cannot be erased ({error.strerror})", "files that may be written"
        ) from error
    return erased


def _erase_file(path: Path) -> int:
    if not path.is_symlink() and path.stat().st_nlink == 1:
        with path.open("r+b", buffering=0) as file:
            left = os.fstat(file.fileno()).st_size
            while left > 0:
                left -= file.write(secrets.token_bytes(min(_BLOCK, left)))
            os.fsync(file.fileno())
            file.truncate(0)
    path.unlink()
    return 1
