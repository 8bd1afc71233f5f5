"""What will go wrong with a shot or a photo, said before the work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from masquerade.bodies.plate import Plate
from masquerade.bodies.pose import ANKLES, TOES, WRISTS, Body
from masquerade.bodies.skeleton import NUMBER, skeleton_of, torso_px_of
from masquerade.bodies.track import BodyTrack

_SMALL_PX: Final = 36.0  # of a torso, below which nothing of a person can be told
_COARSE_PX: Final = 60.0
_TURNED_DEG: Final = 50.0
_BACK_DEG: Final = 120.0
_SEEN: Final = 0.5
_PLATE_DB: Final = 28.0
_BENT: Final = 0.6  # of a torso's length, seen shorter than which it leans at the camera


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that will be seen in the result.

    Attributes:
        words: What, in a sentence without a full stop.
        grave: Whether the shot is better left as it is.
    """

    words: str
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """How far a source was seen turned from the camera, in degrees."""

    least: float
    most: float

    def lacks(self, yaw_deg: float) -> bool:
        """Whether a turn is further from what was seen than a picture can be drawn for."""
        return not self.least - _TURNED_DEG < yaw_deg < self.most + _TURNED_DEG


def concerns_of_shot(
    track: BodyTrack,
    others: Sequence[BodyTrack],
    plate: Plate,
    size_wh: tuple[int, int],
    *,
    source: Range | None,
    lost: float,
) -> list[Concern]:
    """What will go wrong in a shot, the worst first.

    Args:
        track: Whoever is replaced.
        others: Everybody else in the shot.
        plate: The place without them.
        size_wh: Of its frames.
        source: How far the source was seen turned; None where no source is known yet, which
            counts as a picture from the front.
        lost: Share of frames in which the camera's movement could not be told.
    """
    bodies = list(track.bodies.values())
    found = [
        *_of_size(bodies),
        *_of_turns(bodies, source or Range(0.0, 0.0)),
        *_of_parts(bodies, size_wh),
        *_of_crossings(track, others),
        *_of_plate(track, plate, lost),
    ]
    return sorted(found, key=lambda one: not one.grave)


def concerns_of_photo(body: Body, size_wh: tuple[int, int]) -> list[Concern]:
    """What will go wrong with a photo of a source.

    Args:
        body: The person in it.
        size_wh: Of the photo.
    """
    found: list[Concern] = []
    if body.yaw_deg > _TURNED_DEG:
        found.append(
            Concern(f"the photo shows the person turned by {body.yaw_deg:.0f} degrees", grave=True)
        )
    if _cropped(body, size_wh):
        found.append(Concern("feet are not in the photo: legs will end where the photo does"))
    hidden = [name for name, one in _hands(body) if one < _SEEN]
    if hidden:
        found.append(Concern(f"{' and '.join(hidden)} cannot be seen in the photo"))
    if _arms_before_torso(body):
        found.append(Concern("an arm lies before the torso in the photo: it leaves a mark there"))
    return found


def _of_size(bodies: Sequence[Body]) -> list[Concern]:
    torso = float(np.median([torso_px_of(body) for body in bodies]))
    if torso < _SMALL_PX:
        return [Concern(f"the person is too small: a torso of {torso:.0f} pixels", grave=True)]
    if torso < _COARSE_PX:
        return [Concern(f"the person is small: a torso of {torso:.0f} pixels; hands will blur")]
    return []


def _of_turns(bodies: Sequence[Body], source: Range) -> list[Concern]:
    turns = [body.yaw_deg for body in bodies]
    low, high = np.percentile(turns, (5, 95))
    share = float(np.mean([source.lacks(yaw) for yaw in turns]))
    found = []
    if share > 0.05:
        found.append(
            Concern(
                f"the person turns {low:.0f} to {high:.0f} degrees from the camera, and the source"
                f" is seen from {source.least:.0f} to {source.most:.0f}: wrong in {share:.0%} of"
                " the frames",
                grave=share > 0.35,
            )
        )
    back = float(np.mean([yaw > _BACK_DEG for yaw in turns]))
    if back > 0.1 and source.most < _BACK_DEG - _TURNED_DEG:
        found.append(Concern(f"the back is seen in {back:.0%} of the frames", grave=back > 0.25))
    short = [_leaning(body) < _BENT for body in bodies]
    if np.mean(short) > 0.1:
        found.append(
            Concern(f"the person bends towards the camera in {np.mean(short):.0%} of the frames")
        )
    return found


