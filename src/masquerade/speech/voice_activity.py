"""When somebody speaks in a sound."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.voice_activity import SR, STEP, VoiceActivity
from masquerade.speech.mono import mono
from masquerade.types import Audio

__all__ = ["VoiceActivity", "speech_spans", "spoken_s", "spoken_samples"]

_BEGINS: Final = 0.5  # probability at which a stretch begins
_ENDS: Final = 0.35  # and below which it ends
_LEAST_S: Final = 0.25  # shorter stretches are no speech
_PAUSE_S: Final = 0.1  # shorter pauses are part of the speech
_MARGIN_S: Final = 0.03


def speech_spans(sound: Audio, activity: VoiceActivity) -> list[tuple[float, float]]:
    """The stretches in which somebody speaks, in order, in seconds on the clock of the file.

    Args:
        sound: Mono at 16 kHz, of any length; no speech gives no stretch.
        activity: From `VoiceActivity.open`.

    Raises:
        UsageError: The sound is of another rate, or not mono.

    Example:
        >>> speech_spans(sound, VoiceActivity.open())  # doctest: +SKIP
        [(0.33, 2.14), (2.5, 4.71)]
    """
    samples = mono(sound)
    step_s, start_s = STEP / SR, float(sound.start_s)
    spans: list[tuple[float, float]] = []
    for first, last in _stretches(activity(samples)):
        begin = max(0.0, first * step_s - _MARGIN_S)
        end = min(len(samples) / SR, last * step_s + _MARGIN_S)
        if spans and begin - spans[-1][1] < _PAUSE_S:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((begin, end))
    return [(begin + start_s, end + start_s) for begin, end in spans if end - begin >= _LEAST_S]


def spoken_s(spans: list[tuple[float, float]]) -> float:
    """Seconds of speech in all stretches together."""
    return sum(end - begin for begin, end in spans)


def spoken_samples(sound: Audio, spans: list[tuple[float, float]]) -> NDArray[np.float32]:
    """The samples of the stretches, one after the other.

    Args:
        sound: Mono at 16 kHz, the one that the stretches are of.
        spans: From `speech_spans`.

    Returns:
        (n,) float32.
    """
    samples, start_s = mono(sound), float(sound.start_s)
    parts = [
        samples[round((begin - start_s) * SR) : round((end - start_s) * SR)] for begin, end in spans
    ]
    return np.concatenate([np.zeros(0, np.float32), *parts])


def _stretches(likely: NDArray[np.float32]) -> list[tuple[int, int]]:
    """First step and end of each stretch that begins likely and goes on until it is unlikely."""
    found: list[tuple[int, int]] = []
    begun: int | None = None
    for step, value in enumerate(likely):
        if begun is None and value >= _BEGINS:
            begun = step
        elif begun is not None and value < _ENDS:
            found.append((begun, step))
            begun = None
    if begun is not None:
        found.append((begun, len(likely)))
    return found
