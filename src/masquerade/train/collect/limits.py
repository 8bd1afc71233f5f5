"""Which pictures of a face are good enough to be learnt from: stated limits, one reason each."""

from __future__ import annotations

from typing import Final

from pydantic import Field

from masquerade.options import Options
from masquerade.train.facesets.schema import LEAST_SIDE, MOST_SIDE, Picture, Quality

METHOD: Final = "swap_neural"
"""The method a faceset trains unless another is named."""


class Limits(Options):
    """What a picture must be like to be taken; also how many are taken."""

    least_px: float = Field(80.0, ge=24, le=2000)
    """Least size of a face in the source, in pixels."""
    least_sharpness: float = Field(3.0, ge=0, le=30)
    """Least sharpness: deviation of the Laplacian of a face of 150 px; sharp photos: 8 to 30."""
    least_brightness: float = Field(30.0, ge=0, le=255)
    """Least mean brightness of a face."""
    most_brightness: float = Field(225.0, ge=0, le=255)
    """Greatest mean brightness of a face."""
    most_clipped: float = Field(0.25, ge=0, le=1)
    """Greatest share of a face that is plain black or white."""
    most_occluded: float = Field(0.35, ge=0, le=1)
    """Greatest share of a face that hair, hands or other things cover."""
    most_outside: float = Field(0.1, ge=0, le=1)
    """Greatest share of a face that lies beyond the edge of the picture."""
    most_turn: float = Field(75.0, ge=5, le=90)
    """Greatest turn from the camera, in degrees."""
    apart: float = Field(0.25, ge=0, le=5)
    """How much two pictures of one file must differ: 1 is 8 degrees of turn, or a mouth opened by
    0.06 eye distances; of two alike the better one is taken, 0 takes all."""
    most: int = Field(0, ge=0, le=1_000_000)
    """How many faces at most, spread evenly over views and expressions; 0 takes all."""

    def fault(self, quality: Quality, turn: float) -> str:
        """Why a picture is left out, in words; empty where it is good enough.

        Args:
            quality: As measured.
            turn: From the camera, in degrees.
        """
        return next((words for holds, words in self._faults(quality, turn) if holds), "")

    def _faults(self, seen: Quality, turn: float) -> tuple[tuple[bool, str], ...]:
        return (
            (seen.size_px < self.least_px, f"smaller than {self.least_px:g} px"),
            (turn > self.most_turn, f"turned by more than {self.most_turn:g} degrees"),
            (
                seen.outside > self.most_outside,
                f"more than {self.most_outside:.0%} beyond the picture's edge",
            ),
            (
                seen.sharpness < self.least_sharpness,
                f"blurred (sharpness below {self.least_sharpness:g})",
            ),
            (
                seen.brightness < self.least_brightness,
                f"too dark (brightness below {self.least_brightness:g})",
            ),
            (
                seen.brightness > self.most_brightness,
                f"too bright (brightness above {self.most_brightness:g})",
            ),
            (
                seen.clipped > self.most_clipped,
                f"more than {self.most_clipped:.0%} plain black or white",
            ),
            (seen.occluded > self.most_occluded, f"more than {self.most_occluded:.0%} covered"),
        )


class Collecting(Options):
    """How faces are read and kept."""

    size: int = Field(256, ge=LEAST_SIDE, le=MOST_SIDE)
    """Side of the kept pictures in pixels."""
    margin: float = Field(0.2, ge=0, le=1)
    """Room around the face on each side, in its heights."""
    picture: Picture = "jpeg"
    """How pictures are kept: JPEG or WebP at quality 95, or PNG without loss."""
    rate: float = Field(5.0, gt=0, le=120)
    """Pictures of a video that are looked at each second."""
