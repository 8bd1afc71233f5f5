"""How a stored picture is turned upright: a mirror and quarter turns, the eight ways of EXIF."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Final, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.media.layout import layout


@dataclass(frozen=True, slots=True)
class Turn:
    """Mirrored left to right first where `flipped`, then turned clockwise by `rotation_deg`."""

    rotation_deg: int = 0
    flipped: bool = False

    @property
    def swaps_sides(self) -> bool:
        """True where width and height change places."""
        return self.rotation_deg in (90, 270)

    def size_wh(self, stored_wh: tuple[int, int]) -> tuple[int, int]:
        """Size of the upright picture."""
        width, height = stored_wh
        return (height, width) if self.swaps_sides else (width, height)


Depth = TypeVar("Depth", np.uint8, np.uint16)

UPRIGHT: Final = Turn()
EXIF_TURNS: Final = {
    2: Turn(0, flipped=True),
    3: Turn(180),
    4: Turn(180, flipped=True),
    5: Turn(270, flipped=True),
    6: Turn(90),
    7: Turn(90, flipped=True),
    8: Turn(270),
}
ROTATE_CODES: Final = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def turn_from_exif(orientation: int) -> Turn:
    """The turn that EXIF's orientation tag asks for; values that EXIF does not define ask none."""
    return EXIF_TURNS.get(orientation, UPRIGHT)


def turn_from_matrix(data: bytes) -> Turn:
    """The turn of a display matrix, rounded to quarter turns.

    Args:
        data: 9 int32 in native order as FFmpeg stores them, rows (a b u) (c d v) (x y w): a point
            (p, q), q downwards, is shown at (a p + c q, b p + d q).
    """
    if len(data) < 36:
        return UPRIGHT
    a, b, _, c, d, *_ = struct.unpack("=9i", data[:36])
    if a * d == b * c:
        return UPRIGHT
    flipped = a * d < b * c
    clockwise = math.atan2(-b, -a) if flipped else math.atan2(b, a)
    return Turn(round(clockwise / (math.pi / 2)) % 4 * 90, flipped)


def turned(picture: NDArray[Depth], turn: Turn) -> NDArray[Depth]:
    """The upright picture; (H, W) or (H, W, 3), uint8 or uint16; the same array for no turn."""
    if turn.flipped:
        picture = cast(NDArray[Depth], cv2.flip(picture, 1))
    if turn.rotation_deg:
        picture = cast(NDArray[Depth], cv2.rotate(picture, ROTATE_CODES[turn.rotation_deg]))
    return picture


def turned_format(name: str, turn: Turn) -> str:
    """The pixel format of planes after the turn: 4:2:2 lying on its side is 4:4:0.

    Returns:
        The format's name, or an empty string where FFmpeg has none for it.
    """
    kind = layout(name)
    if not turn.swaps_sides or kind.sub_x == kind.sub_y:
        return name
    for stood, lying in (("422", "440"), ("440", "422")):
        if stood in name:
            swapped = name.replace(stood, lying)
            return swapped if swapped in SIDEWAYS else ""
    return ""


SIDEWAYS: Final = frozenset(
    ("yuv440p", "yuv440p10le", "yuv440p12le", "yuv422p", "yuv422p10le", "yuv422p12le")
)
