from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.face_bank import Bank, Some  # noqa: E402
from train.face_graph import layers, residual_filters  # noqa: E402
from train.face_head import FaceLate, Told, mean_of  # noqa: E402
from train.face_head import onnx_from as late_onnx  # noqa: E402
from train.face_late import _Looked  # noqa: E402
from train.face_learnt import learnt, lost, scores  # noqa: E402
from train.face_net import FaceNet  # noqa: E402
from train.face_net import onnx_from as face_onnx  # noqa: E402
from train.face_seen import PARTS  # noqa: E402
from train.face_traces import EARLY, TRACES, traces_onnx  # noqa: E402
from train.measured import quality  # noqa: E402

from masquerade.forensics.face_input import SIDE  # noqa: E402
from masquerade.models.session import OrtSession  # noqa: E402
from train import face_learnt  # noqa: E402

PAIRS = 12


def session(data: bytes, tmp_path: Path) -> OrtSession:
    place = tmp_path / "net.onnx"
    place.write_bytes(data)
    return OrtSession("net", place, device="cpu", threads=1)


def test_the_face_network_is_the_same_in_onnx(tmp_path: Path, rng: np.random.Generator) -> None:
    torch.manual_seed(1)
    net = FaceNet().eval()
    data = face_onnx(net)
    assert len(data) <= 15_000_000
    pictures = rng.uniform(0, 255, (2, 3, SIDE, SIDE)).astype(np.float32)
    with torch.no_grad():
        wanted = net(torch.from_numpy(pictures)).numpy()
    found = session(data, tmp_path)(pictures)[0]
    assert found.shape == wanted.shape == (2, 1, 6, 6)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.weights
