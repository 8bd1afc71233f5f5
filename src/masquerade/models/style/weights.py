"""The weights of the two painting networks, read out of their files as plain arrays.

Both are the network of Ghiasi, Lee, Kudlur, Dumoulin and Shlens, "Exploring the structure of a
real-time, arbitrary neural artistic stylization network" (BMVC 2017): convolutions whose channels
are normalised over the picture, then scaled and shifted by what the style says. As they come, one
takes squares of 384 pixels alone, in eight bits, and the other has its styles inside. Read as
arrays, one network of ours runs both, at any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.onnx_reader import OnnxFile, read_onnx
from masquerade.models.store import Progress, locate

ANY: Final = "style_any"
PRESETS: Final = "style_presets"
_ANY_BLOCKS: Final = 5
_PRESET_BLOCKS: Final = 6
EPSILON: Final = 1e-5
"""Added to the variance of a channel before it is divided by."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """One convolution, and what comes before and after it.

    Attributes:
        weight: (out, in, k, k) float32.
        bias: (out,) float32.
        stride: Of the convolution.
        grow: By how much the picture is enlarged before it.
        styled: Whether its channels are normalised, scaled and shifted by the style.
        relu: Whether what is below zero is cut off after that.
    """

    weight: Array
    bias: Array
    stride: int = 1
    grow: int = 1
    styled: bool = True
    relu: bool = True

    @property
    def reach(self) -> int:
        """Pixels the kernel reaches to each side."""
        return int(self.weight.shape[2]) // 2


@dataclass(frozen=True, slots=True)
class Layers:
    """A painting network: layers that shrink, pairs that add to what they get, layers that grow.

    Attributes:
        shrink: At the sizes 1, 1/2 and 1/4.
        blocks: Pairs at the size 1/4; what the second gives is added to what the first was given.
        grow: Back to the sizes 1/2 and 1, and to colours before the sigmoid.
    """

    shrink: tuple[Layer, ...]
    blocks: tuple[tuple[Layer, Layer], ...]
    grow: tuple[Layer, ...]

    @property
    def styled(self) -> tuple[Layer, ...]:
        """Those that take a style, in order."""
        inner = (layer for pair in self.blocks for layer in pair)
        return tuple(one for one in (*self.shrink, *inner, *self.grow) if one.styled)


@dataclass(frozen=True, slots=True)
class Look:
    """A style as a network takes it: for each styled layer, in order, (channels,) float32 each."""

    scales: tuple[Array, ...]
    shifts: tuple[Array, ...]


def mixed(looks: list[Look], weights: list[float]) -> Look:
    """The style between several.

    Args:
        looks: Of one network, at least one.
        weights: How much of each, not all zero.
    """
    shares = np.asarray(weights, np.float32) / np.float32(sum(weights))

    def between(parts: list[Array]) -> Array:
        return np.asarray(np.tensordot(shares, np.stack(parts), axes=1), np.float32)

    layers = range(len(looks[0].scales))
    return Look(
        tuple(between([one.scales[n] for one in looks]) for n in layers),
        tuple(between([one.shifts[n] for one in looks]) for n in layers),
    )


@dataclass(frozen=True, slots=True)
class StyleWeights:
    """One of the two networks.

    Attributes:
        layers: What paints.
        scales: For each styled layer (styles, channels): of each preset, or, for a style that is
            described by numbers, of each number; the last row is then added to their sum.
        shifts: Likewise.
    """

    layers: Layers
    scales: tuple[Array, ...]
    shifts: tuple[Array, ...]

    def preset(self, number: int) -> Look:
        """The look of a preset, counted from 0."""
        return Look(
            tuple(one[number] for one in self.scales), tuple(one[number] for one in self.shifts)
        )

    def described(self, numbers: Array) -> Look:
        """The look of a style picture.

        Args:
            numbers: (100,) float32, from `masquerade.models.style.reader.StyleReader`.
        """
        full = np.append(numbers, np.float32(1))
        return Look(
            tuple(full @ one for one in self.scales), tuple(full @ one for one in self.shifts)
        )


def any_style(*, progress: Progress | None = None) -> StyleWeights:
    """The network that paints in the style of any picture.

    Raises:
        ModelError: Its file cannot be had, or is another than is known.
    """
    file = _opened(ANY, progress)
    names = _any_names()

    def layer(name: str, **more: int | bool) -> Layer:
        place = f"transformer/{name}"
        weight = file.dequantised(f"{place}/weights")
        known = f"{place}/Conv2D_bias" in file.constants
        bias = (
            file.dequantised(f"{place}/Conv2D_bias") if known else np.zeros(len(weight), np.float32)
        )
        return Layer(weight, bias, **more)  # type: ignore[arg-type]

    layers = Layers(
        tuple(layer(f"contract/conv{n}", stride=min(n, 2), styled=False) for n in (1, 2, 3)),
        tuple(
            (layer(f"residual/residual{n}/conv1"), layer(f"residual/residual{n}/conv2", relu=False))
            for n in range(1, _ANY_BLOCKS + 1)
        ),
        (
            layer("expand/conv1/conv", grow=2),
            layer("expand/conv2/conv", grow=2),
            layer("expand/conv3/conv", relu=False),
        ),
    )
    scales = tuple(
        _table(file, f"style_params/transformer/{name}/StyleNorm/Conv_1") for name in names
    )
    shifts = tuple(
        _table(file, f"style_params/transformer/{name}/StyleNorm/Conv") for name in names
    )
    return StyleWeights(layers, scales, shifts)


def preset_styles(*, progress: Progress | None = None) -> StyleWeights:
    """The network that knows 26 styles.

    Raises:
        ModelError: Its file cannot be had, or is another than is known.
    """
    file = _opened(PRESETS, progress)

    def layer(name: str, **more: int | bool) -> Layer:
        weight = _array(file, f"{name}.w")
        return Layer(weight, np.zeros(len(weight), np.float32), **more)  # type: ignore[arg-type]

    layers = Layers(
        tuple(layer(f"contract.{n}", stride=min(n + 1, 2)) for n in range(3)),
        tuple(
            (layer(f"res.{n}.0"), layer(f"res.{n}.1", relu=False)) for n in range(_PRESET_BLOCKS)
        ),
        (layer("expand.0", grow=2), layer("expand.1", grow=2), layer("expand.2", relu=False)),
    )
    places = (
        *(f"contract.{n}" for n in range(3)),
        *(f"res.{n}.{k}" for n in range(_PRESET_BLOCKS) for k in range(2)),
        *(f"expand.{n}" for n in range(3)),
    )
    return StyleWeights(
        layers,
        tuple(_array(file, f"{place}.norm.gamma") for place in places),
        tuple(_array(file, f"{place}.norm.beta") for place in places),
    )


def _opened(name: str, progress: Progress | None) -> OnnxFile:
    return read_onnx(locate(name, progress=progress).read_bytes(), name=name)


def _any_names() -> tuple[str, ...]:
    inner = (f"residual/residual{n}/conv{k}" for n in range(1, _ANY_BLOCKS + 1) for k in (1, 2))
    return (*inner, *(f"expand/conv{n}/conv" for n in (1, 2, 3)))


def _table(file: OnnxFile, place: str) -> Array:
    """(101, channels): what each number of a style adds, and what is added in any case."""
    weight = file.dequantised(f"{place}/weights")[:, :, 0, 0]
    return np.concatenate([weight.T, file.dequantised(f"{place}/Conv2D_bias")[None]])


def _array(file: OnnxFile, name: str) -> Array:
    if name not in file.constants:
        raise ModelError(
            f"no tensor is named {name!r}", "the file its card names", "fetch it again"
        )
    return file.constants[name].array()
