"""Whose voice speech is: an embedding, what two are apart by, and the middle of several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ConsentError
from masquerade.models.card import card
from masquerade.models.speaker import CARD, SR, Speaker
from masquerade.models.store import Progress
from masquerade.models.voice_activity import VoiceActivity
from masquerade.speech.speaker import likeness, voice_embedding, window_embeddings
from masquerade.speech.voice_activity import speech_spans, spoken_samples
from masquerade.types import Audio, Embedding

LEAST_SPEECH_S: Final = 5.0
"""Less speech is not held against a record: the same person lies as far away as a stranger."""


@dataclass(frozen=True, slots=True)
class VoiceReader:
    """What measures voices: a network for whose it is, and one for when somebody speaks."""

    speaker: Speaker
    activity: VoiceActivity

    @classmethod
    def open(cls, *, progress: Progress | None = None) -> Self:
        """Both with their weights loaded, fetched on first use.

        Raises:
            ModelError: They cannot be had.
        """
        return cls(Speaker.open(progress=progress), VoiceActivity.open(progress=progress))

    def speech(self, sound: Audio) -> NDArray[np.float32]:
        """(n,) the speech of a sound at 16 kHz, mono, without its pauses."""
        return spoken_samples(sound, speech_spans(sound, self.activity))

    def embedding(self, speech: NDArray[np.float32]) -> Embedding:
        """(256,) of speech without pauses.

        Raises:
            ConsentError: It is too short to be anybody's.
        """
        found = voice_embedding(speech, self.speaker)
        if found is None:
            raise ConsentError(
                f"{len(speech) / SR:.1f} s of speech are too few to measure a voice",
                f"at least {LEAST_SPEECH_S:.0f} s",
            )
        return found

    def looks(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """(k, 256) of k windows of 1.6 s of speech, (k, 25 600)."""
        return window_embeddings(windows, self.speaker)


def voice_network() -> str:
    """SHA-256 of the network that measures voices."""
    return card(CARD).sha256


def apart(one: Embedding, other: Embedding) -> float:
    """Distance of two voices: 0 for the same, about 0.4 for two people."""
    return 1.0 - likeness(one, other)


def mean_of(stretches: NDArray[np.float32]) -> Embedding:
    """(256,) of unit length: the middle of several embeddings (n, 256)."""
    mean = stretches.mean(axis=0, dtype=np.float64)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)
