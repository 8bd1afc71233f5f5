"""How many notes a PNG carries: text, times, profiles. Each costs every program that opens it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PIXELS: Final = frozenset({b"IDAT", b"fdAT", b"fcTL"})  # a large picture has many of them


def has_more_notes(path: Path, most: int) -> bool:
    """Whether a file is a PNG with more than `most` chunks that hold no pixels.

    Only the chunks' headers are read, so that the file's size does not matter.

    Raises:
        OSError: It cannot be read.
    """
    found = 0
    with path.open("rb") as file:
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            return False
        while len(head := file.read(8)) == 8:
            found += head[4:] not in _PIXELS
            if found > most:
                return True
            file.seek(int.from_bytes(head[:4]) + 4, 1)
    return False
