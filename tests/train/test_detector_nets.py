from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.face_bank import Bank  # noqa: E402
from train.face_graph import layers, residual_filters  # noqa: E402
from train.face_head import FaceHead  # noqa: E402
from train.face_head import onnx_from as head_onnx  # noqa: E402
from train.face_learnt import learnt, scores  # noqa: E402
from train.face_net import FaceNet  # noqa: E402
from train.face_net import onnx_from as face_onnx  # noqa: E402
from train.face_traces import COARSE, FINE, TRACES, traces_onnx  # noqa: E402
from train.measured import quality  # noqa: E402
from train.sound_net import SoundNet  # noqa: E402
from train.sound_net import onnx_from as sound_onnx  # noqa: E402

from masquerade.forensics.canonical_sound import BANDS, FRAMES  # noqa: E402
from masquerade.forensics.face_input import SIDE  # noqa: E402
from masquerade.models.session import OrtSession  # noqa: E402
from train import face_learnt  # noqa: E402

PAIRS = 48


def session(data: bytes, tmp_path: Path) -> OrtSession:
    place = tmp_path / "net.onnx"
    place.write_bytes(data)
    return OrtSession("net", place, device="cpu", threads=1)


def test_the_sound_network_is_the_same_in_onnx(tmp_path: Path, rng: np.random.Generator) -> None:
    torch.manual_seed(1)
    net = SoundNet()
    for layer in net.layers:
        torch.nn.init.uniform_(layer[1].running_mean, -0.5, 0.5)
        torch.nn.init.uniform_(layer[1].running_var, 0.5, 2)
    data = sound_onnx(net.eval())
    assert len(data) <= 2_000_000
    windows = rng.standard_normal((3, 1, BANDS, FRAMES)).astype(np.float32)
    with torch.no_grad():
        wanted = net(torch.from_numpy(windows)).numpy()
    found = session(data, tmp_path)(windows)[0]
    assert found.shape == wanted.shape == (3, 1, 1, FRAMES // 8)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


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
def test_traces_and_head_are_one_network_in_onnx(tmp_path: Path, rng: np.random.Generator) -> None:
    from masquerade.train.image_features import stored

    torch.manual_seed(1)
    head = FaceHead((torch.rand(FINE[0]) + 0.5, torch.rand(COARSE[0]) + 0.5)).eval()
    torch.nn.init.normal_(head.last.weight)
    head.usual = torch.randn(1, 1, 6, 6)
    data = head_onnx(head, stored())
    assert len(data) <= 15_000_000
    pictures = rng.uniform(0, 255, (2, 3, SIDE, SIDE)).astype(np.float32)
    flat = torch.from_numpy(session(traces_onnx(stored()), tmp_path)(pictures)[0])
    cut = FINE[0] * FINE[1] ** 2
    fine = flat[:, :cut].reshape(-1, FINE[0], FINE[1], FINE[1])
    coarse = flat[:, cut:].reshape(-1, COARSE[0], COARSE[1], COARSE[1])
    with torch.no_grad():
        wanted = head(fine, coarse).numpy()
    found = session(data, tmp_path)(pictures)[0]
    assert found.shape == wanted.shape == (2, 1, 6, 6)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.fixture
def marked(tmp_path: Path, rng: np.random.Generator) -> Bank:
    """A bank in which one channel of the manipulated differs between parts of the picture."""
    rows = rng.standard_normal((PAIRS, 2, TRACES)).astype(np.float16)
    fine = rows[:, 1, : FINE[0] * FINE[1] ** 2].reshape(PAIRS, FINE[0], FINE[1], FINE[1])
    fine[:, 5, 8:16, 8:16] += 6
    np.save(tmp_path / "piece.npy", rows)
    return Bank([tmp_path / "piece.npy"])


def test_a_head_learns_what_parts_of_a_picture_tell_of_others(marked: Bank, tmp_path: Path) -> None:
    head = learnt(marked, marked, tmp_path / "head.pt", passes=4, seed=0)
    real, fake = scores(head, marked).T
    assert (fake > real).mean() > 0.95


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(
    marked: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scores(learnt(marked, marked, tmp_path / "a.pt", passes=2, seed=3), marked)
    kept = face_learnt._keep

    def stopped(*given) -> None:
        kept(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(face_learnt, "_keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        learnt(marked, marked, tmp_path / "b.pt", passes=2, seed=3)
    monkeypatch.setattr(face_learnt, "_keep", kept)
    again = scores(learnt(marked, marked, tmp_path / "b.pt", passes=2, seed=3), marked)
    np.testing.assert_array_equal(whole, again)


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
