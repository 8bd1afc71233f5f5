"""What lies before a person in one photo of them, told by colours that are not the person's own.

One picture cannot tell what somebody usually looks like, as many do (`masquerade.bodies.usual`).
But trousers have one colour or two, and both legs have the same; what is of another colour, whole,
and not much longer than wide, is a ball, a bag, or a print: it is shown, and people decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.figure import Shown
from masquerade.bodies.held import solid_of
from masquerade.bodies.puppet import labels_of, scaled
from masquerade.bodies.skeleton import BONES, NUMBER
from masquerade.types import RGB, PixelBox

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

_FINE_PX: Final = 64.0  # of a torso, at which colours are compared
_THERE: Final = 0.3  # of a matte, from which somebody is there
_FEWEST: Final = 20  # pixels that tell a colour
_LIGHT: Final = 0.6  # of a difference in brightness counts: folds and shadows differ by as much
_ALIKE: Final = 16.0  # of Lab, within which pixels are of one colour
_FAR: Final = 30.0  # from which they are of another
_STEP: Final = 12.0  # of Lab, from one to the next colour that is tried
_PASSES: Final = 4
_HUED: Final = 5.0  # of Lab, from which a colour is no grey: hair, beards
_SKIN: Final = (6.0, 32.0, 48.0)  # least and most red of skin, most yellow
_YELLOW: Final = 0.7  # of its red, that skin is yellow at least
_SAME_HUE: Final = 20.0
_MUCH: Final = 0.3  # of a part's pixels, that have a colour which is its own
_SOME: Final = 0.12  # the same of a head's: hair may be most of it
_BOTH: Final = 0.15  # of either side's, that must have it as well
_LEAST: Final = 0.22  # torsos that a thing measures across, as the root of its area
_ROUND: Final = 0.55  # of the circle around it, that a thing fills; sleeves and hems fill less
_SPECK: Final = 0.08  # torsos across, from which a part may be that of a thing
_LARGEST: Final = 0.7  # torsos across, from which a thing would be told from the person
_OUTSIDE: Final = 1.75  # of a bone's thickness, beyond which nothing is a part of somebody
_IN_HAND: Final = 0.45  # torsos from a hand, within which things are held
_SURE_ROUND: Final = 0.62  # of the circle around it, that a thing fills beyond doubt
_SURE_LEAST: Final = 0.3  # torsos that it measures across
_SURE_SKIN: Final = 0.2  # of its pixels, that could be skin, at most: no forearm
_SURE_BESIDE: Final = 0.15  # of it, that does not lie on the shirt: no print
_SURE_FOOT: Final = 0.15  # of it, that lies at a foot, at most: no shoe
_PARTS: Final = {
    "torso": ("torso",),
    "arms": tuple(
        f"{side} {part}" for side in ("left", "right") for part in ("upper arm", "forearm")
    ),
    "hands": ("left hand", "right hand"),
    "legs": tuple(f"{side} {part}" for side in ("left", "right") for part in ("thigh", "shin")),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something before a person in a photo.

    Attributes:
        box: Around it, in the pixels of the photo.
        sure: Whether it can be neither a forearm, nor a shoe, nor a print on the shirt.
    """

    box: PixelBox
    sure: bool


def things_in(photo: Shown) -> list[Thing]:
    """What lies before a person in a photo, the largest first.

    Args:
        photo: They in it.
    """
    factor = min(1.0, _FINE_PX / photo.skeleton.torso_px)
    pixels, matte, bones = scaled(photo.pixels, photo.matte, photo.skeleton, factor)
    small = Shown(pixels, np.rint(matte * 255).astype(np.uint8), bones)
    there = small.matte > _THERE
    near = labels_of(bones, there.shape)
    at_hand = np.isin(near, _numbers(("left hand", "right hand")))
    lab = _lab(small.pixels)
    other = (_strange(lab, near, there) | _outside(small, there)) & there
    own = np.isin(near, _numbers(("head", "left foot", "right foot"))) & there
    other = _whole(other, lab, own, bones.torso_px)
    solid = solid_of(other, at_hand, bones.torso_px, least=_LEAST)
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = [np.asarray(one, np.int32) for one in outlines]
    kept = [one for one in found if _is_thing(one, at_hand)]
    made = []
    for one in sorted(kept, key=lambda one: -cv2.contourArea(one)):
        x, y, w, h = (value / factor for value in cv2.boundingRect(one))
        box = round(x), round(y), round(x + w), round(y + h)
        made.append(Thing(box, _is_sure(one, lab, near, bones.torso_px)))
    return made


