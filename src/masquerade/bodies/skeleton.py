"""Bones between joints: what moves a puppet, and how one person's motion fits another's build.

Lengths and thicknesses are in units of the torso (middle of the hips to middle of the shoulders),
so that they hold for a person of any size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.pose import (
    ANKLES,
    ELBOWS,
    EYES,
    HIPS,
    INDICES,
    KNEES,
    LEFT_EAR,
    MOUTH,
    NOSE,
    PINKIES,
    RIGHT_EAR,
    SHOULDERS,
    TOES,
    WRISTS,
    Body,
)

Segments: TypeAlias = NDArray[np.float32]


class Layer(StrEnum):
    """A part of the body that moves in front of or behind the others as one."""

    TORSO = "torso"
    LEFT_ARM = "left arm"
    RIGHT_ARM = "right arm"
    LEFT_LEG = "left leg"
    RIGHT_LEG = "right leg"


@dataclass(frozen=True, slots=True)
class Bone:
    """One bone.

    Attributes:
        name: Of the bone.
        layer: Which part it moves.
        radius: How thick the body is around it, in torsos.
        stretches: Whether it takes on the other person's length along itself; heads, hands and
            feet keep their shape.
        core: How far around it nothing else has a say, in torsos.
    """

    name: str
    layer: Layer
    radius: float
    stretches: bool = True
    core: float = 0.0


BONES: Final = (
    Bone("torso", Layer.TORSO, 0.36),
    Bone("head", Layer.TORSO, 0.30, stretches=False, core=0.24),
    *(
        Bone(f"{side} {part}", layer, radius, stretches)
        for side, arm, leg in (
            ("left", Layer.LEFT_ARM, Layer.LEFT_LEG),
            ("right", Layer.RIGHT_ARM, Layer.RIGHT_LEG),
        )
        for part, layer, radius, stretches in (
            ("upper arm", arm, 0.14, True),
            ("forearm", arm, 0.13, True),
            ("hand", arm, 0.17, False),
            ("thigh", leg, 0.19, True),
            ("shin", leg, 0.14, True),
            ("foot", leg, 0.14, False),
        )
    ),
)
NUMBER: Final = {bone.name: number for number, bone in enumerate(BONES)}
_CROWN: Final = 0.42  # torsos from the middle of the ears to the top of the head
_NECK: Final = 0.5  # how far a head points away from the neck, beside how its face does
_FINGERS: Final = 1.9  # of the way from wrist to knuckles, to the finger tips
_TOES: Final = 1.15
_RATIO: Final = (0.72, 1.38)  # how far a limb may be lengthened for another person's build
_JOINED: Final = (
    (SHOULDERS, ELBOWS),
    (ELBOWS, WRISTS),
    (WRISTS, INDICES),
    (HIPS, KNEES),
    (KNEES, ANKLES),
    (ANKLES, TOES),
)
_WIDEST: Final = 1.25  # times as wide as in the picture, a torso at most
_BENT: Final = 0.8  # radians that a hand or a foot is bent further than in the picture, at most
_HEAD: Final = (0.52, 0.72)  # torsos, least width and height of a head
_ABOVE: Final = 0.08  # torsos from the middle of the features up to the middle of the head
_ALIKE: Final = 0.1  # of a length, within which two builds cannot be told apart
_ARMS: Final = ("upper arm", "forearm", "hand")
_LEGS: Final = ("thigh", "shin", "foot")


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Bones of one person in one picture.

    Attributes:
        segments: (14, 2, 2) float32 from where to where each of `BONES` goes, in pixels.
        corners: (4, 2) float32 left and right shoulder, left and right hip.
        depth: (14,) float32 metres behind the middle of the hips, of each bone's middle.
        slant: (14,) float32 in [0, 1] how far each points at the camera or away from it.
        seen: (14,) float32 in [0, 1] how surely each is in sight.
        torso_px: Length of the torso as it would be seen upright, in pixels.
    """

    segments: Segments
    corners: NDArray[np.float32]
    depth: NDArray[np.float32]
    slant: NDArray[np.float32]
    seen: NDArray[np.float32]
    torso_px: float


