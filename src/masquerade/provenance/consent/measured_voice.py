"""The voices in a file as this installation measures them itself, whatever a draft states.

Speech is measured in stretches of four seconds, the pauses taken out. Stretches that sound like one
person make a voice; a voice that is heard in one stretch alone is a laugh, a cough or a word, and
is left out where there are others. All of a file is listened to, up to a length above which it is
refused: ten minutes are in memory at once, and of speech only what it measures is kept.

In a file, shorter pieces are measured besides, which tell people apart who take turns.

Channels that differ are listened to one by one, besides their mix: what one channel has and another
has upside down is gone from the mix, and heard all the same. Where one channel explains all the
speech that is in the others, and what they have beyond it is noise, it alone is listened to: noise
over somebody's speech sounds like somebody else.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ConsentError, InputError, LimitError, ModelError, PolicyError
from masquerade.hashing import BlockHashes, block_hashes
from masquerade.media.audio import sound_blocks
from masquerade.media.probe import probe
from masquerade.models.card import card
from masquerade.models.speaker import CARD, SR, Speaker
from masquerade.models.store import Progress
from masquerade.models.voice_activity import VoiceActivity
from masquerade.provenance.consent.turns_of_voices import PIECE_S, STEP_S, TOGETHER, halves
from masquerade.speech.beyond import beyond
from masquerade.speech.speaker import likeness, voice_embedding
from masquerade.speech.voice_activity import speech_spans, spoken_samples
from masquerade.telling import no_progress
from masquerade.types import Audio, Embedding

STRETCH_S: Final = 4.0
LEAST_SPEECH_S: Final = 5.0
"""Less speech is not held against a record: the same person lies as far away as a stranger."""
ONE_VOICE: Final = 0.22
"""Distance within which a stretch of four seconds is of a voice (`benchmarks.voice_consent`)."""
_PIECE_S: Final = 1.6  # of one look of the network
_PIECE_STEP_S: Final = 0.8
_TOGETHER: Final = 4  # pieces of a stretch of four seconds
MOST_S: Final = 3 * 3600
"""Longer files are not listened to, so that nobody in them is overheard."""
_PART_S: Final = 600  # in memory at once
_ROWS: Final = 512  # of stretches that are held against all others at once
_ROUNDS: Final = 4
_AT_ONCE: Final = 64
_NO_SPEECH_S: Final = 1.0  # in a part, that what a channel has beyond another may hold
_RAISED: Final = 30.0  # softer speech than this below another's is not heard by people either
_APART: Final = 0.03
"""Of the loudest channel's level: what channels differ by, from which each is listened to."""


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


def voice_network() -> str:
    """SHA-256 of the network that measures voices."""
    return card(CARD).sha256


