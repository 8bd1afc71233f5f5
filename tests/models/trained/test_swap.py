from pathlib import Path

import numpy as np
import pytest
from tests.models.tiny_swap import SHAPE, description, portraits, weights, write_swap

from masquerade.errors import ModelError
from masquerade.models.trained.swap import KEY, PICTURES, TrainedSwap, read_swap
from masquerade.models.trained.swap_graph import onnx_from_swap, tensor_shapes


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_swap(tmp_path / "ab.safetensors")


def test_a_model_draws_each_face_as_if_it_were_alone(model: Path) -> None:
    network = TrainedSwap.open(model)
    faces = list(read_swap(model).pictures)

    together = network(faces)

    assert [one.shape for one, _ in together] == [(32, 32, 3)] * 2
    for face, (pixels, mask) in zip(faces, together, strict=True):
        ((alone, its_mask),) = network([face])
        assert np.array_equal(pixels, alone)
        np.testing.assert_allclose(mask, its_mask, atol=1e-6)
        assert 0.9 < mask.mean() <= 1


def test_weights_in_half_precision_draw_nearly_the_same(model: Path, tmp_path: Path) -> None:
    halved = {name: one.astype(np.float16) for name, one in weights().items()}
    other = write_swap(tmp_path / "half.safetensors", halved)
    faces = list(read_swap(model).pictures)

    one, two = TrainedSwap.open(model)(faces), TrainedSwap.open(other)(faces)

    apart = [np.abs(a.astype(int) - b).max() for (a, _), (b, _) in zip(one, two, strict=True)]
    assert max(apart) <= 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: b"", "no safetensors file"),
        (lambda data: b"\xff" * 100, "no safetensors file"),
        (lambda data: data[:-7], "no safetensors file"),
        (lambda data: data[:40], "no safetensors file"),
        (lambda data: data.replace(b"F32", b"F99"), "no safetensors file"),
    ],
)
def test_a_damaged_file_is_told_as_that(model: Path, spoil, said: str) -> None:
    model.write_bytes(spoil(model.read_bytes()))
    with pytest.raises(ModelError, match=said):
        read_swap(model)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_swap(tmp_path / "none.safetensors")


def test_other_weights_hold_no_trained_swap(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no trained swap"):
        read_swap(write_swap(tmp_path / "x.safetensors", words={"kind": "else"}))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (description(format="masquerade trained swap 1"), "layout"),
        (description(shape=SHAPE.model_dump() | {"side": 64}), "lacks"),
        (description(shape={"side": 7}), "cannot be used"),
        ("{", "cannot be used"),
    ],
)
def test_a_model_of_another_layout_is_refused(tmp_path: Path, words: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        read_swap(write_swap(tmp_path / "x.safetensors", words={KEY: words}))


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"encoder.convs.0.bias": np.zeros(5, np.float32)}, "encoder.convs.0.bias"),
        ({"one.more": np.zeros(5, np.float32)}, "one.more"),
        ({"encoder.convs.0.bias": np.zeros(4, np.int64)}, "encoder.convs.0.bias"),
        ({PICTURES: np.zeros((2, 32, 32, 4), np.uint8)}, "lacks the source's pictures"),
        ({PICTURES: portraits(32, 99)[PICTURES]}, "lacks the source's pictures"),
    ],
)
def test_tensors_of_another_network_are_refused(tmp_path: Path, tensors, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        read_swap(write_swap(tmp_path / "x.safetensors", tensors))


def test_numbers_that_are_none_are_told(tmp_path: Path) -> None:
    broken = {"decoder.mask.2.bias": np.full(4, np.nan, np.float32)}
    network = TrainedSwap.open(write_swap(tmp_path / "x.safetensors", broken))
    with pytest.raises(ModelError, match="numbers that are none"):
        network([np.zeros((32, 32, 3), np.uint8)])


def test_a_graph_wants_every_tensor_in_its_shape() -> None:
    held = weights()
    held.pop("encoder.convs.3.weight")
    with pytest.raises(ModelError, match=r"encoder\.convs\.3\.weight is nothing"):
        onnx_from_swap(SHAPE, held)


@pytest.mark.parametrize("finer", [1, 2])
def test_the_graph_gives_what_the_network_gives_in_pytorch(finer: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")
    from masquerade.models.session import open_onnx
    from masquerade.train.swap.network import SwapNetwork

    shape = SHAPE.model_copy(update={"finer": finer})
    network = SwapNetwork(shape)
    held = {name: one.numpy() for name, one in network.state_dict().items()}
    assert {name: one.shape for name, one in held.items()} == tensor_shapes(shape)
    given = np.random.default_rng(3).random((3, 3, 32, 32), np.float32)

    data = onnx_from_swap(shape, held)
    (made,) = open_onnx("tiny", data, device="cpu", threads=1).run(None, {"pictures": given})
    with torch.no_grad():
        drawn = network.swapped(torch.from_numpy(given))

    assert made.shape == (3, 4, 32 * finer, 32 * finer)
    np.testing.assert_allclose(made[:, :3], drawn.pixels.numpy(), atol=1e-5)
    np.testing.assert_allclose(made[:, 3:], drawn.mask.numpy(), atol=1e-5)
