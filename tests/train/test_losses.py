import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from masquerade.train.losses import Truth, drawing_loss, dssim, windows  # noqa: E402
from masquerade.train.swap.network import Drawn  # noqa: E402


def pictures(seed: int, count: int = 2, side: int = 32) -> torch.Tensor:
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("side", "sizes"), [(32, (3,)), (64, (5,)), (128, (11,)), (256, (22, 11))])
def test_windows_grow_with_the_picture_and_two_count_from_256_on(side: int, sizes) -> None:
    assert windows(side) == sizes


def test_alike_pictures_are_not_apart_and_others_are() -> None:
    one, other = pictures(1), pictures(2)
    assert dssim(one, one, 5).item() == pytest.approx(0, abs=1e-6)
    assert 0.2 < dssim(one, other, 5).item() < 0.6
    assert dssim(one, 1 - one, 5) > dssim(one, 0.7 * one + 0.3 * other, 5) > 0


def test_structure_is_that_of_the_paper() -> None:
    one, other, size = pictures(1, 1), pictures(2, 1), 5
    places = torch.arange(size) - 2.0
    line = torch.exp(-places.square() / (2 * 1.5**2))
    window = (line[:, None] * line / line.sum() ** 2).expand(3, 1, size, size)

    def mean(values: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.conv2d(values, window, groups=3)

    a, b = mean(one), mean(other)
    spread_a, spread_b = mean(one**2) - a**2, mean(other**2) - b**2
    cross = mean(one * other) - a * b
    ssim = (2 * a * b + 1e-4) * (2 * cross + 9e-4)
    ssim /= (a**2 + b**2 + 1e-4) * (spread_a + spread_b + 9e-4)

    assert dssim(one, other, size).item() == pytest.approx(((1 - ssim) / 2).mean().item(), abs=1e-5)


def test_pixels_beyond_the_mask_do_not_count_and_features_count_most() -> None:
    real, mask = pictures(1), torch.zeros(2, 1, 32, 32)
    mask[:, :, 8:24, 8:24] = 1
    features = torch.zeros_like(mask)
    features[:, :, 10:14, 10:14] = 1
    truth = Truth(real, mask, features)

    def loss(y: int, x: int) -> float:
        drawn = real.clone()
        drawn[:, :, y : y + 2, x : x + 2] = 1 - drawn[:, :, y : y + 2, x : x + 2]
        return drawing_loss(Drawn(drawn, mask), truth).item()

    assert loss(0, 0) == pytest.approx(0, abs=1e-5)
    assert loss(11, 11) > 2 * loss(19, 19) > 0