def _of_parts(bodies: Sequence[Body], size_wh: tuple[int, int]) -> list[Concern]:
    found = []
    cropped = float(np.mean([_cropped(body, size_wh) for body in bodies]))
    if cropped > 0.1:
        found.append(
            Concern(f"feet are out of the picture in {cropped:.0%} of the frames: legs are guessed")
        )
    hidden = float(np.mean([min(one for _, one in _hands(body)) < _SEEN for body in bodies]))
    if hidden > 0.2:
        found.append(Concern(f"a hand is hidden in {hidden:.0%} of the frames: arms may jump"))
    return found


def _of_crossings(track: BodyTrack, others: Sequence[BodyTrack]) -> list[Concern]:
    crossed = sum(
        any(pts in other.bodies and _meet(body, other.bodies[pts]) for other in others)
        for pts, body in track.bodies.items()
    )
    share = crossed / len(track.bodies)
    if share <= 0.02:
        return []
    return [Concern(f"somebody else crosses in {share:.0%} of the frames", grave=share > 0.1)]


def _of_plate(track: BodyTrack, plate: Plate, lost: float) -> list[Concern]:
    found = []
    if lost > 0.1:
        found.append(
            Concern(f"the camera's movement cannot be told in {lost:.0%} of the frames", grave=True)
        )
    if plate.noise_db < _PLATE_DB:
        found.append(
            Concern(
                f"the place behind changes: {plate.noise_db:.0f} dB, {_PLATE_DB:.0f} are good",
                grave=plate.noise_db < _PLATE_DB - 6,
            )
        )
    unseen = unseen_share(track, plate)
    if unseen > 0.15:
        told = f"{unseen:.0%} of what lies behind the person is never seen, and painted in"
        found.append(Concern(told))
    return found


def unseen_share(track: BodyTrack, plate: Plate) -> float:
    """Share of what lies behind a person that no frame shows, over a few frames."""
    times = list(track.bodies)
    hidden = area = 0
    for pts in times[:: max(len(times) // 8, 1)]:
        x0, y0, x1, y1 = (round(edge) for edge in track.bodies[pts].box)
        height, width = plate.seen.shape
        box = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
        if box[2] - box[0] < 2 or box[3] - box[1] < 2:
            continue
        mask = track.cover(pts).in_box(box) > _SEEN
        _, seen = plate.at(pts, box)
        hidden += int((mask & ~seen).sum())
        area += int(mask.sum())
    return hidden / max(area, 1)


def _cropped(body: Body, size_wh: tuple[int, int]) -> bool:
    """Whether feet lie outside the picture, or cannot be seen."""
    feet = body.joints[[*ANKLES, *TOES], :2]
    outside = (feet[:, 1] > size_wh[1]) | (feet[:, 0] < 0) | (feet[:, 0] > size_wh[0])
    return bool(outside[:2].any()) or float(body.seen[list(ANKLES)].max()) < _SEEN


def _hands(body: Body) -> list[tuple[str, float]]:
    return [
        (f"the {side} hand", float(body.seen[joint]))
        for side, joint in zip(("left", "right"), WRISTS, strict=True)
    ]


def _leaning(body: Body) -> float:
    """Length of the torso as seen, by what it would be upright."""
    bones = skeleton_of(body)
    start, end = bones.segments[NUMBER["torso"]]
    return float(np.linalg.norm(end - start)) / bones.torso_px


def _arms_before_torso(body: Body) -> bool:
    left, right, low_left, low_right = skeleton_of(body).corners
    quad = np.stack([left, right, low_right, low_left]).astype(np.float32)
    return any(
        cv2.pointPolygonTest(quad, (float(x), float(y)), measureDist=False) > 0
        for x, y in body.joints[list(WRISTS), :2]
    )


def _meet(one: Body, other: Body) -> bool:
    """Whether two people's boxes overlap by a good part of the smaller one."""
    a, b = one.box, other.box
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return False
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return wide * high > 0.15 * min(areas)
