"""Left and right of the person shown, whose right is at the picture's left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIDES: Final = ("left", "right", "both")
"""What an effect that `sides_of` is asked for may be told."""


@dataclass(frozen=True, slots=True)
class Side:
    """Mesh points of one half of a face.

    Attributes:
        outward: -1 or 1: the way from the nose along `Portrait.axes`.
        edge: Where the cheek ends beside the mouth.
        upper_lid: Its edge, from one corner of the eye to the other.
        lower_lid: As many points, below those of the upper lid.
    """

    outward: int
    mouth_corner: int
    cheek: int
    edge: int
    brow: int
    upper_lid: tuple[int, ...]
    lower_lid: tuple[int, ...]


RIGHT: Final = Side(
    -1, 61, 205, 132, 105,
    (33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133),
)  # fmt: skip
LEFT: Final = Side(
    1, 291, 425, 361, 334,
    (362, 398, 384, 385, 386, 387, 388, 466, 263), (362, 382, 381, 380, 374, 373, 390, 249, 263),
)  # fmt: skip


def sides_of(word: str) -> tuple[Side, ...]:
    """The halves that are meant by ``left``, ``right`` or ``both``."""
    return {"left": (LEFT,), "right": (RIGHT,), "both": (RIGHT, LEFT)}[word]
