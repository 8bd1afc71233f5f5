"""A text read aloud in a made-up voice, as sound that others can be made of."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError, UsageError
from masquerade.models.text_to_speech import SR as TOLD_SR
from masquerade.models.text_to_speech import TextToSpeech
from masquerade.speech.mono import SR
from masquerade.types import Audio

__all__ = ["MOST_LETTERS", "TextToSpeech", "read_aloud"]

MOST_LETTERS: Final = 50_000
"""About an hour of speech."""
_PAUSE_S: Final = 0.3  # after each sentence


def read_aloud(text: str, teller: TextToSpeech, *, speed: float = 1.0) -> Iterator[Audio]:
    """The sound of a text, a sentence at a time, each with a pause after it.

    Args:
        text: In English.
        teller: From `TextToSpeech.open`.
        speed: 1 for the usual pace.

    Yields:
        Mono at 16 kHz, without gaps.

    Raises:
        UsageError: The text is empty, or too long.
        InputError: Nothing in it can be pronounced.
    """
    if not text.strip():
        raise UsageError("no text is given", "a sentence in English")
    if len(text) > MOST_LETTERS:
        raise UsageError(f"a text of {len(text)} letters", f"at most {MOST_LETTERS}", "cut it")
    done = 0
    pause = np.zeros(int(_PAUSE_S * SR), np.float32)
    for sentence in teller(text, speed=speed):
        if len(sentence) < TOLD_SR // 50:
            continue
        samples = np.concatenate([_at_16_khz(sentence), pause])
        yield Audio(samples[None], SR, Fraction(done, SR))
        done += len(samples)
    if not done:
        raise InputError("nothing in the text can be pronounced", "a sentence in English")


def _at_16_khz(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The samples at 16 kHz, by their spectrum; a sentence is short."""
    count = max(1, round(len(samples) * SR / TOLD_SR))
    spectrum = np.fft.rfft(samples.astype(np.float64))[: count // 2 + 1]
    return np.asarray(np.fft.irfft(spectrum, n=count) * (count / len(samples)), np.float32)
