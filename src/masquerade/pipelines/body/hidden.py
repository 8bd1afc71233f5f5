"""Legs behind a desk, a wall or a car: the new person ends where the old one did.

What hides somebody throughout a shot is a part of the place, so nothing tells that it is in front;
but where the person ends above feet that are not seen, something is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.fitness import Concern
from masquerade.bodies.pose import ANKLES, HIPS, Body
from masquerade.bodies.skeleton import NUMBER, Skeleton, torso_px_of
from masquerade.bodies.track import BodyTrack
from masquerade.types import Generator, Mask, Miss, Patch, Window

_SEEN: Final = 0.5  # of a joint, the network's own odds
_THERE: Final = 0.3  # of a mask, from which somebody is there
_WIDE: Final = 0.6  # torsos to both sides of the hips that are looked at
_SHORT: Final = 0.3  # torsos above the feet that somebody ends, who goes on behind something
_AROUND: Final = 3  # frames to both sides that are asked as well
_EVEN: Final = 0.25  # torsos by which what hides them may be slanted
_SOFT_PX: Final = 2.0
_OFTEN: Final = 0.1  # of the frames, from which it is said

_LONG: Final = 0.8  # torsos, the least that a thigh or shin is when it hangs straight down
_LEGS: Final = ("thigh", "shin", "foot")

Below: TypeAlias = NDArray[np.float32]
"""(2, n) columns of a frame, rising, and the lowest row in each in which somebody is seen."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Where something hides somebody's legs.

    Attributes:
        ends: By pts, of the frames in which it does.
        share: Of all frames.
    """

    ends: dict[int, Below]
    share: float

    def concerns(self) -> tuple[Concern, ...]:
        """What is said of it."""
        if self.share < _OFTEN:
            return ()
        words = f"something hides the legs in {self.share:.0%} of the frames"
        return (Concern(f"{words}: the new person ends where the old one does"),)


def hidden_in(track: BodyTrack, height: int) -> Hidden:
    """Where something in the picture hides the legs of a person.

    Args:
        track: They, through a shot.
        height: Of its frames.
    """
    found = {pts: _end_of(track, pts, body, height) for pts, body in track.bodies.items()}
    times = list(found)
    ends: dict[int, Below] = {}
    for number, pts in enumerate(times):
        near = [found[one] for one in times[max(number - _AROUND, 0) : number + _AROUND + 1]]
        seen = [one for one in near if one is not None]
        if 2 * len(seen) > len(near):
            own = found[pts]
            ends[pts] = own if own is not None else seen[len(seen) // 2]
    return Hidden(ends, len(ends) / max(len(times), 1))


def hanging(bones: Skeleton, end: Below | None) -> Skeleton:
    """The same bones with legs straight down, as far as nobody sees how they are.

    Guessed legs may be bent in any way, so that a foot comes up over what hides them. A thigh whose
    knee is in sight stays as it is.

    Args:
        bones: As read.
        end: Where the person ends in that frame; None where nothing hides them.
    """
    if end is None:
        return bones
    segments, slant = bones.segments.copy(), bones.slant.copy()
    for side, hip in (("left", 2), ("right", 3)):
        at = bones.corners[hip]
        for part in _LEGS:
            number = NUMBER[f"{side} {part}"]
            start, tip = bones.segments[number]
            edge = float(np.interp(tip[0], end[0], end[1]))
            if part == "thigh" and float(bones.seen[number]) > _SEEN and float(tip[1]) < edge:
                at = tip
                continue
            least = 0.0 if part == "foot" else _LONG * bones.torso_px
            long = max(float(np.linalg.norm(tip - start)), least)
            down = at + np.array([0, long], np.float32)
            segments[number], slant[number], at = np.stack([at, down]), 0.0, down
    return replace(bones, segments=segments, slant=slant)


def behind(made: Generator, end: Callable[[int], Below | None]) -> Generator:
    """The same patches, without what something in the frame hides.

    Args:
        made: Draws them.
        end: Where somebody ends in the frame of a pts; None where nothing hides them.
    """

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        times: deque[int] = deque()

        def noted() -> Iterator[Window]:
            for window in windows:
                times.append(window.frame.pts)
                yield window

        for patches in made(noted()):
            ends = end(times.popleft())
            yield [_cut(one, ends) if isinstance(one, Patch) else one for one in patches]

    return generate


def _cut(patch: Patch, end: Below | None) -> Patch:
    if end is None:
        return patch
    x0, y0, x1, y1 = patch.box
    lowest = np.interp(np.arange(x0, x1), end[0], end[1]).astype(np.float32)
    rows = np.arange(y0, y1, dtype=np.float32)[:, None]
    open_: Mask = np.clip((lowest[None] + 1 - rows) / np.float32(_SOFT_PX) + 0.5, 0, 1)
    visible = open_ if patch.visible is None else np.minimum(patch.visible, open_)
    return replace(patch, visible=visible)


def _end_of(track: BodyTrack, pts: int, body: Body, height: int) -> Below | None:
    """Where somebody ends in a frame; None where feet are seen, or the picture ends before."""
    if float(body.seen[list(ANKLES)].max()) > _SEEN:
        return None
    torso = torso_px_of(body)
    hips, ankle = (
        body.joints[list(HIPS), :2].mean(axis=0),
        float(body.joints[list(ANKLES), 1].max()),
    )
    x0, x1 = round(float(hips[0]) - _WIDE * torso), round(float(hips[0]) + _WIDE * torso)
    top = round(float(hips[1]) - torso)
    if x1 - x0 < 2 or height - top < 2:
        return None
    there = track.cover(pts).in_box((x0, top, x1, height)) > _THERE
    columns = np.flatnonzero(there.any(axis=0))
    if not len(columns):
        return None
    lows = top + there.shape[0] - 1 - np.argmax(there[::-1, columns], axis=0)
    low = float(lows.max())
    if low > min(height - 3.0, ankle - _SHORT * torso):
        return None
    sure = lows > low - _EVEN * torso  # arms end elsewhere, and between legs there is a gap
    return np.stack([x0 + columns[sure], lows[sure]]).astype(np.float32)
