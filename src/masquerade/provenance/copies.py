"""Outputs of this installation that a file looks like: its fingerprints, looked up in the ledger.

A last trace when manifest and watermark are gone. It points, it does not prove: other pictures of
the same scene may look alike, and a crop is beyond it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Literal, TypeAlias

from masquerade.errors import InputError
from masquerade.provenance import ledger
from masquerade.provenance.fingerprint import (
    MATCH_BITS,
    SCHEME,
    apart,
    fingerprint,
    forms,
    from_text,
    pictures_of,
    stack,
)
from masquerade.provenance.ledger import LedgerRow

CopyState: TypeAlias = Literal["found", "none", "nothing to compare", "no picture", "unreadable"]

_A_SECOND: Final = 2
_MOST: Final = 120


@dataclass(frozen=True, slots=True)
class Copy:
    """An output that the file looks like.

    Attributes:
        row: Its row in the ledger.
        pictures: How many of the file's pictures look like one of it.
        bits: How many of 256 bits differ at the least.
    """

    row: LedgerRow
    pictures: int
    bits: int


@dataclass(frozen=True, slots=True)
class FoundCopies:
    """What came of the look-up.

    Attributes:
        state: Whether there is a copy, or why nobody could look.
        copies: The outputs, that with most pictures first.
        pictures: How many pictures of the file were looked at.
    """

    state: CopyState
    copies: tuple[Copy, ...] = ()
    pictures: int = 0


def find_copies(path: Path, *, home: Path | None = None) -> FoundCopies:
    """Outputs in the ledger that a file looks like, at any of eight mirrored and turned forms.

    Of a video its first minute is compared, two pictures a second.

    Args:
        path: Any file.
        home: The installation's folder.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    known = [(row, bits) for row in ledger.rows(kind="output", home=home) for bits in _bits(row)]
    if not known:
        return FoundCopies("nothing to compare")
    try:
        frames = islice(pictures_of(path, _A_SECOND), _MOST)
        looked = [forms(one.pixels) for one in frames if fingerprint(one.pixels).tells]
    except InputError:
        return FoundCopies("unreadable")
    if not looked:
        return FoundCopies("no picture")
    table = stack(bits for _, bits in known)
    counts: dict[str, int] = {}
    least: dict[str, int] = {}
    for ways in looked:
        near: dict[str, int] = {}
        for way in ways:
            distance = apart(way, table)
            for index in (distance <= MATCH_BITS).nonzero()[0]:
                name = known[index][0].id
                near[name] = min(near.get(name, MATCH_BITS), int(distance[index]))
        for name, bits_apart in near.items():
            counts[name] = counts.get(name, 0) + 1
            least[name] = min(least.get(name, MATCH_BITS), bits_apart)
    rows = {row.id: row for row, _ in known}
    found = [Copy(rows[name], counts[name], least[name]) for name in counts]
    found.sort(key=lambda one: (-one.pictures, one.bits, -one.row.seq))
    return FoundCopies("found" if found else "none", tuple(found), len(looked))


def _bits(row: LedgerRow) -> list[bytes]:
    """The fingerprints in a row; of those made another way, or before there were any, none."""
    body = json.loads(row.body)
    kept = body.get("fingerprint") if isinstance(body, dict) else None
    if not isinstance(kept, dict) or kept.get("scheme") != SCHEME:
        return []
    return [one.bits for one in from_text(kept.get("pictures")) if one.tells]
