"""Who is in a file, found on a few frames before the work starts, and who of them is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from masquerade.errors import FaceError, InputError, UsageError
from masquerade.faces.detect import SMALLEST_PX, TILTS, find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.types import Embedding, Face, Frame, Track

EVERYONE: Final = "everyone"
_DIGITS: Final = 4  # of a number that says who
_SAME_PERSON = 0.6
_SAME_IN_CLIP = 0.68  # one clip's blur and turned heads spread a person wider than two photos do
_POSITIONS: Final = {"left": 0.0, "centre": 0.5, "center": 0.5, "right": 1.0}  # in `Person.x`


@dataclass(frozen=True, slots=True)
class Person:
    """Someone seen in the target.

    Attributes:
        embedding: (128,) float32 mean identity.
        seen: On how many of the looked-at frames.
        x: Mean horizontal place of the face, 0 (left) to 1 (right).
        size_px: Mean size of the face.
        first_s: Time of the first look at which the person was there.
    """

    embedding: Embedding
    seen: int
    x: float
    size_px: float
    first_s: float


def who_is_there(frames: Sequence[Frame], reader: FaceReader) -> tuple[Person, ...]:
    """The people on a few frames spread over a file, left to right.

    Faces of some size are looked for first, in several frames upright ones only; small and tilted
    ones only where no frame shows any other.
    """
    tilts = TILTS if len(frames) == 1 else (0.0,)
    quick = [(frame, _quickly(frame, reader, tilts)) for frame in frames]
    if not any(faces for _, faces in quick):
        quick = [(frame, find_faces(frame.pixels, reader)) for frame in frames]
    sightings: list[list[tuple[Embedding, Face, Frame]]] = []
    for frame, faces in quick:
        free = list(sightings)  # nobody is in a picture twice, however alike two people are
        for face in faces:
            seen = (embed(frame.pixels, face, reader), face, frame)
            group = _nearest(free, seen[0])
            if group:
                free = [other for other in free if other is not group]
            else:
                sightings.append(group)
            group.append(seen)
    return tuple(sorted((_person(group) for group in sightings), key=lambda person: person.x))


def _quickly(frame: Frame, reader: FaceReader, tilts: tuple[float, ...]) -> tuple[Face, ...]:
    smallest_px = max(SMALLEST_PX, min(frame.size_wh) / 12)
    return find_faces(frame.pixels, reader, smallest_px=smallest_px, tilts=tilts)


def _nearest(
    groups: list[list[tuple[Embedding, Face, Frame]]], embedding: Embedding
) -> list[tuple[Embedding, Face, Frame]]:
    """The group this embedding belongs to; a new, empty one if none is near."""
    best = min(groups, key=lambda group: _apart(group, embedding), default=None)
    return [] if best is None or _apart(best, embedding) > _SAME_PERSON else best


def _apart(group: Sequence[tuple[Embedding, Face, Frame]], embedding: Embedding) -> float:
    return float(np.median([distance(embedding, other) for other, _, _ in group]))


def _person(group: Sequence[tuple[Embedding, Face, Frame]]) -> Person:
    return Person(
        embedding=np.mean([embedding for embedding, _, _ in group], axis=0, dtype=np.float32),
        seen=len(group),
        x=float(np.mean([(f.box[0] + f.box[2]) / 2 / frame.size_wh[0] for _, f, frame in group])),
        size_px=float(np.mean([face.size_px for _, face, _ in group])),
        first_s=float(min(frame.time_s for _, _, frame in group)),
    )


def resolve(who: str, people: Sequence[Person], reader: FaceReader) -> Person | None:
    """The person `who` means; None means everyone.

    Args:
        who: auto (the only one), largest, left, centre, right, everyone, a number counted from the
            left (1 is the leftmost), or the path of a photo.
        people: Who was seen, left to right.
        reader: The loaded face networks.

    Raises:
        FaceError: Nobody was seen, the choice is ambiguous, or the photo shows someone else.
        UsageError: `who` is none of these.
    """
    if who == EVERYONE:
        return None
    if not people:
        raise FaceError(
            "no face was found in the target",
            "a face of at least 24 pixels, eyes and mouth visible",
            "check that the file shows the person meant",
        )
    if who == "auto":
        return _the_only_one(people)
    if who == "largest":
        return max(people, key=lambda person: person.size_px**2 * person.seen)
    if who in _POSITIONS:
        place = _POSITIONS[who]
        return min(people, key=lambda person: abs(person.x - place))
    if who.isdecimal():
        if len(who) > _DIGITS or not 1 <= int(who) <= len(people):
            raise UsageError(f"person {who[:40]}", f"1 to {len(people)}: {_list(people)}")
        return people[int(who) - 1]
    return _by_photo(Path(who), people, reader)


def _the_only_one(people: Sequence[Person]) -> Person:
    often = [person for person in people if person.seen > 1] or list(people)
    if len(often) > 1:
        raise FaceError(
            f"{len(often)} people in the target: {_list(often)}",
            "one person, or to be told who is meant",
            "add --person largest, left, right, a number, a photo, or everyone",
        )
    return often[0]


def _by_photo(path: Path, people: Sequence[Person], reader: FaceReader) -> Person:
    if not path.exists():
        raise UsageError(
            f"--person {path}: no such photo",
            "largest, left, centre, right, everyone, a number, or a photo",
        )
    image = read_image(path).pixels
    faces = find_faces(image, reader)
    if len(faces) != 1:
        raise InputError(f"{len(faces)} faces in {path.name}", "one face in a reference photo")
    wanted = embed(image, faces[0], reader)
    best = min(people, key=lambda person: distance(person.embedding, wanted))
    apart = distance(best.embedding, wanted)
    if apart > _SAME_PERSON:
        raise FaceError(
            f"nobody in the target is the person in {path.name} (nearest at {apart:.2f})",
            f"a distance below {_SAME_PERSON}",
            f"seen were: {_list(people)}",
        )
    return best


def belongs(track: Track, person: Person, others: Sequence[Person]) -> bool:
    """Whether a track shows this person rather than one of the others.

    A track too short or too blurred for an identity belongs to the only person there is, and to
    nobody where there are several.
    """
    rivals = [other for other in others if other is not person]
    if track.embedding is None:
        return not rivals
    apart = distance(track.embedding, person.embedding)
    nearer = all(apart <= distance(track.embedding, other.embedding) for other in rivals)
    return nearer and apart <= _SAME_IN_CLIP


def measured_before(track: Track, people: Sequence[Person]) -> bool:
    """Whether a track shows one of these people, more surely than `belongs` asks for.

    A record is held against these people, so that nobody else may be shown as they never were.
    """
    if track.embedding is None:
        return False
    return any(distance(track.embedding, person.embedding) <= _SAME_PERSON for person in people)


def _list(people: Sequence[Person]) -> str:
    return ", ".join(
        f"{number}: face of {person.size_px:.0f} px at {person.x:.0%} from the left, "
        f"seen from {person.first_s:.1f} s"
        for number, person in enumerate(people, 1)
    )
