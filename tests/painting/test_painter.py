import numpy as np
import pytest
from tests.models.tiny_style import tiny_style

from masquerade.errors import LimitError
from masquerade.models.style.network import StyleNetwork
from masquerade.painting.painter import Painter


@pytest.fixture(scope="module")
def network() -> StyleNetwork:
    weights = tiny_style()
    return StyleNetwork(weights.layers, weights.preset(1))


def shown(height: int = 60, width: int = 90) -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_strength_lies_between_picture_and_painting(network: StyleNetwork) -> None:
    picture = shown()
    whole, half = Painter(network)(picture), Painter(network, strength=0.5)(picture)

    wanted = (picture.astype(float) + whole) / 2
    assert np.abs(half - wanted).max() <= 1


@pytest.mark.parametrize("strokes", [0.5, 1.0, 2.0, 8.0])
def test_strokes_change_no_size(network: StyleNetwork, strokes: float) -> None:
    picture = shown()

    assert Painter(network, strokes=strokes)(picture).shape == picture.shape


def test_colours_are_kept(network: StyleNetwork) -> None:
    grey = np.repeat(shown()[..., :1], 3, axis=2)

    painted = Painter(network, keep_colour=True)(grey).astype(int)

    assert np.ptp(painted, axis=2).max() <= 4  # the way to Lab and back rounds


def test_a_speck_is_refused(network: StyleNetwork) -> None:
    with pytest.raises(LimitError, match="9 x 9"):
        Painter(network)(shown(9, 9))