def skeleton_of(body: Body) -> Skeleton:
    """The bones of a person, as read."""
    xy, torso_px = body.joints[:, :2], torso_px_of(body)
    hips, neck = _mean(xy, HIPS), _mean(xy, SHOULDERS)
    ears = _mean(xy, (LEFT_EAR, RIGHT_EAR))
    face = _mean(xy, EYES) - _mean(xy, MOUTH)  # up in every view, however the torso leans
    up = _unit(_unit(face) + _NECK * _unit(ears * 0.7 + xy[NOSE] * 0.3 - neck))
    segments = [
        np.stack([hips, neck]),
        np.stack([ears - up * float(np.linalg.norm(ears - neck)), ears + up * _CROWN * torso_px]),
    ]
    pairs: list[tuple[int, ...]] = [(*HIPS, *SHOULDERS), (LEFT_EAR, RIGHT_EAR)]
    for side in (0, 1):
        segments += _limbs(xy, side)
        pairs += [(one[side], two[side]) for one, two in _JOINED]
    depth = [float(body.metres[list(joints), 2].mean()) for joints in pairs]
    slant = [_slant(body.metres, joints[0], joints[-1]) for joints in pairs]
    seen = [float(body.seen[list(joints)].min()) for joints in pairs]
    return Skeleton(
        np.stack(segments).astype(np.float32),
        xy[[*SHOULDERS, *HIPS]].astype(np.float32),
        np.array(depth, np.float32),
        np.array(slant, np.float32),
        np.array(seen, np.float32),
        torso_px,
    )


def _limbs(xy: NDArray[np.float32], side: int) -> list[NDArray[np.float32]]:
    """The six bones of an arm and a leg, (2, 2) each, in the order of `BONES`."""
    shoulder, elbow, wrist = (xy[one[side]] for one in (SHOULDERS, ELBOWS, WRISTS))
    knuckles = (xy[INDICES[side]] + xy[PINKIES[side]]) / 2
    hip, knee, ankle = (xy[one[side]] for one in (HIPS, KNEES, ANKLES))
    return [
        np.stack([shoulder, elbow]),
        np.stack([elbow, wrist]),
        np.stack([wrist, wrist + (knuckles - wrist) * _FINGERS]),
        np.stack([hip, knee]),
        np.stack([knee, ankle]),
        np.stack([ankle, ankle + (xy[TOES[side]] - ankle) * _TOES]),
    ]


def px_per_metre(body: Body) -> float:
    """Pixels of a metre at the person's distance, by least squares over all joints."""
    flat, real = body.joints[:, :2], body.metres[:, :2]
    flat, real = flat - flat.mean(axis=0), real - real.mean(axis=0)
    return float((flat * real).sum() / max(float((real * real).sum()), 1e-6))


def torso_px_of(body: Body) -> float:
    """Length of the torso in pixels as it would be seen upright and from the front."""
    real = _mean(body.metres, SHOULDERS) - _mean(body.metres, HIPS)
    return max(px_per_metre(body) * float(np.linalg.norm(real)), 1.0)


def head_box(body: Body) -> tuple[float, float, float, float]:
    """Around a head, xyxy in pixels of the picture: eyes, ears, nose and mouth, and hair above."""
    face = body.joints[: 1 + max(MOUTH), :2]
    (x0, y0), (x1, y1) = face.min(axis=0).tolist(), face.max(axis=0).tolist()
    torso = torso_px_of(body)
    wide, high = max(_HEAD[0] * torso, x1 - x0) / 2, max(_HEAD[1] * torso, y1 - y0) / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2 - _ABOVE * torso
    return x - wide, y - high, x + wide, y + high


def build_of(bodies: list[Body]) -> NDArray[np.float32]:
    """(14,) float32 lengths of somebody's bones in torsos, left and right alike.

    Args:
        bodies: Readings of the same person; the median counts.
    """
    found = np.median([_lengths(body) for body in bodies], axis=0)
    both = np.asarray(found, np.float32)
    for part in (*_ARMS, *_LEGS):
        pair = [NUMBER[f"left {part}"], NUMBER[f"right {part}"]]
        both[pair] = both[pair].mean()
    return both


def retarget(
    skeleton: Skeleton, theirs: NDArray[np.float32], mine: NDArray[np.float32]
) -> Skeleton:
    """The same pose for another build, on the same ground.

    Limbs keep their directions and foreshortening, and take on the other person's proportions; the
    whole moves so that the lower foot stays where it was.

    Args:
        skeleton: To follow.
        theirs: Build of whoever shows it.
        mine: Build of whoever takes it on.
    """
    ratio = np.clip(mine / np.maximum(theirs, 1e-3), *_RATIO)
    ratio = np.where(np.abs(ratio - 1) < _ALIKE, 1, ratio)
    old, corners = skeleton.segments, skeleton.corners
    new = old.copy()
    for side, shoulder, hip in (("left", 0, 2), ("right", 1, 3)):
        for parts, root in ((_ARMS, corners[shoulder]), (_LEGS, corners[hip])):
            at = root
            for part in parts:
                number = NUMBER[f"{side} {part}"]
                step = (old[number, 1] - old[number, 0]) * ratio[number]
                new[number] = np.stack([at, at + step])
                at = at + step
    shift = _lowest(old) - _lowest(new)
    new[:, :, 1] += shift
    moved = corners + np.array([0, shift], np.float32)
    return replace(skeleton, segments=new, corners=moved)


