"""Skin with more or less of what colours it: blood with and without oxygen, bilirubin.

Light that comes out of skin was weakened by its pigments: one more of them multiplies each channel
by a factor (Tsumura et al., "Image-based skin color and texture analysis/synthesis by extracting
hemoglobin and melanin information in the skin", 2003). So the same amount shows strongly on light
skin and as a deeper tone on dark skin, and shading and pores stay. What shines is reflected before
any pigment is met, and is left as it is (Shafer, "Using color to separate reflection components",
1985).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.effects.tint import lab_of, only_where
from masquerade.faces.mesh import LEFT_BROW, LEFT_EYE, LIPS, RIGHT_BROW, RIGHT_EYE
from masquerade.types import Mask

BLOOD: Final = (0.08, 1.0, 0.88)
"""How strongly red, green and blue are weakened by blood with oxygen."""
DARK_BLOOD: Final = (0.62, 1.0, 0.52)
"""The same of blood without oxygen, which lies in bruises."""
BLUE: Final = (0.55, 0.24, -0.02)
"""What changes where blood lacks oxygen: more red is weakened, and less blue."""
BILIRUBIN: Final = (0.0, 0.08, 1.0)
"""The yellow of jaundice and of the rim of a bruise."""

_LEAST_SHINE: Final = 0.02  # of full brightness; less is noise
_STILL_SKIN: Final = (0.96, 0.97)  # green of red, and blue of green, at most: skin, not mint
_LIGHT: Final = 65.0  # lightness of skin, from which all is seen
_LEAST_SEEN: Final = 0.5
_HAZE: Final = 0.03  # units over which shine is smoothed

Floats = NDArray[np.float32]


def pigmented(portrait: Portrait, mask: Mask, pigment: tuple[float, float, float]) -> Portrait:
    """The portrait with more of a pigment in a part of it, or with less.

    Args:
        portrait: The face.
        mask: (h, w) optical density to add at the channel that the pigment weakens most (1.0
            leaves 0.37 of it); below 0 it is taken away, as far as what is left is skin.
        pigment: How strongly red, green and blue are weakened.
    """
    pixels = portrait.pixels.astype(np.float32)
    shine = _shine(portrait, pixels)
    weaker = np.exp(-mask[..., None] * np.asarray(pigment, np.float32))
    made = (pixels - shine) * weaker
    if (mask < 0).any():
        made = _skin(pixels - shine, made)
    return only_where(portrait, np.abs(mask), np.asarray(made + shine, np.float32))


def _shine(portrait: Portrait, pixels: Floats) -> Floats:
    """(h, w, 1) what of the light is reflected by the surface: it lacks the colour of the skin."""
    sure = portrait.skin(0.02) > 0.9
    if not sure.any():
        return np.zeros((*pixels.shape[:2], 1), np.float32)
    skin = np.median(pixels[sure], axis=0)
    share = float(np.clip(skin[2] / max(skin[0], 1.0), 0.05, 0.9))  # blue of red, without shine
    over = (pixels[..., 2] - share * pixels[..., 0]) / (1 - share) - 255 * _LEAST_SHINE
    over = np.minimum(np.clip(over, 0, None), 0.8 * pixels.min(axis=2))
    over *= portrait.area([LIPS, RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW], 0.01) < 0.3
    return portrait.softened(np.asarray(over, np.float32), _HAZE)[..., None]


def _skin(before: Floats, made: Floats) -> Floats:
    """What was made, nowhere greener or bluer than skin can be, unless it was so before."""
    green = np.maximum(_STILL_SKIN[0] * made[..., 0], before[..., 1])
    made[..., 1] = np.minimum(made[..., 1], green)
    blue = np.maximum(_STILL_SKIN[1] * made[..., 1], before[..., 2])
    made[..., 2] = np.minimum(made[..., 2], blue)
    return made


def seen(portrait: Portrait) -> float:
    """How much of what blood does shows in this skin, in [0, 1]: melanin above it hides some."""
    skin = portrait.skin()
    light = lab_of(portrait.pixels)[..., 0]
    mean = float((light * skin).sum() / max(float(skin.sum()), 1.0))
    return float(np.clip(mean / _LIGHT, _LEAST_SEEN, 1.0))
