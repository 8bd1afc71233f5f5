"""The mesh network's numbers as points and presence."""

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.models.face_mesh import FaceMesh


class _Says:
    name, device = "face_mesh", "cpu"
    input_shapes = ((1, 192, 192, 3),)

    def __init__(self, *outputs: np.ndarray) -> None:
        self._outputs = list(outputs)

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        assert inputs[0].shape == (1, 192, 192, 3)
        assert inputs[0].max() <= 1
        return self._outputs


@pytest.mark.parametrize("swapped", [False, True])
def test_points_and_presence_in_either_order(swapped: bool) -> None:
    flat = np.arange(1404, dtype=np.float32).reshape(1, 1, 1, 1404)
    logit = np.zeros((1, 1, 1, 1), np.float32)
    session = _Says(logit, flat) if swapped else _Says(flat, logit)
    reading = FaceMesh(session)(np.full((192, 192, 3), 255, np.uint8))
    assert reading.presence == pytest.approx(0.5)
    assert reading.points[1].tolist() == [3, 4, 5]


def test_a_crop_of_another_type_is_refused() -> None:
    with pytest.raises(UsageError, match="float32"):
        FaceMesh(_Says())(np.zeros((192, 192, 3), np.float32))


@pytest.mark.weights
def test_an_empty_crop_holds_no_face() -> None:
    assert FaceMesh.open()(np.zeros((192, 192, 3), np.uint8)).presence < 0.5
