"""What somebody is to say, as shapes of their mouth over time, in memory that hardly grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from masquerade.generate.lipsync import Lines
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.models.speech_content import SpeechContent
from masquerade.pipelines.lipsync_learn import Learned
from masquerade.speech.heard import hear_parts
from masquerade.speech.phones import BILABIALS, phones_of
from masquerade.types import Audio


@dataclass(frozen=True, slots=True)
class Said:
    """Lines, their first at 0 s.

    Attributes:
        lines: The shapes.
        seconds: How long they last.
    """

    lines: Lines
    seconds: float

    def later(self, by_s: Fraction) -> Lines:
        """The lines on a clock on which they begin at that time."""
        shut_s = self.lines.shut_s + float(by_s)
        return Lines(self.lines.times_s + float(by_s), self.lines.shapes, shut_s)


def said(
    blocks: Iterator[Audio], learned: Learned, content: SpeechContent, *, step_s: Fraction
) -> Said:
    """The shapes of a mouth that says what is heard; no lips are closed by force.

    Args:
        blocks: Mono at 16 kHz, from 0 s on.
        learned: How the person talks.
        content: The loaded network of speech.
        step_s: From one shape to the next.
    """
    rest = learned.talker.space.rest
    shapes = [np.zeros((0, len(rest)), np.float32)]
    count, end_s = 0, 0.0
    for part in hear_parts(blocks, content):
        end_s = part.end_s
        stop = max(count, int(end_s / step_s) + 1)
        times_s = np.asarray(np.arange(count, stop) * float(step_s), np.float64)
        shapes.append(learned.articulation(part.heard, times_s))
        count = stop
    made = np.concatenate(shapes)
    lively = np.asarray(rest + np.float32(learned.livelier) * (made - rest), np.float32)
    times_s = np.asarray(np.arange(count) * float(step_s), np.float64)
    return Said(Lines(times_s, lively, np.zeros((0, 2))), end_s)


def shut_s(blocks: Iterator[Audio]) -> NDArray[np.float64]:
    """(m, 2) seconds from when to when lips are closed: wherever b, m or p is heard in English.

    Args:
        blocks: Mono at 16 kHz, from 0 s on.
    """
    found = [
        (one.start_s, one.end_s)
        for one in phones_of(blocks, PhoneRecogniser.open())
        if one.name in BILABIALS
    ]
    return np.array(found, np.float64).reshape(-1, 2)
