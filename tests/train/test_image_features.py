import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from masquerade.errors import ModelError  # noqa: E402
from masquerade.train.image_features import ImageFeatures  # noqa: E402
from masquerade.train.losses import Truth  # noqa: E402
from masquerade.train.swap.network import Drawn  # noqa: E402

CPU = torch.device("cpu")


def test_weights_of_another_network_are_told() -> None:
    with pytest.raises(ModelError, match="lack"):
        ImageFeatures({"conv": torch.zeros(3)}, CPU)


@pytest.mark.weights
def test_blurred_pictures_are_further_apart_the_more_they_are_blurred() -> None:
    features = ImageFeatures.open(CPU)
    real = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    real = real.repeat_interleave(4, 2).repeat_interleave(4, 3)
    whole = torch.ones(2, 1, 64, 64)

    def apart(size: int) -> float:
        blurred = torch.nn.functional.avg_pool2d(real, size, 1, size // 2)
        return features.apart(Drawn(blurred, whole), Truth(real, whole, whole)).item()

    assert apart(1) == pytest.approx(0, abs=1e-5)
    assert 0.01 < apart(3) < apart(7)


@pytest.mark.weights
def test_only_what_lies_under_the_mask_counts() -> None:
    features = ImageFeatures.open(CPU)
    real, nothing = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)

    assert features.apart(Drawn(1 - real, nothing), Truth(real, nothing, nothing)).item() == 0
