"""How large a network is, and how long it is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from masquerade.models.trained.swap_shape import SwapShape

PresetName = Literal["tiny", "small", "medium", "large"]


@dataclass(frozen=True, slots=True)
class Preset:
    """One size.

    Attributes:
        summary: What it is for.
        shape: Of the network.
        batch: Pictures of each person in an iteration, where memory allows.
        iterations: In all.
        details: Whether the later phases compare image features and have a critic; on few pixels
            there is nothing for them to see.
    """

    summary: str
    shape: SwapShape
    batch: int
    iterations: int
    details: bool = True


PRESETS: Final[dict[PresetName, Preset]] = {
    "tiny": Preset(
        "half an hour on a processor, for trials and faces up to 200 px high",
        SwapShape(side=64, finer=2, latent=128, encoder=32, decoder=32, mask=16),
        batch=8,
        iterations=4_000,
        details=False,
    ),
    "small": Preset(
        "a day or two on a processor, for faces up to a quarter of the frame",
        SwapShape(side=128, latent=192, encoder=48, decoder=48, mask=16),
        batch=8,
        iterations=60_000,
    ),
    "medium": Preset(
        "for GPUs",
        SwapShape(side=192, latent=256, encoder=64, decoder=64, mask=24),
        batch=16,
        iterations=150_000,
    ),
    "large": Preset(
        "for GPUs with much memory, for faces that fill the frame",
        SwapShape(side=256, latent=256, encoder=64, decoder=80, mask=24),
        batch=16,
        iterations=300_000,
    ),
}
