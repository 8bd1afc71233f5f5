"""One face from frame to frame: where it was says where to look next."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import numpy as np

from masquerade.faces.detect import PRESENCE, see_again
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.following.glimpse import Glimpse, alike
from masquerade.faces.following.trail import LOOKS_SAME, Trail
from masquerade.faces.landmarks import Place, place_of, read_face
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Face, Frame

GAP_S: Final = Fraction(1, 2)
REMEMBERED_S: Final = Fraction(3)  # after which a face that comes back is a new one
CHECK_EVERY: Final = 10  # frames between two looks with the detector at a face that is followed
STILL_SAME: Final = SAME_PERSON + 0.08  # blur and turning spread a person within a shot
_DOUBTS: Final = 3  # times in a row that a face must look like somebody else's to be theirs
_JUMP: Final = 0.6  # greatest step from where a face was expected, in sizes of the face
_GROWTH: Final = 1.35  # greatest change of size in one frame


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


def confirmed(
    frame: Frame, face: Face, look: Glimpse, trail: Trail, reader: FaceReader
) -> Face | None:
    """The face, looked for again with the detector where it has changed its looks.

    Args:
        frame: The frame after the trail's last one.
        face: Where the mesh network sees it.
        look: How it looks there.
        trail: What is known so far.
        reader: The loaded networks.
    """
    if trail.checked is None or alike(look, trail.checked) >= LOOKS_SAME:
        return face
    return recover(frame.pixels, face, trail.expected(), reader)


def keep_watch(frame: Frame, trail: Trail, reader: FaceReader, *, check: bool) -> Trail | None:
    """The trail of somebody else who has taken the face's place, if that is what has happened.

    A cut that was not found and a dissolve put another person where the first one was. Who changes
    his looks is compared with his portraits, and only who is unlike them time after time is
    somebody else: a hand before a face makes it unlike itself for a moment.

    Args:
        frame: The frame that was just added to the trail.
        trail: What is known so far; shortened where its end is somebody else's.
        reader: The loaded networks.
        check: The detector was asked in this frame for a turn of its own.
    """
    look, face = trail.looks[frame.pts], trail.faces[frame.pts]
    if trail.checked is None or trail.proof is None:
        return None
    changed = alike(look, trail.checked) < LOOKS_SAME
    if changed or check:
        trail.checked = look
    elif not trail.doubts or len(trail.looks) % _DOUBTS:
        return None
    if alike(look, trail.proof) >= LOOKS_SAME:
        trail.trust(frame, trail.proof)
    elif resembles(frame.pixels, face, trail, reader) < STILL_SAME:
        trail.trust(frame, look)
    else:
        trail.doubts += 1
    return trail.parted() if trail.doubts >= _DOUBTS else None


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

    It must be gone no longer than `REMEMBERED_S`, be near enough to have come here, and be the
    same person, beyond doubt where it was gone for more than `GAP_S`.
    """
    fitting: list[tuple[float, Trail]] = []
    for trail in trails:
        here, there = place_of(face.landmarks), place_of(trail.recent[-1].landmarks)
        away = float(np.linalg.norm(here.centre - there.centre)) / there.size_px
        growth = here.size_px / there.size_px
        gone_s = frame.time_s - trail.last_s
        if not trail.lost or gone_s > REMEMBERED_S or away > 2.5:
            continue
        if not 0.5 < growth < 2:
            continue
        unlike = resembles(frame.pixels, face, trail, reader)
        known = bool(trail.portraits.best)
        if unlike < STILL_SAME and (gone_s <= GAP_S or (known and unlike < SAME_PERSON)):
            fitting.append((unlike, trail))
    return min(fitting, key=lambda one: one[0])[1] if fitting else None
