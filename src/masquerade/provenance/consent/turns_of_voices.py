"""People who take turns: stretches of four seconds would mix them to one voice.

Half a minute of speech at a time is cut into pieces of half a second, which are parted in two by
what they differ in most. Each part is then joined and measured as a whole, and the pieces go to the
part they are more like, until they stay. What a part is measured as is clear, since it is long; so
turns count that are shorter than what the network needs to know a voice (`benchmarks.voice_consent`
prints how often they are found, and how far apart the parts of one person's speech are).
"""

from __future__ import annotations

from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.models.speaker import SR
from masquerade.types import Embedding

Samples: TypeAlias = NDArray[np.float32]

_PIECE: Final = SR // 2
_STEP: Final = SR // 5
_WINDOW: Final = round(1.6 * SR)  # that the network looks at: a piece is repeated to fill it
_LEAST: Final = _WINDOW  # samples of a part
_APART: Final = 0.25
_AGAIN: Final = 8 * SR
"""Samples of a part that is parted again: what is shorter falls into parts of one person, too."""
_ROUNDS: Final = 4
_DEPTH: Final = 2  # times that parts are parted again: four people at most


class Measures(Protocol):
    """What measures voices, such as `voice_reader.VoiceReader`."""

    def embedding(self, speech: Samples) -> Embedding:
        """Of speech (n,) of a second or more."""

    def looks(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of each of k stretches of speech (k, 25 600)."""


def in_turns(
    speech: Samples, reader: Measures, *, depth: int = _DEPTH
) -> list[tuple[Embedding, float]]:
    """The voices of people who take turns, and of each how many seconds; none where it is one.

    Args:
        speech: (n,) at 16 kHz without pauses, half a minute or less.
        reader: Measures voices.
        depth: How often the parts are parted again.
    """
    parts = parted(speech, reader)
    if parts is None or parts[1] <= _APART:
        return []
    second = parts[0]
    found: list[tuple[Embedding, float]] = []
    for part in (speech[~second], speech[second]):
        again = depth > 1 and len(part) >= _AGAIN
        deeper = in_turns(part, reader, depth=depth - 1) if again else []
        found += deeper or [(reader.embedding(part), len(part) / SR)]
    return found


def parted(speech: Samples, reader: Measures) -> tuple[NDArray[np.bool_], float] | None:
    """(n,) which samples are of the second of two parts, and how far these are apart.

    Args:
        speech: As in `in_turns`.
        reader: As there.

    Returns:
        None where the speech is too short, or a part falls below 1.6 s.
    """
    starts = np.arange(0, len(speech) - _PIECE + 1, _STEP)
    if len(speech) < 2 * _LEAST + _PIECE:
        return None
    times = -(-_WINDOW // _PIECE)
    pieces = reader.looks(
        np.stack([np.tile(speech[k : k + _PIECE], times)[:_WINDOW] for k in starts])
    )
    middle = pieces - pieces.mean(axis=0)
    along = middle @ np.linalg.svd(middle, full_matrices=False)[2][0]
    limit = float(np.median(along))
    places = (np.arange(len(speech)) - _PIECE // 2 + _STEP // 2) // _STEP
    nearest = np.clip(places, 0, len(starts) - 1)
    before = np.zeros(0, bool)
    for _ in range(_ROUNDS):
        smooth = np.convolve(np.pad(along, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
        mine = smooth > limit
        if np.array_equal(mine, before):
            break
        before, second = mine, mine[nearest]
        if min(second.sum(), (~second).sum()) < _LEAST:
            return None
        one, other = reader.embedding(speech[~second]), reader.embedding(speech[second])
        along, limit = pieces @ (other - one), 0.0
    return second, 1.0 - float(one @ other)
