"""People followed through a shot, their joints steadied.

The crop of each frame follows from the frame before, so that the detector is asked now and then
only. Whoever was lost is taken up again where they are found near by soon, and wear what they did;
anybody else is somebody new. Joints are smoothed by a local parabola (Savitzky and Golay,
"Smoothing and differentiation of data", 1964), which leaves quick movements their height; depth,
which trembles more, over a longer time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.centred import centred
from masquerade.bodies.outfit import ALIKE, Outfit, alike, outfit_of
from masquerade.bodies.pose import (
    LIMBS,
    Affine,
    Body,
    BodyReader,
    find_bodies,
    read_with_mask,
    same_person,
)
from masquerade.types import Frame, Mask, PixelBox, Points

LOOK_EVERY: Final = 12  # frames between two searches for people who came in
_SPAN: Final = 7  # frames
_DEEP_SPAN: Final = 13
_THERE: Final = 0.1  # of a mask, from which somebody is there
_LEAST: Final = 5  # frames in which somebody must be seen to count
_JUMP: Final = 0.6  # of a person's height, more than which nobody moves between two frames
_GAP: Final = 12  # frames somebody may be out of sight and still be the same person
_BLINK: Final = 2  # frames that nobody takes another's place in
_CHECK_EVERY: Final = 6  # frames between two looks at what somebody wears
_SIZE: Final = 1.5  # times as large as before, more than which nobody comes back as


@dataclass(frozen=True, slots=True)
class BodyTrack:
    """One person through one shot.

    Attributes:
        number: Counted from the left over the shot, from 0.
        bodies: By pts, steadied.
        packed: By pts, which pixels of a crop are theirs, as PNG.
        crops: By pts, where that crop lies.
        starts: Pts from which they were followed without a gap, each up to the next one: between
            two stretches it is their clothes that tell them again.
        wears: What they wear; None where nobody looked.
    """

    number: int
    bodies: dict[int, Body]
    packed: dict[int, bytes]
    crops: dict[int, Affine]
    starts: tuple[int, ...] = ()
    wears: Outfit | None = None

    def stretches(self) -> list[tuple[int, int]]:
        """First and last pts of each time in which they were followed without a gap."""
        times = list(self.bodies)
        first = [times[0], *(pts for pts in self.starts if times[0] < pts <= times[-1])]
        cuts = [bisect_left(times, pts) for pts in first]
        ends = [*(cut - 1 for cut in cuts[1:]), len(times) - 1]
        return [(times[a], times[b]) for a, b in zip(cuts, ends, strict=True)]

    def cover(self, pts: int) -> Cover:
        """Which pixels of a frame are theirs."""
        data = np.frombuffer(self.packed[pts], np.uint8)
        mask = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.float32) / np.float32(255)
        return Cover(mask, self.crops[pts])

    @property
    def height_px(self) -> float:
        """Median height in pixels."""
        return float(np.median([body.height_px for body in self.bodies.values()]))


@dataclass(frozen=True, slots=True)
class Cover:
    """Which pixels of a frame are one person.

    Attributes:
        mask: (256, 256) float32 in [0, 1], of a crop.
        crop_from_frame: (2, 3) where that lies.
    """

    mask: Mask
    crop_from_frame: Affine

    @property
    def size_px(self) -> float:
        """Square root of the area that is theirs, in pixels of the frame."""
        scale = float(np.hypot(self.crop_from_frame[0, 0], self.crop_from_frame[1, 0]))
        return float(np.sqrt(self.mask.sum())) / max(scale, 1e-6)

    def in_frame(self, shape_hw: tuple[int, int]) -> Mask:
        """(H, W) float32 in [0, 1] the same over the whole frame."""
        return self.in_box((0, 0, shape_hw[1], shape_hw[0]))

    def in_box(self, box: PixelBox) -> Mask:
        """(h, w) float32 in [0, 1] the same over a part of the frame."""
        x0, y0, x1, y1 = box
        crop_from_box = self.crop_from_frame.copy()
        crop_from_box[:, 2] += self.crop_from_frame[:, :2] @ np.array([x0, y0], np.float64)
        box_from_crop = cv2.invertAffineTransform(crop_from_box)
        wide = cv2.warpAffine(self.mask, box_from_crop, (x1 - x0, y1 - y0), flags=cv2.INTER_LINEAR)
        return np.asarray(wide, np.float32)

    def corners(self) -> Points:
        """(4, 2) float32 of a box around the person in the crop, in frame pixels; or nothing."""
        rows = np.flatnonzero(self.mask.max(axis=1) > _THERE)
        columns = np.flatnonzero(self.mask.max(axis=0) > _THERE)
        if not len(rows):
            return np.empty((0, 2), np.float32)
        (left, right), (top, low) = columns[[0, -1]], rows[[0, -1]]
        box = np.array([[left, top], [right, top], [right, low], [left, low]], np.float64)
        back = cv2.invertAffineTransform(self.crop_from_frame)
        return np.asarray(box @ back[:, :2].T + back[:, 2], np.float32)


See: TypeAlias = Callable[[Frame, tuple[Cover, ...]], None]
"""Told of each frame, and of the pixels of everybody who is followed."""


@dataclass(slots=True)
class _Trail:
    bodies: dict[int, Body] = field(default_factory=dict)
    covers: dict[int, bytes] = field(default_factory=dict)
    crops: dict[int, Affine] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    last: Body | None = None
    missed: int = 0
    wears: Outfit | None = None
    sure: int = 0  # pts at which they were last seen to wear it
    over: bool = False

    def let_go(self) -> None:
        """Ends it; what was noted since they were last sure to be the same is not theirs."""
        for pts in [pts for pts in self.bodies if pts > self.sure]:
            del self.bodies[pts], self.covers[pts], self.crops[pts]
        self.over = True


def track_bodies(
    frames: Iterable[Frame], reader: BodyReader, *, see: See | None = None
) -> list[BodyTrack]:
    """Everybody who is seen in a shot, from left to right.

    Args:
        frames: Of one shot, in order of time.
        reader: The loaded networks.
        see: Told of each frame as it goes by.
    """
    trails: list[_Trail] = []
    count = 0
    for count, frame in enumerate(frames, 1):
        lost = [_follow(trail, frame, reader) for trail in trails].count(False)
        met = _part(trails, frame.pts)
        if met or (count - 1) % _CHECK_EVERY == 0:
            _check(trails, frame)
        if (count - 1) % LOOK_EVERY == 0 or (lost and count % 3 == 0):
            _welcome(trails, frame, reader)
        if see:
            see(frame, tuple(_covers(trails, frame.pts)))
    kept = [one for one in _joined(trails) if len(one.bodies) >= min(_LEAST, count)]
    kept.sort(key=_place_of)
    return [_track(number, trail) for number, trail in enumerate(kept)]


def _track(number: int, trail: _Trail) -> BodyTrack:
    whole = BodyTrack(
        number, trail.bodies, trail.covers, trail.crops, tuple(trail.starts), trail.wears
    )
    bodies: dict[int, Body] = {}
    for first, last in whole.stretches():
        part = {pts: one for pts, one in trail.bodies.items() if first <= pts <= last}
        bodies |= zip(part, steadied(list(part.values())), strict=True)
    return replace(whole, bodies=bodies)


def _covers(trails: Iterable[_Trail], pts: int) -> Iterable[Cover]:
    for one in trails:
        if pts in one.bodies:
            yield BodyTrack(0, {}, one.covers, one.crops).cover(pts)


def steadied(bodies: list[Body]) -> list[Body]:
    """The same people in consecutive frames, their joints smoothed through time."""
    if len(bodies) < 3:
        return bodies
    joints = np.stack([body.joints for body in bodies])
    metres = np.stack([body.metres for body in bodies])
    smooth = savgol(joints, _SPAN)
    smooth[..., 2] = savgol(joints[..., 2], _DEEP_SPAN)
    real = savgol(metres, _SPAN)
    real[..., 2] = savgol(metres[..., 2], _DEEP_SPAN)
    seen = savgol(np.stack([body.seen for body in bodies]), _SPAN).clip(0, 1)
    return [
        replace(body, joints=a, metres=b, seen=c)
        for body, a, b, c in zip(bodies, smooth, real, seen, strict=True)
    ]


def savgol(values: NDArray[np.float32], span: int) -> NDArray[np.float32]:
    """(n, ...) values through time, each replaced by the parabola fitted around it.

    Args:
        values: (n, ...) float32, evenly spaced in time.
        span: How many values a fit takes; fewer where there are fewer.
    """
    count = len(values)
    span = min(span, count - 1 + count % 2)
    if span < 5:
        return values.copy()
    half = span // 2
    out = np.empty_like(values)
    for index in range(count):
        start = min(max(index - half, 0), count - span)
        out[index] = np.tensordot(_weights(span, index - start), values[start : start + span], 1)
    return out


def _weights(span: int, at: int) -> NDArray[np.float32]:
    """(span,) what a fitted parabola's value at a place takes of each of the values."""
    powers = np.vander(np.arange(span, dtype=np.float64) - at, 3, increasing=True)
    return np.asarray(np.linalg.pinv(powers)[0], np.float32)


