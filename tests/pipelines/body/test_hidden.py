"""Legs behind a desk: the new person ends where the old one does."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.pose import ANKLES, Body
from masquerade.bodies.skeleton import NUMBER, skeleton_of
from masquerade.bodies.track import BodyTrack
from masquerade.pipelines.body.hidden import behind, hanging, hidden_in
from masquerade.types import Frame, Miss, Patch, Window

SHAPE = (150, 200)
DESK = 95  # row from which it hides what is behind


def track(body: Body, rows: int, count: int = 5) -> BodyTrack:
    """Somebody of whom so many rows of the picture are seen."""
    seen = body.seen.copy()
    if rows < SHAPE[0]:
        seen[list(ANKLES)] = 0.05
    body = replace(body, seen=seen)
    mask = mannequin.mask(body, SHAPE)
    mask[rows:] = 0
    crop = body.place.crop_from_frame(256)
    flat = np.rint(cv2.warpAffine(mask, crop, (256, 256)) * 255).astype(np.uint8)
    png = cv2.imencode(".png", flat)[1].tobytes()
    times = range(count)
    return BodyTrack(
        0, dict.fromkeys(times, body), dict.fromkeys(times, png), dict.fromkeys(times, crop)
    )


@pytest.mark.parametrize(
    ("pose", "rows", "hidden"),
    [
        (Pose(), SHAPE[0], False),
        (Pose(), DESK, True),
        (Pose(middle=(100.0, 120.0)), SHAPE[0] - 1, False),  # the picture ends there, not they
    ],
)
def test_what_hides_legs_is_told(pose: Pose, rows: int, hidden: bool) -> None:
    found = hidden_in(track(mannequin.body(pose), rows), SHAPE[0])
    assert bool(found.ends) is hidden
    assert bool(found.concerns()) is hidden
    for columns, lows in found.ends.values():
        assert ((columns > 60) & (columns < 140)).all()
        assert abs(float(lows.max()) - (DESK - 1)) <= 2


def test_nothing_is_drawn_below_where_the_person_ends() -> None:
    found = hidden_in(track(mannequin.body(Pose()), DESK), SHAPE[0])
    picture = np.zeros((*SHAPE, 3), np.uint8)
    shown = [Window((Frame(picture, pts, Fraction(1, 25)),), ((),)) for pts in range(3)]
    whole = Patch(picture, np.ones(SHAPE, np.float32), (0, 0, SHAPE[1], SHAPE[0]))

    def made(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        for window in windows:
            yield [whole] if window.frame.pts else [Miss(0, -1, "not seen")]

    first, second, _ = behind(made, found.ends.get)(iter(shown))
    assert isinstance(first[0], Miss)
    (patch,) = second
    assert isinstance(patch, Patch)
    assert patch.visible is not None
    assert (patch.visible[: DESK - 6, 96:105] == 1).all()
    assert (patch.visible[DESK + 4 :] == 0).all()
    (same,) = list(behind(made, lambda _: None)(iter(shown[1:2])))
    assert same == [whole]


@pytest.mark.parametrize("seen", [False, True])
def test_hidden_legs_hang_straight_down_but_for_a_thigh_in_sight(seen: bool) -> None:
    bones = skeleton_of(mannequin.body(Pose()))
    segments, sure = bones.segments.copy(), bones.seen.copy()
    names = ("left thigh", "left shin", "left foot")
    thigh, shin, foot = (NUMBER[name] for name in names)
    hip = bones.corners[2]
    up = np.array([10, -20], np.float32)
    knee = hip + np.array([12, 4], np.float32)
    raised = knee + up  # a foot that is guessed above the desk
    segments[thigh], segments[shin] = (hip, knee), (knee, raised)
    segments[foot], sure[thigh] = (raised, raised + up), 0.9 if seen else 0.1
    bent = replace(bones, segments=segments, seen=sure)
    end = np.array([[60, 140], [DESK, DESK]], np.float32)
    found = hanging(bent, end)
    assert hanging(bent, None) is bent
    start = knee if seen else hip
    assert np.allclose(found.segments[[shin, foot], :, 0], start[0])
    assert found.segments[foot, 1, 1] > DESK
    assert np.allclose(found.segments[thigh, 1], knee) is seen
    assert np.array_equal(found.segments[:2], bent.segments[:2])
