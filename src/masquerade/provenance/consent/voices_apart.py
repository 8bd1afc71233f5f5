"""Who is heard in speech: its stretches measured, and told apart by what they sound like.

Speech is measured in stretches of four seconds, the pauses taken out. Stretches that sound like one
person make a voice; a voice that is heard in one stretch alone is a laugh, a cough or a word, and
is left out where there are others. In a file, half a minute at a time is listened to besides, for
people who take turns, for people who speak at once, and for a few words of somebody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.speaker import SR
from masquerade.models.talkers import Talkers
from masquerade.provenance.consent.one_speaker import STRETCH_S
from masquerade.provenance.consent.out_of_place import out_of_place, unlike
from masquerade.provenance.consent.turns_of_voices import in_turns
from masquerade.provenance.consent.voice_reader import LEAST_SPEECH_S, VoiceReader, mean_of
from masquerade.speech.talkers import beneath_s
from masquerade.types import Embedding

ONE_VOICE: Final = 0.22
"""Distance within which a stretch of four seconds is of a voice (`benchmarks.voice_consent`)."""
TOGETHER_S: Final = 30.0
"""Seconds of speech that are listened to together for turns and for people who speak at once."""
_ROWS: Final = 512  # of stretches that are held against all others at once
_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True)
class MeasuredVoice:
    """Somebody heard in a file.

    Attributes:
        embedding: (256,) float32 of unit length, the mean over the stretches.
        speech_s: Seconds of speech.
        share: Of the stretches that were listened to, how many are theirs, in (0, 1].
    """

    embedding: Embedding
    speech_s: float
    share: float


class Listened:
    """One channel of a sound, or the mix of all, as its speech comes in.

    Speech is measured in stretches of four seconds, each half over the one before; less than five
    seconds in all give none.

    Args:
        reader: Measures voices.
        talkers: Tells people who speak at once; None where neither that nor turns are asked.

    Attributes:
        samples: Of speech so far.
        embeddings: (256,) of each stretch.
        beneath_s: Of each half minute, how long somebody is heard under another and never alone.
    """

    def __init__(self, reader: VoiceReader, talkers: Talkers | None = None) -> None:
        self.samples = 0
        self.embeddings: list[Embedding] = []
        self.beneath_s: list[float] = []
        self._reader, self._talkers = reader, talkers
        self._held = np.zeros(0, np.float32)
        self._turns: list[tuple[Embedding, float]] = []
        self._odd: list[tuple[Embedding, float]] = []
        self._left = np.zeros(0, np.float32)
        self._before = np.zeros(0, np.float32)

    def take(self, speech: NDArray[np.float32]) -> None:
        """More speech, (n,) at 16 kHz, without pauses."""
        self.samples += len(speech)
        if self._talkers is not None:
            self._left = np.concatenate([self._left, speech])
            size = round(TOGETHER_S * SR)
            while len(self._left) >= size:
                self._before, self._left = self._left[:size].copy(), self._left[size:].copy()
                self._listen(self._before)
        self._held = np.concatenate([self._held, speech])
        if self.samples < LEAST_SPEECH_S * SR:
            return
        size = round(STRETCH_S * SR)
        start = 0
        while start + size <= len(self._held):
            self.embeddings.append(self._reader.embedding(self._held[start : start + size]))
            start += size // 2
        self._held = self._held[start:].copy()

    def end(self) -> None:
        """No more speech comes."""
        if self._talkers is not None and len(self._left):
            last = np.concatenate([self._before, self._left])[-round(TOGETHER_S * SR) :]
            self._left = np.zeros(0, np.float32)
            self._listen(last)

    def in_turns(self) -> list[MeasuredVoice]:
        """Voices that stretches of four seconds would mix, each as often as it was found."""
        total_s = self.samples / SR
        return [MeasuredVoice(voice, long_s, long_s / total_s) for voice, long_s in self._turns]

    def few_words(self, known: list[Embedding]) -> list[MeasuredVoice]:
        """Voices of a few words that sound like none of those known."""
        total_s = self.samples / SR
        odd = unlike(self._odd, known)
        return [MeasuredVoice(voice, long_s, long_s / total_s) for voice, long_s in odd]

    def _listen(self, speech: NDArray[np.float32]) -> None:
        assert self._talkers is not None  # whoever calls has looked
        self._turns += in_turns(speech, self._reader)
        self._odd += out_of_place(speech, self._reader)
        self.beneath_s.append(beneath_s(speech, self._talkers))


def told_apart(heard: Sequence[Listened]) -> tuple[MeasuredVoice, ...]:
    """Who is heard in the mix and in the channels of one sound."""
    measured = [embedding for one in heard for embedding in one.embeddings]
    if not measured:
        return ()
    found = np.stack(measured)
    groups = grouped(found)
    of = np.repeat(np.arange(len(heard)), [len(one.embeddings) for one in heard])
    several = [group for group in groups if np.bincount(of[group]).max() > 1]
    kept = several or groups[:1]
    total_s = max(one.samples for one in heard) / SR
    whole = tuple(
        MeasuredVoice(
            mean_of(found[group]), total_s * len(group) / len(found), len(group) / len(found)
        )
        for group in kept
    )
    apart = (*whole, *(one for listened in heard for one in listened.in_turns()))
    known = [one.embedding for one in apart]
    return (*apart, *(one for listened in heard for one in listened.few_words(known)))


def grouped(stretches: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """Numbers of the stretches of each voice, the most frequent first.

    Args:
        stretches: (n, 256) float32 of unit length.
    """
    left = np.arange(len(stretches))
    near = _near(stretches, stretches)
    groups = []
    while len(left):
        chosen = stretches[left[int(near[left].argmax())]]
        mine = stretches[left] @ chosen >= 1 - ONE_VOICE
        for _ in range(_ROUNDS):
            middle = mean_of(stretches[left[mine]])
            again = stretches[left] @ middle >= 1 - ONE_VOICE
            if not again.any() or np.array_equal(again, mine):
                break
            mine = again
        groups.append(left[mine])
        gone, left = left[mine], left[~mine]
        near[left] -= _near(stretches[left], stretches[gone])
    return sorted(groups, key=len, reverse=True)


def _near(stretches: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.int64]:
    """(n,) how many of the others sound like each stretch."""
    rows = range(0, len(stretches), _ROWS)
    counts = [(stretches[k : k + _ROWS] @ others.T >= 1 - ONE_VOICE).sum(axis=1) for k in rows]
    return np.concatenate([np.zeros(0, np.int64), *counts])
