"""Letters for the words of labels, out of fonts that ship with the package.

The fonts hold only the letters that labels use, so that a label looks the same on every machine
and no box stands where a letter is missing. They are cut by ``scripts/make_label_fonts.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont, features

from masquerade.errors import OutputError

_FOLDER = Path(__file__).with_name("fonts")
_FILES: Final = {"ar": "arabic.ttf", "ja": "japanese.otf", "ko": "korean.otf", "zh": "chinese.otf"}
_RIGHT_TO_LEFT = ("ar",)


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file and how its letters are put together.

    Attributes:
        path: The font.
        language: Whose words it writes.
        shaped: Whether letters change with their neighbours and run from right to left.
    """

    path: Path
    language: str
    shaped: bool

    def width_px(self, text: str, size_px: int) -> float:
        """Length of a line."""
        font = self._font(size_px)
        if self.shaped:
            return font.getlength(text, direction="rtl", language=self.language)
        return font.getlength(text)

    def draw(
        self, pen: ImageDraw.ImageDraw, middle: tuple[float, float], text: str, px: int
    ) -> None:
        """Draws a line with its middle there, in full white."""
        font = self._font(px)
        if self.shaped:
            pen.text(middle, text, 255, font, "mm", direction="rtl", language=self.language)
        else:
            pen.text(middle, text, 255, font, "mm")

    def _font(self, size_px: int) -> ImageFont.FreeTypeFont:
        layout = ImageFont.Layout.RAQM if self.shaped else ImageFont.Layout.BASIC
        return ImageFont.truetype(self.path, size_px, layout_engine=layout)


def typeface(language: str) -> Typeface:
    """The letters for a language.

    Raises:
        OutputError: This machine cannot put the letters of that script together.
    """
    shaped = language in _RIGHT_TO_LEFT
    if shaped and not (features.check("raqm") and features.check("fribidi")):
        raise OutputError(
            f"this machine cannot write labels in {language!r}: Pillow finds no FriBiDi, which"
            " puts letters in order from right to left",
            "FriBiDi (the package libfribidi0 or fribidi of your system)",
            "install it, or choose another --label-language",
        )
    return Typeface(_FOLDER / _FILES.get(language, "sans.ttf"), language, shaped)


def blank(size_wh: tuple[int, int]) -> Image.Image:
    """An empty sheet to draw on, one byte a pixel."""
    return Image.new("L", size_wh, 0)
