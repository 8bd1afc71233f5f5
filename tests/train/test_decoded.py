import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.decoded import SR, Decoder, Latents  # noqa: E402

HOP = 256


class Echo:
    """A generator that gives a tone as long as its latents."""

    def run(self, _: None, given: dict[str, np.ndarray]) -> list[np.ndarray]:
        (latents,) = given.values()
        times = np.arange(latents.shape[2] * HOP)
        return [np.sin(0.1 * times).astype(np.float32)[None, None]]


@pytest.mark.parametrize("seconds", [0.5, 1.7])
def test_a_copy_is_as_long_and_as_loud(seconds: float, rng: np.random.Generator) -> None:
    torch.manual_seed(0)
    spread = np.ones(8, np.float32)
    decoder = Decoder(Echo(), Latents(8).eval(), spread, ())  # type: ignore[arg-type]
    samples = (0.2 * rng.standard_normal(int(seconds * SR))).astype(np.float32)
    copy = decoder(samples, np.random.default_rng(1))
    assert copy.shape == samples.shape
    assert np.abs(copy).max() == pytest.approx(float(np.abs(samples).max()), rel=0.05)
    np.testing.assert_array_equal(copy, decoder(samples, np.random.default_rng(1)))
