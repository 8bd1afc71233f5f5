"""Somebody known from a video: for each pose of the target, the moment at which they held it.

Efros et al., "Recognizing action at a distance" (ICCV 2003), "do as I do": the moments are chosen
by what they show and by how well they follow each other (Viterbi 1967), and what is left of a
difference is taken away by the same bones that move a puppet of one photo.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.figure import Shown, size_level, stepped
from masquerade.bodies.pose import (
    ANKLES,
    ELBOWS,
    EYES,
    HEELS,
    HIPS,
    INDICES,
    KNEES,
    LEFT_EAR,
    MOUTH,
    NOSE,
    PINKIES,
    RIGHT_EAR,
    SHOULDERS,
    THUMBS,
    TOES,
    WRISTS,
    Body,
)
from masquerade.bodies.puppet import Puppet
from masquerade.bodies.skeleton import BONES, NUMBER, build_of

_DESCRIBED: Final = (NOSE, *SHOULDERS, *ELBOWS, *WRISTS, *HIPS, *KNEES, *ANKLES)
_PAIRS: Final = (
    *(SHOULDERS, ELBOWS, WRISTS, PINKIES, INDICES, THUMBS),
    *(HIPS, KNEES, ANKLES, HEELS, TOES),
    *(EYES, MOUTH, (LEFT_EAR, RIGHT_EAR)),
)
_USUAL_TORSO_M: Final = 0.5
_DEEP: Final = 0.5  # how much depth counts, which the network knows less well
_TURN_M: Final = 0.5  # metres that a turn by a radian counts as
_JUMP_M: Final = 0.08  # what it costs to leave the course of the video
_SKIP_M: Final = 0.01  # what each moment costs by which it is left out, or held
_NEAR: Final = 3  # moments that still count as the course of the video
_MIRRORED_M: Final = 0.02  # what a mirrored moment costs
_KEPT: Final = 24  # puppets that are kept


@dataclass(frozen=True, slots=True)
class Moment:
    """One picture of the source.

    Attributes:
        shown: They in it.
        body: Their reading.
        mirrored: Whether it is turned left to right.
    """

    shown: Shown
    body: Body
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """Which moment goes with each pose.

    Attributes:
        moments: (n,) numbers of moments.
        apart_m: (n,) how far each is from the pose, in metres on the mean of the joints.
        jumps: How often the course of the video is left.
    """

    moments: NDArray[np.intp]
    apart_m: NDArray[np.float32]
    jumps: int


class VideoFigure:
    """Somebody known from moments of a video.

    Args:
        moments: In order of time, mirrored ones after all others.
        chosen: By pts of the target, the number of a moment.
    """

    def __init__(self, moments: Sequence[Moment], chosen: Mapping[int, int]) -> None:
        self._moments, self._chosen = moments, chosen
        self._build = build_of([one.body for one in moments])
        self._made: OrderedDict[tuple[int, int], Puppet] = OrderedDict()

    @property
    def build(self) -> NDArray[np.float32]:
        """(14,) float32 lengths of their bones in torsos."""
        return self._build

    def puppet(self, pts: int, torso_px: float) -> Puppet:
        """The puppet of the moment that goes with a moment of the target."""
        number, level = self._chosen[pts], size_level(torso_px)
        made = self._made.get((number, level))
        if made is None:
            made = self._moments[number].shown.puppet(stepped(level))
            self._made[number, level] = made
            if len(self._made) > _KEPT:
                self._made.popitem(last=False)
        self._made.move_to_end((number, level))
        return made


def mirrored(moment: Moment) -> Moment:
    """The same moment as in a mirror: left is right."""
    width = moment.shown.pixels.shape[1]
    bones = moment.shown.skeleton
    order = [NUMBER[_other_side(bone.name)] for bone in BONES]
    segments, corners = bones.segments[order].copy(), bones.corners[[1, 0, 3, 2]].copy()
    segments[..., 0] = width - 1 - segments[..., 0]
    corners[:, 0] = width - 1 - corners[:, 0]
    turned = replace(
        bones,
        segments=segments,
        corners=corners,
        depth=bones.depth[order],
        slant=bones.slant[order],
        seen=bones.seen[order],
    )
    shown = Shown(
        np.ascontiguousarray(moment.shown.pixels[:, ::-1]),
        np.ascontiguousarray(moment.shown.mask[:, ::-1]),
        turned,
    )
    metres = moment.body.metres.copy()
    for pair in _PAIRS:
        metres[list(pair)] = metres[list(pair)[::-1]]
    metres[:, 0] *= -1
    return Moment(shown, replace(moment.body, metres=metres), mirrored=True)


def course(moments: Sequence[Moment], poses: Sequence[Body]) -> Course:
    """The moments that go best with consecutive poses, and with each other.

    Args:
        moments: In order of time, mirrored ones after all others and in the same order.
        poses: Of consecutive frames of the target.
    """
    there = np.stack([described(one.body) for one in moments])
    wanted = np.stack([described(one) for one in poses])
    apart = np.stack([distance_m(there, one) for one in wanted])
    own = apart + _MIRRORED_M * np.array([one.mirrored for one in moments], np.float32)
    steps = _steps(moments)
    total, came = own[0].copy(), np.zeros(own.shape, np.intp)
    for row in range(1, len(own)):
        cost = total[:, None] + steps
        came[row] = np.argmin(cost, axis=0)
        total = own[row] + cost[came[row], np.arange(len(moments))]
    path = np.empty(len(own), np.intp)
    path[-1] = int(np.argmin(total))
    for row in range(len(own) - 1, 0, -1):
        path[row - 1] = came[row][path[row]]
    jumps = int((steps[path[:-1], path[1:]] >= _JUMP_M).sum())
    return Course(path, apart[np.arange(len(path)), path].astype(np.float32), jumps)


def described(body: Body) -> NDArray[np.float32]:
    """(k,) float32 a pose whatever the person's size: joints from the hips, and the turn."""
    real = body.metres - body.metres[list(HIPS)].mean(axis=0)
    torso = float(np.linalg.norm(real[list(SHOULDERS)].mean(axis=0)))
    real = real[list(_DESCRIBED)] * np.float32(_USUAL_TORSO_M / max(torso, 1e-3))
    real[:, 2] *= _DEEP
    across = body.metres[SHOULDERS[0]] - body.metres[SHOULDERS[1]]
    ears = body.metres[LEFT_EAR] - body.metres[RIGHT_EAR]
    turns = [part for one in (across, ears) for part in _direction(one)]
    return np.concatenate([real.ravel(), np.array(turns, np.float32) * _TURN_M])


