"""What can be chosen about the training of a body's renderer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from masquerade.models.trained.body_shape import BodyShape
from masquerade.train.options import Learning

BodyPresetName = Literal["tiny", "small", "medium", "large"]


@dataclass(frozen=True, slots=True)
class BodyPreset:
    """One size.

    Attributes:
        summary: What it is for.
        shape: Of the network.
        batch: Pairs of pictures in an iteration, where memory allows.
        iterations: In all.
    """

    summary: str
    shape: BodyShape
    batch: int
    iterations: int


BODY_PRESETS: Final[dict[BodyPresetName, BodyPreset]] = {
    "tiny": BodyPreset(
        "minutes on a processor: mends edges and joints of small people",
        BodyShape(side=128, width=16, depth=2),
        batch=4,
        iterations=1_200,
    ),
    "small": BodyPreset(
        "hours on a processor, people up to 400 px tall",
        BodyShape(side=192, width=24, depth=3),
        batch=6,
        iterations=12_000,
    ),
    "medium": BodyPreset(
        "an hour on a GPU",
        BodyShape(side=256, width=32, depth=3),
        batch=8,
        iterations=40_000,
    ),
    "large": BodyPreset(
        "hours on a GPU, people who fill the frame",
        BodyShape(side=512, width=32, depth=4),
        batch=8,
        iterations=120_000,
    ),
}


class BodyTrainOptions(Learning):
    """Everything about how a renderer of a body is trained; flags and docs derive from it."""

    preset: BodyPresetName = "tiny"
    """How large the network is: tiny 128 px, small 192, medium 256, large 512."""
    side: int = Field(0, ge=0, le=1024, multiple_of=32)
    """Width and height of the square it looks at, in pixels; 0: the preset's."""
    average: float = Field(0.99, ge=0, lt=1)
    """How slowly the averaged weights follow, that are used in the end."""
    rate: float = Field(5e-4, gt=0, le=0.01)
    """Length of the optimiser's steps."""
    critic: float = Field(0.05, ge=0, le=10)
    """Weight of the critics' word in the last phase; 0: left out."""
    temporal: float = Field(1.0, ge=0, le=100)
    """Weight of how alike movement from picture to picture is to the real one."""
