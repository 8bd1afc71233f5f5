"""Plain words on pictures that are shown to people, in smooth letters. Labels have their own."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from masquerade.types import RGB


def draw_words(
    picture: RGB,
    words: str,
    at: tuple[float, float],
    *,
    size_px: int,
    colour: tuple[int, int, int] = (40, 40, 46),
    anchor: Literal["left", "middle", "right"] = "left",
) -> None:
    """Draws a line into the picture; what does not fit is cut off.

    Args:
        picture: (H, W, 3) uint8 RGB, changed in place.
        words: One line.
        at: Where the line's left end, middle or right end lies, at half of its height.
        size_px: Height of the letters.
        colour: Of the letters.
        anchor: Which point of the line lies there.

    Example:
        >>> page = np.full((40, 200, 3), 255, np.uint8)
        >>> draw_words(page, "0:01.50", (8, 20), size_px=18)
        >>> bool(page.min() < 100)
        True
    """
    height, width = picture.shape[:2]
    plain = words.encode("ascii", "replace").decode()  # all that these letters know
    ink = Image.new("L", (width, min(height, 2 * size_px)), 0)
    top = round(at[1]) - ink.height // 2
    places = {"left": "lm", "middle": "mm", "right": "rm"}
    pen = ImageDraw.Draw(ink)
    pen.text((at[0], ink.height / 2), plain, 255, _letters(size_px), places[anchor])
    first, last = max(0, top), min(height, top + ink.height)
    share = np.asarray(ink, np.float32)[first - top : last - top, :, None] / np.float32(255)
    under = picture[first:last].astype(np.float32)
    mixed = under + share * (np.asarray(colour, np.float32) - under)
    picture[first:last] = np.rint(mixed).astype(np.uint8)


def width_px(words: str, size_px: int) -> float:
    """Length of a line in letters of that height."""
    return float(_letters(size_px).getlength(words))


@cache
def _letters(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size_px)