def distance_m(there: NDArray[np.float32], one: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) metres on the mean of the joints, with turns, from described poses to one."""
    apart = (there - one).reshape(len(there), -1)
    joints = apart[:, : 3 * len(_DESCRIBED)].reshape(len(there), -1, 3)
    turns = apart[:, 3 * len(_DESCRIBED) :].reshape(len(there), 2, 2)
    moved = np.linalg.norm(joints, axis=-1).mean(axis=1)
    return np.asarray(moved + 0.25 * np.linalg.norm(turns, axis=-1).sum(axis=1), np.float32)


def detail(shown: Shown) -> float:
    """How much fine detail a person shows: the spread of the Laplacian within them."""
    grey = cv2.cvtColor(shown.pixels, cv2.COLOR_RGB2GRAY)
    inside = shown.mask > 200
    return float(cv2.Laplacian(grey, cv2.CV_32F)[inside].std()) if inside.any() else 0.0


def _steps(moments: Sequence[Moment]) -> NDArray[np.float32]:
    """(n, n) what it costs to go from one moment to another."""
    count = len(moments)
    index = np.arange(count)
    ahead = index[None, :] - index[:, None]
    side = np.array([one.mirrored for one in moments])
    near = (ahead >= 0) & (ahead <= _NEAR) & (side[None, :] == side[:, None])
    return np.where(near, _SKIP_M * np.abs(ahead - 1), _JUMP_M).astype(np.float32)


def _direction(across: NDArray[np.float32]) -> tuple[float, float]:
    """Cosine and sine of a turn from the camera."""
    angle = float(np.arctan2(across[2], across[0]))
    return float(np.cos(angle)), float(np.sin(angle))


def _other_side(name: str) -> str:
    if name.startswith("left "):
        return name.replace("left", "right")
    return name.replace("right", "left")
