"""A person cut out of one picture as layers that bones move: torso with head, two arms, two legs.

Beier and Neely, "Feature-based image metamorphosis" (SIGGRAPH 1992): each pixel of the new picture
asks the bones near it where it was in the old one, and takes a mean of the answers, the nearer
bone's counting more. Each layer asks its own bones alone, so that an arm that comes to lie on the
body does not drag it along. Asking backwards leaves no holes and no folds to be torn.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.arm_pixels import arms_told
from masquerade.bodies.cutout import spread_colours
from masquerade.bodies.light import Curves, relit
from masquerade.bodies.skeleton import BONES, NUMBER, Layer, Skeleton, suited
from masquerade.types import RGB, Mask

Floats: TypeAlias = NDArray[np.float32]

_STEP: Final = 8  # pixels between places that are asked for; those between follow
_FALL: Final = 6.0  # power of the distance by which a bone's word counts less
_REACH: Final = 1.6  # of a bone's radius, how far its layer may reach around it
_WELL: Final = 1.2  # of it, up to where the layer is shown in full
_SHORT: Final = 0.4  # of its length, the shortest that a torso is drawn
_DEEP: Final = 0.75  # of a torso's width, its depth: what is seen of one turned by 90 degrees
_JOINTS: Final = (0.72, 0.44)  # torsos between shoulders and between hips, seen from the front
_CAP: Final = 1.15  # of the radius: how far an arm reaches over the shoulder, a leg over the hip
_ELBOW: Final = 0.8  # of that, how far bones of a limb overlap
_SEEN: Final = 12  # of 255, from which an arm hides what is behind it
_WHOLE: Final = 240  # of 255, from which a pixel is the torso's own
_SHOWN: Final = 6.0  # times a say, with which the torso or the head shows what is its own in full
_COLLAR: Final = 0.2  # torsos by which head and torso overlap
_INNER: Final = 0.8  # of its thickness, how far from its bone a thigh is there under an arm
_HIP: Final = 0.24  # torsos around a hip that move with the torso and the thigh
_RAISED: Final = 0.45  # torsos from hip down to knee, less than which a thigh is raised
_AHEAD: Final = 0.1  # metres before the torso, from which it hides the shirt
_STRETCH: Final = (0.5, 1.8)  # how far a bone may be lengthened or shortened along itself

PARTS: Final = {
    Layer.LEFT_ARM: ("left upper arm", "left forearm", "left hand"),
    Layer.RIGHT_ARM: ("right upper arm", "right forearm", "right hand"),
    Layer.LEFT_LEG: ("left thigh", "left shin", "left foot"),
    Layer.RIGHT_LEG: ("right thigh", "right shin", "right foot"),
}


@dataclass(frozen=True, slots=True)
class Puppet:
    """A person as layers.

    Attributes:
        pixels: By layer, (H, W, 3) uint8 RGB, colours carried on beyond its edge.
        masks: By layer, (H, W, 3) uint8, for each of its bones which pixels it may show, 255 where
            it does. A bone shows none of another's, unless near the joint between them: an arm
            that was bent in the picture would else be seen twice where it is stretched.
        skeleton: The bones in that picture.
    """

    pixels: dict[Layer, RGB]
    masks: dict[Layer, RGB]
    skeleton: Skeleton


@dataclass(frozen=True, slots=True)
class Drawn:
    """A puppet in a pose.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        alpha: (H, W) float32 in [0, 1].
    """

    pixels: RGB
    alpha: Mask


def cut_out(picture: RGB, matte: Mask, skeleton: Skeleton) -> Puppet:
    """A person of a picture as a puppet.

    Args:
        picture: (H, W, 3) uint8 RGB.
        matte: (H, W) float32 in [0, 1] which pixels are the person.
        skeleton: Their bones in the picture.
    """
    away = _away(skeleton, (picture.shape[0], picture.shape[1]))
    labels = arms_told(np.argmin(away, axis=0), away, picture, matte, skeleton)
    colours = spread_colours(picture, matte > 0.95)
    masks = {layer: _parts(layer, labels, matte, skeleton) for layer in Layer}
    pixels = dict.fromkeys(Layer, colours)
    pixels[Layer.TORSO], masks[Layer.TORSO] = _filled_torso(colours, masks, skeleton)
    for layer in (Layer.LEFT_LEG, Layer.RIGHT_LEG):
        pixels[layer], masks[layer] = _filled_leg(layer, colours, masks, away)
    return Puppet(pixels, masks, skeleton)


def draw(puppet: Puppet, skeleton: Skeleton, onto: RGB) -> Drawn:
    """The puppet in another pose, over a picture.

    Args:
        puppet: From `cut_out`.
        skeleton: The pose, in pixels of the new picture.
        onto: (H, W, 3) uint8 RGB what lies behind.
    """
    pixels, alpha = onto.copy(), np.zeros(onto.shape[:2], np.float32)
    pose = suited(skeleton, puppet.skeleton)
    for layer in order(pose):
        box = _box(layer, pose, (onto.shape[0], onto.shape[1]))
        if box is None:
            continue
        x0, y0, x1, y1 = box
        (xs, ys), shares = _places(layer, puppet.skeleton, pose, box)
        colour = cv2.remap(puppet.pixels[layer], xs, ys, cv2.INTER_LINEAR)
        parts = cv2.remap(puppet.masks[layer], xs, ys, cv2.INTER_LINEAR)
        shown = cv2.multiply(parts, shares, scale=1 / 255, dtype=cv2.CV_32F)
        sure = _SHOWN if layer is Layer.TORSO else 1.0
        cover = np.asarray(cv2.transform(shown, np.full((1, 3), sure, np.float32)), np.float32)
        cover = np.minimum(cover, 1)
        under, seen = pixels[y0:y1, x0:x1], alpha[y0:y1, x0:x1]
        cv2.blendLinear(colour, under, cover, 1 - cover, dst=under)
        seen += (1 - seen) * cover
    return Drawn(pixels, alpha)


class InLight:
    """Puppets in the light of one shot; the last one is kept, as most frames show it again."""

    def __init__(self) -> None:
        self._last: tuple[Puppet, Curves, Puppet] | None = None

    def puppet(self, plain: Puppet, by: Curves) -> Puppet:
        """A puppet in another light.

        Args:
            plain: From `cut_out`.
            by: From `masquerade.bodies.light.curves`.
        """
        last = self._last
        if last is None or last[0] is not plain or last[1] is not by:
            made = {id(one): relit(one, by) for one in plain.pixels.values()}
            pixels = {layer: made[id(one)] for layer, one in plain.pixels.items()}
            last = self._last = plain, by, replace(plain, pixels=pixels)
        return last[2]


def order(skeleton: Skeleton) -> list[Layer]:
    """Layers from the farthest to the nearest."""
    depth = {
        layer: float(np.mean([skeleton.depth[NUMBER[name]] for name in names]))
        for layer, names in PARTS.items()
    }
    torso = float(skeleton.depth[NUMBER["torso"]])
    legs = sorted((Layer.LEFT_LEG, Layer.RIGHT_LEG), key=lambda one: -depth[one])
    raised = [one for one in legs if _is_raised(one, skeleton)]
    arms = sorted((Layer.LEFT_ARM, Layer.RIGHT_ARM), key=lambda one: -depth[one])
    behind = [one for one in arms if depth[one] > torso + 0.12]
    standing = [one for one in legs if one not in raised]
    before = [one for one in arms if one not in behind]
    return [*behind, *standing, Layer.TORSO, *raised, *before]


def _is_raised(leg: Layer, skeleton: Skeleton) -> bool:
    """Whether a thigh points forwards and its knee comes up, so that it lies before the shirt."""
    thigh = NUMBER[PARTS[leg][0]]
    hip, knee = skeleton.segments[thigh]
    down = float(knee[1] - hip[1]) / skeleton.torso_px
    ahead = float(skeleton.depth[NUMBER["torso"]] - skeleton.depth[thigh])
    return down < _RAISED and ahead > _AHEAD


def labels_of(skeleton: Skeleton, shape_hw: tuple[int, int]) -> NDArray[np.intp]:
    """(H, W) which bone each pixel belongs to: the nearest for its thickness."""
    return np.asarray(np.argmin(_away(skeleton, shape_hw), axis=0), np.intp)


def _away(skeleton: Skeleton, shape_hw: tuple[int, int]) -> Floats:
    """(14, H, W) how far each pixel is from each bone, for its thickness."""
    ys, xs = np.mgrid[0 : shape_hw[0], 0 : shape_hw[1]].astype(np.float32)
    away = np.empty((len(BONES), *shape_hw), np.float32)
    for number, bone in enumerate(BONES):
        start, end = skeleton.segments[number]
        away[number] = _distance(xs, ys, start, end) / (bone.radius * skeleton.torso_px)
    away[NUMBER["torso"]] = _outside(shape_hw, skeleton)
    return away


def _outside(shape_hw: tuple[int, int], skeleton: Skeleton) -> Floats:
    """(H, W) distance from the middle of the torso's four corners drawn in, for its thickness."""
    corners = _block(skeleton)
    middle, quad = corners.mean(axis=0), corners[[0, 1, 3, 2]]
    quad = middle + (quad - middle) * np.array([0.72, 0.95], np.float32)
    inside = np.zeros(shape_hw, np.uint8)
    cv2.fillConvexPoly(inside, np.rint(quad).astype(np.int32), 1)
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    return np.asarray(0.25 + away / (0.14 * skeleton.torso_px), np.float32)


