"""Faces as an examination would cut them out of the files that they came in."""

from __future__ import annotations

import cv2
import numpy as np

from masquerade.faces.align import crop, square_crop
from masquerade.forensics.sample import CUT_PX
from masquerade.types import RGB
from train.face_degraded import degraded
from train.face_material import Picture

_AROUND = 1.5


def seen(one: Picture, pixels: RGB, rng: np.random.Generator) -> RGB:
    """(256, 256, 3) the face as an examination would cut it out of a file.

    Args:
        one: The real picture.
        pixels: It, or what was made of it.
        rng: Decides how it was changed on its way, and how exactly it is cut out.
    """
    found = degraded(pixels, rng)
    scale = found.shape[0] / pixels.shape[0]
    low, high = one.landmarks[:, :2].min(axis=0), one.landmarks[:, :2].max(axis=0)
    middle = (low + high) / 2 + rng.normal(0, 0.03 * one.face_px, 2)
    side = _AROUND * one.face_px * rng.uniform(0.88, 1.12)
    cut = crop(found, square_crop(middle * scale, side * scale, 0.0, CUT_PX), CUT_PX)
    return np.ascontiguousarray(cut[:, ::-1]) if rng.random() < 0.5 else cut


def both_seen(one: Picture, fake: RGB, way: int) -> tuple[RGB, RGB]:
    """The real face and the manipulated one after the same way, so that nothing else differs.

    Args:
        one: The real picture.
        fake: (S, S, 3) uint8, what was made of it.
        way: Seed of all that happens on it.
    """
    real, made = (seen(one, px, np.random.default_rng(way)) for px in (one.pixels, fake))
    return real, made


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
