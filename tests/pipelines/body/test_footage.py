"""Whose video it is, told by a few looks at it."""

from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import FaceError
from masquerade.pipelines.body.footage import _most_seen
from masquerade.pipelines.people import Person


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
