"""How somebody talks, learned from footage whose sound was brought in step with its pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError
from masquerade.faces.mouth.generic import space_around
from masquerade.faces.mouth.shape import PARTS, MouthSpace, opening
from masquerade.faces.mouth.talker import Sight, Talker
from masquerade.models.generic_lips import GenericLips
from masquerade.pipelines.lips.talking import Footage
from masquerade.speech.anybody import AnybodysArticulation
from masquerade.speech.articulation import LEAST, Articulation, Lesson, held_out
from masquerade.speech.heard import Heard
from masquerade.speech.sync import Lag, footage_lag
from masquerade.types import Points

_LITTLE_S: Final = 10.0  # of talking, below which others' mouths tell more than the person's own
_FEW_S: Final = 25.0  # below which the mouth is known poorly
_IN_STEP_S: Final = 0.05  # lag that is left as it is
_SHORT: Final = 1600  # frames, up to which it is measured how much livelier the person is
_LIVELIER: Final = 1.6  # at most

Says: TypeAlias = Callable[[Heard, NDArray[np.float64]], NDArray[np.float32]]
"""For what is heard, and times on its clock: the shapes of a mouth, (n, 10)."""

Held: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float32]]
"""For times of the first footage: how the mouth is held there besides what is said, (n, 10)."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What footage taught.

    Attributes:
        talker: Shapes and looks of the mouth.
        articulation: How it moves with what is said.
        livelier: By how much the person's mouth moves more than what is said of it: little
            footage makes a cautious teacher.
        notes: What the user should know, in sentences.
        generic: SHA-256 of the network that says how anybody's mouth moves, where the person's own
            way could not be learned.
        held: How the mouth is held in the first footage; None where that could not be told.
    """

    talker: Talker
    articulation: Says
    livelier: float
    notes: tuple[str, ...]
    generic: str = ""
    held: Held | None = None


def learn(footage: Sequence[Footage], *, space: MouthSpace | None = None) -> Learned:
    """How a person talks; as anybody does, where there is too little to be learned from.

    Args:
        footage: What they were seen and heard to say; first what is to be changed.
        space: Of a trained mouth: their shapes, where they are not to be learned here.

    Raises:
        FaceError: No frame shows the mouth well enough.
        InputError: There is a trained mouth, and too little to learn how it moves.
        ModelError: The network that ships for people with little footage is damaged.
    """
    notes: list[str] = []
    sights = [one for item in footage for one in item.sights]
    short: list[str] = []
    taught = [_taught(item, notes, short) for item in footage]
    notes += _not_checked(short)
    found = [one for one in taught if one is not None]
    taught_s = sum(one.seconds for one in found)
    if taught_s < _LITTLE_S:
        if space is not None:
            raise InputError(
                f"{taught_s:.0f} s in which the person is seen and heard to talk",
                f"at least {_LITTLE_S:.0f} s: a trained mouth is moved as the person moves it",
                "add videos of them with --footage, or leave --model out",
            )
        return _as_anybody(sights, found, notes)
    talker = Talker.of(sights, space=space)
    lessons = [one.lesson(talker.space) for one in found]
    if taught_s < _FEW_S:
        notes.append(
            f"the mouth was learned from {taught_s:.0f} s of talking; from 30 s it follows speech"
            " well, from two minutes very well: add videos of the same person with --footage"
        )
    articulation = Articulation.learned(lessons)
    return Learned(
        talker,
        articulation,
        _livelier(lessons, talker),
        tuple(notes),
        held=_held(articulation, lessons[0], taught[0].late_s) if taught[0] else None,
    )


def _held(articulation: Articulation, lesson: Lesson, late_s: float) -> Held:
    """How the mouth is held in footage whose sound is late by some time."""
    return lambda times_s: articulation.posture(lesson, times_s + late_s)


def _as_anybody(sights: Sequence[Sight], found: Sequence[_Taught], notes: Sequence[str]) -> Learned:
    """The person's mouth, moved as people move theirs, and as theirs moved in these seconds."""
    lips = GenericLips.open()
    space = space_around([one.skull for one in sights], lips.basis)
    lessons = [one.lesson(space) for one in found]
    seconds = sum(one.seconds for one in found)
    note = (
        f"there are {seconds:.0f} s in which the person is seen and heard to talk, too little to"
        " learn how their mouth moves: it moves much as others' do, which follows speech less well;"
        f" with {_LITTLE_S:.0f} s and more it is their own: add videos with --footage"
    )
    return Learned(
        Talker.of(sights, space=space),
        AnybodysArticulation.learned(lips, lessons),
        1.0,
        (*notes, note),
        lips.sha256,
    )


@dataclass(frozen=True, slots=True)
class _Taught:
    """What a footage teaches: its sound, and the mesh on the neutral face at some of its times.

    The times are on the clock of the sound; that of the pictures is behind it by `late_s`.
    """

    heard: Heard
    times_s: NDArray[np.float64]
    skulls: tuple[Points, ...]
    late_s: float

    @property
    def seconds(self) -> float:
        return float(np.ptp(self.times_s)) if len(self.times_s) else 0.0

    def lesson(self, space: MouthSpace) -> Lesson:
        """The same with shapes of a space."""
        shapes = [np.zeros(PARTS, np.float32), *map(space.shape_of, self.skulls)]
        return Lesson(self.heard, self.times_s, np.stack(shapes)[1:])


def _taught(item: Footage, notes: list[str], short: list[str]) -> _Taught | None:
    """What a footage teaches; None where nothing is heard, or what is heard belongs to others.

    Notes are added of what the user should know, and names of what is too short to be checked.
    """
    heard = item.heard
    if heard is None or not len(heard):
        return None
    times_s = np.array([one.time_s for one in item.sights])
    gaps = np.array([opening(one.skull) for one in item.sights], np.float32)
    lag = footage_lag(heard, times_s, gaps)
    if lag is None:
        short.append(item.input.name)
    else:
        notes += _told(item.input.name, lag)
    if lag is not None and not lag.is_clear:
        return None
    late_s = lag.seconds if lag is not None and abs(lag.seconds) > _IN_STEP_S else 0.0
    times_s = times_s + late_s
    span_s = heard.times_s()
    within = (times_s >= span_s[0]) & (times_s <= span_s[-1])
    skulls = (one.skull for one, is_in in zip(item.sights, within, strict=True) if is_in)
    return _Taught(heard, times_s[within], tuple(skulls), late_s)


def _not_checked(short: Sequence[str]) -> list[str]:
    """That footage is too short to be checked, in one sentence for all of it."""
    if not short:
        return []
    more = f" and {len(short) - 2} more" if len(short) > 2 else ""
    names, is_are, own = ", ".join(short[:2]) + more, "is", "its sound is in step with its"
    if len(short) > 1:
        is_are, own = "are each", "their sound is in step with their"
    return [f"{names} {is_are} too short to tell whether {own} pictures"]


def _told(name: str, lag: Lag) -> list[str]:
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
