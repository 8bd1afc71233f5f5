"""What can be chosen about the training of a mouth."""

from __future__ import annotations

from pydantic import Field

from masquerade.train.options import Learning


class LipsOptions(Learning):
    """Everything about how a mouth is trained; flags and docs derive from it."""

    iterations: int = Field(1500, ge=1, le=5_000_000)
    """How many in all."""
    batch: int = Field(8, ge=2, le=1024)
    """Pictures in an iteration."""
    rate: float = Field(1e-3, gt=0, le=0.01)
    """Length of the optimiser's steps."""
    average: float = Field(0.995, ge=0, lt=1)
    """How slowly the averaged weights follow, that are used in the end; 0: there are none."""
    critic: float = Field(0.0, ge=0, le=10)
    """Weight of the critic's word in the last phase, for grain and teeth; 0: left out."""
    width: int = Field(24, ge=8, le=96, multiple_of=4)
    """How large the network is: channels of its finest layer."""
    unsure: float = Field(0.35, ge=0, le=2)
    """How far shapes are moved while it learns, in deviations: speech never says them quite."""