def _parts(layer: Layer, labels: NDArray[np.intp], matte: Mask, skeleton: Skeleton) -> RGB:
    """(H, W, 3) which pixels each bone of a layer may show, with round ends at its joints."""
    out = np.zeros((*labels.shape, 3), np.uint8)
    sigma = max(0.012 * skeleton.torso_px, 0.6)
    if layer is Layer.TORSO:
        reach = 2 * round(_COLLAR * skeleton.torso_px) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        both = np.isin(labels, (NUMBER["torso"], NUMBER["head"])).astype(np.float32)
        for channel, name in enumerate(("torso", "head")):
            wide = cv2.dilate((labels == NUMBER[name]).astype(np.float32), disc) * both
            soft = np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma), np.float32)
            out[..., channel] = np.rint(np.minimum(soft, matte) * 255)
        return out
    names = PARTS[layer]
    limb = np.isin(labels, [NUMBER[name] for name in names]).astype(np.uint8)
    held_off = np.isin(labels, _hands_before(layer)).astype(np.uint8)
    for channel, name in enumerate(names):
        number = NUMBER[name]
        part = np.zeros(labels.shape, np.uint8)
        for place, (centre, radius) in enumerate(_joints(name, names, skeleton)):
            cv2.circle(part, (round(centre[0]), round(centre[1])), round(radius), 1, -1)
            if channel + place == 0:
                own = part  # a shoulder or a hip, which overlaps with the torso
                part = np.zeros_like(own)
        part &= limb  # clothes around a wrist are no part of it, nor is the other leg of a knee
        if channel == 0:
            part |= own
        part = (part | (labels == number)) & (1 - held_off)
        soft = np.asarray(cv2.GaussianBlur(part.astype(np.float32), (0, 0), sigma), np.float32)
        out[..., channel] = np.rint(np.minimum(soft, matte) * 255)
    return out


