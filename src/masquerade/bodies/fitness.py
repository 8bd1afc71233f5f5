"""What will go wrong with a shot, a photo or a video of a source, said before the work.

Where nothing else is said, limits are those of the prototype's trials: a puppet of one picture
holds up to some 45 degrees of turn, and by eye results are not worth having beyond what is grave.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from masquerade.bodies.plate import Plate
from masquerade.bodies.pose import ANKLES, HIPS, KNEES, SHOULDERS, TOES, WRISTS, Body
from masquerade.bodies.skeleton import NUMBER, skeleton_of, torso_px_of
from masquerade.bodies.track import BodyTrack

SMALL_PX: Final = 36.0  # of a torso, below which nothing of a person can be told
_COARSE_PX: Final = 60.0  # below which a hand has fewer than ten pixels
_TURNED_DEG: Final = 50.0  # further than a source was seen, from which a picture is drawn wrongly
_OPENED_DEG: Final = 25.0  # the same towards the camera, of a source seen from the side: an arm
# that lay before the body and a half of the shirt are missing then
_BACK_DEG: Final = 120.0  # from the camera, from which it is the back that is seen
_SEEN: Final = 0.5  # of a joint, the network's own odds
PLATE_DB: Final = 28.0  # the bar of benchmarks.body for moving cameras
_PLATE_BAD_DB: Final = 22.0  # what a place is like that moves as trees in wind do
_BENT: Final = 0.6  # of a torso's length, seen shorter than which it leans at the camera
_SITS: Final = 0.35  # of a shin, that knees are lower than hips: less than that, somebody sits
_THIGH_AT_CAMERA: Final = 0.7  # of a thigh, that is depth: its picture is short and broad
_CLEAR: Final = 0.25  # of the shoulders' width, that wrists are beside the hips in an A-pose
_ONE_BEFORE: Final = 0.14  # torsos between the shins, half of what both are wide: less than that,
# each leg is drawn from a part of what is seen of both. 4 of 50 pictures of media/body are below
_ONE_HIDDEN: Final = 0.06  # the same, less than that, one leg is all that is seen of two
_OVERLAP: Final = 0.15  # of the smaller of two boxes, from which people meet
_OFTEN: Final = 0.1  # of the frames, from which something is said
_HANDS_OFTEN: Final = 0.2  # the same of hands, which are hidden now and then by anybody
_SOMETIMES: Final = 0.05  # the same of turns, which are seen at once
_CROSSED: Final = 0.02  # the same of somebody who crosses
_GRAVE_TURN: Final = 0.35  # of the frames, from which a shot is better left as it is
_GRAVE_BACK: Final = 0.25
_GRAVE_CROSSING: Final = 0.1
_GRAVE_CLOSE: Final = 0.3
_GRAVE_SEAT: Final = 0.5
_UNSEEN: Final = 0.15  # of the place behind, painted in, from which it is seen
_LOOKS: Final = 8  # frames at which the place behind is asked for
_FULL_DEG: Final = 60.0  # a source should be seen turned by so much to serve turning targets
_MOSTLY: Final = 0.5  # of the moments of a source, from which something is said
_FEW_MOMENTS: Final = 40  # of a source video; the guide asks for thirty seconds


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

    def words(self) -> str:
        """In degrees, one or two."""
        return degrees(self.least, self.most)

    def lacks(self, yaw_deg: float) -> bool:
        """Whether a turn is further from what was seen than a picture can be drawn for."""
        nearer = _OPENED_DEG if self.least > _TURNED_DEG else _TURNED_DEG
        return not self.least - nearer < yaw_deg < self.most + _TURNED_DEG


def degrees(least: float, most: float) -> str:
    """Two angles in words, as one where they are the same.

    Example:
        >>> degrees(1.2, 1.4), degrees(3.0, 40.0)
        ('1 degree', '3 to 40 degrees')
    """
    low, high = round(least), round(most)
    words = f"{low}" if low == high else f"{low} to {high}"
    return f"{words} degree{'' if low == high == 1 else 's'}"


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


def hopeless(bodies: Sequence[Body], size_wh: tuple[int, int], source: Range | None) -> str:
    """Why a shot is better left as it is, where each of a few moments says so; empty otherwise.

    Args:
        bodies: Whoever is replaced, at those moments.
        size_wh: Of its frames.
        source: As for `concerns_of_shot`; None: turns are not asked about.
    """

    def grave(looks: Sequence[Body]) -> list[str]:
        turns = _of_turns(looks, source) if source else []
        found = (*_of_size(looks), *turns, *_of_parts(looks, size_wh))
        return [one.words for one in found if one.grave]

    if not all(grave([body]) for body in bodies):
        return ""
    return next(iter(grave(bodies)), "")


def concerns_of_photo(body: Body, size_wh: tuple[int, int]) -> list[Concern]:
    """What will go wrong with a photo of a source.

    Args:
        body: The person in it.
        size_wh: Of the photo.
    """
    found: list[Concern] = []
    if body.yaw_deg > _TURNED_DEG:
        found.append(
            Concern(
                f"the photo shows the person turned by {body.yaw_deg:.0f} degrees: it serves where"
                f" the target's is turned by {body.yaw_deg - _OPENED_DEG:.0f} degrees or more"
            )
        )
    if _close_up(body, size_wh):
        found.append(
            Concern(
                "the photo shows head and shoulders only: hips, arms and legs would be made up",
                grave=True,
            )
        )
    elif _cropped(body, size_wh):
        found.append(Concern("feet are not in the photo: legs will end where the photo does"))
    if _sits(body):
        found.append(Concern("the person in the photo sits: legs cannot be stretched", grave=True))
    hidden = [name for name, one in _hands(body) if one < _SEEN]
    if hidden:
        found.append(Concern(f"{' and '.join(hidden)} cannot be seen in the photo"))
    if _arms_before_torso(body):
        found.append(Concern("an arm lies before the torso in the photo: it leaves a mark there"))
    if not _cropped(body, size_wh):
        found += _legs_together(body)
    return found


def concerns_of_video(bodies: Sequence[Body], size_wh: tuple[int, int]) -> list[Concern]:
    """What a video of a source lacks, held against what docs/body.md asks to film.

    Args:
        bodies: The person at its sharp moments.
        size_wh: Of its frames.
    """
    found = []
    if len(bodies) < _FEW_MOMENTS:
        found.append(Concern(f"only {len(bodies)} moments are sharp: film thirty seconds or more"))
    most = max(body.yaw_deg for body in bodies)
    if most < _FULL_DEG:
        found.append(Concern(f"the person is seen turned by {most:.0f} degrees at most: turn once"))
    for share, words in (
        (_share(bodies, lambda body: _close_up(body, size_wh)), "hips are out of the picture"),
        (_share(bodies, lambda body: _cropped(body, size_wh)), "feet are out of the picture"),
        (_share(bodies, _arms_before_torso), "an arm lies before the torso"),
    ):
        if share > _MOSTLY:
            found.append(Concern(f"{words} in {share:.0%} of the moments"))
    if not any(_stands_apart(body) for body in bodies):
        found.append(Concern("arms and legs are never seen apart: begin with arms held away"))
    return found


def _stands_apart(body: Body) -> bool:
    """Whether both wrists hang clear of the hips, both hands seen."""
    hips = body.joints[list(HIPS), 0]
    wide = max(float(np.ptp(body.joints[list(SHOULDERS), 0])), 1.0)
    wrists = body.joints[list(WRISTS), 0]
    apart = [float(np.abs(wrist - hips).min()) > _CLEAR * wide for wrist in wrists]
    return all(apart) and all(one > _SEEN for _, one in _hands(body))


def _share(bodies: Sequence[Body], holds: Callable[[Body], bool]) -> float:
    return float(np.mean([holds(body) for body in bodies]))


def _of_size(bodies: Sequence[Body]) -> list[Concern]:
    torso = float(np.median([torso_px_of(body) for body in bodies]))
    if torso < SMALL_PX:
        return [Concern(f"the person is too small: a torso of {torso:.0f} pixels", grave=True)]
    if torso < _COARSE_PX:
        return [Concern(f"the person is small: a torso of {torso:.0f} pixels; hands will blur")]
    return []


def _of_turns(bodies: Sequence[Body], source: Range) -> list[Concern]:
    turns = [body.yaw_deg for body in bodies]
    low, high = np.percentile(turns, (5, 95))
    share = float(np.mean([source.lacks(yaw) for yaw in turns]))
    found = []
    if share > _SOMETIMES:
        found.append(
            Concern(
                f"the person is turned {degrees(low, high)} from the camera, and the source is seen"
                f" turned {source.words()}: wrong in {share:.0%} of the frames",
                grave=share > _GRAVE_TURN,
            )
        )
    back = float(np.mean([yaw > _BACK_DEG for yaw in turns]))
    if back > _OFTEN and source.most < _BACK_DEG - _TURNED_DEG:
        found.append(
            Concern(f"the back is seen in {back:.0%} of the frames", grave=back > _GRAVE_BACK)
        )
    short = [_leaning(body) < _BENT for body in bodies]
    if np.mean(short) > _OFTEN:
        found.append(
            Concern(f"the person bends towards the camera in {np.mean(short):.0%} of the frames")
        )
    return found


def _of_parts(bodies: Sequence[Body], size_wh: tuple[int, int]) -> list[Concern]:
    found = []
    close = _share(bodies, lambda body: _close_up(body, size_wh))
    if close > _OFTEN:
        words = f"only head and shoulders are seen in {close:.0%} of the frames"
        found.append(Concern(words, grave=close > _GRAVE_CLOSE))
    seated, facing = _share(bodies, _sits), _share(bodies, _thighs_at_camera)
    if seated > _OFTEN:
        words = f"the person sits in {seated:.0%} of the frames: legs of a standing picture bend"
        found.append(Concern(words, grave=min(seated, facing) > _GRAVE_SEAT))
    cropped = legs_guessed(bodies, size_wh)
    if cropped > _OFTEN:
        found.append(Concern(f"feet are not seen in {cropped:.0%} of the frames: legs are guessed"))
    hidden = float(np.mean([min(one for _, one in _hands(body)) < _SEEN for body in bodies]))
    if hidden > _HANDS_OFTEN:
        found.append(Concern(f"a hand is hidden in {hidden:.0%} of the frames: arms may jump"))
    return found


def _of_crossings(track: BodyTrack, others: Sequence[BodyTrack]) -> list[Concern]:
    crossed = sum(
        any(pts in other.bodies and _meet(body, other.bodies[pts]) for other in others)
        for pts, body in track.bodies.items()
    )
    share = crossed / len(track.bodies)
    if share <= _CROSSED:
        return []
    return [
        Concern(
            f"somebody else crosses in {share:.0%} of the frames", grave=share > _GRAVE_CROSSING
        )
    ]


def _of_plate(track: BodyTrack, plate: Plate, lost: float) -> list[Concern]:
    found = []
    if lost > _OFTEN:
        found.append(
            Concern(f"the camera's movement cannot be told in {lost:.0%} of the frames", grave=True)
        )
    if plate.noise_db < PLATE_DB:
        found.append(
            Concern(
                f"the place behind changes: {plate.noise_db:.0f} dB, {PLATE_DB:.0f} are good",
                grave=plate.noise_db < _PLATE_BAD_DB,
            )
        )
    unseen = unseen_share(track, plate)
    if unseen > _UNSEEN:
        told = f"{unseen:.0%} of what lies behind the person is never seen, and painted in"
        found.append(Concern(told))
    return found


def unseen_share(track: BodyTrack, plate: Plate) -> float:
    """Share of what lies behind a person that no frame shows, over a few frames."""
    times = list(track.bodies)
    hidden = area = 0
    for pts in times[:: max(len(times) // _LOOKS, 1)]:
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


def legs_guessed(bodies: Sequence[Body], size_wh: tuple[int, int]) -> float:
    """Share of the frames of a shot in which feet lie outside the picture, or cannot be seen.

    Args:
        bodies: Somebody through it.
        size_wh: Of its frames.
    """
    return _share(bodies, lambda body: _cropped(body, size_wh))


def _cropped(body: Body, size_wh: tuple[int, int]) -> bool:
    """Whether feet lie outside the picture, or cannot be seen."""
    feet = body.joints[[*ANKLES, *TOES], :2]
    outside = (feet[:, 1] > size_wh[1]) | (feet[:, 0] < 0) | (feet[:, 0] > size_wh[0])
    return bool(outside[:2].any()) or float(body.seen[list(ANKLES)].max()) < _SEEN


def _close_up(body: Body, size_wh: tuple[int, int]) -> bool:
    """Whether hips lie outside the picture: the network makes up what it does not see."""
    hips = body.joints[list(HIPS), :2]
    outside = (hips[:, 1] > size_wh[1]) | (hips[:, 0] < 0) | (hips[:, 0] > size_wh[0])
    return bool(outside.all())


def _sits(body: Body) -> bool:
    """Whether knees are hardly lower than hips, measured by the shins."""
    real = body.metres
    shin = float(np.linalg.norm(real[list(KNEES)] - real[list(ANKLES)], axis=1).mean())
    lower = real[list(KNEES), 1] - real[list(HIPS), 1]
    return bool((lower < _SITS * shin).all())


def _thighs_at_camera(body: Body) -> bool:
    slant = skeleton_of(body).slant[[NUMBER["left thigh"], NUMBER["right thigh"]]]
    return bool(slant.min() > _THIGH_AT_CAMERA)


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


def _legs_together(body: Body) -> list[Concern]:
    """Whether one shin hides about half of the other, or all of it."""
    along = np.linspace(0, 1, 9, dtype=np.float32)[:, None]
    knees, ankles = body.joints[list(KNEES), :2], body.joints[list(ANKLES), :2]
    left, right = (knee + (end - knee) * along for knee, end in zip(knees, ankles, strict=True))
    nearest = np.linalg.norm(left[:, None] - right[None], axis=2).min(axis=1)
    apart = float(np.median(nearest)) / torso_px_of(body)
    if apart >= _ONE_BEFORE:
        return []
    hidden = apart < _ONE_HIDDEN
    how = "is hidden by" if hidden else "lies before"
    words = (
        f"one leg {how} the other in the photo: knees and shins will be torn where the target's"
        " legs are apart; use a photo with legs apart"
    )
    return [Concern(words, grave=hidden)]


def _meet(one: Body, other: Body) -> bool:
    """Whether two people's boxes overlap by a good part of the smaller one."""
    a, b = one.box, other.box
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return False
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return wide * high > _OVERLAP * min(areas)