def _is_sure(
    outline: NDArray[np.int32], lab: Floats, near: NDArray[np.intp], torso_px: float
) -> bool:
    """Whether a part is round, large, of no skin's colour, and lies on more than shirt or shoe."""
    _, radius = cv2.minEnclosingCircle(outline)
    area = cv2.contourArea(outline)
    if area < _SURE_ROUND * np.pi * radius**2 or area < (_SURE_LEAST * torso_px) ** 2:
        return False
    blank = np.zeros(near.shape, np.uint8)
    inside = cv2.drawContours(blank, [outline], -1, 1, -1) > 0
    at = near[inside]
    feet = np.isin(at, _numbers(("left foot", "right foot")))
    return bool(
        _like_skin(lab[inside]).mean() < _SURE_SKIN
        and (at != NUMBER["torso"]).mean() > _SURE_BESIDE
        and feet.mean() < _SURE_FOOT
    )


def _is_thing(outline: NDArray[np.int32], at_hand: Flags) -> bool:
    """Whether a part is as whole as things are, or lies at a hand."""
    _, radius = cv2.minEnclosingCircle(outline)
    if cv2.contourArea(outline) > _ROUND * np.pi * radius**2:
        return True
    blank = cv2.drawContours(np.zeros(at_hand.shape, np.uint8), [outline], -1, 1, -1)
    return bool((at_hand & (blank > 0)).any())


