"""Where somebody cannot be drawn over: seen badly, or there and not seen.

Every frame of a shot in which somebody was seen before and after, or may have been without being
seen, is accounted for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy as np

from masquerade.faces.assumed import between
from masquerade.faces.following.track import LEAST_FRAMES
from masquerade.faces.landmarks import Place
from masquerade.media.probe import MediaInfo
from masquerade.types import RGB, Embedding, Face

NOBODY: Final = -1
UNSEEN: Final = "not seen between two sightings"
COMES: Final = "comes into sight in the middle of the picture"
GOES: Final = "goes out of sight in the middle of the picture"
BRIEF: Final = f"seen in fewer than {LEAST_FRAMES} frames"
UNKNOWN: Final = "never clear enough to tell whose face it is"
_MARGIN_S: Final = Fraction(1, 2)
_CUT_S: Final = Fraction(1)  # a hand before the lens looks like a cut; somebody stays behind it
_PAD: Final = 3  # frames by which trouble reaches into those beside it, so that nothing flickers


@dataclass(frozen=True, slots=True)
class Portrait:
    """A clear picture of somebody: the face in it, and how good it is."""

    pixels: RGB
    face: Face
    worth: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """A head that cannot be drawn over in one frame: where it is, whose, and why.

    Attributes:
        person: Index of `Survey.people`; `NOBODY` where nobody can tell.
    """

    pts: int
    place: Place
    person: int
    reason: str


@dataclass(slots=True)
class Line:
    """One track through the survey: where the face was in each frame, and what is wrong there."""

    track_id: int
    shot: int
    embedding: Embedding | None
    brief: bool
    places: dict[int, Place]
    wrong: dict[int, str]
    portraits: tuple[Portrait, ...]
    x: float
    at_edge: tuple[bool, bool]
    """Whether the face touches the picture's edge in its first and in its last frame."""


@dataclass(slots=True)
class Shot:
    """Times of the frames of one shot, over all pieces it was cut into."""

    pts: list[int] = field(default_factory=list)


def trouble_of(
    people: Sequence[frozenset[int]], lines: Sequence[Line], shots: Sequence[Shot], info: MediaInfo
) -> dict[int, tuple[Trouble, ...]]:
    """Every head that cannot be drawn over, by pts.

    Args:
        people: Ids of the tracks that show each person.
        lines: All tracks; those of nobody are marked as wrong in every frame.
        shots: Of the file.
        info: Of the file.
    """
    found: dict[int, tuple[Trouble, ...]] = {}
    shown = [one for one in lines if one.places]
    for one in shown:
        if one.embedding is None or one.brief:
            one.wrong = dict.fromkeys(one.places, BRIEF if one.brief else UNKNOWN)
    groups = [
        (n, [one for one in shown if one.track_id in tracks]) for n, tracks in enumerate(people)
    ]
    groups += [(NOBODY, [one]) for one in shown if one.embedding is None or one.brief]
    for person, group in groups:
        others = [one for one in shown if one.track_id not in {own.track_id for own in group}]
        for trouble in _of_person(group, others, person, shots, info.time_base):
            found[trouble.pts] = (*found.get(trouble.pts, ()), trouble)
    return found


def _of_person(
    lines: Sequence[Line],
    others: Sequence[Line],
    person: int,
    shots: Sequence[Shot],
    time_base: Fraction,
) -> Iterator[Trouble]:
    """The trouble with one person through a file: seen badly, or not seen."""
    places = {pts: place for one in lines for pts, place in one.places.items()}
    wrong = {pts: why for one in lines for pts, why in one.wrong.items()}
    order = [pts for shot in shots for pts in shot.pts]
    shot_of = {pts: number for number, shot in enumerate(shots) for pts in shot.pts}
    for left, right in pairwise(sorted(places)):
        same_shot = shot_of[left] == shot_of[right]
        soon = (right - left) * time_base <= _CUT_S and _alike(places[left], places[right])
        for pts in order[bisect_left(order, left) + 1 : bisect_left(order, right)]:
            place = between(places[left], places[right], (pts - left) / (right - left))
            if same_shot or (soon and not _occupied(place, pts, others)):
                places[pts], wrong[pts] = place, UNSEEN
    for number in {one.shot for one in lines}:
        here = [one for one in lines if one.shot == number]
        for pts, place, why in _edges(here, shots[number].pts, int(_MARGIN_S / time_base)):
            places.setdefault(pts, place)
            wrong.setdefault(pts, why)
    for pts, why in _padded(wrong, order).items():
        if pts in places:
            yield Trouble(pts, places[pts], person, why)


def _alike(one: Place, other: Place) -> bool:
    """Whether two places are so much alike that what lies between was hardly another shot."""
    apart = float(np.linalg.norm(one.centre - other.centre))
    return apart < one.size_px and 0.6 < one.size_px / other.size_px < 1.7


def _occupied(place: Place, pts: int, others: Sequence[Line]) -> bool:
    """Whether somebody else is seen at a place, which then is in another shot indeed."""
    there = [one.places[pts].centre for one in others if pts in one.places]
    return any(float(np.linalg.norm(c - place.centre)) < place.size_px / 2 for c in there)


def _edges(
    lines: Sequence[Line], order: Sequence[int], margin: int
) -> Iterator[tuple[int, Place, str]]:
    """Frames of a shot in which somebody may be there before or after they were seen."""
    first = min(lines, key=lambda one: min(one.places))
    last = max(lines, key=lambda one: max(one.places))
    begin, end = min(first.places), max(last.places)
    if not first.at_edge[0]:
        for pts in order[bisect_left(order, begin - margin) : bisect_left(order, begin)]:
            yield pts, first.places[begin], COMES
    if not last.at_edge[1]:
        for pts in order[bisect_left(order, end) + 1 : bisect_left(order, end + margin)]:
            yield pts, last.places[end], GOES


def _padded(wrong: dict[int, str], order: Sequence[int]) -> dict[int, str]:
    """The same, with the frames beside them."""
    out = dict(wrong)
    for pts, why in wrong.items():
        at = bisect_left(order, pts)
        for near in order[max(0, at - _PAD) : at + _PAD + 1]:
            out.setdefault(near, why)
    return out
