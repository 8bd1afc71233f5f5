"""What is heard in each fiftieth of a second of speech, as lips could follow it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.speech_content import HOP, SIZE, SR, SpeechContent, log_mel
from masquerade.speech.content import windows
from masquerade.speech.tape import Tape
from masquerade.types import Audio

STEP_S: Final = Fraction(2 * HOP, SR)
"""Seconds from one row to the next."""
BANDS: Final = 40
_LEAST: Final = SR // 10  # samples below which there is nothing to be heard
_KNOWN_S: Final = 300  # of a sound, by which it is known what is usual in it
_AROUND: Final = 50  # rows before and after a part that come with it
_NOTHING: Final = np.zeros((0, BANDS + 2 * SIZE), np.float32)


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of speech; each kind of feature has its mean over the stretch taken off.

    Attributes:
        mel: (n, 40) float32 logarithm of the power by band.
        early: (n, 384) float32 which sound is made.
        late: (n, 384) float32 which sound, among the words around it.
        start_s: Time of the first row, in seconds.
    """

    mel: NDArray[np.float32]
    early: NDArray[np.float32]
    late: NDArray[np.float32]
    start_s: float

    def __len__(self) -> int:
        return len(self.mel)

    def times_s(self) -> NDArray[np.float64]:
        """(n,) seconds."""
        return np.asarray(self.start_s + np.arange(len(self)) * float(STEP_S), np.float64)


@dataclass(frozen=True, slots=True)
class HeardPart:
    """A part of a long sound, with a little of what is around it.

    Attributes:
        heard: Rows of the part, and of what is around.
        first_s: When the part begins, in seconds.
        end_s: When it ends; the next one begins there.
    """

    heard: Heard
    first_s: float
    end_s: float


def hear(sound: Audio, content: SpeechContent) -> Heard:
    """What is heard in a sound.

    Args:
        sound: Mono at 16 kHz; one voice.
        content: From `SpeechContent.open`.

    Raises:
        UsageError: The sound is of another rate, or not mono.
    """
    rows = np.concatenate([_NOTHING, *_rows(Tape(iter([sound])), content)])
    return _centred(rows, rows, float(sound.start_s))


def hear_parts(blocks: Iterator[Audio], content: SpeechContent) -> Iterator[HeardPart]:
    """What is heard in a sound of any length, in memory that does not grow.

    What is usual, and taken off, is that of the first five minutes.

    Args:
        blocks: Mono at 16 kHz, without gaps; one voice.
        content: From `SpeechContent.open`.

    Yields:
        Parts in order of time, without gaps.

    Raises:
        UsageError: A block is of another rate, or not mono.
    """
    tape = Tape(blocks)
    parts = _rows(tape, content)
    begun = list(_first(parts, round(_KNOWN_S / STEP_S)))
    usual = np.concatenate([_NOTHING, *begun])
    before, first = _NOTHING, 0
    for part, after in pairwise(chain(begun, parts, [_NOTHING])):
        around = np.concatenate([before, part, after[:_AROUND]])
        start_s = float(tape.start_s + (first - len(before)) * STEP_S)
        begins, first = first, first + len(part)
        times = (float(tape.start_s + row * STEP_S) for row in (begins, first))
        yield HeardPart(_centred(around, usual, start_s), *times)
        before = part[-_AROUND:]


def _rows(tape: Tape, content: SpeechContent) -> Iterator[NDArray[np.float32]]:
    """(n, 808) each: what is heard in one part after the other."""
    for samples, own in windows(tape):
        if len(samples) < _LEAST:
            return
        kinds = (_pairs(log_mel(samples)), *content(samples))
        yield np.concatenate([one[own] for one in kinds], axis=1)


def _first(parts: Iterator[NDArray[np.float32]], count: int) -> Iterator[NDArray[np.float32]]:
    """The parts up to so many rows."""
    while count > 0 and (part := next(parts, None)) is not None:
        count -= len(part)
        yield part


def _centred(rows: NDArray[np.float32], usual: NDArray[np.float32], start_s: float) -> Heard:
    """Rows without what is usual."""
    mean = usual.mean(axis=0) if len(usual) else np.zeros(rows.shape[1], np.float32)
    mel, early, late = np.split(rows - mean, (BANDS, BANDS + SIZE), axis=1)
    return Heard(mel, early, late, start_s)


def _pairs(bands: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n // 2, 40) of (80, n): neighbouring bands averaged, and neighbouring hops."""
    half = bands.reshape(BANDS, -1, bands.shape[1]).mean(axis=1)
    rows = half.shape[1] // 2
    return np.asarray(half[:, : 2 * rows].reshape(BANDS, rows, 2).mean(axis=2).T, np.float32)
