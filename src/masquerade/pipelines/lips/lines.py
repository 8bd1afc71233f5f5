"""What somebody is to say, as shapes of their mouth over time, in memory that hardly grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mouth.talker import Talker
from masquerade.generate.lipsync import Lines
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.models.speech_content import SpeechContent
from masquerade.pipelines.lips.learn import Held, Learned
from masquerade.speech.heard import hear_parts
from masquerade.speech.phones import phones_of, shut_spans
from masquerade.types import Audio

_TO_REST_S: Final = 0.24  # after the last word, over which a mouth that is still open closes


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

    def held(self, talker: Talker, held: Held | None, start_s: Fraction, end_s: Fraction) -> Said:
        """The lines until the target's end, said by a mouth that is held as it is there.

        After the last word the mouth goes to rest, wherever the recording was cut.

        Args:
            talker: Who says them.
            held: From `Learned`.
            start_s: When they begin, on the clock of the target's pictures.
            end_s: When its pictures end, on the same clock.
        """
        times_s, shapes = _rested(self.lines, talker.space.rest, float(end_s - start_s))
        if held is not None and len(times_s):
            shapes = shapes + held(times_s + float(start_s))
        return replace(self, lines=Lines(times_s, shapes, self.lines.shut_s))


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


def _rested(
    lines: Lines, rest: NDArray[np.float32], end_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """(n,) times and (n, 10) shapes of lines that go on to a time, the mouth at rest."""
    times_s, shapes = lines.times_s, lines.shapes
    if len(times_s) < 2 or end_s <= times_s[-1]:
        return times_s, shapes
    step = float(times_s[1] - times_s[0])
    after = np.arange(1, int((end_s - times_s[-1]) / step) + 2) * step
    share = np.clip(after / _TO_REST_S, 0, 1)[:, None].astype(np.float32)
    going = shapes[-1] + share * share * (3 - 2 * share) * (rest - shapes[-1])
    return np.concatenate([times_s, times_s[-1] + after]), np.concatenate([shapes, going])


def shut_s(blocks: Iterator[Audio]) -> NDArray[np.float64]:
    """(m, 2) seconds from when to when lips are closed: wherever b, m or p is heard in English.

    Args:
        blocks: Mono at 16 kHz, from 0 s on.
    """
    return shut_spans(phones_of(blocks, PhoneRecogniser.open()))
