import numpy as np
import pytest
from tests.models.tiny_style import tiny_style

from masquerade.models.style.network import StyleNetwork
from masquerade.models.style.weights import any_style, mixed, preset_styles


def picture(height: int, width: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("first_styled", [True, False])
@pytest.mark.parametrize("size_hw", [(64, 48), (61, 83), (16, 16)])
def test_strips_give_what_the_whole_gives(first_styled: bool, size_hw: tuple[int, int]) -> None:
    weights = tiny_style(first_styled=first_styled)
    network = StyleNetwork(weights.layers, weights.preset(3))
    shown = picture(*size_hw)

    whole, in_strips = network(shown), network(shown, whole_pixels=0)

    assert whole.shape == shown.shape
    assert whole.std() > 5
    assert np.abs(whole.astype(int) - in_strips).max() <= 1


def test_strips_smaller_than_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("masquerade.models.style.strips._STRIP_PIXELS", 16 * 40)
    weights = tiny_style()
    network = StyleNetwork(weights.layers, weights.preset(0))
    shown = picture(120, 40)

    whole, in_strips = network(shown), network(shown, whole_pixels=0)

    assert np.abs(whole.astype(int) - in_strips).max() <= 1


def test_styles_differ_and_mix() -> None:
    weights = tiny_style()
    first, second = weights.preset(1), weights.preset(2)
    half = mixed([first, second], [1, 1])
    shown = picture(32, 32)

    assert np.allclose(half.scales[0], (first.scales[0] + second.scales[0]) / 2)
    assert (
        StyleNetwork(weights.layers, first)(shown) != StyleNetwork(weights.layers, second)(shown)
    ).any()
    all_first = mixed([first, second], [1, 1e-9])
    assert np.allclose(all_first.shifts[-1], first.shifts[-1], atol=1e-6)


@pytest.mark.weights
def test_both_networks_are_read() -> None:
    free, known = any_style(), preset_styles()

    assert [len(free.layers.styled), len(known.layers.styled)] == [13, 18]
    assert {len(one) for one in free.scales} == {101}
    assert {len(one) for one in known.scales} == {26}
    shown = picture(64, 64)
    for weights, look in (
        (free, free.described(np.zeros(100, np.float32))),
        (known, known.preset(7)),
    ):
        painted = StyleNetwork(weights.layers, look)(shown)
        assert painted.shape == shown.shape


@pytest.mark.weights
def test_presets_paint_as_their_own_file_does() -> None:
    from masquerade.models.session import open_onnx
    from masquerade.models.store import locate

    known, shown = preset_styles(), picture(48, 64)
    theirs = open_onnx("presets", locate("style_presets"), device="cpu", threads=1)
    weights = np.eye(26, dtype=np.float32)[5]
    tensor = np.ascontiguousarray(shown.transpose(2, 0, 1)[None] / np.float32(255), np.float32)

    wanted = theirs.run(None, {"image": tensor, "style_weights": weights})[0][0]
    ours = StyleNetwork(known.layers, known.preset(5))(shown)

    assert np.abs(ours / 255.0 - wanted.transpose(1, 2, 0)).max() < 0.01
