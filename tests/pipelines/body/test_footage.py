"""Whose video it is, told by a few looks at it."""

from pathlib import Path

import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.figure import PhotoFigure, Shown
from masquerade.bodies.fitness import Range
from masquerade.bodies.skeleton import skeleton_of
from masquerade.errors import FaceError
from masquerade.pipelines.body.footage import Poses, _most_seen, facing
from masquerade.pipelines.body.source import BodySource, Lender
from masquerade.pipelines.people import Person
from masquerade.types import InputUse


def person(*, seen: int, size_px: float) -> Person:
    return Person(np.zeros(128, np.float32), seen, 0.5, size_px, 0.0)


def test_one_look_at_a_larger_face_is_not_whom_a_video_shows() -> None:
    usual, profile = person(seen=6, size_px=56.0), person(seen=1, size_px=59.0)

    assert _most_seen([usual, profile], Path("a.mp4")) is usual


def test_a_small_poster_that_is_always_there_is_not_whom_a_video_shows() -> None:
    usual, poster = person(seen=5, size_px=60.0), person(seen=8, size_px=24.0)

    assert _most_seen([poster, usual], Path("a.mp4")) is usual


def test_a_video_without_faces_says_what_is_asked_for() -> None:
    with pytest.raises(FaceError, match=r"no face can be measured in a\.mp4"):
        _most_seen([], Path("a.mp4"))


def turned_photo(by_deg: float) -> BodySource:
    body = mannequin.turned(mannequin.body(Pose(middle=(150.0, 120.0), torso_px=60.0)), by_deg)
    shown = Shown(
        mannequin.painted(body, np.zeros((260, 300, 3), np.uint8)),
        np.rint(mannequin.mask(body, (260, 300)) * 255).astype(np.uint8),
        skeleton_of(body),
    )
    use = InputUse("source", "a.jpg", "0" * 64)
    figure, seen = PhotoFigure(shown, body), Range(by_deg, by_deg)
    return BodySource(figure, seen, Lender((), use), (), "", shown.pixels, body)


@pytest.mark.parametrize(
    ("photo_deg", "target_deg", "is_mirrored"),
    [(50.0, 60.0, False), (50.0, -60.0, True), (10.0, -60.0, False), (50.0, -10.0, False)],
)
def test_a_photo_is_mirrored_where_the_target_is_turned_to_the_other_side(
    photo_deg: float, target_deg: float, is_mirrored: bool
) -> None:
    photo = turned_photo(photo_deg)
    shot = Poses((0, 1), (mannequin.turned(mannequin.body(), target_deg),) * 2)

    found = facing(photo, [shot])

    usual, seen = photo.figure.puppet(0, 60.0), found.figure.puppet(0, 60.0)
    same = np.array_equal(usual.skeleton.segments, seen.skeleton.segments)
    assert same is not is_mirrored
    assert any("mirror" in one.words for one in found.concerns) is is_mirrored
    assert np.array_equal(
        found.figure.puppet(9, 60.0).skeleton.segments, usual.skeleton.segments
    )  # of a shot that is none of these
