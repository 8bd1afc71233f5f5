"""Everybody in a file, in every frame: who is who, and where somebody cannot be drawn over.

The whole file is looked through once before anything is made. Tracks are put together to people by
their identity; every frame of a shot in which somebody was seen before and after, or may have been
without being seen, is accounted for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np

from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.following.track import track
from masquerade.faces.landmarks import place_of
from masquerade.faces.readers import FaceReader
from masquerade.media.ahead import ahead
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.anonymize.trouble import NOBODY, Line, Portrait, Shot, Trouble, trouble_of
from masquerade.pipelines.people import Person
from masquerade.pipelines.pieces import Piece, Span
from masquerade.types import Embedding, Face, Frame, Track

IDS_PER_PIECE: Final = 1000
_KEPT_FACES: Final = 12_000  # of tracks kept in memory; those of longer files are followed again
_AHEAD: Final = 3
_EVERY: Final = 8  # frames between two candidates for a portrait
_PORTRAITS: Final = 5
_AROUND: Final = 0.6  # of a face's size, kept of a portrait on each side

Judge = Callable[[Face], str]
"""Why a face cannot be drawn over, in words; empty if it can."""
Tell = Callable[[str, int, int], None]


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
    lines: list[Line] = []
    shots: list[Shot] = []
    kept: dict[Span, tuple[Track, ...]] = {}
    held = done = 0
    for span, first_id in spans(cut):
        if not shots or span.before == span.first:
            shots.append(Shot())
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
    trouble = trouble_of([one.tracks for one in people], lines, shots, info)
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
    frames: Iterator[Frame], span: Span, shot: Shot, portraits: _Portraits
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
) -> Line:
    own = {pts: face for pts, face in one.faces.items() if span.first <= pts <= span.last}
    if info.kind == "still":
        own = dict(one.faces)
    ends = [next(iter(own.values())), next(reversed(own.values()))] if own else []
    return Line(
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


def _grouped(lines: Sequence[Line]) -> list[list[Line]]:
    """Tracks of one person each; those that nobody can name are left out."""
    groups: list[list[Line]] = []
    named = [one for one in lines if one.embedding is not None and not one.brief]
    for one in sorted(named, key=lambda line: -len(line.places)):
        fitting = [(_apart(one, group), group) for group in groups if not _together(one, group)]
        nearest = min(fitting, key=lambda pair: pair[0], default=(np.inf, []))
        if nearest[0] <= SAME_PERSON:
            nearest[1].append(one)
        else:
            groups.append([one])
    return groups


def _apart(one: Line, group: Sequence[Line]) -> float:
    assert one.embedding is not None
    return distance(one.embedding, _identity(group))


def _together(one: Line, group: Sequence[Line]) -> bool:
    """Whether they are in one frame at two places: then they are two people."""
    return any(not one.places.keys().isdisjoint(other.places) for other in group)


def _identity(group: Sequence[Line]) -> Embedding:
    """(128,) mean identity, each track by its length."""
    vectors = np.stack([one.embedding for one in group if one.embedding is not None])
    weights = [len(one.places) for one in group]
    return np.average(vectors, axis=0, weights=weights).astype(np.float32)


def _seen(group: Sequence[Line], time_base: Fraction) -> Seen:
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
