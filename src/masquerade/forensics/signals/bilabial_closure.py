"""Whether lips close where m, b and p are heard, which no mouth can say open.

Agarwal et al., "Detecting Deep-Fake Videos from Phoneme-Viseme Mismatches" (2020). How far the
inner lips are open at each such phone is put as a rank among all moments in which that face speaks,
so that beards, teeth and habits cancel. The figure is the mean rank; chance is what the same number
of phones would reach, laid elsewhere into the same speech.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.errors import ModelError
from masquerade.faces.embed import SAME_PERSON
from masquerade.faces.mouth.lips import opening
from masquerade.forensics.calibration import weighed
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_parts import longest
from masquerade.forensics.sample import Cut, Line, Sample
from masquerade.forensics.signals.lip_sync import LEAST_PX, never_clears
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.speech.phones import BILABIALS, Phone, phones

Floats = NDArray[np.float64]


class Options(base.Options):
    """This signal has no knobs."""


family = Family.SYNC
limits = (
    "Phones are recognised as English, and one in four wrongly; speakers out of the picture and"
    " dubbing close at other moments and are honest; lips that were made to fit a voice may close."
)
LEAST: Final = 8  # phones below which nothing is said
_BEFORE_S: Final = 0.06  # lips close before they are heard to
_AFTER_S: Final = 0.02
_SHUT: Final = 0.3  # rank below which lips count as closed
_DRAWS: Final = 2000
_SEED: Final = 8
_UNSEEN_S: Final = 0.5
_LEAST_SPEECH: Final = 20  # moments of a stretch in which a face speaks


@dataclass(frozen=True, slots=True)
class Closures:
    """How lips meet phones that need them closed.

    Attributes:
        ranks: (n,) for each phone, the least opening around it as a rank in [0, 1] among all
            moments in which the face speaks; 0 is most closed.
        at_s: (n,) seconds, the middle of each phone.
        chance: Share of random places in the same speech that are closed as well or better.
        expected: Mean rank of random places.
        times_s: (t,) seconds of the moments with a face, in order.
        opening: (t,) how far the lips are open, in distances of the eyes.
    """

    ranks: Floats
    at_s: Floats
    chance: float
    expected: float
    times_s: Floats
    opening: Floats

    @property
    def mean(self) -> float:
        """Mean rank."""
        return float(self.ranks.mean())

    @property
    def closed(self) -> int:
        """At how many phones the lips are closed."""
        return int((self.ranks < _SHUT).sum())


def examine(sample: Sample, options: Options) -> Evidence:
    """How well lips close where they must, of the face that closes best."""
    told = options.canonical_json()
    quiet = partial(silent, "bilabial_closure", family, limits=limits, options_json=told)
    if sample.info.kind != "video" or not sample.info.audio:
        return quiet("There are not both moving pictures and sound.")
    people = _people(sample.lines)
    if not people:
        return quiet(f"No face of {LEAST_PX:.0f} pixels is seen moving.")
    try:
        recogniser = PhoneRecogniser.open()
    except ModelError as error:
        return quiet(f"Phones cannot be recognised: {error.found}.")
    heard = [one for sound in sample.sound_seen for one in phones(sound, recogniser)]
    found = [seen for runs in people if (seen := closures(runs, heard)) is not None]
    if not found:
        return quiet(too_few(max(_count(_looks(runs, heard)) for runs in people)))
    best = min(found, key=lambda one: one.mean - one.expected)
    says = (
        f"Lips are closed at {best.closed} of {len(best.ranks)} sounds of m, b and p; places drawn"
        f" at random from the same speech are closed as well in {100 * best.chance:.0f} of 100"
        " draws."
    )
    one = Evidence(
        "bilabial_closure",
        family,
        Applies.YES,
        says,
        value=best.mean,
        unit="mean rank of the lips' opening (0 closed, 1 open)",
        limits=limits,
        options_json=told,
        figures=_figures(best),
    )
    return never_clears(weighed(one, "speech"))


def too_few(count: int) -> str:
    """Why nothing is said of so few phones.

    Example:
        >>> too_few(3)[:26]
        'Only 3 sounds of m, b or p'
    """
    heard = {0: "No sound", 1: "Only one sound"}.get(count, f"Only {count} sounds")
    return (
        f"{heard} of m, b or p can be held against the lips of a face that speaks, and {LEAST} are"
        " needed: too little to tell whether lips close where they must."
    )


def closures(runs: Sequence[Sequence[Cut]], heard: Sequence[Phone]) -> Closures | None:
    """How the lips of one person meet m, b and p; None where there are too few of them.

    Args:
        runs: Stretches of cut-outs of one face, each in order of time and without gaps.
        heard: Phones on the same clock.
    """
    looks = _looks(runs, heard)
    count = _count(looks)
    if count < LEAST:
        return None
    ranks = np.concatenate([one.ranks for one in looks])
    chance = np.random.default_rng(_SEED)
    null = sum(one.elsewhere(chance) for one in looks) / count
    times_s = np.concatenate([one.times_s for one in looks])
    order = np.argsort(times_s, kind="stable")  # runs of one person may come in any order
    return Closures(
        ranks,
        np.concatenate([one.at_s for one in looks]),
        float((1 + (null <= ranks.mean()).sum()) / (1 + _DRAWS)),
        float(np.mean(null)),
        times_s[order],
        np.concatenate([one.lips for one in looks])[order],
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """One stretch in which a face speaks: openings by moment, and where lips should be closed."""

    times_s: Floats
    lips: Floats
    spoken: NDArray[np.bool_]
    at_s: Floats
    windows: tuple[NDArray[np.intp], ...]

    @property
    def ranks(self) -> Floats:
        """(n,) of the least opening in each window."""
        return self._ranked(np.array([self.lips[some].min() for some in self.windows]))

    def elsewhere(self, chance: np.random.Generator) -> Floats:
        """(draws,) sums of ranks of as many windows of the same lengths, anywhere in the speech."""
        places = np.flatnonzero(self.spoken)
        total = np.zeros(_DRAWS)
        for size in map(len, self.windows):
            starts = np.clip(chance.choice(places, _DRAWS) - size // 2, 0, len(self.lips) - size)
            total += self._ranked(self.lips[starts[:, None] + np.arange(size)].min(axis=1))
        return total

    def _ranked(self, values: Floats) -> Floats:
        order = np.sort(self.lips[self.spoken])
        return np.asarray(np.searchsorted(order, values) / len(order), np.float64)


def _looks(runs: Sequence[Sequence[Cut]], heard: Sequence[Phone]) -> list[_Look]:
    return [one for run in runs if (one := _look(run, heard)) is not None]


def _count(looks: Sequence[_Look]) -> int:
    """How many phones there are that need closed lips."""
    return sum(len(one.windows) for one in looks)


def _look(run: Sequence[Cut], heard: Sequence[Phone]) -> _Look | None:
    """A stretch with its phones; None where hardly anything is said in it."""
    times_s = np.array([float(cut.time_s) for cut in run])
    lips = np.array([opening(cut.landmarks) for cut in run])
    spoken = np.zeros(len(run), bool)
    for one in heard:
        if one.spoken:
            spoken |= (times_s >= one.start_s) & (times_s <= one.end_s)
    wanted = [one for one in heard if one.name in BILABIALS]
    windows = [_window(times_s, one) for one in wanted]
    kept = [(one, some) for one, some in zip(wanted, windows, strict=True) if len(some)]
    if not kept or int(spoken.sum()) < _LEAST_SPEECH:
        return None
    at_s = np.array([(one.start_s + one.end_s) / 2 for one, _ in kept])
    return _Look(times_s, lips, spoken, at_s, tuple(some for _, some in kept))


def _people(lines: Sequence[Line]) -> list[list[list[Cut]]]:
    """Long stretches by the person who is seen in them; who is not known stays alone."""
    people: list[tuple[Line, list[list[Cut]]]] = []
    for line in lines:
        run = longest(line.cuts, least_px=LEAST_PX)
        if not run:
            continue
        known = next((runs for first, runs in people if _same(first, line)), None)
        if known is None:
            people.append((line, [run]))
        else:
            known.append(run)
    return [runs for _, runs in people]


def _same(first: Line, other: Line) -> bool:
    if first.embedding is None or other.embedding is None:
        return False
    return float(np.linalg.norm(first.embedding - other.embedding)) < SAME_PERSON


def _window(times_s: Floats, phone: Phone) -> NDArray[np.intp]:
    start_s, end_s = phone.start_s - _BEFORE_S, phone.end_s + _AFTER_S
    return np.flatnonzero((times_s >= start_s) & (times_s <= end_s))


def _figures(found: Closures) -> tuple[Figure, ...]:
    """How far the lips are open, and where they should be closed."""
    at = np.interp(found.at_s, found.times_s, found.opening)
    marks = np.full(len(found.times_s), np.nan)
    marks[np.abs(found.times_s[:, None] - found.at_s).argmin(axis=0)] = at
    return (
        Figure(
            "bilabial_closure",
            plot(
                [
                    Curve("lips open", *_parted(found.times_s, found.opening)),
                    Curve("m, b or p is heard", found.times_s, marks),
                ],
                across="seconds",
            ),
            "How far the lips are open; at the marks they should be closed.",
        ),
    )


def _parted(times_s: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Both with a point of no value where half a second is not seen: no line is drawn there."""
    gaps = np.flatnonzero(np.diff(times_s) > _UNSEEN_S) + 1
    return np.insert(times_s, gaps, times_s[gaps - 1]), np.insert(values, gaps, np.nan)
