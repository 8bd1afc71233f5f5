"""Whose voice is heard in a sound, as 256 numbers."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.mel import HOP, mel
from masquerade.models.speaker import BANDS, FRAMES, Speaker
from masquerade.models.voice_activity import VoiceActivity
from masquerade.speech.voice_activity import speech_spans, spoken_samples
from masquerade.types import Audio, Embedding

__all__ = ["Speaker", "likeness", "speaker_embedding", "voice_embedding", "window_embeddings"]

_STEP: Final = 77  # frames from one window to the next: 1.3 windows a second
_LEAST_S: Final = 1.0  # less speech says nothing of who speaks
_LEVEL: Final = 10 ** (-30 / 20)  # quieter speech is raised to it
_COVERED: Final = 0.75  # of the last window
SR: Final = 16_000


def speaker_embedding(sound: Audio, speaker: Speaker, activity: VoiceActivity) -> Embedding | None:
    """What tells this voice from others; of several voices, a mixture. None below 1 s of speech.

    Args:
        sound: Mono at 16 kHz, of any length.
        speaker: From `Speaker.open`.
        activity: From `VoiceActivity.open`.

    Returns:
        (256,) float32 of unit length; `likeness` compares two.

    Raises:
        UsageError: The sound is of another rate, or not mono.
    """
    return voice_embedding(spoken_samples(sound, speech_spans(sound, activity)), speaker)


def voice_embedding(speech: NDArray[np.float32], speaker: Speaker) -> Embedding | None:
    """The embedding of speech without pauses: the mean over windows of 1.6 s.

    Args:
        speech: (n,) float32 at 16 kHz, from `spoken_samples`.
        speaker: From `Speaker.open`.

    Returns:
        (256,) float32 of unit length; None below 1 s of sound.
    """
    if len(speech) < _LEAST_S * SR:
        return None
    level = float(np.sqrt(np.mean(speech.astype(np.float64) ** 2)))
    if level == 0.0:
        return None
    loud = speech * np.float32(max(1.0, _LEVEL / level))
    starts = _starts(len(speech))
    needed = (starts[-1] + FRAMES) * HOP
    bands = mel(np.pad(loud, (0, max(0, needed - len(loud)))), BANDS)
    found = speaker(np.stack([bands[start : start + FRAMES] for start in starts])).mean(axis=0)
    return np.asarray(found / np.linalg.norm(found), np.float32)


def window_embeddings(windows: NDArray[np.float32], speaker: Speaker) -> NDArray[np.float32]:
    """The embeddings of several stretches of speech at once, each of one look of 1.6 s.

    Args:
        windows: (k, 25 600) float32 at 16 kHz, without pauses.
        speaker: From `Speaker.open`.

    Returns:
        (k, 256) float32 of unit length.
    """
    levels = np.sqrt(np.mean(windows.astype(np.float64) ** 2, axis=1, keepdims=True) + 1e-20)
    loud = windows * np.maximum(1.0, _LEVEL / levels).astype(np.float32)
    bands = [mel(window, BANDS)[:FRAMES] for window in loud]
    return speaker(np.stack(bands))


def likeness(one: Embedding, other: Embedding) -> float:
    """How alike two voices are: 1 for the same recording, .85 and more for most of one person.

    Example:
        >>> round(likeness(np.array([0.6, 0.8]), np.array([0.8, 0.6])), 2)
        0.96
    """
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


def _starts(samples: int) -> list[int]:
    """First frame of each window; the last window may reach a little beyond the sound."""
    frames = -(-(samples + 1) // HOP)
    starts = list(range(0, max(1, frames - FRAMES + _STEP + 1), _STEP))
    if len(starts) > 1 and samples / HOP - starts[-1] < _COVERED * FRAMES:
        starts.pop()
    return starts
