"""The inside of a mouth that a photo does not show: teeth, tongue and darkness, drawn.

Upper teeth belong to the skull: they stay while the lips move over them. Where a photo shows teeth
itself, they are taken from it and stay where they are, no others beneath them; what opens below is
drawn. Where lips of a photo part and show none, what lies between them gives way to what is drawn
as they part further.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.living.eye_coordinates import EYES
from masquerade.faces.mesh import INNER_LIPS, interocular_px
from masquerade.faces.mouth.teeth import upper_teeth
from masquerade.types import RGB, Mask, PixelBox, Points

Field: TypeAlias = NDArray[np.float32]

# Reflectances, as shares of the white of an eye.
_DARK: Final = np.array([0.17, 0.07, 0.065], np.float32)
_TONGUE: Final = np.array([0.56, 0.26, 0.26], np.float32)
_TEETH: Final = np.array([1.0, 0.93, 0.85], np.float32)
_REDDEN: Final = np.array([0.8, 1.1, 1.1], np.float32)  # in shadow: their light came by lips
_CORNER: Final = 0.55  # how much darker upper teeth are at the corners of the mouth
_LOWER: Final = 0.012  # of the lower teeth above the lower lip, in eye distances
_SHOWN: Final = 0.045  # opening of a photo's lips from which on it shows what lies between
_GONE: Final = 0.06  # further opening by which what a photo shows without teeth is gone
_TOOTHED: Final = 0.15  # share of what it shows, from which on teeth are among it, and
_TOOTH_LIT, _TOOTH_RED = 0.4, 1.35  # how bright and how red they are, in shares of the light
_LIT: Final = 0.07  # opening from which on light falls in; lips that hardly part leave teeth dark,
_SHADED: Final = 0.5  # by so much of the teeth's tone
_COMES: Final = 0.03  # opening over which the inside comes into sight
_BESIDE: Final = ((57, 212, 207), (287, 432, 427))  # skin beside the corners, right and left
_DIMMEST: Final = 0.3
_AT_SEAM: Final = 0.8  # how dark the line between such lips is when they meet
_COMES_BACK: Final = 0.012  # likewise, where the photo shows it anyway


@dataclass(frozen=True, slots=True)
class MouthInside:
    """What is known of a photo's mouth.

    Attributes:
        light: (3,) float32 RGB in [0, 255] of something white in the light of the mouth.
        sides: (2,) float32 share of that light at the right corner of the mouth, and at the left.
        rest: (20, 2) float32 the inner lips in the photo, the upper one first.
        unit_px: Distance of the eyes.
        teeth: (h, w, 3) uint8 what the photo shows between its lips, and
        share: (h, w) float32 how far it shows it; both None where its lips are closed.
        box: Where that lies in the photo.
        toothed: Whether there are teeth in it.
    """

    light: Field
    sides: Field
    rest: Points
    unit_px: float
    teeth: RGB | None
    share: Mask | None
    box: PixelBox
    toothed: bool = False


def mouth_inside(picture: RGB, landmarks: Points) -> MouthInside:
    """What a photo tells of the inside of its mouth.

    Args:
        picture: (H, W, 3) uint8.
        landmarks: (478, 3) in pixels.
    """
    unit = interocular_px(landmarks)
    ring = np.asarray(landmarks[list(INNER_LIPS), :2], np.float32)
    light, sides = _white(picture, landmarks), _sides(picture, landmarks)
    gap = float(np.linalg.norm(landmarks[13, :2] - landmarks[14, :2])) / max(unit, 1.0)
    if gap < _SHOWN:
        return MouthInside(light, sides, ring, unit, None, None, (0, 0, 0, 0))
    height, width = picture.shape[:2]
    low = np.maximum(np.floor(ring.min(axis=0) - 0.05 * unit), 0).astype(int)
    high = np.minimum(np.ceil(ring.max(axis=0) + 0.05 * unit), (width, height)).astype(int)
    box = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    part = picture[box[1] : box[3], box[0] : box[2]].copy()
    inside = _filled(ring - low, part.shape[:2])
    hard = cv2.erode(inside, np.ones((3, 3)), iterations=max(1, round(0.012 * unit)))
    share = cv2.GaussianBlur(hard, (0, 0), max(0.6, 0.01 * unit))
    toothed = _has_teeth(part[share > 0.7], light)
    return MouthInside(light, sides, ring, unit, part, np.asarray(share, np.float32), box, toothed)


def draw_inside(of: MouthInside, ring: Points, box: PixelBox) -> tuple[Field, Mask]:
    """(h, w, 3) float32 the inside in [0, 255], and (h, w) in [0, 1] where it is seen.

    Args:
        of: What is known of the mouth.
        ring: (20, 2) the inner lips as they are now, in pixels of the photo.
        box: The part of the photo to draw.
    """
    x0, y0, x1, y1 = box
    shape = (y1 - y0, x1 - x0)
    unit = of.unit_px
    corner = np.array([x0, y0], np.float32)
    opening = cv2.GaussianBlur(_filled(ring - corner, shape), (0, 0), max(0.5, 0.007 * unit))
    gap = float(ring[15, 1] - ring[5, 1]) / unit
    seen = np.clip(gap / (_COMES if of.teeth is None else _COMES_BACK), 0, 1)
    colour = _drawn(of, ring, box)
    if of.teeth is not None:
        beyond = gap - float(of.rest[15, 1] - of.rest[5, 1]) / unit
        stays = 1.0 if of.toothed else float(np.clip(1 - beyond / _GONE, 0, 1))
        _lay_teeth(colour, of, box, stays * float(np.clip(gap / _COMES - 0.2, 0, 1)))
        line = np.float32(np.clip(1.5 - gap / _COMES, 0, 1)) * _seam(ring - corner, unit, shape)
        colour = _over(colour, line, np.asarray(_DARK * 1.5 * of.light))
        opening = np.maximum(opening * np.float32(seen), _AT_SEAM * line)
        seen = 1.0
    soft = cv2.GaussianBlur(colour, (0, 0), 0.005 * unit + 0.3)
    return np.asarray(soft, np.float32), np.asarray(opening * np.float32(seen), np.float32)


def _drawn(of: MouthInside, ring: Points, box: PixelBox) -> Field:
    """(h, w, 3) teeth, tongue and darkness, whatever the lips leave to be seen."""
    across, down, along, rest = _mouth_coordinates(of, ring, box)
    half = max(float(along[10, 0] - along[0, 0]) / 2, 0.01)
    side = np.clip(np.abs(across - float(along[[0, 10], 0].mean())) / half, 0, 1)
    upper = _row(across, along[:11])
    lower = _row(across, _lower(along))
    gap = float(along[15, 1] - along[5, 1])
    dark = _DARK * (1.1 - 0.6 * side**2 - 0.4 * np.clip((down - upper) / 0.2, 0, 1))[..., None]
    made = _over(
        dark, _tongue(down, lower, side, gap), _TONGUE * (0.75 - 0.35 * side**2)[..., None]
    )
    below = np.clip((down - lower + _LOWER) / 0.016 + 0.5, 0, 1) * (side < 0.6)
    made = _over(made, 0.45 * below, _teeth(0.62 - 0.2 * side))
    teeth, bright = upper_teeth(across, down)
    if of.toothed:
        teeth *= np.clip((_row(across, _lower(rest)) - down) / 0.012 + 0.5, 0, 1)
    shade = 0.5 + 0.5 * np.clip((down - upper) / 0.04, 0, 1) ** 0.7
    tone = shade * bright * (1 - _CORNER * np.clip((side - 0.6) / 0.4, 0, 1) ** 2)
    tone *= 1 - _SHADED * (1 - np.clip((lower - upper) / _LIT, 0, 1))
    made = _over(made, teeth, _teeth(tone))
    along_x = np.clip((across - along[0, 0]) / (2 * half), 0, 1)[..., None]
    lit = of.light * (of.sides[0] + along_x * (of.sides[1] - of.sides[0]))
    return np.asarray(np.clip(made, 0, 1) * lit, np.float32)


def _teeth(tone: Field) -> Field:
    """(h, w, 3) teeth that are in shadow, by how bright they are: the darker, the redder."""
    return np.asarray(_TEETH * np.maximum(tone, 0.0)[..., None] ** _REDDEN, np.float32)


def _over(below: Field, share: Field, above: Field) -> Field:
    return np.asarray(below + share[..., None] * (above - below), np.float32)


def _mouth_coordinates(
    of: MouthInside, ring: Points, box: PixelBox
) -> tuple[Field, Field, Points, Points]:
    """Across and down the resting mouth, in eye distances: of a box's pixels, a ring, the photo's.

    0 is the middle of the line between the photo's lips.
    """
    right, left = of.rest[0], of.rest[10]
    axis = (left - right) / max(float(np.linalg.norm(left - right)), 1.0)
    middle = (of.rest[5] + of.rest[15]) / 2
    x = np.arange(box[0], box[2], dtype=np.float32) - middle[0]
    y = (np.arange(box[1], box[3], dtype=np.float32) - middle[1])[:, None]
    unit = np.float32(of.unit_px)
    across, down = (x * axis[0] + y * axis[1]) / unit, (y * axis[0] - x * axis[1]) / unit
    turn = np.stack([axis, np.array([-axis[1], axis[0]], np.float32)], axis=1)
    along, rest = ((one - middle) / unit @ turn for one in (ring, of.rest))
    return across, down, np.asarray(along, np.float32), np.asarray(rest, np.float32)


def _lower(ring: Points) -> Points:
    """(11, 2) the lower lip of a ring, from the right corner to the left one."""
    return np.concatenate([ring[:1], ring[:9:-1]])


def _has_teeth(seen: RGB, light: Field) -> bool:
    """Whether what is seen between lips (n, 3) has teeth: bright, and no redder than the light."""
    colours = seen.astype(np.float32)
    bright = colours.mean(axis=1) > _TOOTH_LIT * light.mean()
    pale = colours[:, 0] * light[1] < _TOOTH_RED * light[0] * np.maximum(colours[:, 1], 1)
    return bool(np.count_nonzero(bright & pale) > _TOOTHED * len(colours))


def _tongue(down: Field, lower: Field, side: Field, gap: float) -> Mask:
    """(h, w) in [0, 1] the tongue, low in the mouth, seen from some opening on."""
    top = lower - np.float32(min(0.13, 0.45 * gap)) * np.sqrt(1 - 0.8 * side**2)
    risen = np.clip((down - top) / 0.06, 0, 1)
    shown = np.clip((gap - 0.05) / 0.1, 0, 1) * np.clip((0.85 - side) / 0.25, 0, 1)
    return np.asarray(risen * shown, np.float32)


def _seam(ring: Points, unit: float, shape_hw: tuple[int, int]) -> Mask:
    """(h, w) in [0, 1] the line between lips that meet."""
    lower = np.concatenate([ring[:1], ring[:9:-1]])
    middle = np.round((ring[:11] + lower) * 8).astype(np.int32)
    made = np.zeros(shape_hw, np.float32)
    cv2.polylines(made, [middle], False, 1.0, max(1, round(0.02 * unit)), cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(made, (0, 0), max(0.5, 0.006 * unit)), np.float32)


def _lay_teeth(colour: Field, of: MouthInside, box: PixelBox, share: float) -> None:
    """What the photo itself shows, at its place, in place."""
    assert of.teeth is not None
    assert of.share is not None
    x0, y0 = max(box[0], of.box[0]), max(box[1], of.box[1])
    x1, y1 = min(box[2], of.box[2]), min(box[3], of.box[3])
    if x1 <= x0 or y1 <= y0:
        return
    here = np.s_[y0 - box[1] : y1 - box[1], x0 - box[0] : x1 - box[0]]
    there = np.s_[y0 - of.box[1] : y1 - of.box[1], x0 - of.box[0] : x1 - of.box[0]]
    mask = np.float32(share) * of.share[there][..., None]
    colour[here] += mask * (of.teeth[there] - colour[here])


def _row(across: Field, lip: Points) -> Field:
    """How far down a lip's edge lies."""
    order = np.argsort(lip[:, 0], kind="stable")
    return np.asarray(np.interp(across, lip[order, 0], lip[order, 1]), np.float32)


