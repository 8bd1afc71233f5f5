"""The ways to label: where, since when, and how loud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from masquerade.errors import UsageError

Place: TypeAlias = Literal["before", "after"]

SHORTEST_CARD_S: Final = Fraction(3, 2)


@dataclass(frozen=True, slots=True)
class Preset:
    """A way to label.

    Attributes:
        summary: What it is for.
        text_share: Size of the plate's text as a share of the picture's mean side (see `sized_by`).
        sized_by: "area": the geometric mean of the sides; "shorter": the shorter one.
        opacity: Of the plate behind the text. Above 0.54, white text has a contrast of at least
            4.5 to 1 on white ground, and more on any other.
        rim: Whether a white line goes round the plate.
        scales: Sizes that are tried, one after the other, where faces leave no room.
        notice_s: For how many seconds from the beginning the plate stands; None: throughout.
        start_card_s: How long a card with a sentence lies over the beginning of a video.
        end_card_s: How long one lies over the end.
        spoken: Where, in a sound without pictures, the sentence is heard: before or after it.
        spoken_below_lu: By how much softer than the sound it is.
    """

    summary: str
    text_share: float
    sized_by: str
    opacity: float
    rim: bool
    scales: tuple[float, ...]
    notice_s: Fraction | None = None
    start_card_s: Fraction = Fraction(0)
    end_card_s: Fraction = Fraction(0)
    spoken: Place = "before"
    spoken_below_lu: float = 0.0


PRESETS: Final[Mapping[str, Preset]] = {
    "eu": Preset(
        "a plate in a corner throughout, and a sentence over the first 3 s of a video, spoken"
        " before a sound, as the EU's code of practice asks",
        text_share=0.032,
        sized_by="area",
        opacity=0.9,
        rim=True,
        scales=(1.0, 0.75),
        start_card_s=Fraction(3),
    ),
    "film": Preset(
        "a small notice over the first 5 s and a sentence over the last 4 s, spoken after a sound:"
        " for works shown as a whole, which name it in their credits too",
        text_share=0.031,
        sized_by="shorter",
        opacity=0.62,
        rim=False,
        scales=(1.0,),
        notice_s=Fraction(5),
        end_card_s=Fraction(4),
        spoken="after",
    ),
    "minimal": Preset(
        "a small quiet plate throughout, a softer sentence before a sound: for satire and art",
        text_share=0.031,
        sized_by="shorter",
        opacity=0.62,
        rim=False,
        scales=(1.0,),
        spoken_below_lu=6.0,
    ),
}


def preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        UsageError: There is none.
    """
    if name not in PRESETS:
        raise UsageError(f"no label is named {name!r}", "one of " + ", ".join(sorted(PRESETS)))
    return PRESETS[name]


def card_s(wanted_s: Fraction, length_s: Fraction) -> Fraction:
    """How long a card lies over a video: as long as wanted, or two thirds of a shorter one.

    It lies over none if it would be too short to read.

    Example:
        >>> card_s(Fraction(3), Fraction(60)), card_s(Fraction(3), Fraction(1))
        (Fraction(3, 1), Fraction(0, 1))
    """
    possible = wanted_s if length_s >= wanted_s else length_s * 2 / 3
    return possible if possible >= SHORTEST_CARD_S else Fraction(0)
