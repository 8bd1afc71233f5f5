"""Everybody in a file, in every frame: who is who, and where somebody cannot be drawn over.

The whole file is looked through once before anything is made. Tracks are put together to people by
their identity; every frame of a shot in which somebody was seen before and after, or may have been
without being seen, is accounted for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy as np

from masquerade.faces.assumed import between
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.following.track import LEAST_FRAMES, track
from masquerade.faces.landmarks import Place, place_of
from masquerade.faces.readers import FaceReader
from masquerade.media.ahead import ahead
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.people import Person
from masquerade.pipelines.pieces import Piece, Span
from masquerade.types import RGB, Embedding, Face, Frame, Track

NOBODY: Final = -1
IDS_PER_PIECE: Final = 1000
UNSEEN: Final = "not seen between two sightings"
COMES: Final = "comes into sight in the middle of the picture"
GOES: Final = "goes out of sight in the middle of the picture"
BRIEF: Final = f"seen in fewer than {LEAST_FRAMES} frames"
UNKNOWN: Final = "never clear enough to tell whose face it is"
_MARGIN_S: Final = Fraction(1, 2)
_CUT_S: Final = Fraction(1)  # a hand before the lens looks like a cut; somebody stays behind it
_PAD: Final = 3  # frames by which trouble reaches into those beside it, so that nothing flickers
_KEPT_FACES: Final = 12_000  # of tracks kept in memory; those of longer files are followed again
_AHEAD: Final = 3
_EVERY: Final = 8  # frames between two candidates for a portrait
_PORTRAITS: Final = 5
_AROUND: Final = 0.6  # of a face's size, kept of a portrait on each side

Judge = Callable[[Face], str]
"""Why a face cannot be drawn over, in words; empty if it can."""
Tell = Callable[[str, int, int], None]


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


@dataclass(frozen=True, slots=True)
class Seen:
    """Somebody of a file.

    Attributes:
        person: Identity, place and size, as other commands know people.
        tracks: Ids of the tracks that show them.
        frames: In how many frames.
        portraits: The clearest pictures, the best first.
    """

    person: Person
    tracks: frozenset[int]
    frames: int
    portraits: tuple[Portrait, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found in a file.

    Attributes:
        people: From left to right.
        trouble: Every head that cannot be drawn over, by pts.
        frames: How many there are in the file.
        kept: Tracks by span, of as many spans as memory was given for.
    """

    people: tuple[Seen, ...]
    trouble: dict[int, tuple[Trouble, ...]]
    frames: int
    kept: dict[Span, tuple[Track, ...]] = field(repr=False)

    def whose(self, track_id: int) -> int:
        """Index of the person a track shows; `NOBODY` where nobody can tell."""
        return next((n for n, one in enumerate(self.people) if track_id in one.tracks), NOBODY)


@dataclass(slots=True)
class _Line:
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
class _Shot:
    """Times of the frames of one shot, over all pieces it was cut into."""

    pts: list[int] = field(default_factory=list)


def survey(
    info: MediaInfo,
    cut: Sequence[Piece],
    reader: FaceReader,
    judge: Judge,
    *,
    tell: Tell | None = None,
) -> Survey:
    """Everybody in a file.

    Args:
        info: What `probe` said of the file.
        cut: Its pieces; empty for a still.
        reader: The loaded face networks.
        judge: Says of a face whether it can be drawn over.
        tell: Told (what, frames done, frames in all or 0).
    """
    lines: list[_Line] = []
    shots: list[_Shot] = []
    kept: dict[Span, tuple[Track, ...]] = {}
    held = done = 0
    for span, first_id in spans(cut):
        if not shots or span.before == span.first:
            shots.append(_Shot())
        portraits = _Portraits()
        frames = _noted(span_frames(info, span), span, shots[-1], portraits)
        tracks = span_tracks(info, frames, reader, first_id=first_id)
        lines += [
            _line(one, span, len(shots) - 1, portraits.of(one), judge, info) for one in tracks
        ]
        held += sum(len(one.faces) for one in tracks)
        if held <= _KEPT_FACES:
            kept[span] = tuple(tracks)
        done = sum(len(shot.pts) for shot in shots)
        if tell:
            tell("looking at everybody", done, info.frame_count or 0)
    groups = _grouped([one for one in lines if one.places])
    found = (_seen(group, info.time_base) for group in groups)
    people = tuple(sorted(found, key=lambda one: one.person.x))
    trouble = _trouble(people, lines, shots, info)
    return Survey(people, trouble, done, kept)


