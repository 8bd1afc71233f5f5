"""A base: a swap network trained on many people, to go on from. It shows nobody.

The file is safetensors. Each weight of two axes or more is kept as int8 with one float16 scale for
each output channel, under the weight's name and that name with ``.scale``; biases are float16. A
quarter of the size of float32, and what it draws differs by less than one grey value.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from masquerade.errors import GivenModelError
from masquerade.models.own_weights import own_card, own_path
from masquerade.models.tensor_file import read_tensors
from masquerade.models.trained.swap_graph import tensor_shapes
from masquerade.models.trained.swap_shape import SwapShape

BASE_KEY: Final = "masquerade.base"
"""Where the network's sizes lie in the file's words."""
FORM_KEY: Final = "masquerade.base.form"
"""Where the form of the weights and of the map is named; those before saw faces on another map."""
INT8: Final = "int8 2"
SCALE: Final = ".scale"
SHIPPED: Final = {"tiny": "swap_base_tiny"}
"""The bases that ship in `masquerade.models.own`, by preset."""
_MOST: Final = 127


def read_base(path: Path) -> tuple[SwapShape, dict[str, NDArray[Any]]]:
    """Sizes and weights of a base.

    Args:
        path: A file made by ``python -m train.swap_base``.

    Returns:
        The weights by name, float32.

    Raises:
        GivenModelError: The file holds none, is of another form, or is damaged.
    """
    tensors, words = read_tensors(path)
    try:
        shape = SwapShape.model_validate_json(words.get(BASE_KEY, ""))
    except ValidationError as error:
        raise GivenModelError(
            f"{path.name} holds no base to go on from",
            "a trained swap, or a base made by `python -m train.swap_base`",
        ) from error
    form = words.get(FORM_KEY, "")
    if form != INT8:
        raise GivenModelError(
            f"{path.name} is a base of the form {form!r}",
            f"{INT8!r}, which this version reads",
            "use the Masquerade that wrote it, or a newer one",
        )
    return shape, _unpacked(path, tensors, shape)


def is_base(path: Path) -> bool:
    """Whether a file says that it is a base.

    Raises:
        GivenModelError: It is no safetensors file, or is damaged.
    """
    return BASE_KEY in read_tensors(path)[1]


def shipped_base(preset: str) -> Path | None:
    """The base that ships for a preset, its bytes those that its card names; None: none ships.

    Raises:
        GivenModelError: The file is not the one that its card names.
    """
    name = SHIPPED.get(preset)
    if name is None or own_card(name) is None:
        return None
    return own_path(name)


def packed(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The tensors of a base's file.

    Args:
        weights: Of the network by name, finite, an output channel to each row.
    """
    found: dict[str, NDArray[Any]] = {}
    for name, one in weights.items():
        if one.ndim < 2:
            found[name] = one.astype(np.float16)
            continue
        rows = np.asarray(one, np.float32).reshape(len(one), -1)
        wanted = np.abs(rows).max(axis=1) / np.float32(_MOST)
        scale = np.nextafter(wanted.astype(np.float16), np.float16(np.inf))
        steps = np.rint(rows / scale.astype(np.float32)[:, None]).clip(-_MOST, _MOST)
        found[name] = steps.astype(np.int8).reshape(one.shape)
        found[name + SCALE] = scale
    return found


def words_of(shape: SwapShape) -> dict[str, str]:
    """The words in the header of a base's file."""
    return {BASE_KEY: shape.model_dump_json(), FORM_KEY: INT8}


def check_weights(path: Path, weights: Mapping[str, NDArray[Any]], shape: SwapShape) -> None:
    """Passes when the tensors are those of the network, by name, shape and kind.

    Raises:
        GivenModelError: One is missing, or another is there.
    """
    wanted = tensor_shapes(shape)
    wrong = [
        name
        for name in wanted.keys() | weights.keys()
        if name not in wanted
        or name not in weights
        or weights[name].shape != wanted[name]
        or weights[name].dtype.kind != "f"
    ]
    if wrong:
        raise GivenModelError(
            f"{len(wrong)} tensors of {path.name} are not those of its network, such as"
            f" {min(wrong)}",
            "a model as it was trained",
            "use the original file, or train it anew",
        )


def _unpacked(
    path: Path, tensors: Mapping[str, NDArray[Any]], shape: SwapShape
) -> dict[str, NDArray[Any]]:
    """(...) float32 each the weights that `packed` was given, nearly.

    Raises:
        GivenModelError: A tensor is missing, too many, or of another shape, kind or range.
    """
    wanted = tensor_shapes(shape)
    scaled = {name + SCALE: size[:1] for name, size in wanted.items() if len(size) > 1}
    kinds = {name: "i1" if len(size) > 1 else "f2" for name, size in wanted.items()}
    kinds |= dict.fromkeys(scaled, "f2")
    wrong = [
        name
        for name in kinds.keys() | tensors.keys()
        if name not in kinds
        or name not in tensors
        or tensors[name].shape != (wanted | scaled)[name]
        or tensors[name].dtype != np.dtype(kinds[name])
        or not np.isfinite(tensors[name]).all()
        or (name in scaled and (tensors[name] <= 0).any())
    ]
    if wrong:
        raise GivenModelError(
            f"{len(wrong)} tensors of {path.name} are not those of its network, such as"
            f" {min(wrong)}",
            "a base as it was written",
            "use the original file, or install Masquerade again",
        )
    found: dict[str, NDArray[Any]] = {}
    for name, size in wanted.items():
        found[name] = tensors[name].astype(np.float32)
        if len(size) > 1:
            scale = tensors[name + SCALE].astype(np.float32)
            found[name] *= scale.reshape(-1, *[1] * (len(size) - 1))
    return found
