"""Which phones are spoken in a sound of any length, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from masquerade.models.phone_recogniser import SR, Phone, PhoneRecogniser
from masquerade.speech.tape import Tape
from masquerade.types import Audio

__all__ = ["BILABIALS", "Phone", "phones", "phones_of"]

BILABIALS: Final = frozenset({"B", "M", "P"})
"""Phones for which the lips must close."""
_PART: Final = 30 * SR  # samples of a part that is heard at once
_SLACK: Final = 5 * SR  # how far before its end it may be cut, to cut in a pause
_QUIET: Final = SR // 20


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
