"""Fonts for paper: letters of any script are set in a font that has them, and embedded.

Noto Sans (Latin, Greek, Cyrillic, Devanagari) comes with the extra ``pdf``; for other scripts a
font of the system is looked for, or one is named. A letter that no font has is an error: a name
with holes in it is no name.
"""

from __future__ import annotations

import io
import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from masquerade.errors import UsageError

_FOLDERS: Final = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)
_WIDE: Final = (
    "DejaVuSans.ttf",
    "NotoSans*-Regular.ttf",
    "NotoSansCJK*.ttf",
    "DroidSansFallback*.ttf",
    "wqy-*.ttc",
    "Arial Unicode.ttf",
    "ARIALUNI.TTF",
    "msyh.ttc",
    "msgothic.ttc",
    "malgun.ttf",
    "unifont*.ttf",
)
_TURNED: Final = ("R", "AL")  # classes of letters that are written from right to left


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font that the page may use: its name there, and the letters it has."""

    name: str
    letters: frozenset[int]


@dataclass(frozen=True, slots=True)
class Typefaces:
    """Fonts in the order in which they are asked for a letter, and one for headings."""

    plain: tuple[Typeface, ...]
    bold: str

    def markup(self, text: str) -> str:
        """The text with every letter in a font that has it, as reportlab's paragraphs want it.

        Raises:
            UsageError: No font has a letter, or it is written from right to left.
        """
        turned = [one for one in text if unicodedata.bidirectional(one) in _TURNED]
        if turned:
            raise UsageError(
                f"{text!r} is written from right to left, which these pages cannot set yet",
                "a name in letters that run from left to right",
                "write it in such letters in the record's name, beside the other",
            )
        runs = groupby(unicodedata.normalize("NFC", text), self._name_for)
        return "".join(f'<font name="{name}">{escape("".join(run))}</font>' for name, run in runs)

    def _name_for(self, letter: str) -> str:
        for face in self.plain:
            if ord(letter) in face.letters:
                return face.name
        raise UsageError(
            f"no font here has the letter {letter!r} (U+{ord(letter):04X})",
            "a TrueType font that has it",
            "name one: --font FILE",
        )


def typefaces(texts: Sequence[str], *, font: Path | None = None) -> Typefaces:
    """Fonts that have the letters of these texts, as far as there are any.

    Args:
        texts: All that is to be set.
        font: A font file to ask before those of the system.

    Raises:
        UsageError: The extra ``pdf`` is not installed, or the file is no TrueType font.
    """
    try:
        import pymupdf_fonts
    except ImportError as error:
        raise UsageError(
            "pages cannot be made: the extra pdf is not installed",
            "reportlab and pymupdf-fonts",
            'python -m pip install "masquerade[pdf]"',
        ) from error
    found = [_loaded("NotoSans", pymupdf_fonts.myfont("notos"))]
    bold = _loaded("NotoSansBold", pymupdf_fonts.myfont("notosbo")).name
    if font is not None:
        found.append(_named(font))
    missing = {ord(letter) for text in texts for letter in unicodedata.normalize("NFC", text)}
    missing -= frozenset().union(*(face.letters for face in found))
    for face in _of_the_system() if missing else ():
        if missing & face.letters:
            found.append(face)
            missing -= face.letters
        if not missing:
            break
    return Typefaces(tuple(found), bold)


def _named(font: Path) -> Typeface:
    from reportlab.pdfbase.ttfonts import TTFError

    try:
        return _loaded(f"Given {font.name}", font.read_bytes())
    except (OSError, TTFError) as error:
        raise UsageError(
            f"{font} is no font that can be used: {error}", "a TrueType font"
        ) from error


def _of_the_system() -> Iterator[Typeface]:
    """Fonts with many letters, where systems keep them."""
    from reportlab.pdfbase.ttfonts import TTFError

    for folder in (Path(place).expanduser() for place in _FOLDERS):
        for pattern in _WIDE if folder.is_dir() else ():
            for path in sorted(folder.rglob(pattern)):
                try:
                    yield _loaded(os.fspath(path), path.read_bytes())
                except (OSError, TTFError):  # of a kind that cannot be embedded: the next one
                    continue


def _loaded(name: str, data: bytes) -> Typeface:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    loaded = TTFont(name, io.BytesIO(data))
    pdfmetrics.registerFont(loaded)
    return Typeface(name, frozenset(loaded.face.charToGlyph))
