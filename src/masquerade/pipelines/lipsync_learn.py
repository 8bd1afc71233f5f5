"""How somebody talks, learned from footage whose sound was brought in step with its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from masquerade.errors import InputError
from masquerade.faces.talker import Talker
from masquerade.pipelines.talking_footage import Footage
from masquerade.speech.articulation import LEAST, Articulation, Lesson, held_out
from masquerade.speech.sync import Lag, footage_lag

_FEW_S: Final = 25.0  # of talking, below which the mouth is known poorly
_IN_STEP_S: Final = 0.05  # lag that is left as it is
_SHORT: Final = 1600  # frames, up to which it is measured how much livelier the person is
_LIVELIER: Final = 1.6  # at most


@dataclass(frozen=True, slots=True)
class Learned:
    """What footage taught.

    Attributes:
        talker: Shapes and looks of the mouth.
        articulation: How it moves with what is said.
        livelier: By how much the person's mouth moves more than what is said of it: little
            footage makes a cautious teacher.
        notes: What the user should know, in sentences.
    """

    talker: Talker
    articulation: Articulation
    livelier: float
    notes: tuple[str, ...]


def learn(footage: Sequence[Footage]) -> Learned:
    """How a person talks.

    Raises:
        InputError: The footage has no sound, too little of it, or none in step with its pictures.
        FaceError: No frame shows the mouth well enough.
    """
    talker = Talker.of([one for item in footage for one in item.sights])
    notes: list[str] = []
    found = [_lesson(item, talker, notes) for item in footage]
    lessons = [one for one in found if one is not None]
    if sum(len(one.times_s) for one in lessons) < LEAST:
        why = f": {notes[0]}" if notes else ""
        raise InputError(
            f"there is no footage in which the person is seen and heard to talk{why}",
            f"at least {LEAST} frames, best two minutes, sound and pictures in step",
            "add videos of the same person talking with --footage",
        )
    articulation = Articulation.learned(lessons)
    taught_s = sum(float(np.ptp(one.times_s)) for one in lessons)
    if taught_s < _FEW_S:
        notes.append(
            f"the mouth was learned from {taught_s:.0f} s of talking; from 30 s it follows speech"
            " well, from two minutes very well: add videos of the same person with --footage"
        )
    return Learned(talker, articulation, _livelier(lessons, talker), tuple(notes))


def _lesson(item: Footage, talker: Talker, notes: list[str]) -> Lesson | None:
    """What a footage teaches; None where nothing is heard, or what is heard belongs to others."""
    heard = item.heard
    if heard is None or not len(heard):
        return None
    times_s = np.array([one.time_s for one in item.sights])
    shapes = np.stack([talker.space.shape_of(one.skull) for one in item.sights])
    lag = footage_lag(heard, times_s, talker.space.openings(shapes))
    notes += _told(item, lag)
    if lag is not None and not lag.is_clear:
        return None
    if lag is not None and abs(lag.seconds) > _IN_STEP_S:
        times_s = times_s + lag.seconds
    span_s = heard.times_s()
    within = (times_s >= span_s[0]) & (times_s <= span_s[-1])
    return Lesson(heard, times_s[within], shapes[within])


def _told(item: Footage, lag: Lag | None) -> list[str]:
    name = item.input.name
    if lag is None:
        return [f"{name} is too short to tell whether its sound is in step with its pictures"]
    if not lag.is_clear:
        return [
            f"nothing was learned from the sound of {name}: it does not go with the lips at any"
            " shift of up to 0.6 s"
        ]
    if abs(lag.seconds) > _IN_STEP_S:
        late = "late" if lag.seconds > 0 else "early"
        return [
            f"the sound of {name} is {abs(lag.seconds) * 1000:.0f} ms {late}; that was allowed for"
        ]
    return []


def _livelier(lessons: Sequence[Lesson], talker: Talker) -> float:
    """Deviation of the true opening over that of what is said of stretches not learned from."""
    total = sum(len(one.times_s) for one in lessons)
    if total > _SHORT or total < 3 * LEAST:
        return 1.0
    said, true = (talker.space.openings(one) for one in held_out(lessons))
    return float(np.clip(true.std() / max(float(said.std()), 1e-6), 1.0, _LIVELIER))
