"""The sizes of a trained renderer of a body: they decide every tensor in its file."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

SLOPE: Final = 0.2
"""Of the leaky rectifiers below zero."""
GIVEN: Final = 10
"""Channels of what it looks at; see `masquerade.bodies.canvas`."""
HEADS: Final = {"move": (2, "Tanh"), "paint": (4, "Sigmoid"), "cover": (1, "Tanh")}
"""Parts of the answer, in order: channels, and what bounds them; see `masquerade.bodies.refine`."""


class BodyShape(BaseModel):
    """How large a trained renderer is.

    Example:
        >>> BodyShape(side=128, width=16, depth=2).coarse
        16
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    side: int = Field(ge=32, le=1024, multiple_of=32)
    """Width and height of the square it looks at, in pixels."""
    width: int = Field(ge=4, le=128, multiple_of=4)
    """Channels of its first layer, at half the size; each further one doubles them."""
    depth: int = Field(ge=1, le=4)
    """Layers after the first that halve the map."""

    @property
    def coarse(self) -> int:
        """Width of the smallest map."""
        return self.side >> (self.depth + 1)

    def channels(self, level: int) -> int:
        """Channels of the map that was halved so often after the first layer."""
        return self.width << level
