"""What is said in a sound of any length, as features that hardly know who says it.

Block 2 of 4 tells sounds apart best: speech made from its nearest neighbours loses 6 to 8 words in
a hundred, from the last block 19, which mixes in the words around.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.speech_content import HOP, SIZE, SpeechContent
from masquerade.speech.mono import SR, mono
from masquerade.speech.tape import Tape
from masquerade.types import Audio

__all__ = ["SpeechContent", "content_units", "windows"]

_UNIT: Final = 2 * HOP
_PART: Final = 12 * SR // _UNIT * _UNIT  # samples of a part
_AROUND: Final = 2 * SR // _UNIT * _UNIT  # that are heard before and after it


def content_units(sound: Audio, content: SpeechContent) -> NDArray[np.float32]:
    """The sound that is made in each 10 ms: the second block's features, heard twice, 10 ms apart.

    Args:
        sound: Mono at 16 kHz, of any length and of usual level.
        content: From `SpeechContent.open`.

    Returns:
        (n // 160, 384) float32; row t is centred on sample 160 t.

    Raises:
        UsageError: The sound is of another rate, or not mono.
    """
    samples = mono(sound)
    even = _features(samples, content.early)
    odd = _features(samples[HOP:], content.early)
    units = np.zeros((len(samples) // HOP, SIZE), np.float32)
    units[0 : 2 * len(even) : 2] = even[: len(units[::2])]
    units[1 : 2 * len(odd) + 1 : 2] = odd[: len(units[1::2])]
    if len(units) > len(even) + len(odd) > 0:  # half a step at the end that nothing covers
        units[-1] = units[-2]
    return units


def windows(tape: Tape) -> Iterator[tuple[NDArray[np.float32], slice]]:
    """Parts of 12 s with 2 s around them, and which of each part's rows of 20 ms are its own.

    Args:
        tape: Speech; what no further part needs is forgotten.
    """
    start = 0
    while tape.reach(start, _UNIT):
        before = max(0, start - _AROUND)
        samples = tape.between(before, start + _PART + _AROUND)
        first = (start - before) // _UNIT
        yield samples, slice(first, min(first + _PART // _UNIT, len(samples) // _UNIT))
        start += _PART
        tape.forget(start - _AROUND)


def _features(
    samples: NDArray[np.float32], hear: Callable[[NDArray[np.float32]], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """(n // 320, 384) the features of each 20 ms, heard in parts."""
    parts = windows(Tape(iter([Audio(samples[None], SR)])))
    nothing = np.zeros((0, SIZE), np.float32)
    return np.concatenate([nothing, *(hear(part)[own] for part, own in parts)])
