"""Where somebody may be while nobody follows them: near where they were, and not gone.

A frame in which a person is lost from sight in the middle of the picture shows no empty place. Who
was lost at its left or right side has left.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import numpy as np

from masquerade.bodies.track import BodyTrack
from masquerade.types import PixelBox

_ROOM: Final = 0.3  # of a person's height, around where they were, in which they may be
_SIDE: Final = 0.02  # of a frame's width, within which somebody is leaving it


def may_be(track: BodyTrack, pts: int, size_wh: tuple[int, int]) -> tuple[PixelBox, ...]:
    """Parts of a frame in which a person may be whom nobody follows in it.

    Args:
        track: The person, through a shot.
        pts: Of the frame.
        size_wh: Its width and height in pixels.

    Returns:
        Around where they were last and where they are next; nothing where they are followed then,
        or have left at a side.
    """
    if pts in track.bodies:
        return ()
    times = sorted(track.bodies)
    at = bisect_left(times, pts)
    found = (_around(track, one, size_wh) for one in times[max(at - 1, 0) : at + 1])
    return tuple(one for one in found if one is not None)


def _around(track: BodyTrack, pts: int, size_wh: tuple[int, int]) -> PixelBox | None:
    """Around a person in a frame, with room; None where they are at its side, or not seen."""
    corners = track.cover(pts).corners()
    if not len(corners):
        return None
    (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    width, height = size_wh
    if x0 < _SIDE * width or x1 > (1 - _SIDE) * width:
        return None
    room = _ROOM * (y1 - y0)
    low, high = np.floor([x0 - room, y0 - room]), np.ceil([x1 + room, y1 + room])
    return (
        max(int(low[0]), 0),
        max(int(low[1]), 0),
        min(int(high[0]), width),
        min(int(high[1]), height),
    )
