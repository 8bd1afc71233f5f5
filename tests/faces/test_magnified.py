import numpy as np

from masquerade.faces.magnified import magnified, on_even_map
from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE
from masquerade.faces.unrolled import SIDE, layout


def lines() -> np.ndarray:
    """(256, 3) a place on each column and row of the even map."""
    return np.repeat(np.arange(SIDE, dtype=np.float32)[:, None], 3, axis=1)


def test_no_place_is_folded_and_the_map_is_filled() -> None:
    found = magnified(lines())

    assert (np.diff(found[:, :2], axis=0) > 0.1).all()
    assert found[0, :2].max() < 3
    assert found[-1, :2].min() > SIDE - 4


def test_both_halves_are_alike() -> None:
    across = magnified(lines())[:, 0]
    np.testing.assert_allclose(across + across[::-1], SIDE - 1, atol=1e-2)


def test_eyes_are_larger_than_on_the_even_map() -> None:
    even = layout().points
    found = magnified(even)
    for ring in (RIGHT_EYE, LEFT_EYE):
        wide, high = np.ptp(found[list(ring)], axis=0)[:2] / np.ptp(even[list(ring)], axis=0)[:2]
        assert wide > 1.3
        assert high > 1.5


def test_the_way_back_ends_where_it_began() -> None:
    across, down = on_even_map(SIDE)
    there = np.zeros((SIDE, 3), np.float32)
    there[:, 0], there[:, 1] = SIDE * across - 0.5, SIDE * down - 0.5

    np.testing.assert_allclose(magnified(there)[:, :2], lines()[:, :2], atol=1e-2)
