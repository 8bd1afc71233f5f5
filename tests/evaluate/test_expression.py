from __future__ import annotations

from collections.abc import Callable

import numpy as np

from masquerade.evaluate.expression import expression_error, motion_error
from masquerade.faces.mesh import INNER_LIPS, LIPS
from masquerade.types import Points


def test_expression_does_not_see_place_and_size(mesh: Callable[..., Points]) -> None:
    assert expression_error(mesh(size=71, at=(10, 200)), mesh()) < 1e-3


def test_expression_sees_an_open_mouth_in_interocular_distances(
    mesh: Callable[..., Points],
) -> None:
    open_mouth = mesh()
    open_mouth[list(INNER_LIPS), 1] += 10
    assert 0.02 < expression_error(open_mouth, mesh()) < 0.2


def test_motion_ignores_what_stays_and_sees_what_moves(mesh: Callable[..., Points]) -> None:
    still = np.stack([mesh()] * 4)
    other = still.copy()
    other[:, list(LIPS), 1] += 6
    assert motion_error(other, still) < 2e-3
    other[::2, list(INNER_LIPS), 1] += 8
    assert motion_error(other, still) > 0.01
