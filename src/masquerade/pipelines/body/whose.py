"""Whose body it is: told by the face above it, for each time in which it was followed unbroken.

Somebody's face elsewhere in the picture, in another shot, or from before the person was lost from
sight, says nothing of a body that lends its looks. A body that is replaced stays where its face is
one that no record covers; where none is measured, the clothes of somebody measured must stand in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from masquerade.bodies.outfit import ALIKE, alike
from masquerade.bodies.track import BodyTrack
from masquerade.errors import ConsentError, FaceError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.body.face import face_above, face_of, part_of
from masquerade.pipelines.body.source import Lender
from masquerade.provenance.consent.check import check_face
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.types import RGB, Embedding, Face, Frame, InputUse, SourcePicture

LOOKS: Final = 48
"""Over a whole video: a shot that none of them falls into is not used."""
LOOKS_OF_STRETCH: Final = 5
"""At somebody who is replaced, for each time in which they were followed unbroken."""

_MOST: Final = 0.5  # of the faces measured above a body, that a record covers
_NOT_COVERED: Final = "the face above the body is that of somebody whom no record covers"
_UNKNOWN: Final = (
    "no face is seen above the body, and nobody whose face was measured is dressed like this"
)

Spans = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces on some frames of a video.

    Attributes:
        reader: The networks that read faces.
        input: The video.
        seen: By pts, each face with its identity.
        parts: By pts, the pictures of the same faces.
    """

    reader: FaceReader
    input: InputUse
    seen: dict[int, list[tuple[Face, Embedding]]] = field(default_factory=dict)
    parts: dict[int, list[SourcePicture]] = field(default_factory=dict)

    def see(self, frame: Frame) -> None:
        """Notes who is in a frame."""
        pixels = frame.pixels
        found = [
            (face, embed(pixels, face, self.reader)) for face in find_faces(pixels, self.reader)
        ]
        self.seen[frame.pts] = found
        self.parts[frame.pts] = [part_of(pixels, face, who, self.input) for face, who in found]

    def portraits(self, track: BodyTrack, times: Spans, lender: Lender) -> list[SourcePicture]:
        """The pictures of a lender's own face.

        Args:
            track: Their body.
            times: First and last pts of the times in which it is theirs.
            lender: They.
        """
        found = []
        for pts, faces in self.seen.items():
            if not any(first <= pts <= last for first, last in times) or pts not in track.bodies:
                continue
            who = _above(track, pts, faces)
            near = min(distance(who, one) for one in lender.embeddings) if who is not None else 2.0
            if near <= SAME_PERSON:
                found += [one for one in self.parts[pts] if one.embedding is who]
        return found


def shots_of_theirs(
    shots: Spans,
    track: BodyTrack,
    seen: Mapping[int, Sequence[tuple[Face, Embedding]]],
    lender: Lender,
) -> list[tuple[int, int]]:
    """The times in which the face above a body is the lender's; the rest could be anybody.

    Args:
        shots: First and last pts of each.
        track: The body; each time in which it was followed without a gap is asked for by itself.
        seen: By pts, the faces on some of their frames.
        lender: Whose body it is to be.

    Raises:
        FaceError: There is no such time, or somebody else's face is above the body in one.
    """
    found, name = [], lender.input.name
    for first, last in _cut(shots, track.stretches()):
        inside = {pts: faces for pts, faces in seen.items() if first <= pts <= last}
        apart = [
            min(distance(one, known) for known in lender.embeddings)
            for pts, faces in inside.items()
            if pts in track.bodies and (one := _above(track, pts, faces)) is not None
        ]
        if apart and np.median(apart) > SAME_PERSON:
            raise FaceError(
                f"the body in {name} is that of somebody else than the face that was measured",
                "a video of one person, whose own face is seen",
                "cut it to that person",
            )
        if apart:
            found.append((first, last))
    if not found:
        raise FaceError(
            f"no face can be measured above the body in {name}",
            "a video that shows the face too: whose body it is, is told by it",
            "use another video",
        )
    return found