def _hands_before(layer: Layer) -> list[int]:
    """Bones that may lie before the round end of another: hands before hips."""
    if layer in (Layer.LEFT_ARM, Layer.RIGHT_ARM):
        return []
    return [NUMBER[f"{side} {part}"] for side in ("left", "right") for part in ("forearm", "hand")]


def _joints(
    name: str, names: tuple[str, ...], skeleton: Skeleton
) -> list[tuple[tuple[float, float], float]]:
    """Middle and reach of the joints of a bone, around which it overlaps with its neighbours."""
    number, place = NUMBER[name], names.index(name)
    start, end = skeleton.segments[number]
    radius = BONES[number].radius * skeleton.torso_px * _CAP
    found = []
    if place == 0:
        share = 0.12 if name.endswith("arm") else 0.0
        at = start + (end - start) * share
        found.append(((float(at[0]), float(at[1])), radius))
    else:
        found.append(((float(start[0]), float(start[1])), radius * _ELBOW))
    if place < len(names) - 1:
        found.append(((float(end[0]), float(end[1])), radius * _ELBOW))
    return found


def _filled_torso(colours: RGB, masks: dict[Layer, RGB], skeleton: Skeleton) -> tuple[RGB, RGB]:
    """The torso with what arms hid of it painted in from what is around."""
    quad = np.rint(_block(skeleton)[[0, 1, 3, 2]]).astype(np.int32)
    torso = masks[Layer.TORSO]
    whole = np.zeros(torso.shape[:2], np.uint8)
    cv2.fillConvexPoly(whole, quad, 1)
    arms = np.maximum(masks[Layer.LEFT_ARM], masks[Layer.RIGHT_ARM]).max(axis=2) > _SEEN
    own = torso[..., 0]
    hidden = (whole > 0) & arms & (own < _WHOLE)
    if not hidden.any():
        return colours, torso
    wide = cv2.dilate(hidden.astype(np.uint8), np.ones((5, 5), np.uint8))
    painted = spread_colours(colours, (own > _WHOLE) & (wide == 0))
    out = np.asarray(np.where(hidden[..., None], painted, colours), np.uint8)
    filled = torso.copy()
    filled[..., 0] = np.where(hidden, 255, own)
    return out, filled


