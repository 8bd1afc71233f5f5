"""What the name of a planar pixel format says: components, bits, chroma subsampling, alpha."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import MediaError

Plane: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]

NAME: Final = re.compile(
    r"(?P<kind>yuva?|gbra?p|gray)(?P<sub>420|422|444|440|411|410)?p?(?P<bits>9|1[0-6])?(?:le)?"
)
SHIFTS: Final = {
    "420": (1, 1), "422": (1, 0), "444": (0, 0), "440": (0, 1), "411": (2, 0), "410": (2, 2),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """How the planes of a format are built.

    Attributes:
        kind: "yuv" (Y, U, V), "gray" (Y) or "rgb" (planes in the order G, B, R).
        bits: Bits of a component; more than 8 are stored as uint16, low bits first.
        sub_x: Chroma is 2**sub_x times narrower than luma.
        sub_y: Chroma is 2**sub_y times lower than luma.
        alpha: True where a last plane of full size holds the opacity.
    """

    kind: Literal["yuv", "gray", "rgb"]
    bits: int
    sub_x: int
    sub_y: int
    alpha: bool

    @property
    def planes(self) -> int:
        """How many planes there are."""
        return (1 if self.kind == "gray" else 3) + self.alpha


def is_planar(name: str) -> bool:
    """True for the formats that `layout` understands."""
    return NAME.fullmatch(name) is not None


def layout(name: str) -> Layout:
    """The layout of FFmpeg's planar little-endian format `name`.

    Raises:
        MediaError: It is not a planar format of unsigned integers.

    Example:
        >>> layout("yuv420p10le")
        Layout(kind='yuv', bits=10, sub_x=1, sub_y=1, alpha=False)
    """
    match = NAME.fullmatch(name)
    if match is None:
        raise MediaError(f"pixel format {name} is not planar", "planar YUV, gray or RGB")
    kind = match["kind"]
    sub_x, sub_y = SHIFTS[match["sub"] or "444"]
    return Layout(
        kind="gray" if kind == "gray" else "yuv" if kind.startswith("yuv") else "rgb",
        bits=int(match["bits"] or 8),
        sub_x=sub_x,
        sub_y=sub_y,
        alpha=kind in ("yuva", "gbrap"),
    )
