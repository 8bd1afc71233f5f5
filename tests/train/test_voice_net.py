from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.sound_report import on_takes  # noqa: E402
from train.sound_takes import Take, held_out  # noqa: E402
from train.voice_net import VoiceNet, learnt, odds_of, onnx_from  # noqa: E402

from masquerade.forensics.voice_traces import TRACES  # noqa: E402
from masquerade.models.session import OrtSession  # noqa: E402


@pytest.fixture(scope="module")
def takes() -> list[Take]:
    """Recordings and copies by two vocoders, of forty people, that differ in a tenth of traces."""
    rng = np.random.default_rng(2)
    made = []
    for number in range(40):
        voice = rng.standard_normal(TRACES)
        for vocoder in ("", "one", "other"):
            traces = voice + rng.standard_normal((4, TRACES))
            traces[:, : TRACES // 10] += 0.6 * bool(vocoder)
            made.append(Take(str(number), "", vocoder, True, traces.astype(np.float32)))
    return made


def test_it_tells_copies_of_people_that_it_never_heard(takes: list[Take]) -> None:
    known, unknown = ([one for one in takes if held_out(one.person) == kind] for kind in (0, 1))
    net = learnt(known, steps=60, seed=0)
    good, fakes, reals = on_takes([net], unknown)
    assert good.auc > 0.9
    assert len(fakes.odds) == 2 * len(reals.odds) == good.fakes
    alone, some, _ = on_takes([net], unknown, vocoder="other")
    assert alone.fakes == len(some.odds) == good.fakes // 2


def test_the_same_seed_learns_the_same(takes: list[Take]) -> None:
    first, again = (learnt(takes, steps=5, seed=3) for _ in range(2))
    np.testing.assert_array_equal(odds_of([first], takes), odds_of([again], takes))


def test_the_mean_of_networks_is_the_same_in_onnx(
    takes: list[Take], tmp_path: Path, rng: np.random.Generator
) -> None:
    nets = [learnt(takes, steps=5, seed=seed) for seed in range(2)]
    place = tmp_path / "net.onnx"
    place.write_bytes(onnx_from(nets, 0.5))
    assert place.stat().st_size < 1_000_000
    windows = (3 * rng.standard_normal((5, TRACES))).astype(np.float32)
    with torch.no_grad():
        wanted = sum(net(torch.from_numpy(windows)).numpy() for net in nets) / 2 - 0.5
    found = OrtSession("net", place, device="cpu", threads=1)(windows)[0]
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_what_lies_far_out_counts_no_more_than_what_was_seen() -> None:
    torch.manual_seed(0)
    net = VoiceNet(torch.zeros(TRACES), torch.ones(TRACES)).eval()
    with torch.no_grad():
        far, further = (net(torch.full((1, TRACES), value)) for value in (10.0, 1e6))
    assert float(far) == float(further)
