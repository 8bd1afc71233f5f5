"""Whether a file looks like an output of this installation, or why nobody could look.

A last trace when manifest and watermark are gone. It points, it does not prove.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal, TypeAlias

from masquerade.errors import InputError
from masquerade.provenance import ledger
from masquerade.provenance.fingerprint import fingerprint, forms, pictures_of
from masquerade.provenance.lookup import Match, find, prints_of

CopyState: TypeAlias = Literal["found", "none", "nothing to compare", "no picture", "unreadable"]

_A_SECOND: Final = 2
_MOST: Final = 120


@dataclass(frozen=True, slots=True)
class FoundCopies:
    """What came of the look-up.

    Attributes:
        state: Whether there is a copy, or why nobody could look.
        matches: The outputs that the file looks like, nearest first.
        pictures: How many pictures of the file were looked at.
    """

    state: CopyState
    matches: tuple[Match, ...] = ()
    pictures: int = 0


def find_copies(path: Path, *, home: Path | None = None) -> FoundCopies:
    """Outputs in the ledger that a file looks like; of a video its first minute is compared.

    Args:
        path: Any file.
        home: The installation's folder.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    if not any(prints_of(row) for row in ledger.rows(kind="output", home=home)):
        return FoundCopies("nothing to compare")
    try:
        frames = islice(pictures_of(path, _A_SECOND), _MOST)
        looked = [
            (int(one.time_s), forms(one.pixels)) for one in frames if fingerprint(one.pixels).tells
        ]
    except InputError:
        return FoundCopies("unreadable")
    if not looked:
        return FoundCopies("no picture")
    matches = find(looked, home)
    return FoundCopies("found" if matches else "none", matches, len(looked))
