"""Sizes of the network that draws one person's mouth."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

REACH: Final = 2
"""Shapes of the mouth before and after, that the network is told besides that of the moment."""
STEP_S: Final = 0.04
"""From one of them to the next."""
PARTS: Final = 10
"""Numbers of a shape."""
TOLD: Final = (2 * REACH + 1) * PARTS
SLOPE: Final = 0.1
"""Of the leaky rectifiers, below zero."""


class LipsShape(BaseModel):
    """Sizes of a network; the widths grow with the depth.

    Attributes:
        side: Width and height of the picture, in pixels.
        width: Channels at half the size.
        code: Numbers that the shapes of the mouth become.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    side: int = Field(104, ge=32, le=256, multiple_of=8)
    width: int = Field(24, ge=4, le=128, multiple_of=4)
    code: int = Field(64, ge=8, le=512)

    @property
    def widths(self) -> tuple[int, int, int]:
        """Channels at half, a quarter and an eighth of the size."""
        return self.width, 2 * self.width, 3 * self.width
