"""The frames of a file in which people are hidden, and how far from themselves they are in them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from masquerade.compose.blend import ComposeOptions, ShotLook, compose
from masquerade.errors import FaceError
from masquerade.faces.assumed import assumed_face
from masquerade.faces.embed import SAME_PERSON, chip, embed_chips
from masquerade.faces.readers import FaceReader
from masquerade.generate import anonymize as method
from masquerade.media.probe import MediaInfo
from masquerade.pipelines.anonymize.survey import Survey, span_frames, span_tracks
from masquerade.pipelines.anonymize.trouble import Trouble
from masquerade.pipelines.memory import give_back
from masquerade.pipelines.pieces import Span
from masquerade.pipelines.windows import windows
from masquerade.types import Box, Embedding, Face, Frame, Generator, Patch, Track, Window

MEASURE_EVERY: Final = 5
"""Frames between two in which the distance of the output to the person is measured."""
MOST_KNOWN: Final = 0.02
"""Greatest share of measured frames in which somebody may still count as themselves."""
_NOT_SWAPPED: Final = -2  # track of a head nobody saw


@dataclass(frozen=True, slots=True)
class Scene:
    """What stays the same for every span of a job.

    Attributes:
        method: Draws over or covers whom it is given.
        seen: Who is where.
        hidden: Numbers of the people to be hidden.
        trouble: Heads to be covered, by pts.
        onlookers: Shown every picture of a target that moves, before what is made of it is given.
        avoid: Boxes that a label must not cover, by pts; filled here.
    """

    info: MediaInfo
    reader: FaceReader
    method: Generator
    blending: ComposeOptions
    seen: Survey
    hidden: frozenset[int]
    trouble: Mapping[int, tuple[Trouble, ...]]
    onlookers: Sequence[Callable[[Frame], None]]
    avoid: dict[int, tuple[Box, ...]]


@dataclass(slots=True)
class SpanAccount:
    """What was done in one segment: numbers of frames, distances by person."""

    frames: int = 0
    swapped: int = 0
    covered: int = 0
    distances: dict[int, list[float]] = field(default_factory=dict)

    def as_json(self) -> str:
        """JSON that `from_json` reads."""
        values = [self.frames, self.swapped, self.covered]
        return json.dumps([values, [[n, found] for n, found in sorted(self.distances.items())]])

    @classmethod
    def from_json(cls, text: str) -> SpanAccount:
        """What `as_json` wrote."""
        (frames, swapped, covered), distances = json.loads(text)
        return cls(frames, swapped, covered, {int(n): list(found) for n, found in distances})


@dataclass(slots=True)
class Account:
    """What was done in all segments, in this run and in earlier ones."""

    segments: dict[int, SpanAccount] = field(default_factory=dict)

    @property
    def frames(self) -> int:
        """How many there are."""
        return sum(one.frames for one in self.segments.values())

    @property
    def swapped(self) -> int:
        """In how many a face was drawn over."""
        return sum(one.swapped for one in self.segments.values())

    @property
    def covered(self) -> int:
        """In how many a head was covered."""
        return sum(one.covered for one in self.segments.values())

    def of(self, number: int) -> list[float]:
        """Distances of the output to a person, in the frames that were measured."""
        return [d for one in self.segments.values() for d in one.distances.get(number, ())]

    def judge(self, tallies: Mapping[int, str]) -> None:
        """Passes when nobody is recognised in more than `MOST_KNOWN` of the measured frames.

        Args:
            tallies: Of all segments, as `SpanAccount.as_json` gave them.

        Raises:
            FaceError: Somebody is, or nobody was hidden in any frame.
        """
        self.segments = {n: SpanAccount.from_json(text) for n, text in tallies.items()}
        if not self.swapped and not self.covered:
            raise FaceError("nobody was hidden in any frame", todo="nothing was written")
        for number in sorted({n for one in self.segments.values() for n in one.distances}):
            found = np.array(self.of(number))
            known = float((found < SAME_PERSON).mean())
            if known > MOST_KNOWN:
                raise FaceError(
                    f"person {number + 1} is still recognised in {known:.0%} of the frames"
                    f" (median distance to themselves {np.median(found):.2f})",
                    f"below {SAME_PERSON} in at most {MOST_KNOWN:.0%}",
                    "nothing was written; raise --shape, or cover this part of the file",
                )


def render(
    scene: Scene, parts: Iterable[tuple[Span, int]], account: Account, index: int
) -> Iterator[Frame]:
    """The finished frames of one segment, in order, with their own times.

    Args:
        scene: The job.
        parts: Spans of the segment, each with the id of its first track.
        account: Takes up what was done.
        index: Of the segment.
    """
    give_back()
    counts = account.segments[index] = SpanAccount()
    scene.avoid.clear()
    plans = [
        (span, _roles(_tracks(scene, span, first_id), scene, span)) for span, first_id in parts
    ]
    for _, roles in plans:
        for pts, faces in roles.items():
            scene.avoid[pts] = tuple(face.box for face in faces)
    for span, roles in plans:
        yield from _span(scene, span, roles, counts)


def _tracks(scene: Scene, span: Span, first_id: int) -> Sequence[Track]:
    kept = scene.seen.kept.get(span)
    if kept is not None:
        return kept
    frames = span_frames(scene.info, span)
    return span_tracks(scene.info, frames, scene.reader, first_id=first_id)


def _roles(tracks: Iterable[Track], scene: Scene, span: Span) -> dict[int, tuple[Face, ...]]:
    """By pts, the faces to be hidden; those without a person are to be covered."""
    found: dict[int, list[Face]] = {}
    for one in tracks:
        person = scene.seen.whose(one.track_id)
        if person not in scene.hidden:
            continue
        for pts, face in one.faces.items():
            if all(t.person != person for t in scene.trouble.get(pts, ())):
                found.setdefault(pts, []).append(
                    replace(face, person=str(person), track_id=one.track_id)
                )
    for pts in (pts for pts in scene.trouble if span.before <= pts <= span.after):
        for number, trouble in enumerate(scene.trouble[pts]):
            covered = assumed_face(trouble.place, _NOT_SWAPPED - number)
            found.setdefault(pts, []).append(covered)
    return {pts: tuple(faces) for pts, faces in found.items()}


def _span(
    scene: Scene, span: Span, roles: Mapping[int, tuple[Face, ...]], counts: SpanAccount
) -> Iterator[Frame]:
    waiting: deque[Window] = deque()
    look = ShotLook()

    def feed() -> Iterator[Window]:
        for window in windows(_shown(scene, span), roles, method.radius):
            if window.frame.pts > span.last:
                return
            waiting.append(window)
            yield window

    for made in scene.method(feed()):
        window = waiting.popleft()
        patches = [item for item in made if isinstance(item, Patch)]
        frame = compose(window.frame, patches, scene.blending, look=look)
        if frame.pts < span.first:
            continue
        drawn = {patch.track_id for patch in patches if patch.face_px}
        if counts.frames % MEASURE_EVERY == 0:
            _measure(frame, [f for f in window.faces if f.track_id in drawn], scene, counts)
        counts.frames += 1
        counts.swapped += bool(drawn)
        counts.covered += any(not patch.face_px for patch in patches)
        yield frame


def _shown(scene: Scene, span: Span) -> Iterator[Frame]:
    """The frames of a span with their context; its own are shown to the onlookers, each once."""
    for frame in span_frames(scene.info, span):
        if scene.info.kind != "still" and span.first <= frame.pts <= span.last:
            for see in scene.onlookers:
                see(frame)
        yield frame


def _measure(frame: Frame, faces: Sequence[Face], scene: Scene, counts: SpanAccount) -> None:
    """Distances of the faces that were drawn to the people who were there."""
    if not faces:
        return
    found = embed_chips([chip(frame.pixels, face) for face in faces], scene.reader)
    for face, embedding in zip(faces, found, strict=True):
        person: Embedding = scene.seen.people[int(face.person)].person.embedding
        apart = round(float(np.linalg.norm(embedding - person)), 4)
        counts.distances.setdefault(int(face.person), []).append(apart)
