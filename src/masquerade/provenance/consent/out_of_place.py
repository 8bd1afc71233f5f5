"""A few words of somebody else in half a minute of one person's speech.

Stretches of four seconds, and two parts of half a minute, hardly notice three seconds. So each
2.4 s are held against all that is said before and after them: in 82 recordings of one person they
were .25 apart at the most, and .37 at the least where another spoke for 3 s among 25 (12 pairs).
A third of the recording in the band of a telephone, and not the rest, goes beyond the border.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from masquerade.models.speaker import SR
from masquerade.provenance.consent.turns_of_voices import Measures, Samples
from masquerade.types import Embedding

OUT_OF_PLACE: Final = 0.28
"""Distance from all other speech, and from every voice that is known, beyond which it counts."""
_WINDOW: Final = round(2.4 * SR)
_STEP: Final = round(0.8 * SR)
_LEAST: Final = 4  # windows that do not overlap with one, by which it is judged


def out_of_place(speech: Samples, reader: Measures) -> list[tuple[Embedding, float]]:
    """Voices of stretches that sound like nothing else around, each with its seconds.

    Args:
        speech: (n,) at 16 kHz without pauses, half a minute or less.
        reader: Measures voices.
    """
    starts = np.arange(0, len(speech) - _WINDOW + 1, _STEP)
    if len(starts) <= _LEAST + 2 * (_WINDOW // _STEP):
        return []
    voices = np.stack([reader.embedding(speech[at : at + _WINDOW]) for at in starts])
    away = np.abs(starts[:, None] - starts) >= _WINDOW
    others = away.astype(np.float32) @ voices
    others /= np.maximum(np.linalg.norm(others, axis=1, keepdims=True), 1e-6)
    far = 1 - (voices * others).sum(axis=1)
    found = []
    odd = np.flatnonzero(far > OUT_OF_PLACE)
    for run in np.split(odd, np.flatnonzero(np.diff(odd) > 1) + 1):
        if len(run):
            most = int(run[far[run].argmax()])
            found.append((voices[most], (int(starts[run[-1]] - starts[run[0]]) + _WINDOW) / SR))
    return found


def unlike(
    odd: list[tuple[Embedding, float]], known: list[Embedding]
) -> list[tuple[Embedding, float]]:
    """Those that are none of the voices known: of two people who talk, each sounds odd beside both.

    Args:
        odd: From `out_of_place`.
        known: (256,) each.
    """
    return [
        (voice, seconds)
        for voice, seconds in odd
        if min((1 - float(voice @ one) for one in known), default=1.0) > OUT_OF_PLACE
    ]
