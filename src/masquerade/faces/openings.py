"""What a photo does not show: lids over an open eye, and the inside of a closed mouth, drawn."""

from __future__ import annotations

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE, interocular_px
from masquerade.types import RGB, Points

Field: TypeAlias = NDArray[np.float32]

# Skin above the upper lid and below the lower one, from the outer corner to the inner one.
_RIGHT_SKIN: Final = ((247, 30, 29, 27, 28, 56, 190), (25, 110, 24, 23, 22, 26, 112))
_LEFT_SKIN: Final = ((467, 260, 259, 257, 258, 286, 414), (255, 339, 254, 253, 252, 256, 341))
_SHADE: Final = 0.4  # share of the skin above, which lies in shadow, in the lid's colour
_LASHES: Final = 0.3  # of the skin's brightness
_DARKNESS: Final = np.array([0.17, 0.06, 0.06], np.float32)
_TEETH: Final = np.array([0.93, 0.88, 0.80], np.float32)


def lids(picture: RGB, landmarks: Points, blink: float) -> tuple[Field, Field]:
    """(H, W, 3) colour of the upper lids drawn over the eyes, and (H, W) in [0, 1] where they lie.

    The skin around the eye goes on down to the lashes.

    Args:
        picture: (H, W, 3) uint8 RGB with open eyes.
        landmarks: (478, 3) its mesh in pixels.
        blink: 0 to 1, where the eyes are closed.
    """
    unit = interocular_px(landmarks)
    colour = picture.astype(np.float32)
    cover = np.zeros(picture.shape[:2], np.float32)
    for ring, (above, below) in ((RIGHT_EYE, _RIGHT_SKIN), (LEFT_EYE, _LEFT_SKIN)):
        upper = landmarks[list(ring[:9]), :2]
        lower = landmarks[[ring[0], *ring[:7:-1]], :2]
        edge = upper + blink * 0.95 * (lower - upper)
        rise = np.sin(np.linspace(0, np.pi, 9))[:, None] * np.array([0, -0.07 * unit])
        lid = np.concatenate([upper + rise, edge[::-1]])
        low = np.floor(lid.min(axis=0) - 0.15 * unit).astype(int).clip(0)
        high = np.ceil(np.concatenate([lid, lower]).max(axis=0) + 0.2 * unit).astype(int)
        part = np.s_[low[1] : high[1], low[0] : high[0]]
        shadow, light = (
            _across(colour[part], landmarks[list(row), :2] - low, unit) for row in (above, below)
        )
        skin = _SHADE * shadow + (1 - _SHADE) * light
        skin = _with_lashes(skin, edge - low, unit)
        colour[part] = skin
        cover[part] = _soft_polygon(lid - low, skin.shape, unit)
    return colour, cover * min(1.0, blink * 4)


def _across(part: Field, row: Field, unit: float) -> Field:
    """The colours along a row of points, carried on up and down."""
    smooth = np.asarray(cv2.GaussianBlur(part, (0, 0), 0.03 * unit), np.float32)
    height, width = part.shape[:2]
    at = np.clip(np.round(row).astype(int), 0, [width - 1, height - 1])
    order = np.argsort(at[:, 0])
    colours = smooth[at[order, 1], at[order, 0]]
    columns = np.arange(width)
    line = np.stack([np.interp(columns, at[order, 0], colours[:, k]) for k in range(3)], axis=-1)
    return np.repeat(line[None].astype(np.float32), height, axis=0)


def _with_lashes(skin: Field, edge: Field, unit: float) -> Field:
    """The skin with a dark soft line along the lid's edge."""
    line = np.zeros(skin.shape[:2], np.float32)
    points = np.round(edge * 16).astype(np.int32)
    cv2.polylines(line, [points], False, 1.0, max(1, round(0.035 * unit)), cv2.LINE_AA, 4)
    soft = np.asarray(cv2.GaussianBlur(line, (0, 0), max(0.5, 0.012 * unit)), np.float32)
    return np.asarray(skin * (1 - (1 - _LASHES) * soft[..., None]), np.float32)


def _soft_polygon(points: Field, shape: tuple[int, ...], unit: float) -> Field:
    """1 inside a polygon, soft at the edge."""
    mask = np.zeros(shape[:2], np.float32)
    cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.6, 0.015 * unit)), np.float32)


def inside_mouth(ring: Field, unit: float, size_hw: tuple[int, int]) -> tuple[Field, Field]:
    """(H, W, 3) teeth and darkness, RGB in [0, 1], and (H, W) in [0, 1] where the mouth is open.

    Args:
        ring: (20, 2) edge of the opening, the upper lip first, in pixels.
        unit: Distance of the eyes in pixels.
        size_hw: Of the picture.
    """
    height, width = size_hw
    opening = np.zeros((height, width), np.float32)
    cv2.fillPoly(opening, [np.round(ring * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    opening = np.asarray(cv2.GaussianBlur(opening, (0, 0), max(0.6, 0.008 * unit)))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    middle, half = (ring[0, 0] + ring[10, 0]) / 2, abs(ring[10, 0] - ring[0, 0]) / 2
    across = np.clip(np.abs(x - middle) / half, 0, 1)
    order = np.argsort(ring[:11, 0])
    lip = np.interp(x[0], ring[:11, 0][order], ring[:11, 1][order]).astype(np.float32)
    length = np.maximum(0.15 * unit * np.sqrt(1 - across**2), 1)
    below = (y - lip + 0.035 * unit) / length
    teeth = np.clip((1 - below) * 6, 0, 1) * np.clip((0.85 - across) * 5, 0, 1)
    gaps = np.clip(np.abs(np.sin(np.pi * (x - middle) / (0.125 * unit))) * 5, 0, 1)
    light = (1 - 0.5 * across**2) * np.clip(0.5 + 0.7 * below, 0, 1) * (0.85 + 0.15 * gaps)
    colour = _DARKNESS + (teeth * light)[..., None] * (_TEETH - _DARKNESS)
    soft = cv2.GaussianBlur(colour.astype(np.float32), (0, 0), 0.008 * unit + 0.3)
    return np.asarray(soft, np.float32), opening
