"""The iris network's numbers as lids and iris."""

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.models.iris import Iris


class _Says:
    name, device = "iris", "cpu"
    input_shapes = ((1, 64, 64, 3),)

    def __init__(self, *outputs: np.ndarray) -> None:
        self._outputs = list(outputs)

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        return self._outputs


@pytest.mark.parametrize("swapped", [False, True])
def test_lids_and_iris_in_either_order(swapped: bool) -> None:
    lids = np.arange(213, dtype=np.float32)[None]
    iris = np.arange(15, dtype=np.float32)[None]
    reading = Iris(_Says(iris, lids) if swapped else _Says(lids, iris))(
        np.zeros((64, 64, 3), np.uint8)
    )
    assert reading.lids.shape == (71, 3)
    assert reading.iris[1].tolist() == [3, 4, 5]


def test_a_crop_of_another_size_is_refused() -> None:
    with pytest.raises(UsageError, match="64"):
        Iris(_Says())(np.zeros((65, 64, 3), np.uint8))
