"""The square that a trained renderer looks at."""

import numpy as np
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.canvas import FACE, GIVEN, MIRRORED, TORSOS, given, on_canvas, to_canvas
from masquerade.bodies.puppet import Drawn
from masquerade.bodies.skeleton import NUMBER, skeleton_of
from masquerade.models.trained import body_shape

SIDE = 64


def seen(pose: Pose, shape_hw: tuple[int, int]) -> np.ndarray:
    body = mannequin.body(pose)
    pixels = mannequin.painted(body, np.zeros((*shape_hw, 3), np.uint8))
    return given(Drawn(pixels, mannequin.mask(body, shape_hw)), skeleton_of(body), SIDE)


def test_a_person_of_any_size_and_at_any_place_lies_alike() -> None:
    near = seen(Pose(middle=(200.0, 180.0), torso_px=80.0), (400, 400))
    far = seen(Pose(middle=(90.0, 120.0), torso_px=50.0), (260, 220))

    assert near.shape == (GIVEN, SIDE, SIDE)
    assert np.abs(near.astype(int) - far).mean() < 3
    hips = on_canvas(skeleton_of(mannequin.body()), SIDE).segments[NUMBER["torso"], 0]
    assert np.allclose(hips, (SIDE - 1) / 2, atol=1e-3)


def test_a_torso_is_as_long_as_the_square_says() -> None:
    bones = skeleton_of(mannequin.body(Pose(torso_px=60.0)))
    assert np.isclose(to_canvas(bones, 230)[0, 0] * bones.torso_px, 230 / TORSOS, rtol=1e-6)


def test_in_a_mirror_left_limbs_are_right_ones() -> None:
    one = seen(Pose(arms=50.0), (200, 200))
    turned = one[list(MIRRORED), :, ::-1]
    other = given(
        Drawn(*(np.ascontiguousarray(part[:, ::-1]) for part in drawn_of(Pose(arms=50.0)))),
        flipped(Pose(arms=50.0)),
        SIDE,
    )
    assert np.abs(turned[4:].astype(int) - other[4:]).mean() < 4


def drawn_of(pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    body = mannequin.body(pose)
    pixels = mannequin.painted(body, np.zeros((200, 200, 3), np.uint8))
    return pixels, mannequin.mask(body, (200, 200))


def flipped(pose: Pose):
    """The bones of the mirrored picture: the mannequin is the same on both sides."""
    x, y = pose.middle
    return skeleton_of(mannequin.body(Pose(arms=pose.arms, middle=(199 - x, y))))


def test_the_face_lies_above_the_shoulders_and_the_network_knows_as_many_channels() -> None:
    face = seen(Pose(), (200, 200))[FACE]
    rows = np.flatnonzero(face.max(axis=1) > 128)
    assert rows.max() < SIDE / 2 - SIDE / TORSOS * 0.7
    assert body_shape.GIVEN == GIVEN
