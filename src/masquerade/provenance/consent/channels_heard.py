"""The channels of a sound that are listened to, each by itself, and mixed.

Channels that differ are listened to one by one, besides their mix: what one channel has and another
has upside down is gone from the mix, and heard all the same. Where one channel explains all the
speech that is in the others, and what they have beyond it is noise, it alone is listened to: noise
over somebody's speech sounds like somebody else.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.provenance.consent.voice_reader import VoiceReader
from masquerade.speech.beyond import beyond
from masquerade.types import Audio

_NO_SPEECH_S: Final = 1.0  # in a part, that what a channel has beyond another may hold
_RAISED: Final = 30.0  # softer speech than this below another's is not heard by people either
_APART: Final = 0.03
"""Of the loudest channel's level: what channels differ by, from which each is listened to."""


def to_hear(part: Audio, reader: VoiceReader) -> list[NDArray[np.float32]]:
    """The speech of the mix of a sound's channels, and of each of them where they differ.

    Of one channel alone where it explains the speech in all others.
    """
    samples = part.samples
    mix = samples.mean(axis=0, keepdims=True, dtype=np.float32)
    apart_by = float(np.abs(samples - mix).max(initial=0.0))
    if apart_by <= _APART * float(np.abs(samples).max(initial=0.0)):
        return [reader.speech(Audio(mix, part.sr))]
    spoken = [reader.speech(Audio(one[None], part.sr)) for one in samples]
    for number in sorted(range(len(samples)), key=lambda k: -len(spoken[k]))[:2]:
        if _explains(samples[number], np.delete(samples, number, axis=0), part.sr, reader):
            return [spoken[number]]
    return [reader.speech(Audio(mix, part.sr)), *spoken]


def _explains(
    channel: NDArray[np.float32], others: NDArray[np.float32], sr: int, reader: VoiceReader
) -> bool:
    """Whether there is no speech in what others have beyond a channel, however soft it is."""
    left = (reader.speech(Audio(_as_loud(beyond(one, channel), one)[None], sr)) for one in others)
    return all(len(one) < _NO_SPEECH_S * sr for one in left)


def _as_loud(samples: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) as loud as another sound (n,), but raised no more than `_RAISED` times."""
    own, wanted = (float(np.sqrt(np.mean(one * one) + 1e-20)) for one in (samples, other))
    return samples * np.float32(np.clip(wanted / own, 1.0, _RAISED))
