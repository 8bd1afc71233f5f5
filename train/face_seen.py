"""Faces as an examination would cut them out of the files that they came in."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.align import crop, square_crop
from masquerade.forensics.face_input import TAKEN
from masquerade.forensics.sample import CUT_PX
from masquerade.types import RGB
from train.face_degraded import before, degraded
from train.face_material import Picture

PARTS: Final = 12
_AROUND: Final = 1.5
_CHANGED: Final = 4  # levels


def as_before(one: Picture, rng: np.random.Generator) -> Picture:
    """The picture as it was before anybody manipulated it; see `train.face_degraded.before`.

    Args:
        one: A real picture.
        rng: Decides what had happened to it.
    """
    pixels = before(one.pixels, rng)
    side = pixels.shape[0]
    there = one.pixels.max(axis=2) > 0
    inside = cv2.resize(there.astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST)
    scale = side / one.pixels.shape[0]
    landmarks = one.landmarks * np.float32(scale)
    return replace(
        one, pixels=pixels * inside[..., None], landmarks=landmarks, face_px=one.face_px * scale
    )


def seen(one: Picture, pixels: RGB, way: int) -> RGB:
    """(256, 256, 3) the face as an examination would cut it out of a file.

    Args:
        one: The real picture.
        pixels: It, or what was made of it.
        way: Seed of how it was changed on its way, and how exactly it is cut out.
    """
    found = degraded(pixels, np.random.default_rng((way, 0)))
    return _cut(one, found, found.shape[0] / pixels.shape[0], way)


def both_seen(one: Picture, fake: RGB, way: int) -> tuple[RGB, RGB]:
    """The real face and the manipulated one after the same way, so that nothing else differs.

    Args:
        one: The real picture.
        fake: (S, S, 3) uint8, what was made of it.
        way: Seed of all that happens on it.
    """
    return seen(one, one.pixels, way), seen(one, fake, way)


def touched(one: Picture, fake: RGB, way: int) -> NDArray[np.uint8]:
    """(12, 12) which parts of what `both_seen` gives were manipulated: 0 none of it, 255 all.

    Args:
        one: The real picture.
        fake: (S, S, 3) uint8, what was made of it.
        way: As there.
    """
    changed = np.abs(fake.astype(np.int16) - one.pixels).max(axis=2) >= _CHANGED
    cut = _cut(one, np.repeat(changed[..., None], 3, axis=2).astype(np.uint8) * 255, 1.0, way)
    edge = (CUT_PX - TAKEN) // 2
    inner = np.ascontiguousarray(cut[edge : edge + TAKEN, edge : edge + TAKEN, 0])
    return np.asarray(cv2.resize(inner, (PARTS, PARTS), interpolation=cv2.INTER_AREA), np.uint8)


def _cut(one: Picture, pixels: RGB, scale: float, way: int) -> RGB:
    rng = np.random.default_rng((way, 1))
    low, high = one.landmarks[:, :2].min(axis=0), one.landmarks[:, :2].max(axis=0)
    middle = (low + high) / 2 + rng.normal(0, 0.03 * one.face_px, 2)
    side = _AROUND * one.face_px * rng.uniform(0.88, 1.12)
    cut = crop(pixels, square_crop(middle * scale, side * scale, 0.0, CUT_PX), CUT_PX)
    return np.ascontiguousarray(cut[:, ::-1]) if rng.random() < 0.5 else cut


def plainly(one: Picture, pixels: RGB) -> RGB:
    """(256, 256, 3) the face cut out as it is.

    Args:
        one: The real picture.
        pixels: (T, T, 3) uint8 of any size, it or what was made of it.
    """
    low, high = one.landmarks[:, :2].min(axis=0), one.landmarks[:, :2].max(axis=0)
    scale = pixels.shape[0] / one.pixels.shape[0]
    side = _AROUND * one.face_px * scale
    return crop(pixels, square_crop((low + high) / 2 * scale, side, 0.0, CUT_PX), CUT_PX)


def smaller(pixels: RGB, factor: float) -> RGB:
    """With its sides times a factor."""
    side = round(pixels.shape[0] * factor)
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
