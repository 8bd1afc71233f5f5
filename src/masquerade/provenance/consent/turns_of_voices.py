"""People who take turns of a few seconds: stretches of four seconds mix them to one voice.

Pieces of 1.6 s are halved by what they differ in most, half a minute of speech at a time. The
halves of one person's speech lie .04 to .08 apart (four people), those of two who speak for two or
three seconds each in turn .16 to .36; of turns of one second the halves mix, and are less apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.types import Embedding

PIECE_S: Final = 1.6
STEP_S: Final = 0.8
TOGETHER: Final = 40
"""Pieces that are halved at a time."""
_APART: Final = 0.14
_LEAST: Final = 4  # pieces of a half
_ROUNDS: Final = 20


def halves(
    pieces: NDArray[np.float32], mean_of: Callable[[NDArray[np.float32]], Embedding]
) -> list[tuple[Embedding, int]]:
    """The two voices that pieces of speech are of, and of how many each; nothing where it is one.

    Args:
        pieces: (n, 256) float32 of unit length.
        mean_of: Gives the middle of several.
    """
    if len(pieces) < 2 * _LEAST:
        return []
    middle = pieces - pieces.mean(axis=0)
    axis = np.linalg.svd(middle, full_matrices=False)[2][0]
    second = middle @ axis > 0
    for _ in range(_ROUNDS):
        if min(second.sum(), (~second).sum()) < _LEAST:
            return []
        one, other = mean_of(pieces[~second]), mean_of(pieces[second])
        again = pieces @ other > pieces @ one
        if np.array_equal(again, second):
            break
        second = again
    if 1.0 - float(one @ other) <= _APART:
        return []
    return [(one, int((~second).sum())), (other, int(second.sum()))]