def faces_of_stretches(
    track: BodyTrack, kept: Mapping[int, RGB], reader: FaceReader
) -> dict[int, tuple[Embedding, ...]]:
    """By the first pts of each unbroken time of a body, the identities measured above it.

    Args:
        track: The body.
        kept: By pts, some pictures of the shot.
        reader: The networks that read faces.
    """
    found: dict[int, tuple[Embedding, ...]] = {}
    for first, last in track.stretches():
        times = [pts for pts in kept if first <= pts <= last and pts in track.bodies]
        picked = {round(at) for at in np.linspace(0, len(times) - 1, LOOKS_OF_STRETCH)}
        looks = (
            face_above(kept[times[n]], track.bodies[times[n]], reader)
            for n in sorted(picked)
            if times
        )
        found[first] = tuple(one for one in looks if one is not None)
    return found


@dataclass(frozen=True, slots=True)
class Performer:
    """Whoever is replaced in one shot.

    Attributes:
        track: They.
        measured: From `faces_of_stretches`.
    """

    track: BodyTrack
    measured: Mapping[int, Sequence[Embedding]]


@dataclass(frozen=True, slots=True)
class Stranger:
    """A time in which nobody whom a record covers is in the place of whoever is replaced.

    Attributes:
        first: Its first pts.
        last: Its last pts.
        why: In words.
    """

    first: int
    last: int
    why: str


def strangers(
    performers: Sequence[Performer], records: Sequence[ConsentRecord]
) -> tuple[Stranger, ...]:
    """The times that must stay as they are, whatever else is asked for.

    Args:
        performers: Of all shots.
        records: All that are given.

    Raises:
        ConsentError: No time is left; or no face is ever seen above the body, and no performer's
            record, which is then taken at its word, is given.
    """
    if not any(any(one.measured.values()) for one in performers):
        _check_performer(records)
        return ()
    known = [one for one in performers if _share(one.measured.values(), records) >= _MOST]
    found = []
    for one in performers:
        familiar = any(one is other for other in known) or _dressed_as(one.track, known)
        for first, last in one.track.stretches():
            faces = one.measured.get(first, ())
            if faces and _share([faces], records) < _MOST:
                found.append(Stranger(first, last, _NOT_COVERED))
            elif not faces and not familiar:
                found.append(Stranger(first, last, _UNKNOWN))
    if len(found) == sum(len(one.track.stretches()) for one in performers):
        raise ConsentError(
            f"nobody may be replaced: {found[0].why}",
            "a performer's record of whoever is replaced",
            "make one with `masquerade consent new --kind performer --body`, of several pictures",
        )
    return tuple(found)


def _dressed_as(track: BodyTrack, known: Sequence[Performer]) -> bool:
    """Whether somebody wears what one of those whose face was measured does."""
    wears = track.wears
    return wears is not None and any(
        one.track.wears is not None and alike(wears, one.track.wears) >= ALIKE for one in known
    )


def _share(measured: Iterable[Sequence[Embedding]], records: Sequence[ConsentRecord]) -> float:
    """Share of the faces that a record covers; 0 where there are none."""
    covered = [is_covered(face, records) for faces in measured for face in faces]
    return float(np.mean(covered)) if covered else 0.0


def _check_performer(records: Sequence[ConsentRecord]) -> None:
    if not any(one.kind is Kind.PERFORMER for one in records):
        raise ConsentError(
            "no face is seen above the body that is replaced, and no performer has a record",
            "the record of whoever is replaced, who lends their movements",
            "make one with `masquerade consent new --kind performer --body`",
        )


def is_covered(face: Embedding, records: Sequence[ConsentRecord]) -> bool:
    """Whether a face is one that a record covers."""
    for one in records:
        try:
            check_face(one, face)
        except ConsentError:
            continue
        return True
    return False


def _cut(shots: Spans, stretches: Spans) -> list[tuple[int, int]]:
    """The times that lie both in a shot and in a stretch."""
    pairs = ((max(a, c), min(b, d)) for a, b in shots for c, d in stretches)
    return [(first, last) for first, last in pairs if first <= last]


def _above(track: BodyTrack, pts: int, faces: Sequence[tuple[Face, Embedding]]) -> Embedding | None:
    """The identity of the face that belongs to a body; None where none does."""
    face = face_of(track.bodies[pts], [one for one, _ in faces])
    return next((identity for one, identity in faces if one is face), None)