def suited(pose: Skeleton, source: Skeleton) -> Skeleton:
    """The pose as far as the bones of a picture can take it on.

    A torso that the picture shows from the side does not become wider than it bears; limbs move in
    with it. Feet and hands turn with shin and forearm, and by themselves only so far as they point
    at the camera as they do in the picture.
    """
    segments, corners = pose.segments.copy(), pose.corners.copy()
    scale = pose.torso_px / source.torso_px
    for left, right, parts in ((0, 1, _ARMS), (2, 3, _LEGS)):
        most = _WIDEST * scale * float(np.linalg.norm(source.corners[left] - source.corners[right]))
        wide = float(np.linalg.norm(corners[left] - corners[right]))
        if wide <= most or wide < 1e-3:
            continue
        inwards = (corners[right] - corners[left]) * (1 - most / wide) / 2
        for corner, side, by in ((left, "left", inwards), (right, "right", -inwards)):
            corners[corner] += by
            segments[[NUMBER[f"{side} {part}"] for part in parts]] += by
    for side in ("left", "right"):
        for bone, tip in (("forearm", "hand"), ("shin", "foot")):
            limb, end = NUMBER[f"{side} {bone}"], NUMBER[f"{side} {tip}"]
            segments[end] = _tip(segments, pose, source, (limb, end))
    return replace(pose, segments=segments, corners=corners)


def _tip(
    segments: Segments, pose: Skeleton, source: Skeleton, numbers: tuple[int, int]
) -> NDArray[np.float32]:
    """(2, 2) a hand or foot, turned no further from its limb than the picture can show."""
    limb, end = numbers
    bent = _angle(segments[end]) - _angle(segments[limb])
    bent_was = _angle(source.segments[end]) - _angle(source.segments[limb])
    more = float(np.angle(np.exp(1j * (bent - bent_was))))
    alike = 1 - 2 * abs(float(pose.slant[end]) - float(source.slant[end]))
    more = float(np.clip(more * np.clip(alike, 0, 1), -_BENT, _BENT))
    angle = _angle(segments[limb]) + bent_was + more
    start = segments[end, 0]
    long = float(np.linalg.norm(segments[end, 1] - start))
    way = np.array([np.cos(angle), np.sin(angle)], np.float32)
    return np.stack([start, start + way * np.float32(long)])


def _angle(segment: NDArray[np.float32]) -> float:
    way = segment[1] - segment[0]
    return float(np.arctan2(way[1], way[0]))


def _slant(metres: NDArray[np.float32], start: int, end: int) -> float:
    way = metres[end] - metres[start]
    return float(abs(way[2]) / max(float(np.linalg.norm(way)), 1e-6))


def shifted(skeleton: Skeleton, x: float, y: float) -> Skeleton:
    """The same bones, so many pixels to the right and down."""
    by = np.array([x, y], np.float32)
    return replace(skeleton, segments=skeleton.segments + by, corners=skeleton.corners + by)


def _lowest(segments: Segments) -> float:
    """Height of the ground under the feet: the lower foot's, softly."""
    feet = segments[[NUMBER["left foot"], NUMBER["right foot"]]].reshape(-1, 2)[:, 1]
    sharp = 8.0 / max(float(np.ptp(segments[..., 1])), 1.0)
    weight = np.exp((feet - feet.max()) * sharp * 4)
    return float((feet * weight).sum() / weight.sum())


def _lengths(body: Body) -> NDArray[np.float64]:
    """(14,) lengths in torsos, from metres."""
    real = body.metres
    torso = float(np.linalg.norm(_mean(real, SHOULDERS) - _mean(real, HIPS)))
    lengths = [torso, torso]
    for side in (0, 1):
        lengths += [float(np.linalg.norm(real[a[side]] - real[b[side]])) for a, b in _JOINED]
    return np.asarray(lengths) / max(torso, 1e-6)


def _mean(points: NDArray[np.float32], pair: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray((points[pair[0]] + points[pair[1]]) / 2, np.float32)


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)
