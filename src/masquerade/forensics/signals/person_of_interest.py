"""Whether the face and the way of moving are those of a person who was enrolled with consent.

A face swap shows one person's face on another's movement; a look-alike or a stranger shows another
face. Both are measured apart: the face by its embedding, the movement by which movements go
together (`masquerade.forensics.movement`), against the person's own footage on other occasions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from masquerade import options as base
from masquerade.faces.embed import SAME_PERSON, distance
from masquerade.forensics.calibration import calibration, fit, only_suspects
from masquerade.forensics.drawing import Curve, plot, strip
from masquerade.forensics.evidence import (
    SHOWN_ONLY,
    Applies,
    Evidence,
    Family,
    Figure,
    silent,
)
from masquerade.forensics.face_parts import spread
from masquerade.forensics.movement import LEAST_PX, Floats, blocks_of
from masquerade.forensics.person import LEAST_OTHERS, Moved, Person, moved
from masquerade.forensics.sample import Cut, Line, Sample
from masquerade.forensics.signals.identity_drift import embeddings


class Options(base.Options):
    """This signal has no knobs."""


family = Family.PERSON
limits = (
    "Somebody who is ill, reads aloud or acts moves unlike themselves, and twins look alike; lips"
    " alone that were made to fit another voice keep the person's face and most of their movement."
    " Nothing that fits clears a video."
)
SURELY: Final = 0.5
"""Distance of embeddings within which it is that person, as consent records have it."""
_SHOWN: Final = 6
_FEW: Final = 0.2  # share of other people who may move alike where movement tells anything
_NOBODY = "No person was named to compare with (--person FILE, from `masquerade person enrol`)."


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a file has of a person.

    Attributes:
        lines: The stretches of the face that is nearest to theirs.
        distance: Of its embedding to theirs.
        moved: How far its movement is from theirs; None where it is not known.
    """

    lines: tuple[Line, ...]
    distance: float
    moved: Moved | None

    @property
    def is_theirs(self) -> bool:
        """Whether the face is surely theirs."""
        return self.distance <= SURELY


def examine(sample: Sample, options: Options) -> Evidence:
    """How far the face that is most like the person's is theirs, and moves as they do."""
    told = options.canonical_json()
    quiet = partial(silent, "person_of_interest", family, limits=limits, options_json=told)
    if sample.person is None:
        return quiet(_NOBODY)
    if sample.info.kind == "audio":
        return quiet("There are no pictures.")
    found = likeness(sample, sample.person)
    if found is None:
        return quiet(f"No face of at least {LEAST_PX:.0f} pixels is seen clearly enough to tell.")
    person, movement = sample.person, found.moved
    certain = movement is not None and not person.lacks()
    one = Evidence(
        "person_of_interest",
        family,
        Applies.YES if certain else Applies.LIMITED,
        " ".join(_says(found, person)),
        value=found.distance if movement is None else movement.figure,
        unit="distance of embeddings"
        if movement is None
        else "times as far from their ways of moving as 19 in 20 of their own recordings",
        calibration=f"{_unweighed(found, person)}{SHOWN_ONLY}",
        limits=limits,
        error_rate=_errs(found),
        options_json=told,
        figures=_figures(found),
    )
    return _weighed(one, found, person)


def likeness(sample: Sample, person: Person) -> Likeness | None:
    """What a file has of a person; None where no face is clear enough.

    Args:
        sample: The file.
        person: Who was enrolled.
    """
    seen = []
    for line in sample.lines:
        large = spread(line.cuts, 1, least_px=LEAST_PX)
        if large:
            embedding = line.embedding
            if embedding is None:
                embedding = embeddings(large, sample.reader)[0]
            seen.append((distance(embedding, person.identity), line))
    if not seen:
        return None
    near, first = min(seen, key=lambda item: item[0])
    lines = tuple(line for apart, line in seen if apart <= SURELY) or (first,)
    told = [part for line in lines for part in of_cuts(line.cuts)]
    return Likeness(lines, near, moved(person, np.concatenate(told)) if told else None)


def of_cuts(cuts: Sequence[Cut]) -> list[Floats]:
    """(b, 210) blocks of movement of each stretch of a face without gaps.

    Args:
        cuts: In order of time.
    """
    good = [cut for cut in cuts if not cut.interpolated and cut.face_px >= LEAST_PX]
    times_s = np.array([float(cut.time_s) for cut in good])
    return blocks_of([cut.landmarks for cut in good], times_s)


