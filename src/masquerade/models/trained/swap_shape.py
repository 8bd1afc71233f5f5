"""The sizes of a trained swap network: they decide every tensor in its file."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

COARSEST: Final = 16
"""Pixels of the picture for each place of the smallest map within the network."""
SLOPE: Final = 0.1
"""Of the leaky rectifiers below zero."""
TINY: Final = 1e-6
"""Added to the mean square by which the encoder's code is divided."""


class SwapShape(BaseModel):
    """How large a trained swap network is.

    Example:
        >>> SwapShape(side=64, latent=128, encoder=32, decoder=32, mask=16).encoded
        4096
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    side: int = Field(ge=32, le=512, multiple_of=32)
    """Width and height of what it looks at, in pixels."""
    finer: int = Field(1, ge=1, le=2)
    """Pixels that it draws, on a side, for each that it looks at."""
    latent: int = Field(ge=8, le=1024, multiple_of=4)
    """Numbers to which each inter layer brings a face."""
    encoder: int = Field(ge=4, le=256, multiple_of=4)
    """Channels of the encoder's first layer; each further one doubles them."""
    decoder: int = Field(ge=4, le=256, multiple_of=4)
    """Channels of the decoder's last layer; each one before has twice as many."""
    mask: int = Field(ge=4, le=128, multiple_of=4)
    """The same of the branch that draws the mask."""

    @property
    def drawn(self) -> int:
        """Width and height of what it draws, in pixels."""
        return self.side * self.finer

    @property
    def coarse(self) -> int:
        """Width of the smallest map."""
        return self.side // COARSEST

    @property
    def encoded(self) -> int:
        """Numbers that the encoder gives."""
        return 8 * self.encoder * self.coarse**2
