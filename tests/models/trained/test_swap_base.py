"""A base keeps its weights in eight bits; what is not such a file is refused in words."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.models.tiny_swap import SHAPE, weights, write_swap

from masquerade.errors import ModelError
from masquerade.models.trained.swap_base import (
    FORM_KEY,
    SCALE,
    SHIPPED,
    is_base,
    packed,
    read_base,
    shipped_base,
    words_of,
)

numpy_files = pytest.importorskip("safetensors.numpy", reason="safetensors is missing")
Tensors = Mapping[str, NDArray[np.generic]]


def write(path: Path, tensors: Tensors | None = None, **words: str) -> Path:
    held = packed(weights()) if tensors is None else dict(tensors)
    numpy_files.save_file(held, path, metadata=words_of(SHAPE) | words)
    return path


def test_weights_come_back_within_half_a_step_of_their_channel(tmp_path: Path) -> None:
    shape, found = read_base(write(tmp_path / "base.safetensors"))

    assert shape == SHAPE
    for name, one in weights().items():
        rows = one.reshape(len(one), -1)
        step = np.abs(rows).max(axis=1, keepdims=True) / 126
        if one.ndim == 1:
            step = np.abs(rows) * 1e-3
        apart = np.abs(found[name].reshape(rows.shape) - rows)
        assert (apart <= 0.5 * step + 1e-6).all(), name


def test_a_channel_of_zeros_stays_one() -> None:
    found = packed({"a.weight": np.zeros((2, 3), np.float32)})

    assert not found["a.weight"].any()
    assert (found["a.weight" + SCALE] > 0).all()


def test_a_base_tells_itself_from_a_model(tmp_path: Path) -> None:
    assert is_base(write(tmp_path / "base.safetensors"))
    assert not is_base(write_swap(tmp_path / "model.safetensors"))
    with pytest.raises(ModelError, match="holds no base"):
        read_base(tmp_path / "model.safetensors")


def changed(name: str, value: NDArray[np.generic] | None) -> Tensors:
    held = packed(weights())
    if value is None:
        return {key: one for key, one in held.items() if key != name}
    return held | {name: value}


LAYER = "encoder.convs.0.weight"


@pytest.mark.parametrize(
    "tensors",
    [
        changed(LAYER, None),
        changed(LAYER + SCALE, None),
        changed("encoder.convs.0.bias" + SCALE, np.ones(4, np.float16)),
        changed("one.more", np.ones(4, np.float16)),
        changed(LAYER, np.zeros((4, 3, 5, 4), np.int8)),
        changed(LAYER, np.zeros((4, 3, 5, 5), np.float16)),
        changed(LAYER + SCALE, np.ones(4, np.float32)),
        changed(LAYER + SCALE, np.ones(5, np.float16)),
        changed(LAYER + SCALE, np.zeros(4, np.float16)),
        changed(LAYER + SCALE, np.full(4, np.nan, np.float16)),
        changed("encoder.convs.0.bias", np.full(4, np.inf, np.float16)),
    ],
)
def test_tensors_that_are_not_those_of_the_network_are_refused(
    tmp_path: Path, tensors: Tensors
) -> None:
    with pytest.raises(ModelError, match="not those of its network"):
        read_base(write(tmp_path / "base.safetensors", tensors))


@pytest.mark.parametrize("form", ["int4 1", "int8 1", ""])
def test_another_form_is_refused_by_name(tmp_path: Path, form: str) -> None:
    with pytest.raises(ModelError, match=f"the form '{form}'"):
        read_base(write(tmp_path / "base.safetensors", **{FORM_KEY: form}))


def test_a_torn_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "base.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ModelError):
        read_base(path)


def test_no_base_ships_for_a_preset_that_has_none() -> None:
    assert shipped_base("large") is None


@pytest.mark.parametrize("preset", SHIPPED)
def test_what_ships_is_small_and_fits_its_preset(preset: str) -> None:
    path = shipped_base(preset)
    assert path is not None
    assert path.stat().st_size <= 15_000_000
    shape, found = read_base(path)
    assert (shape.side, shape.drawn) == (64, 128)
    assert all(np.isfinite(one).all() for one in found.values())
