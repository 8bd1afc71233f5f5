"""The mark found again: blind, in any part of a sound, of any length.

An id is given back only where the bound of `watermark.chance` stands; each place that is read
counts as a try. Places are chosen by cells that carry no bits and so take no part in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.provenance.watermark.chance import FALSE_ALARM, chance
from masquerade.provenance.watermark.payload import CODE_BITS, decode
from masquerade.provenance.watermark.sound.features import Stretch, steps, stretches
from masquerade.provenance.watermark.sound.pattern import (
    HOP_S,
    Reals,
    SoundPattern,
    sound_pattern,
)
from masquerade.provenance.watermark.sound.search import (
    PERIOD,
    Guess,
    around,
    as_it_was,
    best,
    cells_at,
    changed,
    folded,
    refined,
)
from masquerade.types import Audio

Outcome: TypeAlias = Literal["found", "none", "too short"]

STRETCH_S: Final = 20.48
LEAST_S: Final = 4.0

_GUESSES: Final = 4  # of each stretch that are followed
_TRACKS: Final = 6
_REACH_SLOTS: Final = 3  # by which a track may drift from stretch to stretch
_CHANCE_SQUARED: Final = 3.0  # a squared score where nothing is, and a little more
_NEIGHBOURS: Final = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 9
_LEAST_WORTH: Final = 0.1


@dataclass(frozen=True, slots=True)
class SoundDetection:
    """What was found.

    Attributes:
        outcome: found; none; or too short, where less than four seconds are not silent.
        payload: The id, where one was found.
        score: Agreement of the whole code word in standard deviations; that of the known cells
            at the best place where there is no id.
        strength_db: By how many dB the known cells stand out of what is around them; about 0.5 in
            an untouched copy of speech.
        p_value: Bound on the chance that a sound made without any of the keys gives as good a
            find; 1 where no id was found.
        speed: By which the sound is played faster than it was marked.
        pitch: By which its pitch was multiplied.
        corrected: Code bits of 127 that were received wrong.
        heard_s: Seconds that were listened to and are not silent.
        key: Number of the key in the order given.
    """

    outcome: Outcome = "none"
    payload: int | None = None
    score: float = 0.0
    strength_db: float = 0.0
    p_value: float = 1.0
    speed: float = 1.0
    pitch: float = 1.0
    corrected: int = 0
    heard_s: float = 0.0
    key: int = 0

    @property
    def is_found(self) -> bool:
        """True where an id was found."""
        return self.payload is not None


@dataclass(frozen=True, slots=True)
class _Track:
    """A guess followed through the sound: its place, and what the cells add up to so far."""

    guess: Guess
    cells: Reals
    strength_db: float
    evidence: float  # sum over stretches of squared scores, less what chance gives


def read_sound(sound: Audio | Iterable[Audio], keys: bytes | Sequence[bytes]) -> SoundDetection:
    """The id in a sound, listened to until one stands or the sound ends.

    Args:
        sound: Whole, or in blocks of one rate and number of channels; memory does not grow.
        keys: The 32 bytes it was marked with, or several to try; of few, since each costs time
            and makes the bound weaker.

    Raises:
        UsageError: There is no key, one has not 32 bytes, or the sound has less than 8000 Hz, or
            changes its rate or channels.
    """
    given = [keys] if isinstance(keys, bytes) else list(keys)
    if not given:
        raise UsageError("no watermark key", "at least one")
    readers = [_Reader(sound_pattern(key), number) for number, key in enumerate(given)]
    blocks = [sound] if isinstance(sound, Audio) else sound
    heard_s = 0.0
    for stretch in stretches(blocks, round(STRETCH_S / HOP_S)):
        heard_s += stretch.heard_s
        if stretch.heard_s < LEAST_S / 4 or heard_s < LEAST_S:
            continue
        for reader in readers:
            found = reader.read(stretch, len(readers))
            if found is not None:
                return replace(found, heard_s=heard_s)
    if heard_s < LEAST_S:
        return SoundDetection("too short", heard_s=heard_s)
    tops = [reader.top() for reader in readers]
    return replace(max(tops, key=lambda one: one.score), heard_s=heard_s)


class _Reader:
    """Follows the likeliest places of one key from stretch to stretch."""

    def __init__(self, key: SoundPattern, number: int) -> None:
        self._key, self._number = key, number
        self._tracks: list[_Track] = []
        self._tries = 0

    def read(self, stretch: Stretch, keys: int) -> SoundDetection | None:
        """The id, if it stands after this stretch."""
        levels: dict[float, tuple[Reals, Reals]] = {}
        followed = [self._followed(track, stretch, levels) for track in self._tracks]
        for guesses in self._guessed(stretch):
            new = [self._begun(guess, stretch, levels) for guess in guesses]
            for track in [*followed, *new]:
                self._tries += 1
                found = _read_id(track, self._key, self._tries * keys)
                if found is not None:
                    return replace(found, key=self._number)
            kept = sorted([*followed, *new], key=lambda track: -track.evidence)
            self._tracks = kept[:_TRACKS]
        return None

    def top(self) -> SoundDetection:
        """What can be said of the best place without an id."""
        if not self._tracks:
            return SoundDetection(key=self._number)
        track = self._tracks[0]
        return replace(_at(track), score=math.sqrt(max(track.evidence, 0.0)), key=self._number)

    def _guessed(self, stretch: Stretch) -> Iterator[list[Guess]]:
        """The likely places first: those where nothing was changed but the start."""
        yield best(stretch, self._key, as_it_was(), 2)
        tried = best(stretch, self._key, changed(len(stretch.power)), _GUESSES)
        yield [refined(stretch, self._key, guess) for guess in tried]

    def _begun(
        self, guess: Guess, stretch: Stretch, levels: dict[float, tuple[Reals, Reals]]
    ) -> _Track:
        even, unit = levels.setdefault(guess.pitch, steps(stretch, guess.pitch))
        cells = cells_at(folded(even, stretch.first_hop, guess.duration), guess.slot)
        known = (cells * self._key.signs * self._key.sync).sum(axis=0)
        periods = len(even) / PERIOD / guess.duration
        strength = known / self._key.sync.sum(axis=0) / periods * unit
        return _Track(guess, cells * guess.score, float(np.mean(strength)), guess.score**2)

    def _followed(
        self, track: _Track, stretch: Stretch, levels: dict[float, tuple[Reals, Reals]]
    ) -> _Track:
        """The track with this stretch added, where its known cells fit best nearby."""
        guess = track.guess
        even, _ = levels.setdefault(guess.pitch, steps(stretch, guess.pitch))
        fold = folded(even, stretch.first_hop, guess.duration)
        near = around(fold, self._key, guess.slot, _REACH_SLOTS)
        slot, score = max(near, key=lambda one: one[1])
        evidence = track.evidence + score**2 - _CHANCE_SQUARED
        if score <= 0:
            return replace(track, evidence=track.evidence - _CHANCE_SQUARED)
        here = replace(guess, slot=slot, score=score)
        cells = track.cells + score * cells_at(fold, slot)
        return replace(track, guess=here, cells=cells, evidence=evidence)


def _read_id(track: _Track, key: SoundPattern, tries: int) -> SoundDetection | None:
    """The id of a track; None where what is there is not beyond chance."""
    signed = track.cells * key.signs
    data = np.where(key.sync, 0, signed * _worth(signed, key)).astype(np.float64)
    sums = np.bincount(key.bits.ravel(), data.ravel(), CODE_BITS).astype(np.float64)
    soft = sums / (math.sqrt((data**2).sum()) + 1e-12)
    # The score of the best of all words is at most this; most places end here.
    if chance(float(np.abs(soft).sum()), tries) > FALSE_ALARM:
        return None
    word = decode(soft)
    if word is None:
        return None
    score = float(soft @ (1.0 - 2.0 * word.bits))
    p_value = chance(score, tries)
    if p_value > FALSE_ALARM:
        return None
    return replace(
        _at(track),
        outcome="found",
        payload=word.payload,
        score=score,
        p_value=p_value,
        corrected=word.corrected,
    )


def _at(track: _Track) -> SoundDetection:
    return SoundDetection(
        strength_db=track.strength_db, speed=1 / track.guess.duration, pitch=track.guess.pitch
    )


def _worth(signed: Reals, key: SoundPattern) -> NDArray[np.float32]:
    """(bands,) weights, from how well the known cells of a band and its neighbours came through.

    Nothing of the data goes in, so the bound on chance stands whatever the weights are.
    """
    known = np.where(key.sync, signed, 0)
    means = known.sum(axis=0) / (np.sqrt((known**2).sum(axis=0)) + 1e-9)
    means = np.convolve(np.pad(means, 2, "edge"), _NEIGHBOURS, "valid")
    worth = np.maximum(means, 0) + _LEAST_WORTH * max(float(means.max()), 1e-3)
    return np.asarray(worth, np.float32)
