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
_FAR: Final = (60, 40)  # frames before and after, of which some tell what a face looks like bare
_FAR_EVERY: Final = 5
_HELD_BYTES: Final = 512 * 2**20
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
        wide: The same with others of the shot, further away and not each of them, to learn from.
    """

    frames: tuple[Frame, ...]
    at: int
    wide: tuple[Frame, ...]

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
        frame = read_image(info.path)
        return Stretch((frame,), 0, (frame,))
    wanted = start_pts + int(time_s // info.time_base)
    step = max(1, round(1 / ((info.frame_rate or _USUAL_RATE) * info.time_base)))
    near = range(wanted - OVERLAP * step - step // 2, wanted + _AFTER * step + step // 2 + 1)
    wide = _shot_around(info, wanted, step, start_pts, near)
    frames = tuple(one for one in wide if one.pts in near)
    if not frames:
        raise UsageError(f"there is no picture at {clock(time_s)}", "an earlier time")
    at = max((n for n, one in enumerate(frames) if one.pts <= wanted), default=0)
    light = len(wide) * frames[0].pixels.nbytes <= _HELD_BYTES
    return Stretch(frames, at, tuple(wide) if light else frames)


def _shot_around(
    info: MediaInfo, wanted: int, step: int, start_pts: int, near: range
) -> list[Frame]:
    """Frames of the shot that a time lies in: all near it, and further away some."""
    first, last = wanted - _FAR[0] * step, wanted + (_FAR[1] + 1) * step
    shot: list[Frame] = []
    reading = read_frames(info.path, start_pts=max(first, start_pts), stop_pts=last)
    plain = (replace(frame, planes=None) for frame in reading)
    for number, (frame, is_cut) in enumerate(cuts(plain)):
        if is_cut:
            if frame.pts > wanted and shot:
                break
            shot.clear()
        if frame.pts in near or number % _FAR_EVERY == 0:
            shot.append(frame)
    return shot
