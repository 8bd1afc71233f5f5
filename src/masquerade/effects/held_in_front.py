"""What is in front of a face stays as it is: hands, and what people name. Effects lie below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.hands_before import Before
from masquerade.effects.portrait import Portrait
from masquerade.errors import UsageError
from masquerade.faces.occlusion.corrections import Correction, Unit
from masquerade.types import RGB, Face, Frame, Mask, PixelBox

NOTHING: Final = "none"
"""What is said where nothing is in front, hands neither."""
_OF_FACE: Final = "face:"
_EDGE: Final = 0.015  # units beside an area, over which changes fade
_HELD: Final = 0.15  # units beside what is in front, within which the face moves less and less:
# nobody knows what is hidden, and what is painted in there would be pulled into sight
_PAINTED_PX: Final = 80.0  # a unit, at which skin is painted in below
_REACH: Final = 3.0  # of these pixels, from which it is taken
_FORM: Final = (
    "corners x,y in pixels, two of a box or more of an outline, such as '310,220 420,330'; behind"
    " face: in shares of the face's box, such as 'face:0.2,0.6 0.8,1.1'"
)


def read_areas(said: Sequence[str]) -> tuple[Correction, ...]:
    """Areas in front of a face, as options name them.

    Raises:
        UsageError: One is no area, or areas are named and nothing is said to be in front.

    Example:
        >>> read_areas(["face:0,0.5 1,1"])[0].area[2]
        (1.0, 1.0)
    """
    if NOTHING in said:
        if len(said) > 1:
            raise UsageError(
                f"nothing is in front, and something is: {', '.join(map(repr, said))}",
                f"areas, or {NOTHING!r} alone",
            )
        return ()
    return tuple(_area(one) for one in said)


def _area(said: str) -> Correction:
    of_face = said.startswith(_OF_FACE)
    unit: Unit = "face" if of_face else "px"
    try:
        corners = [
            tuple(float(number) for number in corner.split(","))
            for corner in said.removeprefix(_OF_FACE).split()
        ]
    except ValueError:
        corners = []
    if len(corners) < 2 or any(len(corner) != 2 for corner in corners):
        raise UsageError(f"the area in front is {said!r}", _FORM, "name its corners")
    if len(corners) > 2:
        return Correction(tuple((x, y) for x, y in corners), keep="front", unit=unit)
    (x0, y0), (x1, y1) = corners
    box = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    return Correction.box(box, keep="front", unit=unit)


def front_mask(
    areas: Sequence[Correction], frame: Frame, face: Face, portrait: Portrait
) -> Mask | None:
    """(h, w) in [0, 1]: 1 in the areas, fading beside them; None where none is near the face.

    Args:
        areas: In front of the face.
        frame: The whole picture.
        face: Whose.
        portrait: It is asked for that part of the picture.

    Raises:
        UsageError: An area lies outside the picture.
    """
    inside = np.zeros(portrait.pixels.shape[:2], np.uint8)
    width, height = frame.size_wh
    for area in areas:
        corners = area.corners_px(face, frame.size_wh)
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        if area.unit == "px" and (left >= width or top >= height or right <= 0 or bottom <= 0):
            raise UsageError(
                f"an area in front begins at {left:g}, {top:g} and ends at {right:g}, {bottom:g}",
                f"one within the picture of {width} x {height} pixels",
            )
        near = np.clip(corners - np.array(portrait.box[:2], np.float32), -30000, 30000)
        cv2.fillPoly(inside, [np.rint(near).astype(np.int32)], 1)
    if not inside.any():
        return None
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    fading = 1 - away / np.float32(max(_EDGE * portrait.unit, 1.0))
    return np.asarray(np.clip(fading, 0, 1), np.float32)


def all_in_front(named: Mask | None, hands: Before | None, box: PixelBox) -> Mask | None:
    """(h, w) in [0, 1] what was named and what was found; None where neither is anything.

    Args:
        named: As `front_mask` gives it.
        hands: Those before faces.
        box: The part of the picture that is asked for.
    """
    x0, y0, x1, y1 = box
    found = hands.mask[y0:y1, x0:x1] if hands else None
    if found is None or not found.any():
        return named
    return found if named is None else np.maximum(named, found)


def with_front_apart(
    portrait: Portrait, front: Mask | None, change: Callable[[Portrait], Portrait]
) -> Portrait:
    """The portrait, changed below what is in front of it.

    Args:
        portrait: The face.
        front: (h, w) in [0, 1] what is; None: nothing.
        change: What is done to the face.
    """
    if front is None:
        return change(portrait)
    hidden = front > 0
    away = cv2.distanceTransform((~hidden).astype(np.uint8), cv2.DIST_L2, 5)
    still = np.clip(1 - away / np.float32(_HELD * portrait.unit), 0, 1)
    bare = replace(portrait, pixels=_painted(portrait, hidden), still=still)
    made = change(bare)
    before = portrait.pixels.astype(np.float32)
    pixels = made.pixels + front[..., None] * (before - made.pixels)
    same = (made.pixels == bare.pixels).all(axis=2, keepdims=True)
    return made.with_pixels(np.asarray(np.where(same, before, pixels), np.float32))


def _painted(portrait: Portrait, hidden: NDArray[np.bool_]) -> RGB:
    """(h, w, 3) the pixels, with what is around them painted into what is hidden."""
    height, width = hidden.shape
    scale = min(1.0, _PAINTED_PX / portrait.unit)
    size = max(round(width * scale), 2), max(round(height * scale), 2)
    small = cv2.resize(portrait.pixels, size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(hidden.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(small, (share > 0).astype(np.uint8), _REACH, cv2.INPAINT_TELEA)
    whole = cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.where(hidden[..., None], whole, portrait.pixels), np.uint8)