def _says(found: Likeness, person: Person) -> list[str]:
    """What was found of the face, of the movement, and of both together."""
    name, apart = person.name, f"distance {found.distance:.2f}"
    if found.is_theirs:
        face = f"The face is that of {name} ({apart}; up to {SURELY:.2f} counts as one person)."
    elif found.distance < SAME_PERSON:
        face = (
            f"The face resembles {name} but is not surely theirs ({apart}): poor pictures do that,"
            " and so do swaps of little likeness and people who look alike."
        )
    else:
        face = (
            f"No face in it is that of {name} (the nearest at {apart}, as far as other people are):"
            " it shows a look-alike or somebody else, made by machine or not."
        )
    return [face, *_of_movement(found, name)]


def _of_movement(found: Likeness, name: str) -> list[str]:
    told = found.moved
    if told is None:
        return ["How it moves could not be compared: too little was seen, or enrolled."]
    times = f"{told.figure:.1f} times the distance that 19 in 20 of their own recordings keep"
    if told.figure > 1:
        words = f"It moves unlike {name} ({times}; most unlike: {', '.join(told.unlike)})"
        swapped = (
            ": a swap that puts their face onto another's movement looks like that, and so may an"
            " unusual day"
        )
        return [f"{words}{swapped if found.is_theirs else ''}."]
    words, near = f"It moves as {name} does ({times})", int((told.others <= 1).sum())
    if not len(told.others):
        return [f"{words}; how many others do too is not known for stretches of this length."]
    if near > _FEW * len(told.others):
        return [f"{words}, and so do {near} of {len(told.others)} other people: it tells little."]
    if found.is_theirs:
        return [f"{words}."]
    return [f"{words}: footage of them with another face put on looks like that."]


def _unweighed(found: Likeness, person: Person) -> str:
    """Why the figure counts for nothing, in words; empty where it counts."""
    told = found.moved
    if not found.is_theirs:
        return "none: whose face it is says nothing of machines"
    if told is None:
        return "none: too little movement is known"
    lacking = list(person.lacks())
    if len(told.others) < LEAST_OTHERS:
        lacking.append(
            f"{len(told.others)} of {LEAST_OTHERS} other people at {told.window_s:.1f} s"
        )
    return f"too little to calibrate on ({', '.join(lacking)})" if lacking else ""


def _weighed(one: Evidence, found: Likeness, person: Person) -> Evidence:
    """The evidence with a ratio, where the person and enough others are known well enough."""
    told = found.moved
    if told is None or _unweighed(found, person):
        return one
    known = fit("movement", told.others.tolist(), told.own.tolist())
    ratio, ci95 = known.log10_lr(told.figure)
    found_on = f"{len(told.own)} windows of {person.name}, {len(told.others)} other people"
    return only_suspects(
        replace(one, log10_lr=ratio, ci95=ci95, calibration=found_on),
        "not used, since movement that fits is no sign of a recording",
    )


def _errs(found: Likeness) -> str:
    """How often others would be taken for this person, and what was measured on volunteers."""
    told, known = found.moved, calibration("person_of_interest")
    words = [known.error_rate] if known else []
    if told is not None and len(told.others):
        near = int((told.others <= 1).sum())
        words.insert(
            0,
            f"Of {len(told.others)} other people, {near} move within this person's own range in"
            f" windows of {told.window_s:.1f} s; of their own windows, 1 in 20 lies outside it.",
        )
    return " ".join(words)


def _figures(found: Likeness) -> tuple[Figure, ...]:
    """The faces that were compared, and how far each window of movement is away."""
    cuts = spread([cut for line in found.lines for cut in line.cuts], _SHOWN, least_px=LEAST_PX)
    words = [f"{float(cut.time_s):.1f} s" for cut in cuts]
    drawn = [Figure("person_faces", strip([cut.pixels for cut in cuts], words), "The face.")]
    told = found.moved
    if told is not None and len(told.apart) > 1:
        at = np.arange(1, len(told.apart) + 1, dtype=np.float64)
        curve = Curve("distance to their ways of moving", at, told.apart)
        drawn.append(
            Figure(
                "person_movement",
                plot([curve], across="window", level=1.0, level_name="19 in 20 of their own"),
                f"Each window is {told.window_s:.1f} s long.",
            )
        )
    return tuple(drawn)
