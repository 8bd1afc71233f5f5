"""A face that looks away is measured where the same shot shows it straighter, or as it is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from masquerade.provenance.consent import measured, turned
from masquerade.types import Embedding, Face, Frame, Track

ADA = np.eye(128, dtype=np.float32)[0]
NEAR = (0.8 * ADA + 0.5 * np.eye(128, dtype=np.float32)[1]).astype(np.float32)
FAR = np.eye(128, dtype=np.float32)[2]
INFO: Any = SimpleNamespace(path=Path("a.mp4"), start_pts=0, time_base=1 / 25, kind="video")


def face(yaw: float, x: float = 0.0) -> Face:
    """A face of forty pixels."""
    return Face((x, 0, x + 40, 40), 1.0, np.zeros((478, 3), np.float32), (yaw, 0.0, 0.0))


@pytest.mark.parametrize(
    ("way", "who", "x", "found"),
    [
        (10.0, ADA, 0.0, True),
        (38.0, ADA, 0.0, False),  # never seen straighter
        (10.0, FAR, 0.0, False),  # another face that came to lie in its place
        (10.0, ADA, 200.0, False),  # somebody else's, elsewhere in the picture
        (10.0, None, 0.0, False),
    ],
)
def test_it_takes_the_same_face_seen_straighter(
    way: float, who: Embedding | None, x: float, found: bool
) -> None:
    one = Track(0, {1: face(way, x), 9: face(52.0, x)}, who)
    assert (turned.straighter([one], 9, face(52.0), NEAR) is not None) == found


def test_who_was_out_of_sight_at_that_moment_is_not_taken_for_whoever_was_seen() -> None:
    one = Track(0, {1: face(10.0), 9: replace(face(52.0), interpolated=True)}, ADA)
    assert turned.straighter([one], 9, face(52.0), NEAR) is None


def test_moments_across_a_cut_are_not_the_same_shot(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = [np.full((90, 160, 3), 40 if pts < 20 else 220, np.uint8) for pts in range(40)]

    def read(*_: object, start_pts: int, stop_pts: int) -> Iterator[Frame]:
        return (Frame(pixels[n], n) for n in range(start_pts, min(stop_pts, 40)))

    monkeypatch.setattr(turned, "read_frames", read)
    assert turned._shot(INFO, 30, 25) == (20, 55)
    assert turned._shot(INFO, 10, 25) == (0, 20)


@pytest.mark.parametrize(("better", "people"), [(ADA, 1), (FAR, 2), (None, 2)])
def test_a_turned_look_joins_whom_it_turns_out_to_be(
    better: Embedding | None, people: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measured, "straighter", lambda *_: better)
    look: measured.Sightings = [(NEAR, 40.0, None)]
    groups: list[measured.Sightings] = [[(ADA, 50.0, None)], look]
    measured._measure_again([], 9, face(52.0), look, groups)
    assert len(groups) == people
    assert groups[-1][-1][0] is (NEAR if better is None else better)