def apart(one: Embedding, other: Embedding) -> float:
    """Distance of two voices: 0 for the same, about 0.4 for two people."""
    return 1.0 - likeness(one, other)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A file to listen to; whoever is told how far it is makes no other file of it."""

    path: Path
    sha256: str
    say: Progress = field(compare=False)


def voices_in(
    path: Path, sha256: str, progress: Progress = no_progress
) -> tuple[MeasuredVoice, ...]:
    """Everybody who speaks in a file, who speaks most first; nobody where there is no speech.

    All of it is listened to, in memory that does not grow with it; once, while it is remembered.

    Args:
        path: A sound or video file.
        sha256: Its hash, as the recipe names it.
        progress: Told how many seconds were listened to.

    Raises:
        ConsentError: The file cannot be measured, is longer than `MOST_S`, or the network is not
            there.
        PolicyError: It is not the file of that hash.
    """
    return _voices_in(_Asked(path, sha256, progress))


@lru_cache(maxsize=_AT_ONCE)
def _voices_in(asked: _Asked) -> tuple[MeasuredVoice, ...]:
    path = asked.path
    try:
        reader = _reader(threading.get_ident())
        known = _known(path, asked.sha256)
        heard: list[_Listened] = []
        for part in _parts(path, known, asked.say):
            for number, speech in enumerate(_to_hear(part, reader)):
                if number == len(heard):
                    heard.append(_Listened(reader, turns=True))
                heard[number].take(speech)
        return _told_apart(heard)
    except (InputError, ModelError) as error:
        raise ConsentError(
            f"the voices in {path.name} cannot be measured: {error.found}",
            error.expected or "a file whose voices can be held against a consent record",
            error.todo,
        ) from error


def _known(path: Path, sha256: str) -> BlockHashes:
    """What the file has to hold while it is listened to.

    Raises:
        PolicyError: It is not the file of that hash.
    """
    try:
        known = block_hashes(path)
    except OSError as error:
        raise PolicyError(f"the input {path.name} cannot be read any more") from error
    if known.sha256 != sha256:
        raise PolicyError(f"the input {path.name} was changed", f"SHA-256 {sha256[:16]}")
    return known


def voices_of(
    speech: NDArray[np.float32], reader: VoiceReader, *channels: NDArray[np.float32]
) -> tuple[MeasuredVoice, ...]:
    """The same for speech without its pauses, (n,) at 16 kHz, and that of channels besides."""
    heard = [_Listened(reader) for _ in (speech, *channels)]
    for one, samples in zip(heard, (speech, *channels), strict=True):
        one.take(samples)
    return _told_apart(heard)


def _told_apart(heard: Sequence[_Listened]) -> tuple[MeasuredVoice, ...]:
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
    return (*whole, *(one for listened in heard for one in listened.in_turns()))


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


def mean_of(stretches: NDArray[np.float32]) -> Embedding:
    """(256,) of unit length: the middle of several embeddings (n, 256)."""
    mean = stretches.mean(axis=0, dtype=np.float64)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def least_alike(speech: NDArray[np.float32], reader: VoiceReader) -> float:
    """How far the least alike four seconds of speech lie from all the rest of it.

    Args:
        speech: (n,) at 16 kHz without pauses, of eight seconds or more.
        reader: From `VoiceReader.open`.

    Raises:
        ConsentError: It is shorter.
    """
    size, step = round(_PIECE_S * SR), round(_PIECE_STEP_S * SR)
    starts = range(0, len(speech) - size + 1, step)
    if len(starts) < 2 * _TOGETHER + 1:
        raise ConsentError(f"{len(speech) / SR:.1f} s of speech", f"at least {2 * STRETCH_S:.0f} s")
    found = np.stack([reader.embedding(speech[start : start + size]) for start in starts])
    worst = 0.0
    for first in range(len(found) - _TOGETHER + 1):
        after = first + _TOGETHER
        rest = np.concatenate([found[: max(0, first - 1)], found[after + 1 :]])  # none overlaps
        worst = max(worst, apart(mean_of(found[first:after]), mean_of(rest)))
    return worst


class _Listened:
    """One channel of a sound, or the mix of all, as its speech comes in.

    Speech is measured in stretches of four seconds, each half over the one before; less than five
    seconds in all give none.

    Attributes:
        samples: Of speech so far.
        embeddings: (256,) of each stretch.
    """

    def __init__(self, reader: VoiceReader, *, turns: bool = False) -> None:
        self.samples = 0
        self.embeddings: list[Embedding] = []
        self._reader = reader
        self._held = np.zeros(0, np.float32)
        self._turns = turns
        self._pieces: list[Embedding] = []
        self._left = np.zeros(0, np.float32)

    def take(self, speech: NDArray[np.float32]) -> None:
        """More speech, (n,) at 16 kHz, without pauses."""
        self.samples += len(speech)
        if self._turns:
            self._left = np.concatenate([self._left, speech])
            size, step, start = round(PIECE_S * SR), round(STEP_S * SR), 0
            while start + size <= len(self._left):
                self._pieces.append(self._reader.embedding(self._left[start : start + size]))
                start += step
            self._left = self._left[start:].copy()
        self._held = np.concatenate([self._held, speech])
        if self.samples < LEAST_SPEECH_S * SR:
            return
        size = round(STRETCH_S * SR)
        start = 0
        while start + size <= len(self._held):
            self.embeddings.append(self._reader.embedding(self._held[start : start + size]))
            start += size // 2
        self._held = self._held[start:].copy()

    def in_turns(self) -> list[MeasuredVoice]:
        """Voices that stretches of four seconds would mix, each as often as it was found."""
        last = max(0, len(self._pieces) - TOGETHER)
        starts = [min(k, last) for k in range(0, len(self._pieces), TOGETHER)]
        total_s, count = self.samples / SR, len(self._pieces)
        return [
            MeasuredVoice(voice, total_s * pieces / count, pieces / count)
            for start in starts
            for voice, pieces in halves(np.stack(self._pieces[start : start + TOGETHER]), mean_of)
        ]


def _to_hear(part: Audio, reader: VoiceReader) -> list[NDArray[np.float32]]:
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


def _parts(path: Path, known: BlockHashes, say: Progress) -> Iterator[Audio]:
    """All of the sound, ten minutes at a time.

    Raises:
        LimitError: It is longer than what is listened to.
    """
    info = probe(path, known=known)
    if not info.audio:
        return
    said_s = info.audio[0].duration_s or info.duration_s
    total = round(said_s or 0)
    _check_length(path, float(said_s or 0))
    held: list[Audio] = []
    heard_s = part_s = 0.0
    with closing(sound_blocks(path, sr=SR, known=known)) as blocks:
        for block in blocks:
            held.append(block)
            part_s += block.samples.shape[1] / SR
            _check_length(path, heard_s + part_s)
            if part_s >= _PART_S:
                yield _joined(held)
                held, heard_s, part_s = [], heard_s + part_s, 0.0
            say("listening to whose voice it is", int(heard_s), total)
    if held:
        yield _joined(held)


def _joined(blocks: Sequence[Audio]) -> Audio:
    return Audio(np.concatenate([one.samples for one in blocks], axis=1), SR)


def _check_length(path: Path, length_s: float) -> None:
    """Passes where a file is not too long to be listened to.

    Raises:
        LimitError: It is.
    """
    if length_s > MOST_S:
        raise LimitError(
            f"{path.name} is longer than {MOST_S / 3600:.0f} hours",
            f"at most {MOST_S / 3600:.0f} hours of sound, all of which is listened to",
            "cut out the part that is used, or give it in parts",
        )


@lru_cache(maxsize=2)
def _reader(_thread: int) -> VoiceReader:
    """Loaded networks; those of one thread, since they are not made for several at once."""
    return VoiceReader.open()
