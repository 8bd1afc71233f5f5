"""One face from frame to frame: where it was says where to look next."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np

from masquerade.faces.clarity import Portraits
from masquerade.faces.detect import PRESENCE, see_again
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.landmarks import Place, place_of, read_face
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Face, Frame

GAP_S: Final = Fraction(1, 2)
CHECK_EVERY: Final = 10  # frames between two looks with the detector at a face that is followed
PORTRAIT_EVERY: Final = 5
STILL_SAME: Final = SAME_PERSON + 0.08  # blur and turning spread a person within a shot
_JUMP: Final = 0.6  # greatest step from where a face was expected, in sizes of the face
_GROWTH: Final = 1.35  # greatest change of size in one frame


@dataclass(slots=True)
class Trail:
    """One face through a shot, so far.

    Attributes:
        faces: Face by pts, where it was seen.
        last_s: When it was last seen.
        lost: Not seen in the last frame.
        portraits: Its clearest pictures.
        recent: The last one or two faces, from which the next place is foretold.
    """

    faces: dict[int, Face] = field(default_factory=dict)
    last_s: Fraction = Fraction(0)
    lost: bool = False
    portraits: Portraits = field(default_factory=Portraits)
    recent: list[Face] = field(default_factory=list)

    def add(self, frame: Frame, face: Face) -> None:
        """The face was seen in this frame."""
        if len(self.faces) % PORTRAIT_EVERY == 0:
            self.portraits.offer(frame.pixels, face)
        self.faces[frame.pts] = face
        self.last_s, self.lost = frame.time_s, False
        self.recent = [*self.recent[-1:], face]

    def expected(self) -> Place:
        """Where the face should be in the next frame, if it goes on as it went."""
        here = place_of(self.recent[-1].landmarks)
        if len(self.recent) < 2 or self.lost:
            return here
        before = place_of(self.recent[0].landmarks)
        return Place(2 * here.centre - before.centre, here.size_px, here.angle)


def follow(frame: Frame, trail: Trail, reader: FaceReader, *, check: bool) -> Face | None:
    """The trail's face in the next frame; None when it is not there.

    Args:
        frame: The frame after the trail's last one.
        trail: What is known so far; not changed.
        reader: The loaded networks.
        check: Ask the detector too whether there still is a face: a mesh network that lost its
            face may go on drawing one.
    """
    expected = trail.expected()
    face = read_face(frame.pixels, expected, reader)
    if _likely(face, expected) and not check:
        return face
    return recover(frame.pixels, face if face.score >= PRESENCE else None, expected, reader)


def recover(image: RGB, face: Face | None, expected: Place, reader: FaceReader) -> Face | None:
    """The face as the detector confirms or corrects it; None when it sees none there."""
    seen = see_again(image, place_of(face.landmarks) if face else expected, reader)
    if seen is None:
        return None
    if face and _near(place_of(face.landmarks), seen.place):
        return face
    again = read_face(image, seen.place, reader, passes=2)
    return again if again.score >= PRESENCE else None


def _likely(face: Face, expected: Place) -> bool:
    """Whether a face is where and as large as it was expected."""
    place = place_of(face.landmarks)
    return face.score >= PRESENCE and _near(place, expected)


def _near(place: Place, other: Place) -> bool:
    step = float(np.linalg.norm(place.centre - other.centre))
    growth = place.size_px / max(other.size_px, 1e-6)
    return step < _JUMP * other.size_px and 1 / (2 * _GROWTH) < growth < 2 * _GROWTH


def same_place(face: Face, other: Face) -> bool:
    """Whether two faces of one frame are one: their landmarks lie on each other."""
    apart = np.linalg.norm(face.landmarks[:, :2] - other.landmarks[:, :2], axis=1).mean()
    return float(apart) < 0.15 * min(face.size_px, other.size_px)


def resembles(image: RGB, face: Face, trail: Trail, reader: FaceReader) -> float:
    """Distance of a face's identity to a trail's; 0 where the trail has none yet."""
    known = trail.portraits.embedding(reader)
    return 0.0 if known is None else distance(known, embed(image, face, reader))


def continues(frame: Frame, face: Face, trails: list[Trail], reader: FaceReader) -> Trail | None:
    """The lost trail that a newly seen face takes up again, if any.

    It must be gone no longer than `GAP_S`, be near enough to have come here, and be the same
    person.
    """
    fitting: list[tuple[float, Trail]] = []
    for trail in trails:
        here, there = place_of(face.landmarks), place_of(trail.recent[-1].landmarks)
        away = float(np.linalg.norm(here.centre - there.centre)) / there.size_px
        growth = here.size_px / there.size_px
        if not trail.lost or frame.time_s - trail.last_s > GAP_S or away > 2.5:
            continue
        if not 0.5 < growth < 2:
            continue
        unlike = resembles(frame.pixels, face, trail, reader)
        if unlike < STILL_SAME:
            fitting.append((unlike, trail))
    return min(fitting, key=lambda one: one[0])[1] if fitting else None
