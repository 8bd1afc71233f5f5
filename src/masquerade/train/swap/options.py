"""What can be chosen about the training of a swap."""

from __future__ import annotations

from pydantic import Field

from masquerade.train.options import Learning
from masquerade.train.swap.presets import PresetName


class TrainOptions(Learning):
    """Everything about how a swap is trained; flags and docs derive from it."""

    preset: PresetName = "tiny"
    """How large the network is: tiny 64 px and drawn at 128, small 128, medium 192, large 256."""
    side: int = Field(0, ge=0, le=512, multiple_of=32)
    """Width and height of what it looks at, in pixels; 0: the preset's."""
    perceptual: float = Field(1.0, ge=0, le=100)
    """Weight of image features in the later phases; 0: left out."""
    processes: int = Field(0, ge=0, le=64)
    """Processes that train together, each with a device of its own; 0: one for each GPU."""