def _lab(picture: RGB) -> Floats:
    """(h, w, 3) Lab, in which brightness counts for less."""
    lab = cv2.cvtColor(picture.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    lab = np.asarray(cv2.GaussianBlur(lab, (0, 0), 0.8), np.float32)
    return np.asarray(lab * np.array([_LIGHT, 1, 1], np.float32), np.float32)


def _whole(other: Flags, lab: Floats, own: Flags, torso_px: float) -> Flags:
    """(h, w) the same with what goes on in the same colour where the mask took it for the place,
    but not over heads and feet, which are `own`.
    """
    out = other.copy()
    count, parts, stats, _ = cv2.connectedComponentsWithStats(other.astype(np.uint8))
    for number in range(1, count):
        if stats[number, cv2.CC_STAT_AREA] < (_SPECK * torso_px) ** 2:
            continue
        part = parts == number
        alike = (_apart(lab, [np.median(lab[part], axis=0)]) < _ALIKE) & ~own | part
        _, wide = cv2.connectedComponents(alike.astype(np.uint8))
        grown = np.isin(wide, np.unique(wide[part])) & alike
        if grown.sum() < (_LARGEST * torso_px) ** 2:  # else it is a wall that is as white
            out |= grown
    return out


def _strange(lab: Floats, near: NDArray[np.intp], there: Flags) -> Flags:
    """(h, w) what is of none of the colours of the part of the body that it lies at."""
    inner = cv2.erode(there.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    part = {name: np.isin(near, _numbers(bones)) & there for name, bones in _PARTS.items()}
    torso = _colours(lab[part["torso"] & inner])
    legs = _shared(lab, near, inner, "legs")
    hands = _shared(lab, near, inner, "hands")
    head = _colours(lab[(near == NUMBER["head"]) & inner], much=_SOME)
    skin = [*head, *(one for one in hands if _is_skin(one, head))]
    arms = _shared(lab, near, inner, "arms")
    thighs = np.isin(near, _numbers(("left thigh", "right thigh")))
    out = np.zeros(there.shape, np.bool_)
    for where, own in (
        (part["torso"], [*torso, *legs] if torso else []),  # a shirt may end above the hips
        (part["legs"] & thighs, [*legs, *torso] if legs else []),
        (part["legs"] & ~thighs, legs),
        (part["arms"], [*arms, *torso, *skin] if arms or torso else []),
        (part["hands"], [*arms, *skin, *torso, *legs] if hands or arms else []),
    ):
        if own:
            out |= where & (_apart(lab, own) > _FAR)
    bare = part["arms"] | part["hands"]  # whose skin no face tells where that looks away
    return np.asarray(out & ~(bare & _like_skin(lab)), np.bool_)


def _like_skin(lab: Floats) -> Flags:
    """(h, w) what could be anybody's skin: red, and more or less as yellow."""
    red, yellow = lab[..., 1], lab[..., 2]
    return np.asarray(
        (red > _SKIN[0]) & (red < _SKIN[1]) & (yellow > _YELLOW * red) & (yellow < _SKIN[2]),
        np.bool_,
    )


def _shared(lab: Floats, near: NDArray[np.intp], inner: Flags, name: str) -> list[Floats]:
    """The colours of arms or legs that both sides have, where both are seen."""
    sides = [
        lab[inner & np.isin(near, _numbers(tuple(one for one in _PARTS[name] if side in one)))]
        for side in ("left", "right")
    ]
    found = _colours(np.concatenate(sides))
    if min(map(len, sides)) < _FEWEST:
        return found
    return [
        one
        for one in found
        if min(float((_apart(side, [one]) < _FAR).mean()) for side in sides) > _BOTH
    ]


def _is_skin(colour: Floats, head: list[Floats]) -> bool:
    """Whether a colour is of the hue of a face, be it in the light or not."""
    hues = [one[1:] for one in head if float(one[1:].min()) > _HUED]  # red and yellow, as all skin
    return any(float(np.linalg.norm(colour[1:] - hue)) < _SAME_HUE for hue in hues)


def _colours(pixels: Floats, *, much: float = _MUCH) -> list[Floats]:
    """The colours that a good part of some pixels have, by mean shift from the most frequent."""
    found: list[Floats] = []
    left = pixels
    while len(left) >= max(much * len(pixels), _FEWEST):
        steps, counts = np.unique(np.rint(left / _STEP), axis=0, return_counts=True)
        colour = np.asarray(steps[counts.argmax()] * _STEP, np.float32)
        for _ in range(_PASSES):
            close = _apart(left, [colour]) < _ALIKE
            if not close.any():
                break
            colour = left[close].mean(axis=0)
        close = _apart(left, [colour]) < _ALIKE
        if close.sum() < max(much * len(pixels), _FEWEST):
            break
        found.append(colour)
        left = left[~close]
    return found


def _outside(small: Shown, there: Flags) -> Flags:
    """(h, w) what lies beyond every bone, near a hand."""
    ys, xs = np.mgrid[0 : there.shape[0], 0 : there.shape[1]].astype(np.float32)
    bones, away = small.skeleton, np.full(there.shape, np.inf, np.float32)
    for bone, (start, end) in zip(BONES, bones.segments, strict=True):
        way = end - start
        share = ((xs - start[0]) * way[0] + (ys - start[1]) * way[1]) / max(float(way @ way), 1e-6)
        share = np.clip(share, 0, 1)
        apart = np.hypot(xs - start[0] - share * way[0], ys - start[1] - share * way[1])
        away = np.minimum(away, apart / (bone.radius * bones.torso_px))
    hands = [bones.segments[NUMBER[f"{side} hand"]].mean(axis=0) for side in ("left", "right")]
    reach = np.min([np.hypot(xs - one[0], ys - one[1]) for one in hands], axis=0)
    return np.asarray(there & (away > _OUTSIDE) & (reach < _IN_HAND * bones.torso_px), np.bool_)


def _apart(pixels: Floats, colours: list[Floats]) -> Floats:
    """(...) how far pixels are from the nearest of some colours."""
    return np.asarray(
        np.min([np.linalg.norm(pixels - one, axis=-1) for one in colours], axis=0), np.float32
    )


def _numbers(names: tuple[str, ...]) -> list[int]:
    return [NUMBER[one] for one in names]
