"""What people say of a place in the picture: it is in front of the face, or it is the face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal, Self, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.types import Face, Mask

Corner: TypeAlias = tuple[float, float]
Unit: TypeAlias = Literal["frame", "px", "face"]
_BITS: Final = 4  # binary places of a corner's position when it is drawn
_LEAST_PX: Final = 0.3  # of that, below which it cannot be seen
_EDGE: Final = 0.02  # standard deviation of an area's soft edge, as a share of the face's size


@dataclass(frozen=True, slots=True)
class Correction:
    """An area in which what was found of occluders is overruled.

    Attributes:
        area: Corners (x, y) of a polygon, three or more, in order.
        keep: ``front``: what is there stays in front of the new face; ``face``: the new face is
            shown there.
        unit: Of the corners: ``frame``: shares of the picture's width and height; ``px``: pixels
            of the picture; ``face``: shares of the face's box, so that the area goes with it.
        from_s: Time in seconds from which it holds.
        until_s: Time up to which it holds, itself not included; None: to the end.

    Raises:
        UsageError: There are fewer than three corners, one of them is not finite, or it ends before
            it begins.

    Example:
        >>> Correction.box((0.4, 0.5, 0.6, 0.9), keep="front").area[2]
        (0.6, 0.9)
    """

    area: tuple[Corner, ...]
    keep: Literal["front", "face"]
    unit: Unit = "frame"
    from_s: Fraction = Fraction(0)
    until_s: Fraction | None = None

    def __post_init__(self) -> None:
        if len(self.area) < 3:
            raise UsageError(
                f"an area has {len(self.area)} corners",
                "three or more",
                "add corners, or use a box",
            )
        if not np.isfinite(np.asarray(self.area, np.float64)).all():
            raise UsageError("a corner of an area is no finite number", "pixels, or shares")
        if self.until_s is not None and self.until_s <= self.from_s:
            raise UsageError(
                f"a correction ends at {float(self.until_s):g} s and begins at"
                f" {float(self.from_s):g} s",
                "an end after its beginning",
            )

    @classmethod
    def box(
        cls,
        xyxy: tuple[float, float, float, float],
        *,
        keep: Literal["front", "face"],
        unit: Unit = "frame",
        from_s: Fraction = Fraction(0),
        until_s: Fraction | None = None,
    ) -> Self:
        """The same for an upright box.

        Raises:
            UsageError: The box is empty, or the correction ends before it begins.
        """
        x0, y0, x1, y1 = xyxy
        if not (x1 > x0 and y1 > y0):
            raise UsageError(
                f"the box {x0:g}, {y0:g}, {x1:g}, {y1:g} is empty", "left, top, right, bottom"
            )
        corners = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        return cls(corners, keep, unit, from_s, until_s)

    def holds(self, time_s: Fraction) -> bool:
        """Whether it is meant for this moment."""
        return self.from_s <= time_s and (self.until_s is None or time_s < self.until_s)

    def corners_px(self, face: Face, size_wh: tuple[int, int]) -> NDArray[np.float32]:
        """(n, 2) the corners in pixels of the frame."""
        corners = np.asarray(self.area, np.float32)
        if self.unit == "px":
            return corners
        x0, y0, x1, y1 = face.box if self.unit == "face" else (0, 0, *size_wh)
        scale = np.array([x1 - x0, y1 - y0], np.float32)
        return np.asarray(corners * scale + np.array([x0, y0], np.float32), np.float32)


def corrected(
    visible: Mask,
    corrections: Sequence[Correction],
    face: Face,
    *,
    origin_xy: tuple[int, int],
    size_wh: tuple[int, int],
    time_s: Fraction,
) -> Mask:
    """(h, w) float32 in [0, 1] where the face lies bare, as found and as people overruled it.

    Args:
        visible: (h, w) in [0, 1] as it was found, of a part of the frame.
        corrections: Later ones overrule earlier ones.
        face: Which one it is.
        origin_xy: Where in the frame that part begins.
        size_wh: Of the frame.
        time_s: Of the frame.
    """
    out = visible
    for one in corrections:
        if not one.holds(time_s):
            continue
        corners = one.corners_px(face, size_wh) - np.asarray(origin_xy, np.float32)
        fixed = np.round(np.clip(corners, -8192, 8192) * 2**_BITS).astype(np.int32)
        drawn = cv2.fillPoly(np.zeros(out.shape, np.uint8), [fixed], 255, cv2.LINE_AA, _BITS)
        share = _soft(np.asarray(drawn, np.float32) / np.float32(255), _EDGE * face.size_px)
        out = out + share * (np.float32(one.keep == "face") - out)
    return out


def _soft(share: Mask, sigma: float) -> Mask:
    """The share with a soft edge: areas drawn by hand are never exact to the pixel."""
    if sigma < _LEAST_PX:
        return share
    made = cv2.GaussianBlur(share, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(made, np.float32)