def _follow(trail: _Trail, frame: Frame, reader: BodyReader) -> bool:
    """Looks where the person was; notes where they are; False where they are lost."""
    if trail.last is None or trail.over or trail.missed > _GAP:
        return True
    body, mask, crop = read_with_mask(frame.pixels, trail.last.place, reader)
    if body is None or _apart(body, trail.last) > _JUMP * trail.last.height_px:
        trail.missed += 1
        return False
    if trail.missed and not _is_theirs(trail, outfit_of(frame.pixels, body)):
        trail.let_go()
        return False
    _note(trail, frame.pts, body, Cover(mask, crop))
    return True


def _is_theirs(trail: _Trail, wears: Outfit) -> bool:
    """Whether somebody who is seen wears what a trail's person does, and is as large."""
    if trail.wears is None:
        return False
    apart = max(wears.torso_px, 1.0) / max(trail.wears.torso_px, 1.0)
    return alike(trail.wears, wears) >= ALIKE and 1 / _SIZE < apart < _SIZE


def _check(trails: Iterable[_Trail], frame: Frame) -> None:
    """Ends the trails that have gone over to somebody who wears something else."""
    for trail in trails:
        body = trail.bodies.get(frame.pts)
        if body is None or trail.over:
            continue
        wears = outfit_of(frame.pixels, body)
        if trail.wears is None:
            trail.wears, trail.sure = wears, frame.pts
        elif _is_theirs(trail, wears):
            trail.wears, trail.sure = trail.wears.taken_up(wears), frame.pts
        else:
            trail.let_go()


