"""Whoever is lost from sight in the middle of a picture is still there."""

import cv2
import numpy as np
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.lost import may_be
from masquerade.bodies.pose import Body
from masquerade.bodies.track import BodyTrack

HIGH, WIDE = 240, 400


def _track(places: dict[int, float]) -> BodyTrack:
    bodies: dict[int, Body] = {}
    packed, crops = {}, {}
    for pts, x in places.items():
        bodies[pts] = mannequin.body(Pose(middle=(x, 110)))
        cover = mannequin.cover(bodies[pts], (HIGH, WIDE))
        packed[pts] = cv2.imencode(".png", np.rint(cover.mask * 255).astype(np.uint8))[1].tobytes()
        crops[pts] = cover.crop_from_frame
    return BodyTrack(0, bodies, packed, crops)


def test_somebody_lost_is_near_where_they_were_and_will_be() -> None:
    track = _track({0: 150.0, 1: 152.0, 8: 220.0})
    assert may_be(track, 1, (WIDE, HIGH)) == ()
    (first, later) = may_be(track, 4, (WIDE, HIGH))
    assert first[0] < 152 < first[2]
    assert later[0] < 220 < later[2]
    assert first[1] >= 0
    assert later[3] <= HIGH
    assert len(may_be(track, 12, (WIDE, HIGH))) == 1  # and after they were seen for the last time


def test_somebody_who_left_at_a_side_is_gone() -> None:
    track = _track({0: 200.0, 1: 390.0, 9: 385.0, 10: 200.0})
    assert may_be(track, 5, (WIDE, HIGH)) == ()
