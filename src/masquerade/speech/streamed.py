"""Sound changed block by block: what a block gives may come later, but no sample is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from masquerade.types import Audio


class Mover(Protocol):
    """What changes one sound; its input and its output are (channels, n) float32."""

    def take(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is finished once these samples are there too; none, where it is still to come."""
        ...

    def end(self) -> NDArray[np.float32]:
        """The rest."""
        ...


def streamed(blocks: Iterator[Audio], mover_of: Callable[[int, int], Mover]) -> Iterator[Audio]:
    """Blocks changed by one mover, at the times of the input's samples.

    Args:
        blocks: One sound, without gaps.
        mover_of: Gives the mover for a number of samples per second and of channels.
    """
    mover: Mover | None = None
    first: Audio | None = None
    done = 0
    for block in blocks:
        if mover is None or first is None:
            first, mover = block, mover_of(block.sr, block.samples.shape[0])
        made = mover.take(block.samples)
        if made.shape[1]:
            yield Audio(made, first.sr, first.start_s + Fraction(done, first.sr))
            done += made.shape[1]
    if mover is not None and first is not None:
        yield Audio(mover.end(), first.sr, first.start_s + Fraction(done, first.sr))