def _note(trail: _Trail, pts: int, body: Body, cover: Cover) -> None:
    if trail.missed > _BLINK or not trail.starts:
        trail.starts.append(pts)
    grey = np.rint(cover.mask * 255).astype(np.uint8)
    trail.bodies[pts] = centred(body, cover.mask, cover.crop_from_frame)
    trail.crops[pts] = cover.crop_from_frame
    trail.covers[pts] = cv2.imencode(".png", grey)[1].tobytes()
    trail.last, trail.missed = body, 0


def _part(trails: list[_Trail], pts: int) -> bool:
    """Two trails that have come to lie on one person: the younger one lets go; whether any have."""
    met = False
    for index, trail in enumerate(trails):
        for other in trails[:index]:
            one, two = trail.bodies.get(pts), other.bodies.get(pts)
            if one is not None and two is not None and same_person(one, two):
                del trail.bodies[pts], trail.covers[pts], trail.crops[pts]
                trail.missed += 1
                met = True
                break
    return met


def _welcome(trails: list[_Trail], frame: Frame, reader: BodyReader) -> None:
    """Takes up whoever is seen and not followed yet, or was lost a moment ago."""
    for body in find_bodies(frame.pixels, reader):
        here = (trail.bodies.get(frame.pts) for trail in trails)
        if any(one is not None and same_person(one, body) for one in here):
            continue
        wears = outfit_of(frame.pixels, body)
        lost = [one for one in trails if _may_be_back(one, frame.pts, body, wears)]
        near = min(lost, key=lambda one: _apart(body, one.last), default=None)
        if near is None:
            near = _Trail(wears=wears, sure=frame.pts)
            trails.append(near)
        seen, mask, crop = read_with_mask(frame.pixels, body.place, reader)
        _note(near, frame.pts, seen or body, Cover(mask, crop))


def _may_be_back(trail: _Trail, pts: int, body: Body, wears: Outfit) -> bool:
    """Whether a trail that was lost a moment ago goes on with somebody who is seen now."""
    if trail.over or pts in trail.bodies or trail.missed > _GAP:
        return False
    return _apart(body, trail.last) <= _JUMP * body.height_px and _is_theirs(trail, wears)


def _joined(trails: list[_Trail]) -> list[_Trail]:
    """Trails in order of time, each put to the end of that of the one person dressed alike before.

    Where two before it are dressed alike, nobody can tell, and it stays by itself.
    """
    people: list[_Trail] = []
    for trail in sorted((one for one in trails if one.bodies), key=lambda one: min(one.bodies)):
        wears = trail.wears
        before = [one for one in people if wears and one.wears and alike(one.wears, wears) >= ALIKE]
        if len(before) == 1 and max(before[0].bodies) < min(trail.bodies):
            _append(before[0], trail)
        else:
            people.append(trail)
    return people


def _append(one: _Trail, later: _Trail) -> None:
    one.bodies |= later.bodies
    one.covers |= later.covers
    one.crops |= later.crops
    one.starts = sorted({*one.starts, *later.starts, min(later.bodies)})


def _apart(one: Body, other: Body | None) -> float:
    if other is None:
        return float("inf")
    apart = np.linalg.norm((one.joints - other.joints)[list(LIMBS), :2], axis=1)
    return float(np.median(apart))


def _place_of(trail: _Trail) -> float:
    """Where somebody is on the mean, from left to right."""
    return float(np.mean([body.joints[:, 0].mean() for body in trail.bodies.values()]))
