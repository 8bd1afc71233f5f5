"""What is studied of a shot: a place is not learned from frames in which a person was lost."""

from fractions import Fraction

import cv2
import numpy as np
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.track import BodyTrack, Cover
from masquerade.pipelines.body.study import Watch
from masquerade.types import Frame

HIGH, WIDE, COUNT = 240, 400, 12


def test_who_is_lost_from_sight_is_not_taken_for_the_place() -> None:
    rng = np.random.default_rng(3)
    place = cv2.GaussianBlur(rng.integers(0, 255, (HIGH, WIDE, 3), np.uint8), (0, 0), 3)
    body = mannequin.body(Pose(middle=(200, 110)))
    cover = mannequin.cover(body, (HIGH, WIDE))
    picture = mannequin.painted(body, place)
    packed = cv2.imencode(".png", np.rint(cover.mask * 255).astype(np.uint8))[1].tobytes()
    followed = [pts for pts in range(COUNT) if pts < 4 or pts > 8]
    watch = Watch(list(range(COUNT)))
    for pts in range(COUNT):
        covers: tuple[Cover, ...] = (cover,) if pts in followed else ()
        watch.see(Frame(picture, pts, Fraction(1, 25)), covers)
    track = BodyTrack(
        0,
        dict.fromkeys(followed, body),
        dict.fromkeys(followed, packed),
        dict.fromkeys(followed, cover.crop_from_frame),
    )
    plate = watch.study(0, COUNT - 1, (track,)).plate
    assert plate is not None
    there = mannequin.mask(body, (HIGH, WIDE)) > 0
    assert not plate.seen[there].any()
