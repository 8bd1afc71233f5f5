"""What is said in a sound of any length, as features that hardly know who says it.

Block 2 of 4 tells sounds apart best: speech made from its nearest neighbours loses 6 to 8 words in
a hundred, from the last block 19, which mixes in the words around.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.speech_content import HOP, SIZE, SpeechContent
from masquerade.speech.mono import SR, mono
from masquerade.types import Audio

__all__ = ["SpeechContent", "content_frames", "content_units"]

_UNIT: Final = 2 * HOP
_PART: Final = 12 * SR // _UNIT * _UNIT  # samples that are kept of a part
_AROUND: Final = 2 * SR // _UNIT * _UNIT  # and heard before and after it


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


def content_frames(
    sound: Audio, content: SpeechContent
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The features of each 20 ms, of the second block and of the last, heard in one pass.

    Args:
        sound: Mono at 16 kHz, of any length and of usual level.
        content: From `SpeechContent.open`.

    Returns:
        (n // 320, 384) float32 each; row t is centred on sample 320 t.

    Raises:
        UsageError: The sound is of another rate, or not mono.
    """
    both = _features(mono(sound), lambda part: np.concatenate(content(part), axis=1), 2 * SIZE)
    return both[:, :SIZE], both[:, SIZE:]


def _features(
    samples: NDArray[np.float32],
    hear: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    width: int = SIZE,
) -> NDArray[np.float32]:
    """The features, heard in parts of 12 s with 2 s around them."""
    count = len(samples) // _UNIT
    found = [np.zeros((0, width), np.float32)]
    for start in range(0, count * _UNIT, _PART):
        before = max(0, start - _AROUND)
        heard = hear(samples[before : start + _PART + _AROUND])
        first = (start - before) // _UNIT
        found.append(heard[first : first + _PART // _UNIT])
    return np.concatenate(found)
