"""Spectacles that are worn stay in front of new faces, steadily, and nothing else does."""

from dataclasses import replace

import numpy as np
from tests.effects.test_effects import SIDE, portrait
from tests.effects.test_glasses import wearing

from masquerade.pipelines.spectacles import Spectacles, wearers, wears_glasses
from masquerade.types import Face, Frame

WHOLE = (0, 0, SIDE, SIDE)


def shown(angle_deg: float = 0.0, *, worn: bool = True) -> tuple[Frame, Face, np.ndarray]:
    """A picture, the face of it, and where its spectacles are."""
    bare = portrait(angle_deg)
    dressed, rims = wearing(bare)
    x0, y0, x1, y1 = bare.box
    pixels = np.full((SIDE, SIDE, 3), 90, np.uint8)
    pixels[y0:y1, x0:x1] = dressed.pixels if worn else bare.pixels
    where = np.zeros((SIDE, SIDE), bool)
    where[y0:y1, x0:x1] = rims
    marks = np.column_stack([bare.points + np.array([x0, y0]), bare.depth]).astype(np.float32)
    low, high = marks[:468, :2].min(axis=0), marks[:468, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Frame(pixels), Face(box, 1.0, marks, (0.0, 0.0, 0.0), track_id=7), where


def test_they_are_seen_where_they_are_worn() -> None:
    for angle_deg in (0.0, 20.0):
        assert wears_glasses(*shown(angle_deg)[:2])
        assert not wears_glasses(*shown(angle_deg, worn=False)[:2])


def test_faces_too_small_for_rims_are_said_to_wear_none() -> None:
    frame, face, _ = shown()
    small = replace(face, landmarks=face.landmarks * np.float32(0.2))
    assert not wears_glasses(frame, small)


def test_half_of_the_looks_at_somebody_must_show_them() -> None:
    looks = [(1, True), (1, False), (2, True), (2, False), (2, False), (3, False)]
    assert wearers(looks) == {1}


def test_the_frame_is_in_front_and_the_skin_is_not() -> None:
    frame, face, rims = shown()

    kept = Spectacles(frozenset({7})).before(frame, face, WHOLE)

    assert kept is not None
    assert kept.shape == (SIDE, SIDE)
    assert kept[rims].mean() > 0.8
    x, y = np.rint(face.landmarks[4, :2]).astype(int)
    assert kept[y, x] < 0.05  # the tip of the nose


def test_those_who_wear_none_are_not_asked() -> None:
    frame, face, _ = shown()
    assert Spectacles(frozenset()).before(frame, face, WHOLE) is None


def test_a_frame_in_which_they_are_not_found_keeps_them_where_they_were() -> None:
    frame, face, rims = shown()
    bare = Frame(np.full_like(frame.pixels, 150))
    worn = Spectacles(frozenset({7}))
    worn.before(frame, face, WHOLE)

    kept = worn.before(bare, face, WHOLE)

    assert kept is not None
    assert kept[rims].mean() > 0.8
    for _ in range(30):  # they were taken off
        kept = worn.before(bare, face, WHOLE)
    assert kept is None
    assert worn.before(frame, face, WHOLE) is not None
