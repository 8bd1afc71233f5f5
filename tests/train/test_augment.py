import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from masquerade.train.augment import Amounts, Draws, changed, plain  # noqa: E402

STILL = Amounts(turn_deg=0, scale=0, shift=0, flip=0)


@pytest.fixture
def pictures() -> torch.Tensor:
    chance = torch.Generator().manual_seed(4)
    made = torch.randint(40, 200, (4, 5, 8, 8), generator=chance, dtype=torch.uint8)
    return made.repeat_interleave(4, 2).repeat_interleave(4, 3)


def test_a_pictures_draws_do_not_hang_on_its_batch(pictures: torch.Tensor) -> None:
    whole, _ = changed(pictures, Draws.of([5, 6, 7, 8], Amounts()), bend=True)
    part, _ = changed(pictures[2:], Draws.of([7, 8], Amounts()), bend=True)

    assert torch.allclose(whole[2:], part, atol=1e-6)


def test_other_seeds_change_pictures_otherwise(pictures: torch.Tensor) -> None:
    one, _ = changed(pictures, Draws.of([1, 2, 3, 4], Amounts()), bend=True)
    other, _ = changed(pictures, Draws.of([5, 6, 7, 8], Amounts()), bend=True)

    assert (one - other).abs().mean() > 0.01


def test_unbent_pictures_are_what_is_to_come_out(pictures: torch.Tensor) -> None:
    given, truth = changed(pictures, Draws.of(range(4), Amounts()), bend=False)

    assert torch.equal(given, truth.pixels)
    assert given.min() >= 0
    assert given.max() <= 1


def test_bent_pictures_keep_their_edge_and_what_is_to_come_out(pictures: torch.Tensor) -> None:
    draws = Draws.of(range(4), STILL)
    bent, truth = changed(pictures, draws, bend=True)
    _, unbent = changed(pictures, draws, bend=False)

    assert torch.equal(truth.pixels, unbent.pixels)
    assert (bent - truth.pixels)[:, :, 8:-8, 8:-8].abs().mean() > 0.005
    assert (bent - truth.pixels)[:, :, 0].abs().max() < 0.1


def test_mask_and_features_move_with_the_face_and_take_no_light(pictures: torch.Tensor) -> None:
    pictures[:, 3] = pictures[:, 4] = pictures[:, 0]
    _, truth = changed(pictures, Draws.of(range(4), Amounts()), bend=True)
    still, _ = plain(pictures)

    assert torch.allclose(truth.mask, truth.features)
    assert (truth.mask[:, 0] - still[:, 0]).abs().mean() > 0.01


@pytest.mark.parametrize(("flip", "mirrored"), [(0.0, False), (1.0, True)])
def test_flips_mirror(pictures: torch.Tensor, flip: float, mirrored: bool) -> None:
    amounts = Amounts(turn_deg=0, scale=0, shift=0, flip=flip)
    _, truth = changed(pictures, Draws.of(range(4), amounts), bend=False)
    wanted = pictures[:, 3:4].float() / 255

    assert torch.allclose(truth.mask, wanted.flip(3) if mirrored else wanted, atol=1e-5)


@pytest.mark.parametrize("bend", [True, False])
def test_a_network_that_draws_finer_looks_at_averages(pictures: torch.Tensor, bend: bool) -> None:
    draws = Draws.of(range(4), Amounts())
    whole, truth = changed(pictures, draws, bend=bend)
    half, same = changed(pictures, draws, bend=bend, finer=2)
    seen, _ = plain(pictures, finer=2)

    assert half.shape == (4, 3, 16, 16)
    assert torch.equal(truth.pixels, same.pixels)
    assert torch.allclose(half[..., 3, 5], whole[..., 6:8, 10:12].mean(dim=(2, 3)), atol=1e-6)
    assert torch.allclose(seen[..., 0, 0], pictures[:, :3, 0, 0].float() / 255)
