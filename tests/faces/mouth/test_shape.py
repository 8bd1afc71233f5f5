"""Mouth shapes: numbers that say what a mouth does, whatever the head does."""

import numpy as np
import pytest

from masquerade.faces.mesh import INNER_LIPS, topology
from masquerade.faces.mouth.shape import PARTS, MouthSpace, moving, on_skull, opening
from masquerade.types import Points


def talking(count: int = 60, seed: int = 3) -> list[Points]:
    """Meshes on the skull whose jaw goes up and down and whose lips round."""
    rng = np.random.default_rng(seed)
    neutral = topology().neutral
    lower = list(INNER_LIPS[11:])
    made = []
    for wide, round_ in rng.uniform(0, 1, (count, 2)):
        one = neutral.copy()
        one[lower, 1] += 0.2 * wide
        one[152, 1] += 0.15 * wide
        one[[61, 291, 78, 308], 0] *= 1 - 0.2 * round_
        made.append(one)
    return made


def test_a_mesh_lies_on_the_skull_wherever_the_head_is() -> None:
    turn = np.array([[0.8, -0.6, 0], [0.6, 0.8, 0], [0, 0, 1]], np.float32)
    moved = 57 * topology().neutral @ turn.T + np.array([300, 200, 10], np.float32)

    np.testing.assert_allclose(on_skull(moved)[:468], topology().neutral[:468], atol=1e-3)


def test_shapes_are_found_again_from_their_points() -> None:
    skulls = talking()
    space = MouthSpace.of(skulls)
    index, _ = moving()

    for skull in skulls[:5]:
        shape = space.shape_of(skull)
        assert shape.shape == (PARTS,)
        np.testing.assert_allclose(space.points(shape), skull[index], atol=0.01)


def test_openings_of_shapes_are_those_of_their_meshes() -> None:
    skulls = talking()
    space = MouthSpace.of(skulls)
    shapes = np.stack([space.shape_of(one) for one in skulls])

    np.testing.assert_allclose(space.openings(shapes), [opening(one) for one in skulls], atol=0.005)


@pytest.mark.parametrize(("firm", "expected"), [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)])
def test_lips_close_as_far_as_is_insisted_on(firm: float, expected: float) -> None:
    skulls = talking()
    space = MouthSpace.of(skulls)
    wide = np.stack([space.shape_of(max(skulls, key=opening))])
    before = float(space.openings(wide)[0]) - space.closed

    made = space.opened(wide, np.array([space.closed], np.float32), np.array([firm], np.float32))

    after = float(space.openings(made)[0]) - space.closed
    assert after == pytest.approx(expected * before, abs=1e-4)


def test_shut_lips_are_left_alone() -> None:
    space = MouthSpace.of(talking())
    shut = np.zeros((1, PARTS), np.float32)
    most = space.openings(shut) + 0.1

    np.testing.assert_array_equal(space.opened(shut, most, np.ones(1, np.float32)), shut)


def test_one_picture_is_a_space_too() -> None:
    space = MouthSpace.of([topology().neutral])

    assert np.isfinite(space.parts).all()
    np.testing.assert_allclose(space.shape_of(topology().neutral), 0, atol=1e-3)
