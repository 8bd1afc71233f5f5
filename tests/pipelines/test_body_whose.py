"""Whose body a video lends: the face above it decides, shot by shot."""

from pathlib import Path

import numpy as np
import pytest

from masquerade.bodies.pose import Body, Place
from masquerade.bodies.track import BodyTrack
from masquerade.errors import FaceError
from masquerade.pipelines.body_source import Lender
from masquerade.pipelines.body_whose import shots_of_theirs
from masquerade.types import Embedding, Face, InputUse

SHOTS = [(0, 9), (10, 19)]
ADA, BOB = (np.eye(128, dtype=np.float32)[number] for number in (0, 1))
LENDER = Lender((ADA,), InputUse("source", "ada.mp4", "0" * 64, Path("ada.mp4")))


def body() -> Body:
    """Somebody whose nose is at (50, 20)."""
    joints = np.full((33, 3), 50, np.float32)
    joints[0] = 50, 20, 0
    place = Place(np.zeros(2, np.float32), np.zeros(2, np.float32))
    return Body(joints, np.ones(33, np.float32), joints, 1.0, place)


def at(x: float, who: Embedding) -> list[tuple[Face, Embedding]]:
    """Somebody's face in a frame, 20 pixels wide."""
    box = (x - 10, 10, x + 10, 30)
    return [(Face(box, 1.0, np.zeros((478, 3), np.float32), (0.0, 0.0, 0.0)), who)]


TRACK = BodyTrack(0, {pts: body() for pts in range(20)}, {}, {})


def test_a_shot_without_the_face_above_the_body_is_not_used() -> None:
    assert shots_of_theirs(SHOTS, TRACK, {3: at(50, ADA), 4: []}, LENDER) == [(0, 9)]


def test_a_face_elsewhere_in_the_picture_says_nothing() -> None:
    with pytest.raises(FaceError, match="no face can be measured above the body"):
        shots_of_theirs(SHOTS, TRACK, {3: at(200, ADA), 12: []}, LENDER)


def test_a_shot_of_somebody_else_is_refused() -> None:
    with pytest.raises(FaceError, match="somebody else"):
        shots_of_theirs(SHOTS, TRACK, {3: at(50, ADA), 12: at(50, BOB)}, LENDER)