def spans(cut: Sequence[Piece]) -> Iterator[tuple[Span, int]]:
    """Every span of a file with the id of its first track; one span alone for a still."""
    if not cut:
        yield Span(0, 0, 0, 0), 0
    for piece in cut:
        for number, span in enumerate(piece.spans):
            yield span, (piece.index * IDS_PER_PIECE + number) * IDS_PER_PIECE


def span_frames(info: MediaInfo, span: Span) -> Iterator[Frame]:
    """The frames of a span, with those around it that are read for context."""
    if info.kind == "still":
        return iter((read_image(info.path),))
    return read_frames(info.path, start_pts=span.before, stop_pts=span.after + 1)


def span_tracks(
    info: MediaInfo, frames: Iterator[Frame], reader: FaceReader, *, first_id: int
) -> list[Track]:
    """The tracks of a span; the same ones each time."""
    if info.kind != "still":
        return track(ahead(frames, _AHEAD), reader, first_id=first_id)
    (frame,) = frames
    faces = find_faces(frame.pixels, reader)
    return [
        Track(number, {frame.pts: face}, embed(frame.pixels, face, reader))
        for number, face in enumerate(faces)
    ]


class _Portraits:
    """A few frames of a span, kept until it is known where its faces are."""

    def __init__(self) -> None:
        self.frames: dict[int, Frame] = {}

    def of(self, one: Track) -> tuple[Portrait, ...]:
        """The best portraits of a track."""
        found = [
            _portrait(self.frames[pts], face)
            for pts, face in one.faces.items()
            if pts in self.frames and not face.interpolated
        ]
        return tuple(sorted(found, key=lambda p: -p.worth)[:_PORTRAITS])


def _noted(
    frames: Iterator[Frame], span: Span, shot: _Shot, portraits: _Portraits
) -> Iterator[Frame]:
    """The same frames; times are noted, and now and then a small number of frames is kept."""
    for number, frame in enumerate(frames):
        if span.first <= frame.pts <= span.last:
            shot.pts.append(frame.pts)
        if number % _EVERY == 0:
            portraits.frames[frame.pts] = frame
            if len(portraits.frames) > 2 * _PORTRAITS:  # thinned out: spread over the span
                portraits.frames = dict(list(portraits.frames.items())[::2])
        yield frame


def _portrait(frame: Frame, face: Face) -> Portrait:
    reach = _AROUND * face.size_px
    x0, y0 = (max(0, int(edge - reach)) for edge in face.box[:2])
    x1, y1 = (int(edge + reach) + 1 for edge in face.box[2:])
    shift = np.array([x0, y0, 0], np.float32)
    left, top, right, bottom = face.box
    moved = Face(
        (left - x0, top - y0, right - x0, bottom - y0),
        face.score,
        face.landmarks - shift,
        face.pose_deg,
    )
    yaw, pitch, _ = np.radians(face.pose_deg)
    worth = face.size_px * float(np.cos(yaw) * np.cos(pitch)) * face.score
    return Portrait(frame.pixels[y0:y1, x0:x1].copy(), moved, worth)


def _line(
    one: Track,
    span: Span,
    shot: int,
    portraits: tuple[Portrait, ...],
    judge: Judge,
    info: MediaInfo,
) -> _Line:
    own = {pts: face for pts, face in one.faces.items() if span.first <= pts <= span.last}
    if info.kind == "still":
        own = dict(one.faces)
    ends = [next(iter(own.values())), next(reversed(own.values()))] if own else []
    return _Line(
        track_id=one.track_id,
        shot=shot,
        embedding=one.embedding,
        brief=one.brief,
        places={pts: place_of(face.landmarks) for pts, face in own.items()},
        wrong={pts: why for pts, face in own.items() if (why := judge(face))},
        portraits=portraits,
        x=float(np.mean([(f.box[0] + f.box[2]) / 2 for f in own.values()]) / info.size_wh[0])
        if own
        else 0.5,
        at_edge=(_touches(ends[0], info), _touches(ends[1], info)) if ends else (True, True),
    )


