"""Moments of a target to be looked at: which, and the few frames around each that it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from masquerade.errors import UsageError
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames, read_image
from masquerade.media.shots import cuts
from masquerade.pipelines.clock import clock
from masquerade.pipelines.pieces import OVERLAP, Span
from masquerade.pipelines.takes import Shot
from masquerade.types import Frame

MOST: Final = 24
_AFTER: Final = 6  # frames behind, for the smoothing of landmarks
_USUAL_RATE: Final = 25


@dataclass(frozen=True, slots=True)
class Which:
    """Which moments of a target are wanted: named times, one of each shot, or so many.

    Attributes:
        at: Times counted from the first picture.
        shots: The middle of every shot.
        count: So many spread evenly, where neither of the others is given.
    """

    at: tuple[Fraction, ...] = ()
    shots: bool = False
    count: int = 4


@dataclass(frozen=True, slots=True)
class Stretch:
    """A moment with the frames of its shot shortly before and after, without their planes.

    Attributes:
        frames: In order of time, all of one shot.
        at: Index of the one to be shown.
    """

    frames: tuple[Frame, ...]
    at: int

    @property
    def frame(self) -> Frame:
        """The one to be shown."""
        return self.frames[self.at]

    @property
    def span(self) -> Span:
        """It alone, with its context."""
        pts = self.frame.pts
        return Span(pts, pts, self.frames[0].pts, self.frames[-1].pts)


def times_of(
    which: Which, length_s: Fraction, shots: Sequence[Shot], base: Fraction
) -> tuple[tuple[Fraction, ...], int]:
    """The wanted times, rising, at most `MOST`; and how many more there would be.

    Args:
        which: What is asked for.
        length_s: Of the target.
        shots: All of them, where they are asked for.
        base: Seconds per unit of their pts.

    Raises:
        UsageError: A time is after the end.
    """
    found = sorted(set(which.at))
    for one in found:
        if one >= max(length_s, Fraction(1, 1000)):
            raise UsageError(
                f"--at {clock(one)} is after the end", f"times before {clock(length_s)}"
            )
    if which.shots:
        start = shots[0].first
        middles = [((one.first + one.end) // 2 - start) * base for one in shots]
        found = sorted({*found, *middles})
    elif not found:
        share = length_s / (2 * which.count)
        found = [share * (2 * number + 1) for number in range(which.count)]
    return tuple(found[:MOST]), max(0, len(found) - MOST)


def read_stretch(info: MediaInfo, time_s: Fraction, start_pts: int) -> Stretch:
    """The frame that is shown at a time, with those around it that belong to its shot.

    Args:
        info: What `probe` said of the target.
        time_s: Counted from the first picture.
        start_pts: Pts of that.

    Raises:
        UsageError: There is no picture any more at that time.
        InputError: The file is of no use.
    """
    if info.kind == "still":
        return Stretch((read_image(info.path),), 0)
    wanted = start_pts + int(time_s // info.time_base)
    step = max(1, round(1 / ((info.frame_rate or _USUAL_RATE) * info.time_base)))
    first, last = wanted - (OVERLAP + 1) * step, wanted + (_AFTER + 1) * step
    shot: list[Frame] = []
    at = 0
    reading = read_frames(info.path, start_pts=max(first, start_pts), stop_pts=last)
    for frame, is_cut in cuts(replace(frame, planes=None) for frame in reading):
        if is_cut and shot:
            if frame.pts > wanted:
                break
            shot.clear()
        shot.append(frame)
        at = len(shot) - 1 if frame.pts <= wanted else at
    if not shot:
        raise UsageError(f"there is no picture at {clock(time_s)}", "an earlier time")
    return Stretch(tuple(shot), at)
