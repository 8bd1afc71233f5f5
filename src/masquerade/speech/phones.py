"""Which phones are spoken in a sound of any length, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.phone_recogniser import SR, Phone, PhoneRecogniser
from masquerade.speech.tape import Tape
from masquerade.types import Audio

__all__ = ["BILABIALS", "Phone", "phones", "phones_of", "shut_spans"]

BILABIALS: Final = frozenset({"B", "M", "P"})
"""Phones for which the lips must close."""
_PART: Final = 30 * SR  # samples of a part that is heard at once
_SLACK: Final = 5 * SR  # how far before its end it may be cut, to cut in a pause
_QUIET: Final = SR // 20
_RELEASE_S: Final = 0.045  # before a phone's recognised end, when lips part already
_SHUT_S: Final = 0.04  # for which lips are shut at least: a picture shows it


def phones(sound: Audio, recogniser: PhoneRecogniser) -> list[Phone]:
    """The phones of a sound in order, pauses included, on the clock of its file.

    Args:
        sound: Mono at 16 kHz.
        recogniser: From `PhoneRecogniser.open`.

    Raises:
        UsageError: The sound is of another rate, or not mono.
        ModelError: The recogniser failed.
    """
    return list(phones_of(iter([sound]), recogniser))


def phones_of(blocks: Iterator[Audio], recogniser: PhoneRecogniser) -> Iterator[Phone]:
    """The same of a sound that comes in blocks without gaps; half a minute of it is held."""
    tape, start = Tape(blocks), 0
    while tape.reach(start, 1):
        end = tape.cut(start, _PART, _SLACK, _QUIET)
        shift = float(tape.start_s) + start / SR
        for one in recogniser(tape.between(start, end)):
            yield replace(one, start_s=one.start_s + shift, end_s=one.end_s + shift)
        tape.forget(end)
        start = end


def shut_spans(spoken: Iterable[Phone]) -> NDArray[np.float64]:
    """(m, 2) seconds from when to when lips are shut for b, m and p.

    A recogniser counts the burst of b and p, and the vowel's beginning after m, as theirs; by then
    lips are apart. In 72 such phones of GRID's speaker 1 they were closest from the recognised
    beginning until 40 to 60 ms before the recognised end.

    Args:
        spoken: Phones of speech in English, on any clock.
    """
    found = [
        (one.start_s, max(one.end_s - _RELEASE_S, min(one.start_s + _SHUT_S, one.end_s)))
        for one in spoken
        if one.name in BILABIALS
    ]
    return np.array(found, np.float64).reshape(-1, 2)
