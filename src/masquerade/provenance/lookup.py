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
    listed = _listed(home)
    if not pictures or listed is None:
        return ()
    nearest = [_nearest(bits, listed) for _, bits in pictures]
    near = [one.far <= MATCH_BITS for one in nearest]
    counts = np.sum(near, axis=0)
    best = np.argmin([one.far for one in nearest], axis=0)
    found = []
    for number in np.flatnonzero(counts).tolist():
        picture = int(best[number])
        at = nearest[picture]
        output = listed.prints[int(at.place[number])]
        share = int(counts[number]) / len(pictures)
        far, turned = int(at.far[number]), bool(at.turned[number])
        row, second = listed.rows[number], pictures[picture][0]
        found.append(Match(row, far, second, output.second, turned, share))
    return tuple(sorted(found, key=lambda match: (match.distance, -match.row.seq)))


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


@dataclass(frozen=True, slots=True)
class _Listed:
    """All that can be found: rows, where the prints of each begin, prints, and their bits."""

    rows: tuple[LedgerRow, ...]
    starts: NDArray[np.int64]
    prints: tuple[Print, ...]
    bits: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Nearest:
    """For each row, shape (R,): bits to its nearest print, that print, whether it took a turn."""

    far: NDArray[np.int64]
    place: NDArray[np.int64]
    turned: NDArray[np.bool_]


def _listed(home: Path | None) -> _Listed | None:
    """What the ledger holds to compare with; None where that is nothing."""
    rows: list[LedgerRow] = []
    starts: list[int] = []
    prints: list[Print] = []
    for row in ledger.rows(kind="output", home=home):
        if held := prints_of(row):
            rows.append(row)
            starts.append(len(prints))
            prints += held
    if not rows:
        return None
    bits = stack(one.bits for one in prints)
    return _Listed(tuple(rows), np.array(starts, np.int64), tuple(prints), bits)


def _nearest(forms: Sequence[bytes], listed: _Listed) -> _Nearest:
    """The nearest print of every row to any form of a picture; all rows are compared at once."""
    # One number a print that is least where the distance is, then the form, then the place.
    least = np.full(len(listed.bits), np.iinfo(np.int64).max)
    for number, bits in enumerate(forms):
        np.minimum(least, apart(bits, listed.bits) * len(forms) + number, out=least)
    order = least * len(least) + np.arange(len(least))
    place = np.minimum.reduceat(order, listed.starts) % len(least)
    far, form = np.divmod(least[place], len(forms))
    return _Nearest(far, place, form > 0)