def _touches(face: Face, info: MediaInfo) -> bool:
    """Whether a face is so near the picture's edge that it may come or go there."""
    reach = 0.35 * face.size_px
    x0, y0, x1, y1 = face.box
    width, height = info.size_wh
    return x0 < reach or y0 < reach or x1 > width - reach or y1 > height - reach


def _grouped(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Tracks of one person each; those that nobody can name are left out."""
    groups: list[list[_Line]] = []
    named = [one for one in lines if one.embedding is not None and not one.brief]
    for one in sorted(named, key=lambda line: -len(line.places)):
        fitting = [(_apart(one, group), group) for group in groups if not _together(one, group)]
        nearest = min(fitting, key=lambda pair: pair[0], default=(np.inf, []))
        if nearest[0] <= SAME_PERSON:
            nearest[1].append(one)
        else:
            groups.append([one])
    return groups


def _apart(one: _Line, group: Sequence[_Line]) -> float:
    assert one.embedding is not None
    return distance(one.embedding, _identity(group))


def _together(one: _Line, group: Sequence[_Line]) -> bool:
    """Whether they are in one frame at two places: then they are two people."""
    return any(not one.places.keys().isdisjoint(other.places) for other in group)


def _identity(group: Sequence[_Line]) -> Embedding:
    """(128,) mean identity, each track by its length."""
    vectors = np.stack([one.embedding for one in group if one.embedding is not None])
    weights = [len(one.places) for one in group]
    return np.average(vectors, axis=0, weights=weights).astype(np.float32)


def _seen(group: Sequence[_Line], time_base: Fraction) -> Seen:
    portraits = sorted((p for one in group for p in one.portraits), key=lambda p: -p.worth)
    sizes = [place.size_px for one in group for place in one.places.values()]
    frames = sum(len(one.places) for one in group)
    return Seen(
        person=Person(
            embedding=_identity(group),
            seen=frames,
            x=float(np.average([one.x for one in group], weights=[len(o.places) for o in group])),
            size_px=float(np.mean(sizes)),
            first_s=float(min(min(one.places) for one in group) * time_base),
        ),
        tracks=frozenset(one.track_id for one in group),
        frames=frames,
        portraits=tuple(portraits[:_PORTRAITS]),
    )


def _trouble(
    people: Sequence[Seen], lines: Sequence[_Line], shots: Sequence[_Shot], info: MediaInfo
) -> dict[int, tuple[Trouble, ...]]:
    """Every head that cannot be drawn over, by pts."""
    found: dict[int, tuple[Trouble, ...]] = {}
    shown = [one for one in lines if one.places]
    for one in shown:
        if one.embedding is None or one.brief:
            one.wrong = dict.fromkeys(one.places, BRIEF if one.brief else UNKNOWN)
    groups = [
        (n, [one for one in shown if one.track_id in seen.tracks]) for n, seen in enumerate(people)
    ]
    groups += [(NOBODY, [one]) for one in shown if one.embedding is None or one.brief]
    for person, group in groups:
        others = [one for one in shown if one.track_id not in {own.track_id for own in group}]
        for trouble in _of_person(group, others, person, shots, info.time_base):
            found[trouble.pts] = (*found.get(trouble.pts, ()), trouble)
    return found


def _of_person(
    lines: Sequence[_Line],
    others: Sequence[_Line],
    person: int,
    shots: Sequence[_Shot],
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


def _occupied(place: Place, pts: int, others: Sequence[_Line]) -> bool:
    """Whether somebody else is seen at a place, which then is in another shot indeed."""
    there = [one.places[pts].centre for one in others if pts in one.places]
    return any(float(np.linalg.norm(c - place.centre)) < place.size_px / 2 for c in there)


def _edges(
    lines: Sequence[_Line], order: Sequence[int], margin: int
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
