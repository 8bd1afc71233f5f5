"""Whether a network that a user brings is what its card says, told from its file alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from masquerade.errors import GivenModelError
from masquerade.models.brought.card import Crop, EmbeddingCard, SwapCard
from masquerade.models.onnx_reader import Dimension, OnnxFile, Value


@dataclass(frozen=True, slots=True)
class Contract:
    """What the file of a swap network leaves open.

    Attributes:
        batched: Whether it takes several faces in one call.
        latent_shape: Of one face's latent; None where the file does not say.
    """

    batched: bool
    latent_shape: tuple[int, ...] | None


def check_swap(card: SwapCard, file: OnnxFile, name: str) -> Contract:
    """Passes when inputs and outputs are those of the card.

    Args:
        card: The card.
        file: What the network's file says of itself.
        name: What messages call it.

    Raises:
        GivenModelError: They are not; the message says which and how.
    """
    _check_names(file.inputs, [card.target.input, card.latent.input], "input", name)
    target = _check_crop(card.target, file, name)
    result = _named(file.outputs, card.result.output, "output", name)
    _check_picture(result, None, card.result.layout, name)
    outputs = [result]
    if card.result.mask:
        outputs.append(_float(_named(file.outputs, card.result.mask, "output", name), name))
    if card.picture is not None:
        latent = _check_crop(card.picture, file, name)
        shape: tuple[int, ...] | None = None
    else:
        latent = _float(_named(file.inputs, card.latent.input, "input", name), name)
        shape = _latent_shape(latent, name)
    free = all(_is_free(value) for value in (target, latent, *outputs))
    return Contract(free, shape)


def check_embedding(card: EmbeddingCard, file: OnnxFile, name: str) -> None:
    """Passes when input and output are those of the card.

    Raises:
        GivenModelError: They are not; the message says which and how.
    """
    _check_names(file.inputs, [card.picture.input], "input", name)
    _check_crop(card.picture, file, name)
    output = _float(_named(file.outputs, card.output, "output", name), name)
    if output.shape is not None:
        sizes = [size for size in output.shape[1:] if isinstance(size, int)]
        if len(output.shape) < 2 or sum(size > 1 for size in sizes) > 1:
            raise _misfit(name, output, "(N, d): one row of numbers for each face")


def _check_names(values: Sequence[Value], wanted: Sequence[str], kind: str, name: str) -> None:
    """Every input is fed: one that the card does not name would be left without a value."""
    for one in wanted:
        _named(values, one, kind, name)
    for value in values:
        if value.name not in wanted:
            raise GivenModelError(
                f"{name} has a further {kind}, {value.words}",
                f"{len(wanted)}, as the card says: {', '.join(wanted)}",
                "networks of this form cannot be used; export it with that one fixed",
            )


def _named(values: Sequence[Value], wanted: str, kind: str, name: str) -> Value:
    for value in values:
        if value.name == wanted:
            return value
    raise GivenModelError(
        f"{name} has no {kind} {wanted!r}",
        "one of " + ", ".join(value.words for value in values),
        "correct the card",
    )


def _check_crop(crop: Crop, file: OnnxFile, name: str) -> Value:
    value = _named(file.inputs, crop.input, "input", name)
    _check_picture(value, crop.size_px, crop.layout, name)
    return value


def _check_picture(
    value: Value, size_px: int | None, layout: Literal["NCHW", "NHWC"], name: str
) -> None:
    _float(value, name)
    if value.shape is None:
        return
    side: Dimension = size_px if size_px is not None else "n"
    due = (3, side, side) if layout == "NCHW" else (side, side, 3)
    fits = len(value.shape) == 4 and all(
        not isinstance(have, int) or not isinstance(want, int) or have == want
        for have, want in zip(value.shape[1:], due, strict=True)
    )
    if not fits or (isinstance(value.shape[0], int) and value.shape[0] != 1):
        raise _misfit(name, value, f"(1 or free, {', '.join(map(str, due))})")


def _float(value: Value, name: str) -> Value:
    if value.dtype == "float32":
        return value
    raise GivenModelError(
        f"{name}: {value.words} is not float32",
        "float32 at every input and output, whatever lies between",
        "export it in float32, or convert it with inputs and outputs kept as they were",
    )


def _latent_shape(value: Value, name: str) -> tuple[int, ...] | None:
    if value.shape is None:
        return None
    rest = tuple(size for size in value.shape[1:] if isinstance(size, int))
    if not value.shape or (isinstance(value.shape[0], int) and value.shape[0] != 1):
        raise _misfit(name, value, "(1 or free, d)")
    if len(rest) < len(value.shape) - 1:
        return None
    if not rest or math.prod(rest) != max(rest):
        raise _misfit(name, value, "(1 or free, d)")
    return rest


def _is_free(value: Value) -> bool:
    return value.shape is None or not isinstance(value.shape[0], int)


def _misfit(name: str, value: Value, due: str) -> GivenModelError:
    return GivenModelError(
        f"{name}: the shape of {value.words} does not fit",
        f"{due}, as the card says",
        "correct size_px or layout in the card, or choose another network",
    )
