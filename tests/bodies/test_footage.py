import numpy as np
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.figure import PhotoFigure, shown
from masquerade.bodies.footage import Moment, VideoFigure, course, mirrored
from masquerade.bodies.skeleton import NUMBER, build_of

SHAPE_HW = (180, 200)


def moment(pose: Pose) -> Moment:
    body = mannequin.body(pose)
    pixels = mannequin.painted(body, np.zeros((*SHAPE_HW, 3), np.uint8))
    cut = shown(pixels, body, mannequin.cover(body, SHAPE_HW))
    assert cut is not None
    return Moment(cut, body)


def test_each_pose_gets_its_moment_and_the_video_is_not_left_without_need() -> None:
    moments = [moment(Pose(arms=angle)) for angle in range(10, 90, 8)]
    poses = [mannequin.body(Pose(arms=angle)) for angle in (26, 34, 42, 50, 58)]

    found = course(moments, poses)

    assert found.moments.tolist() == [2, 3, 4, 5, 6]
    assert found.jumps == 0
    assert found.apart_m.max() < 0.01
    figure = VideoFigure(moments, dict(enumerate(found.moments.tolist())))
    puppet = figure.puppet(0, 40.0)
    assert puppet is figure.puppet(0, 40.0)
    assert puppet is not figure.puppet(4, 40.0)


def test_what_was_drawn_before_has_no_say_in_a_puppets_size() -> None:
    one = moment(Pose())
    after_large, fresh = (PhotoFigure(one.shown, one.body) for _ in range(2))
    after_large.puppet(0, 45.0)
    sizes = [figure.puppet(0, 38.0).skeleton.torso_px for figure in (after_large, fresh)]
    assert sizes[0] == sizes[1]


def test_in_a_mirror_left_is_right() -> None:
    one = moment(Pose(lean=15))
    other = mirrored(one)
    assert other.mirrored
    arm = other.shown.skeleton.segments[NUMBER["left forearm"]]
    was = one.shown.skeleton.segments[NUMBER["right forearm"]]
    width = one.shown.pixels.shape[1]
    np.testing.assert_allclose(arm[:, 0], width - 1 - was[:, 0], atol=1e-4)
    assert (mirrored(other).shown.pixels == one.shown.pixels).all()
    np.testing.assert_allclose(mirrored(other).body.metres, one.body.metres, atol=1e-6)


def test_a_mirror_changes_nobodys_build() -> None:
    one = moment(Pose(lean=15))
    np.testing.assert_allclose(build_of([mirrored(one).body]), build_of([one.body]), rtol=1e-4)