def test_traces_and_what_learns_are_one_network_in_onnx(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    from masquerade.train.image_features import stored

    torch.manual_seed(1)
    net = changed(FaceLate(stored()))
    data = late_onnx([net], stored())
    assert len(data) <= 15_000_000
    pictures = rng.uniform(0, 255, (2, 3, SIDE, SIDE)).astype(np.float32)
    flat = torch.from_numpy(session(traces_onnx(stored()), tmp_path)(pictures)[0])
    with torch.no_grad():
        wanted = net(flat.reshape(-1, 2 * EARLY[0], EARLY[1], EARLY[1])).parts.numpy()
    found = session(data, tmp_path)(pictures)[0]
    assert found.shape == wanted.shape == (2, 1, 6, 6)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def changed(net: FaceLate) -> FaceLate:
    """As if it had learnt something."""
    torch.nn.init.normal_(net.last.weight)
    for spread in (net.fine_spread, net.coarse_spread):
        spread.uniform_(0.5, 1.5)
    net.usual = torch.randn(1, 1, 6, 6)
    return net.eval()


def test_a_network_goes_on_from_the_weights_of_another() -> None:
    torch.manual_seed(2)
    one, other = changed(FaceLate()), FaceLate().eval()
    traces = torch.randn(2, 2 * EARLY[0], EARLY[1], EARLY[1])
    other.late.load_state_dict(one.late.state_dict())  # what does not learn is ImageNet's
    other.take_over({f"net0_{name}": array for name, array in one.arrays().items()})
    with torch.no_grad():
        wanted = one(traces).parts + one.usual
        np.testing.assert_allclose(other(traces).parts, wanted, atol=1e-4)


def test_the_mean_of_networks_has_the_mean_of_their_weights() -> None:
    torch.manual_seed(3)
    one, other = FaceLate(), FaceLate()
    found = mean_of([one, other]).state_dict()
    for name, weight in one.state_dict().items():
        torch.testing.assert_close(found[name], (weight + other.state_dict()[name]) / 2)


@pytest.mark.parametrize(("halves", "reach", "side"), [(False, 5, 9), (True, 3, 8)])
def test_slopes_pass_a_convolution_whose_weights_stay(halves: bool, reach: int, side: int) -> None:
    torch.manual_seed(0)
    now = torch.randn(2, 4, side, side, requires_grad=True)
    weight, bias = torch.randn(4, 1, reach, reach), torch.randn(4)
    found = _Looked.apply(now, weight, bias, halves)
    pads, stride = ((0, 1, 0, 1), 2) if halves else ((reach // 2,) * 4, 1)
    padded = torch.nn.functional.pad(now, pads)
    wanted = torch.nn.functional.conv2d(padded, weight, bias, stride, groups=4)
    slope = torch.randn_like(wanted)
    torch.testing.assert_close(found, wanted)
    slopes = [torch.autograd.grad(one, now, slope)[0] for one in (found, wanted)]
    torch.testing.assert_close(*slopes)


@pytest.fixture
def marked(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bank]:
    """A bank in which one channel of the manipulated differs between parts of the picture."""
    monkeypatch.setattr(face_learnt, "PAIRS", 3)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows = rng.standard_normal((PAIRS, 2, TRACES + PARTS**2 + 1)).astype(np.float16)
    rows[..., TRACES:] = 0
    rows[..., -1] = 1
    shape = (PAIRS, 2 * EARLY[0], EARLY[1], EARLY[1])
    rows[:, 1, :TRACES].reshape(shape)[:, 5, 8:16, 8:16] += 6
    rows[:, 1, TRACES:-1] = np.pad(np.ones((4, 4)), 4).ravel()
    np.save(tmp_path / "piece.npy", rows)
    yield Bank([tmp_path / "piece.npy"])
    torch.set_num_threads(threads)


def test_a_network_learns_what_parts_of_a_picture_tell_of_others(
    marked: Bank, tmp_path: Path
) -> None:
    net = learnt(marked, marked, tmp_path / "net.pt", None, passes=8, seed=0)
    real, fake = scores(net, marked).T
    assert (fake > real).mean() > 0.95


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(
    marked: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scores(learnt(marked, marked, tmp_path / "a.pt", None, passes=2, seed=3), marked)
    kept = face_learnt._keep

    def stopped(*given) -> None:
        kept(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(face_learnt, "_keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        learnt(marked, marked, tmp_path / "b.pt", None, passes=2, seed=3)
    monkeypatch.setattr(face_learnt, "_keep", kept)
    again = scores(learnt(marked, marked, tmp_path / "b.pt", None, passes=2, seed=3), marked)
    np.testing.assert_array_equal(whole, again)


@pytest.mark.parametrize("told", [True, False])
def test_of_a_pair_that_is_only_compared_the_level_is_not_told(told: bool) -> None:
    parts = torch.zeros(2, 1, 6, 6, requires_grad=True)
    where = torch.zeros(2, 1, PARTS, PARTS)
    with torch.no_grad():
        parts += 3.0  # both look manipulated
    some = Some(torch.zeros(2, 1), where, torch.tensor([told]))
    lost(lambda traces: Told(parts, where), some).backward()
    real, fake = parts.grad.mean(dim=(1, 2, 3)).tolist()
    assert real > 0 > fake or told
    assert (real + fake == pytest.approx(0, abs=1e-6)) is not told


def test_residuals_of_plain_areas_are_none() -> None:
    assert np.abs(residual_filters().sum(axis=(2, 3))).max() < 1e-5


@pytest.mark.weights
def test_the_face_network_begins_as_imagenet_taught_it() -> None:
    from masquerade.train.image_features import stored

    net = FaceNet.begun(stored())
    assert len(net.convs) == len(layers(6))
    with torch.no_grad():
        odds = net.eval()(torch.full((1, 3, SIDE, SIDE), 90.0))
    assert torch.isfinite(odds).all()


def test_quality_of_known_scores() -> None:
    apart = quality([3.0, 4.0, 5.0], [0.0, 1.0, 2.0])
    assert (apart.auc, apart.eer, apart.tpr_at_1) == (1.0, 0.0, 1.0)
    same = quality([0.0, 1.0] * 20, [0.0, 1.0] * 20)
    assert same.auc == pytest.approx(0.5)
    assert same.low < 0.5 < same.high
    with pytest.raises(ValueError, match="0 fakes"):
        quality([], [1.0])
