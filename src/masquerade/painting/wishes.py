"""Which style is meant: names of presets, or pictures in whose style to paint, with weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade.errors import UsageError

PRESETS: Final = (
    "harvest", "cutout", "ink", "neon", "crimson", "autumn", "speckle", "bold", "candy",
    "pebbles", "rust", "parchment", "pastel", "emerald", "frost", "stained-glass", "dusk", "bricks",
    "woodcut", "moonlit", "ember", "collage", "graffiti", "umber", "porcelain", "thicket",
)  # fmt: skip
"""Names of the 26 styles that a network knows by heart, in its own order; they came without any."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One style and how much of it.

    Attributes:
        preset: Number of a preset, or None for the style of a picture.
        picture: That picture.
        weight: More than 0.
    """

    preset: int | None
    picture: Path | None
    weight: float = 1.0

    @property
    def recorded(self) -> str:
        """As a recipe names it, which is shown to others: of a picture, its name alone."""
        name = self.picture.name if self.picture else PRESETS[self.preset or 0]
        return name if self.weight == 1 else f"{name}:{self.weight}"


def read_wishes(words: Sequence[str]) -> tuple[Wish, ...]:
    """The styles that are meant.

    Args:
        words: Each the name of a preset or of a picture's file, a colon and a weight behind it
            where there are several, such as ``ink:0.3``.

    Raises:
        UsageError: None is named, one is neither, or presets and pictures are mixed.

    Example:
        >>> read_wishes(["ink:0.5", "frost"])[0]
        Wish(preset=2, picture=None, weight=0.5)
    """
    if not words:
        raise UsageError(
            "no style is named",
            "a picture in whose style to paint, or one of " + ", ".join(PRESETS),
            "name it with --style; `masquerade gallery` shows them all",
        )
    wishes = tuple(_wish(one) for one in words)
    if len({wish.preset is None for wish in wishes}) > 1:
        raise UsageError(
            "presets and pictures are mixed", "presets alone, or pictures alone", "leave one out"
        )
    return wishes


def _wish(word: str) -> Wish:
    name, weight = _weighed(word)
    if name.lower() in PRESETS:
        return Wish(PRESETS.index(name.lower()), None, weight)
    path = Path(name)
    if path.is_file():
        return Wish(None, path, weight)
    raise UsageError(
        f"no style and no file is named {name!r}",
        "the file of a picture, or one of " + ", ".join(PRESETS),
        "check the name; see them: `masquerade gallery PHOTO -o styles.png`",
    )


def _weighed(word: str) -> tuple[str, float]:
    name, colon, number = word.rpartition(":")
    if not colon or Path(word).is_file():
        return word, 1.0
    try:
        weight = float(number)
    except ValueError:
        return word, 1.0
    if not 0 < weight < 1e6:
        raise UsageError(f"the weight of {name!r} is {number}", "a number above 0, such as 0.5")
    return name, weight
