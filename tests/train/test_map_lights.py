"""Lights on the map: the same for the same seed, colours only, and as bright as before."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.map_lights import relit  # noqa: E402

SIDE = 64


@pytest.fixture(scope="module")
def pictures() -> "torch.Tensor":
    rng = np.random.default_rng(1)
    return torch.from_numpy(rng.integers(90, 130, (40, 5, SIDE, SIDE), dtype=np.uint8))


def test_the_same_seed_gives_the_same_light(pictures: "torch.Tensor") -> None:
    assert torch.equal(relit(pictures, 5), relit(pictures, 5))
    assert not torch.equal(relit(pictures, 5), relit(pictures, 6))


def test_mask_and_features_are_not_touched_nor_is_what_was_given(pictures: "torch.Tensor") -> None:
    before = pictures.clone()

    made = relit(pictures, 5)

    assert torch.equal(made[:, 3:], before[:, 3:])
    assert torch.equal(pictures, before)


def test_some_pictures_keep_their_light_and_the_others_change_smoothly(
    pictures: "torch.Tensor",
) -> None:
    factor = relit(pictures, 5)[:, :3].float() / pictures[:, :3].float()
    middle = factor[..., 16:48, 16:48]
    changed = (factor != 1).flatten(1).any(dim=1)

    assert 20 <= int(changed.sum()) < 40
    assert float((middle[..., 1:] - middle[..., :-1]).abs().mean()) < 0.03
    assert float(middle.amax()) > 1.15
    assert abs(float(middle.mean()) - 1) < 0.08
