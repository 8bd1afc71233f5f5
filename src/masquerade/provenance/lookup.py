"""Outputs of the ledger whose pictures look like those of a file.

A near fingerprint says that two pictures look alike, not that one was made from the other: the
target an output was made from looks like it too, and so may another take of the same scene.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ProvenanceError
from masquerade.provenance import ledger
from masquerade.provenance.fingerprint import (
    MATCH_BITS,
    SCHEME,
    Print,
    apart,
    from_text,
    looked_up,
    stack,
)
from masquerade.provenance.ledger import LedgerRow

Pictures: TypeAlias = Sequence[tuple[int, Sequence[bytes]]]
"""Second, and the bits of every form to try: what `masquerade.provenance.fingerprint.looked_up`
gives for a file."""


@dataclass(frozen=True, slots=True)
class Match:
    """An output that looks like the file.

    Attributes:
        row: Its row in the ledger.
        distance: Bits that differ between the nearest two pictures, 0 to 31 of 256.
        second: Time of that picture in the file.
        output_second: Time of the picture in the output that it is near to.
        turned: Whether it is near only when mirrored or turned.
        share: Of the pictures looked up, how many look like one of the output, in (0, 1].
    """

    row: LedgerRow
    distance: int
    second: int
    output_second: int
    turned: bool
    share: float

    def line(self) -> str:
        """The match in one line."""
        turned = ", mirrored or turned" if self.turned else ""
        return (
            f"looks like {self.row.id} ({self.distance} of 256 bits apart{turned},"
            f" {self.share:.0%} of the pictures)"
        )


def find(pictures: Pictures, home: Path | None = None) -> tuple[Match, ...]:
    """Outputs of this installation that look like these pictures, nearest first.

    Args:
        pictures: From `looked_up`.
        home: The installation's folder.

    Raises:
        ProvenanceError: The ledger cannot be read, or a row's fingerprints cannot.
    """
    if not pictures:
        return ()
    found = [
        match
        for row in ledger.rows(kind="output", home=home)
        if (match := _match(row, pictures)) is not None
    ]
    return tuple(sorted(found, key=lambda match: (match.distance, -match.row.seq)))


def find_file(path: Path, home: Path | None = None) -> tuple[Match, ...]:
    """Outputs of this installation that look like a file, nearest first.

    Raises:
        InputError: The file cannot be read.
        ProvenanceError: The ledger cannot be read, or a row's fingerprints cannot.
    """
    return find(looked_up(path), home)


def _match(row: LedgerRow, pictures: Pictures) -> Match | None:
    prints = prints_of(row)
    if not prints:
        return None
    listed = stack(one.bits for one in prints)
    looks = [_nearest(bits, listed) for _, bits in pictures]
    near = [number for number, (far, _, _) in enumerate(looks) if far <= MATCH_BITS]
    if not near:
        return None
    best = min(near, key=lambda number: looks[number][0])
    far, place, turned = looks[best]
    share = len(near) / len(looks)
    return Match(row, far, pictures[best][0], prints[place].second, turned, share)


def prints_of(row: LedgerRow) -> tuple[Print, ...]:
    """The fingerprints a row of an output holds, without those that tell nothing.

    Rows of versions that took none, or took them another way, have none.

    Raises:
        ProvenanceError: They cannot be read.
    """
    try:
        kept = json.loads(row.body).get("fingerprint") or {}
        if kept.get("scheme") != SCHEME:
            return ()
        return tuple(one for one in from_text(kept["pictures"]) if one.tells)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProvenanceError(
            f"the fingerprints of row {row.seq} cannot be read", "a row as it was written"
        ) from error


def _nearest(forms: Sequence[bytes], listed: NDArray[np.uint8]) -> tuple[int, int, bool]:
    """Distance of the nearest listed picture, its place, and whether it took a turn to be so."""
    best = (257, 0, False)
    for number, bits in enumerate(forms):
        far = apart(bits, listed)
        place = int(far.argmin())
        if far[place] < best[0]:
            best = (int(far[place]), place, number > 0)
    return best