def _sides(picture: RGB, landmarks: Points) -> Field:
    """(2,) how bright the skin beside each corner of the mouth is, in shares of the brighter."""
    last = np.array(picture.shape[1::-1]) - 1
    reach = max(1, round(0.05 * interocular_px(landmarks)))
    bright = []
    for points in _BESIDE:
        places = np.clip(np.rint(landmarks[list(points), :2]), 0, last).astype(int)
        parts = [
            picture[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
            for x, y in places
        ]
        bright.append(float(np.mean([np.median(part) for part in parts])) + 1)
    return np.asarray(np.clip(np.array(bright) / max(bright), _DIMMEST, 1), np.float32)


def _white(picture: RGB, landmarks: Points) -> Field:
    """(3,) what white is in this light, by the whites of the eyes and the skin below them."""
    height, width = picture.shape[:2]
    eyes = np.zeros((height, width), np.uint8)
    for ring, iris, _ in EYES:
        cv2.fillPoly(eyes, [np.rint(landmarks[list(ring), :2]).astype(np.int32)], 1)
        middle, rim = landmarks[iris[0], :2], landmarks[list(iris[1:]), :2]
        radius = 1.15 * float(np.linalg.norm(rim - middle, axis=1).mean())
        cv2.circle(eyes, np.rint(middle).astype(int).tolist(), max(1, round(radius)), 0, -1)
    cheeks = np.clip(np.rint(landmarks[[50, 280, 205, 425], :2]), 0, (width - 1, height - 1))
    skin = np.median(picture[cheeks[:, 1].astype(int), cheeks[:, 0].astype(int)], axis=0)
    skin_light = float(skin.mean())
    seen = picture[eyes > 0].astype(np.float32)
    if len(seen) < 8:
        white = np.full(3, skin_light * 1.2, np.float32)
    else:
        light = seen.mean(axis=1)
        white = seen[light >= np.quantile(light, 0.6)].mean(axis=0)
    level = float(np.clip(1.25 * white.mean(), 1.1 * skin_light, 1.8 * skin_light))
    tint = (white / max(float(white.mean()), 1.0) + 2) / 3
    return np.asarray(np.clip(tint * np.clip(level, 60, 235), 0, 250), np.float32)


def _filled(ring: Points, shape_hw: tuple[int, int]) -> Mask:
    made = np.zeros(shape_hw, np.float32)
    cv2.fillPoly(made, [np.round(ring * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return made
