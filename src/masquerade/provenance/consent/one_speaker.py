"""Whether a recording is of one person from beginning to end."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ConsentError
from masquerade.models.speaker import SR
from masquerade.provenance.consent.voice_reader import VoiceReader, apart, mean_of

STRETCH_S: Final = 4.0
_PIECE_S: Final = 1.6  # of one look of the network
_PIECE_STEP_S: Final = 0.8
_TOGETHER: Final = 4  # pieces of a stretch of four seconds


def least_alike(speech: NDArray[np.float32], reader: VoiceReader) -> float:
    """How far the least alike four seconds of speech lie from all the rest of it.

    Args:
        speech: (n,) at 16 kHz without pauses, of eight seconds or more.
        reader: From `VoiceReader.open`.

    Raises:
        ConsentError: It is shorter.
    """
    size, step = round(_PIECE_S * SR), round(_PIECE_STEP_S * SR)
    starts = range(0, len(speech) - size + 1, step)
    if len(starts) < 2 * _TOGETHER + 1:
        raise ConsentError(f"{len(speech) / SR:.1f} s of speech", f"at least {2 * STRETCH_S:.0f} s")
    found = np.stack([reader.embedding(speech[start : start + size]) for start in starts])
    worst = 0.0
    for first in range(len(found) - _TOGETHER + 1):
        after = first + _TOGETHER
        rest = np.concatenate([found[: max(0, first - 1)], found[after + 1 :]])  # none overlaps
        worst = max(worst, apart(mean_of(found[first:after]), mean_of(rest)))
    return worst