def _filled_leg(
    layer: Layer, colours: RGB, masks: dict[Layer, RGB], away: Floats
) -> tuple[RGB, RGB]:
    """A leg with what arms hid of its thigh painted in from what is around."""
    leg = masks[layer]
    arms = np.maximum(masks[Layer.LEFT_ARM], masks[Layer.RIGHT_ARM]).max(axis=2) > _SEEN
    own = leg.max(axis=2)
    hidden = (away[NUMBER[PARTS[layer][0]]] < _INNER) & arms & (own < _WHOLE)
    if not hidden.any():
        return colours, leg
    wide = cv2.dilate(hidden.astype(np.uint8), np.ones((5, 5), np.uint8))
    sure = (own > _WHOLE) & (wide == 0)
    if not sure.any():
        return colours, leg
    out = np.asarray(np.where(hidden[..., None], spread_colours(colours, sure), colours), np.uint8)
    filled = leg.copy()
    filled[..., 0] = np.where(hidden, 255, leg[..., 0])
    return out, filled


def _box(
    layer: Layer, skeleton: Skeleton, shape_hw: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """What a layer may cover of a picture: whole steps; None where that is nothing."""
    numbers = [n for n, bone in enumerate(BONES) if bone.layer is layer]
    reach = _REACH * max(BONES[n].radius for n in numbers) * skeleton.torso_px
    points = skeleton.segments[numbers].reshape(-1, 2)
    if layer is Layer.TORSO:
        points = np.concatenate([points, skeleton.corners])
    low = np.maximum(np.floor(points.min(axis=0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(points.max(axis=0) + reach), shape_hw[::-1]).astype(int)
    if (high - low < 2).any():
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _places(
    layer: Layer, source: Skeleton, pose: Skeleton, box: tuple[int, int, int, int]
) -> tuple[tuple[Floats, Floats], Floats]:
    """(h, w) columns and rows of the puppet's picture where each pixel of the box comes from, and
    (h, w, 3) how much each bone of the layer has a say there, less than 1 in all far from them.
    """
    x0, y0, x1, y1 = box
    columns, rows = -(-(x1 - x0) // _STEP) + 2, -(-(y1 - y0) // _STEP) + 2
    xs = x0 + (np.arange(columns, dtype=np.float32) - 0.5) * _STEP - 0.5
    ys = y0 + (np.arange(rows, dtype=np.float32) - 0.5) * _STEP - 0.5
    points = np.stack(np.meshgrid(xs, ys), axis=-1)
    said, shares, least = _moved_by(layer, source, pose, points)
    near = np.clip((_REACH - least) / (_REACH - _WELL), 0, 1)
    inside = slice(_STEP, _STEP + y1 - y0), slice(_STEP, _STEP + x1 - x0)
    size = columns * _STEP, rows * _STEP

    def full(coarse: Floats) -> Floats:
        wide = cv2.resize(np.ascontiguousarray(coarse), size, interpolation=cv2.INTER_LINEAR)
        return np.ascontiguousarray(wide[inside], np.float32)

    return (full(said[..., 0]), full(said[..., 1])), full(shares * near[..., None])


def _moved_by(
    layer: Layer, source: Skeleton, pose: Skeleton, points: Floats
) -> tuple[Floats, Floats, Floats]:
    """(..., 2) what the bones of a layer say of points; (..., 3) how much each counts, by how near
    it is; (...) how far the nearest is, for its thickness.
    """
    answers: list[tuple[Floats, Floats, int]] = []
    back = _torso(source, pose)
    torso = np.asarray(points @ back[:, :2].T + back[:, 2], np.float32)
    if layer is Layer.TORSO:
        answers.append((_near(points, pose, "torso"), torso, 0))
        answers.append((_near(points, pose, "head"), _by_bone("head", source, pose, points), 1))
    else:
        names = PARTS[layer]
        for channel, one in enumerate(names):
            place = _by_bone(one, source, pose, points)
            answers.append((_near(points, pose, one), place, channel))
        joint = pose.segments[NUMBER[names[0]], 0]
        away = np.linalg.norm(points - joint, axis=-1)
        thickness = _HIP if "leg" in layer else 0.5 * BONES[NUMBER[names[0]]].radius
        by_torso = np.asarray(away / (thickness * pose.torso_px) + 0.35, np.float32)
        answers.append((by_torso, torso, 0))
    shares = np.zeros((*points.shape[:-1], 3), np.float32)
    out = np.zeros_like(points)
    for away, place, channel in answers:
        weight = (away + np.float32(0.1)) ** np.float32(-_FALL)
        out += place * weight[..., None]
        shares[..., channel] += weight
    total = shares.sum(axis=-1, keepdims=True)
    least = np.asarray(np.min([away for away, _, _ in answers], axis=0), np.float32)
    return np.asarray(out / total, np.float32), np.asarray(shares / total, np.float32), least


def _near(points: Floats, pose: Skeleton, name: str) -> Floats:
    """(...) how far points are from a bone, for its thickness."""
    number = NUMBER[name]
    start, end = pose.segments[number]
    away = _distance(points[..., 0], points[..., 1], start, end)
    bone = BONES[number]
    beyond = np.maximum(away / np.float32(pose.torso_px) - np.float32(bone.core), 0)
    return np.asarray(beyond / np.float32(bone.radius - bone.core), np.float32)


def _by_bone(name: str, source: Skeleton, pose: Skeleton, points: Floats) -> Floats:
    """(..., 2) where one bone takes points from: turned, and longer along itself."""
    number = NUMBER[name]
    (start, end), (start_was, end_was) = pose.segments[number], source.segments[number]
    across = source.torso_px / pose.torso_px
    long = max(float(np.linalg.norm(end - start)), 1e-3)
    long_was = max(float(np.linalg.norm(end_was - start_was)), 1e-3)
    along = across
    if BONES[number].stretches:
        along = across * float(np.clip(long_was / long / across, *_STRETCH))
    way, way_was = (end - start) / long, (end_was - start_was) / long_was
    away = points - start
    u = away @ way
    v = away @ np.array([-way[1], way[0]], np.float32)
    within = np.clip(u, 0, long)
    u = within * np.float32(along) + (u - within) * np.float32(across)
    v = v * np.float32(across)
    normal_was = np.array([-way_was[1], way_was[0]], np.float32)
    return np.asarray(start_was + u[..., None] * way_was + v[..., None] * normal_was, np.float32)


def _torso(source: Skeleton, pose: Skeleton) -> NDArray[np.float32]:
    """(2, 3) the affine map that takes the pose's torso back to the picture's."""
    rows = np.concatenate([_block(pose), np.ones((4, 1), np.float32)], axis=1)
    found = np.linalg.lstsq(rows.astype(np.float64), _block(source).astype(np.float64), rcond=None)
    return np.asarray(found[0].T, np.float32)


def _block(skeleton: Skeleton) -> Floats:
    """(4, 2) corners of a torso as wide as it is seen: above and below, each on both its sides.

    Joints come to lie on each other from the side, and a torso does not: it is an ellipse, and as
    wide across the spine as one is. Shoulders of somebody who bends lie one behind the other along
    the spine, which says nothing of its width. Sides are those of the picture, not the person's:
    whoever turns about keeps the cloth that was seen, and it is not mirrored.
    """
    corners, size = skeleton.corners, skeleton.torso_px
    necks, hips = corners[:2].mean(axis=0), corners[2:].mean(axis=0)
    long = max(float(np.linalg.norm(necks - hips)), 1e-3)
    up = (necks - hips) / np.float32(long)
    across = np.array([-up[1], up[0]], np.float32)
    middles = hips + up * np.float32(max(long, _SHORT * size)), hips
    out = np.empty((4, 2), np.float32)
    for pair, (middle, front) in enumerate(zip(middles, _JOINTS, strict=True)):
        way = corners[2 * pair] - corners[2 * pair + 1]
        wide, tilt = float(way @ across) / (front * size), float(way @ up)
        half = across * np.float32(_seen(abs(wide)) * front * size / 2)
        half = half + up * np.float32(min(wide**2, 1) * np.sign(wide) * tilt / 2)
        out[2 * pair], out[2 * pair + 1] = middle + half, middle - half
    return out


def _seen(joints: float) -> float:
    """Width of a torso whose joints are seen so far apart, both by their width from the front."""
    facing = min(joints, 1.0)
    ellipse = float(np.sqrt(facing**2 + _DEEP**2 * (1 - facing**2)))
    return ellipse * max(joints, 1.0)


def _distance(xs: Floats, ys: Floats, start: Floats, end: Floats) -> Floats:
    """Distance of points from a segment."""
    way = end - start
    long = max(float(way @ way), 1e-6)
    share = np.clip(((xs - start[0]) * way[0] + (ys - start[1]) * way[1]) / long, 0, 1)
    across = np.hypot(xs - start[0] - share * way[0], ys - start[1] - share * way[1])
    return np.asarray(across, np.float32)


def scaled(
    picture: RGB, matte: Mask, skeleton: Skeleton, factor: float
) -> tuple[RGB, Mask, Skeleton]:
    """A picture, its matte and its bones at another size, so that drawing does not alias."""
    size = max(round(picture.shape[1] * factor), 1), max(round(picture.shape[0] * factor), 1)
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    thin = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)
    bones = Skeleton(
        skeleton.segments * np.float32(factor),
        skeleton.corners * np.float32(factor),
        skeleton.depth,
        skeleton.slant,
        skeleton.seen,
        skeleton.torso_px * factor,
    )
    return np.asarray(small, np.uint8), np.asarray(thin, np.float32), bones
