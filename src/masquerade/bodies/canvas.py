"""What a trained renderer looks at: a square around a person, in a fixed number of torsos.

The middle of the hips is the middle of the square, so that a person of any size and at any place
looks alike to the network. Colours are premultiplied by how much of each pixel is the person.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.puppet import Drawn
from masquerade.bodies.skeleton import BONES, NUMBER, Layer, Skeleton
from masquerade.types import RGB, Mask

TORSOS: Final = 4.6
"""Width and height of the square."""
LAYERS: Final = tuple(Layer)
GIVEN: Final = 4 + len(LAYERS) + 1
"""Channels: the puppet's red, green, blue and alpha, where each layer's bones lie, and the face."""
FACE: Final = GIVEN - 1
"""Number of the channel of the face."""
MIRRORED: Final = (0, 1, 2, 3, 4, 6, 5, 8, 7, 9)
"""Which channel each one is in a mirror: left arms and legs are right ones."""
_THICK: Final = 0.6  # of a bone's radius, its line in the layer's channel
_HEAD: Final = 0.62  # of the way along the head's bone, the middle of the head
_FACE: Final = 0.36  # torsos from there that belong to face and hair
_SOFT: Final = 0.05  # torsos over which the face's part fades
_FINE: Final = 4  # binary places of a pixel at which lines are drawn


def to_canvas(skeleton: Skeleton, side: int) -> NDArray[np.float64]:
    """(2, 3) from pixels of the skeleton's picture to those of the square.

    Args:
        skeleton: Of the person.
        side: Of the square in pixels.
    """
    scale = side / (TORSOS * skeleton.torso_px)
    x, y = (float(one) for one in skeleton.segments[NUMBER["torso"], 0])
    centre = (side - 1) / 2
    return np.array([[scale, 0, centre - scale * x], [0, scale, centre - scale * y]])


def on_canvas(skeleton: Skeleton, side: int) -> Skeleton:
    """The bones in pixels of the square."""
    move = to_canvas(skeleton, side)
    scale, by = np.float32(move[0, 0]), move[:, 2].astype(np.float32)
    return replace(
        skeleton,
        segments=skeleton.segments * scale + by,
        corners=skeleton.corners * scale + by,
        torso_px=skeleton.torso_px * float(scale),
    )


def reduced(
    pixels: RGB | Mask, move: NDArray[np.float64], side: int
) -> NDArray[np.uint8] | NDArray[np.float32]:
    """(side, side, ...) a picture brought to the square without aliasing; black outside it.

    Args:
        pixels: (H, W) or (H, W, 3).
        move: From `to_canvas`.
        side: Of the square in pixels.
    """
    scale = float(move[0, 0])
    shown: NDArray[np.uint8 | np.float32] = pixels
    if scale < 1:
        height, width = pixels.shape[:2]
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        across, down = size[0] / width, size[1] / height
        rest = move.copy()
        rest[:, 0] /= across
        rest[:, 1] /= down
        rest[0, 2] += rest[0, 0] * (0.5 - across / 2)  # middles of pixels stay where they are
        rest[1, 2] += rest[1, 1] * (0.5 - down / 2)
        shown, move = np.asarray(small, pixels.dtype), rest
    out = cv2.warpAffine(shown, move, (side, side), flags=cv2.INTER_LINEAR)
    if pixels.dtype == np.uint8:
        return np.asarray(out, np.uint8)
    return np.asarray(out, np.float32)


def given(drawn: Drawn, skeleton: Skeleton, side: int) -> NDArray[np.uint8]:
    """(10, side, side) uint8 what the network is given; see `GIVEN`.

    Args:
        drawn: The puppet over black.
        skeleton: Its pose, in pixels of the same picture.
        side: Of the square in pixels.
    """
    move = to_canvas(skeleton, side)
    out = np.empty((GIVEN, side, side), np.uint8)
    out[:3] = reduced(drawn.pixels, move, side).transpose(2, 0, 1)
    out[3] = np.rint(reduced(drawn.alpha, move, side) * 255)
    out[4:] = posed(on_canvas(skeleton, side), side)
    return out


def posed(bones: Skeleton, side: int) -> NDArray[np.uint8]:
    """(6, side, side) uint8 where the bones of each layer lie, and the face.

    Args:
        bones: In pixels of the square.
        side: Of the square in pixels.
    """
    out = np.zeros((len(LAYERS) + 1, side, side), np.uint8)
    for bone, segment in zip(BONES, bones.segments, strict=True):
        wide = max(round(2 * _THICK * bone.radius * bones.torso_px), 1)
        if bone.name == "torso":
            left, right, low_left, low_right = bones.corners
            quad = np.stack([left, right, low_right, low_left])
            cv2.fillConvexPoly(out[0], _fine(quad), 255, cv2.LINE_AA, _FINE)
            continue
        start, end = _fine(segment).tolist()
        cv2.line(out[LAYERS.index(bone.layer)], start, end, 255, wide, cv2.LINE_AA, _FINE)
    out[-1] = face_of((side, side), bones)
    return out


def face_of(shape_hw: tuple[int, int], bones: Skeleton) -> NDArray[np.uint8]:
    """(H, W) uint8 the part of a picture that no network may draw: face and hair.

    Args:
        shape_hw: Of the picture.
        bones: In its pixels.
    """
    neck, crown = bones.segments[NUMBER["head"]]
    middle = neck + (crown - neck) * np.float32(_HEAD)
    reach = round(_FACE * bones.torso_px * 2**_FINE)
    out = np.zeros(shape_hw, np.uint8)
    centre = tuple(_fine(middle).tolist())
    cv2.circle(out, centre, reach, 255, -1, cv2.LINE_AA, _FINE)
    soft = cv2.GaussianBlur(out, (0, 0), max(_SOFT * bones.torso_px / 2, 0.5))
    return np.asarray(soft, np.uint8)


def _fine(points: NDArray[np.float32]) -> NDArray[np.int32]:
    """Points in whole parts of a pixel."""
    return np.rint(points * 2**_FINE).astype(np.int32)
