"""Colours laid over parts of a face."""

import numpy as np
from tests.effects.test_effects import portrait

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import coloured, lab_of

BLUE = (63, 116, 168)
RED = (163, 36, 59)


def brow_of(light: int, other: int) -> tuple[Portrait, np.ndarray]:
    """A face with two plain halves in a box, and a mask of that box."""
    face = portrait()
    pixels = face.pixels.copy()
    pixels[100:120, 100:140], pixels[120:140, 100:140] = light, other
    mask = np.zeros(pixels.shape[:2], np.float32)
    mask[100:140, 100:140] = 1
    return face.with_pixels(pixels), mask


def richness(face: Portrait) -> float:
    return float(
        np.hypot(*np.moveaxis(lab_of(face.pixels[104:136, 104:136])[..., 1:], -1, 0)).mean()
    )


def test_a_colour_is_less_rich_in_shade() -> None:
    lit, shaded = (coloured(*brow_of(level, level), BLUE, light=0.2) for level in (150, 40))

    assert richness(shaded) < 0.7 * richness(lit)


def test_paint_covers_how_two_parts_differ() -> None:
    before, mask = brow_of(60, 180)

    bare, painted = (coloured(before, mask, RED, contrast=share) for share in (1.0, 0.5))

    def step(face: Portrait) -> float:
        light = lab_of(face.pixels)[..., 0]
        return float(light[135, 120] - light[105, 120])

    assert step(painted) < 0.65 * step(bare)
