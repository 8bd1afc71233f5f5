"""What is said where the new person leaves place bare that nobody ever saw."""

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.figure import PhotoFigure, Shown
from masquerade.bodies.plate import Plate
from masquerade.bodies.skeleton import skeleton_of
from masquerade.bodies.track import BodyTrack
from masquerade.pipelines.body.bare import bare_concerns

SHAPE_HW = (240, 200)
WALL = np.full((*SHAPE_HW, 3), 20, np.uint8)
BODY = mannequin.body(Pose(middle=(100.0, 110.0), torso_px=50.0))
MASK = (mannequin.mask(BODY, SHAPE_HW) * 255).astype(np.uint8)


def figure(*, thin: bool) -> PhotoFigure:
    """The mannequin itself, or what a third of its mask leaves of it."""
    mask = cv2.erode(MASK, np.ones((9, 9), np.uint8)) if thin else MASK
    return PhotoFigure(Shown(mannequin.painted(BODY, WALL), mask, skeleton_of(BODY)), BODY)


def told(*, thin: bool, seen: bool) -> list[str]:
    crop = np.array([[1.0, 0, 0], [0, 1, 0]])
    packed = cv2.imencode(".png", np.pad(MASK, ((0, 16), (0, 56))))[1].tobytes()
    track = BodyTrack(0, {0: BODY}, {0: packed}, {0: crop})
    known = np.full(SHAPE_HW, seen)
    plate = Plate(WALL, known, (0, 0), "still", {0: np.eye(3)}, 40.0)
    return [one.words for one in bare_concerns(track, plate, figure(thin=thin))]


@pytest.mark.parametrize(("thin", "seen"), [(False, False), (True, True), (False, True)])
def test_where_little_is_bare_or_the_place_was_seen_nothing_is_said(
    *, thin: bool, seen: bool
) -> None:
    assert told(thin=thin, seen=seen) == []


def test_a_thinner_person_before_a_place_never_seen_is_told() -> None:
    (words,) = told(thin=True, seen=False)
    assert "no frame shows" in words
