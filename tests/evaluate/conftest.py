"""A mesh to measure on: the neutral face, turned, scaled and placed."""

from collections.abc import Callable

import numpy as np
import pytest

from masquerade.faces.mesh import topology
from masquerade.faces.pose import rotation
from masquerade.types import Points


@pytest.fixture
def mesh() -> Callable[..., Points]:
    def make(yaw: float = 0.0, size: float = 50.0, at: tuple[float, float] = (90, 80)) -> Points:
        turned = topology().neutral @ rotation(yaw, 0, 0).T.astype(np.float32)
        return (turned * np.float32(size) + np.array([*at, 0], np.float32)).astype(np.float32)

    return make
