"""What an input says of itself, as it may go into an output: letters, and not without end."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

MOST: Final = 10_000  # letters of one text
_TURNS: Final = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
_STEERS: Final = frozenset(("Cc", "Cs", "Zl", "Zp"))


def plain(text: str) -> str:
    r"""A text without controls and marks that turn its direction, cut where it is very long.

    Lines and columns stay. Letters of scripts that are written from the right need no such marks.

    Example:
        >>> plain("a\u202egpj.exe\x1b[2J\nb")
        'agpj.exe[2J\nb'
    """
    kept = "".join(letter for letter in text[: 2 * MOST] if letter in "\n\t" or not _steers(letter))
    return kept[:MOST]


def changed(texts: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """A note that names the texts that `plain` changes, if it does.

    Args:
        texts: (name, text) of all that goes into an output.
    """
    names = dict.fromkeys(name for name, text in texts if plain(text) != text)
    if not names:
        return ()
    return (
        "control characters, marks that turn the direction of writing and what is over"
        f" {MOST:,} letters was taken out of: {', '.join(names)}",
    )


def _steers(letter: str) -> bool:
    return unicodedata.category(letter) in _STEERS or unicodedata.bidirectional(letter) in _TURNS
