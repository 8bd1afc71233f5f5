"""How often a second person in a recording is missed by the consent check, and one alone refused.

From recordings of two people of LibriSpeech: turns of so many seconds, cut anywhere, one under the
other, so much softer, all the time, and a few words of one amid those of the other. The record is
of the first five seconds of one; what is listened to is the rest, of both. Who is a man and who a
woman is taken from the pitch. The same is done with the rest of each person alone. The check is the
one of every recording that goes in: a voice farther than the threshold from the record, or one that
is never heard alone, is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.consent_threshold import bounds
from masquerade.models.speaker import SR
from masquerade.models.talkers import Talkers
from masquerade.provenance.consent.check import VOICE_THRESHOLD
from masquerade.provenance.consent.measured_voice import MOST_BENEATH_S
from masquerade.provenance.consent.voice_reader import VoiceReader, apart
from masquerade.provenance.consent.voices_apart import Listened, told_apart
from masquerade.speech.pitch import PitchNetwork, pitch
from masquerade.types import Audio

TURNS_S: Final = (0.5, 1.0, 2.0, 4.0)
LEVELS_DB: Final = (-3.0, -6.0, -12.0)
WORDS_S: Final = (2.0, 3.0)
_KNOWN_S: Final = 5.0
_WOMAN_HZ: Final = 165.0


class Somebody(Protocol):
    """A person's speech, without pauses."""

    @property
    def speech(self) -> NDArray[np.float32]:
        """(n,) at 16 kHz."""


@dataclass(frozen=True, slots=True)
class Errors:
    """How often the check erred.

    Attributes:
        what: What was played to it.
        errors: Refused where it is one person, passed where it is two.
        of: How many were played.
    """

    what: str
    errors: int
    of: int

    def line(self) -> str:
        """In words."""
        low, high = bounds(self.errors, self.of)
        return f"{self.what}: {self.errors}/{self.of} (95 %: {low:.0%} to {high:.0%})"


@dataclass(frozen=True, slots=True)
class _Listener:
    reader: VoiceReader
    talkers: Talkers

    def refuses(self, speech: NDArray[np.float32], known: NDArray[np.float32]) -> bool:
        """Whether the check refuses speech under the record of other speech."""
        listened = Listened(self.reader, self.talkers)
        listened.take(speech)
        listened.end()
        if max(listened.beneath_s, default=0.0) > MOST_BENEATH_S:
            return True
        record = self.reader.embedding(known)
        voices = told_apart([listened])
        return any(apart(one.embedding, record) > VOICE_THRESHOLD for one in voices)


def crowds(everybody: Sequence[Somebody], reader: VoiceReader, count: int) -> list[Errors]:
    """False refusals of one person, and second people missed, by turn and by level.

    Args:
        everybody: Who has eleven seconds of speech or more counts.
        reader: From `VoiceReader.open`.
        count: Pairs of one sex, and of two.
    """
    listener, network = _Listener(reader, Talkers.open()), PitchNetwork.open()
    people = [_even(one.speech) for one in everybody if len(one.speech) >= 11 * SR]
    known, rest = round(_KNOWN_S * SR), [one[round(_KNOWN_S * SR) :] for one in people]
    alone = [listener.refuses(one[known:], one[:known]) for one in people]
    found = [Errors("one person, refused", sum(alone), len(alone))]
    women = [_hz(one, network) > _WOMAN_HZ for one in people]
    for same in (True, False):
        pairs = list(_pairs(women, count, same=same))
        sexes = "one sex" if same else "two sexes"
        for turn_s in TURNS_S:
            passed = [
                not listener.refuses(_turns(rest[i], rest[j], turn_s), people[i][:known])
                for i, j in pairs
            ]
            found.append(Errors(f"turns of {turn_s} s, {sexes}, missed", sum(passed), len(passed)))
        for level_db in LEVELS_DB:
            passed = [
                not listener.refuses(_under(rest[i], rest[j], level_db), people[i][:known])
                for i, j in pairs
            ]
            found.append(Errors(f"under by {-level_db} dB, {sexes}, missed", sum(passed), count))
        for words_s in WORDS_S:
            passed = [
                not listener.refuses(_amid(rest[i], rest[j], words_s), people[i][:known])
                for i, j in pairs
            ]
            found.append(
                Errors(f"{words_s} s of words amid others, {sexes}, missed", sum(passed), count)
            )
    return found


def _even(speech: NDArray[np.float32]) -> NDArray[np.float32]:
    return speech * np.float32(0.06 / np.sqrt(np.mean(speech**2)))


def _hz(speech: NDArray[np.float32], network: PitchNetwork) -> float:
    hz = pitch(Audio(speech[None], SR), network).hz
    return float(np.median(hz[hz > 0]))


def _pairs(women: Sequence[bool], count: int, *, same: bool) -> Iterator[tuple[int, int]]:
    rng = np.random.default_rng(11)
    given = 0
    while given < count:
        i, j = (int(one) for one in rng.integers(len(women), size=2))
        if i != j and (women[i] == women[j]) == same:
            given += 1
            yield i, j


def _turns(
    one: NDArray[np.float32], other: NDArray[np.float32], turn_s: float
) -> NDArray[np.float32]:
    size = round(turn_s * SR)
    starts = range(0, min(len(one), len(other)), size)
    return np.concatenate([said[at : at + size] for at in starts for said in (one, other)])


def _amid(
    one: NDArray[np.float32], other: NDArray[np.float32], words_s: float
) -> NDArray[np.float32]:
    """The first person's speech with words of the other in its middle."""
    half, start = len(one) // 2, len(other) // 3
    words = other[start : start + round(words_s * SR)]
    return np.concatenate([one[:half], words, one[half:]])


def _under(
    one: NDArray[np.float32], other: NDArray[np.float32], level_db: float
) -> NDArray[np.float32]:
    return np.asarray(one + 10 ** (level_db / 20) * np.resize(other, len(one)), np.float32)
