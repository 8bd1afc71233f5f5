"""The painting network strip by strip, for pictures too large to go through it whole.

Channels are normalised over the whole picture, so each layer is computed for all strips before the
next: its mean and spread are then those of the picture, and strips leave no trace. What a layer
gives is kept where the picture is half as large by then or smaller; at full size it is computed
once more where the next layer needs it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from masquerade.models.onnx_file import Node, onnx_bytes
from masquerade.models.session import open_onnx
from masquerade.models.style.weights import EPSILON, Layer, Layers, Look
from masquerade.types import RGB

_STRIP_PIXELS: Final = 500_000

Array = NDArray[np.float32]


class _Map(Protocol):
    """What there is after a layer; `size_hw` in pixels."""

    @property
    def size_hw(self) -> tuple[int, int]: ...

    def rows(self, first: int, stop: int) -> Array:
        """(channels, stop - first, width) float32."""
        ...


@dataclass(frozen=True, slots=True)
class _Picture:
    """The picture itself, in [0, 1]."""

    pixels: RGB

    @property
    def size_hw(self) -> tuple[int, int]:
        return self.pixels.shape[0], self.pixels.shape[1]

    def rows(self, first: int, stop: int) -> Array:
        return np.asarray(self.pixels[first:stop].transpose(2, 0, 1) / np.float32(255), np.float32)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a layer gave, kept: (channels, H, W) float32."""

    values: Array

    @property
    def size_hw(self) -> tuple[int, int]:
        return self.values.shape[1], self.values.shape[2]

    def rows(self, first: int, stop: int) -> Array:
        return self.values[:, first:stop]


class _Convolved:
    """What a layer's convolution gives, before it is normalised; computed when asked for."""

    def __init__(self, before: _Map, layer: Layer, device: str, threads: int) -> None:
        self._before, self._layer = before, layer
        height, width = before.size_hw
        self.size_hw = (
            height * layer.grow // layer.stride,
            width * layer.grow // layer.stride,
        )
        self._network = open_onnx("style", _convolution(layer), device=device, threads=threads)

    def rows(self, first: int, stop: int) -> Array:
        layer, reach = self._layer, self._layer.reach
        tall = self._before.size_hw[0] * layer.grow
        start, end = first * layer.stride - reach, (stop - 1) * layer.stride + reach + 1
        inner = self._grown(max(start, 0), min(end, tall))
        edges = ((0, 0), (max(-start, 0), max(end - tall, 0)), (reach, reach))
        padded = np.pad(inner, edges, mode="reflect")
        convolved: Array = self._network.run(None, {"before": padded[None]})[0][0]
        return convolved

    def _grown(self, first: int, stop: int) -> Array:
        """Rows of what came before, as large as this layer sees it."""
        grow = self._layer.grow
        if grow == 1:
            return self._before.rows(first, stop)
        low, high = first // grow, -(-stop // grow)
        grown = self._before.rows(low, high).repeat(grow, axis=1).repeat(grow, axis=2)
        return grown[:, first - low * grow : stop - low * grow]


@dataclass(frozen=True, slots=True)
class _Settled:
    """A layer whose normalisation is known: ``gain`` and ``lift`` are (channels, 1, 1)."""

    convolved: _Convolved
    gain: Array
    lift: Array
    relu: bool

    @property
    def size_hw(self) -> tuple[int, int]:
        return self.convolved.size_hw

    def rows(self, first: int, stop: int) -> Array:
        return self.finished(self.convolved.rows(first, stop))

    def finished(self, values: Array) -> Array:
        """Convolved values, normalised in place."""
        values *= self.gain
        values += self.lift
        return np.maximum(values, 0, out=values) if self.relu else values


def in_strips(
    picture: RGB, layers: Layers, look: Look, *, device: str = "cpu", threads: int = 2
) -> Array:
    """The picture, painted as `masquerade.models.style.network.StyleNetwork` paints it whole.

    Args:
        picture: (H, W, 3) uint8 RGB, sides a multiple of 4.
        layers: Of the network.
        look: The style.
        device: Where it runs.
        threads: On the CPU.

    Returns:
        (3, H, W) float32 in [0, 1].
    """
    styles = zip(look.scales, look.shifts, strict=True)
    full = picture.shape[0]

    def after(before: _Map, layer: Layer) -> _Map:
        style = next(styles) if layer.styled else None
        convolved = _Convolved(before, layer, device, threads)
        if convolved.size_hw[0] < full:
            return _kept(convolved, layer, style)
        return _settled(convolved, layer, style, _blocks(convolved))

    at: _Map = _Picture(picture)
    for layer in layers.shrink:
        at = after(at, layer)
    for first, second in layers.blocks:
        made = after(after(at, first), second)
        for start, stop in _strips(made.size_hw):  # both are kept here, and added in place
            np.add(made.rows(start, stop), at.rows(start, stop), out=made.rows(start, stop))
        at = made
    for layer in layers.grow:
        at = after(at, layer)
    painted = np.empty((3, *at.size_hw), np.float32)
    for start, stop in _strips(at.size_hw):
        painted[:, start:stop] = 1 / (1 + np.exp(-at.rows(start, stop)))
    return painted


def _strips(size_hw: tuple[int, int]) -> Iterator[tuple[int, int]]:
    height, width = size_hw
    tall = max(_STRIP_PIXELS // width, 8)
    for first in range(0, height, tall):
        yield first, min(first + tall, height)


def _blocks(convolved: _Convolved) -> Iterator[Array]:
    for first, stop in _strips(convolved.size_hw):
        yield convolved.rows(first, stop)


def _kept(convolved: _Convolved, layer: Layer, style: tuple[Array, Array] | None) -> _Kept:
    values = np.empty((len(layer.weight), *convolved.size_hw), np.float32)
    for (first, stop), block in zip(_strips(convolved.size_hw), _blocks(convolved), strict=True):
        values[:, first:stop] = block
    return _Kept(_settled(convolved, layer, style, [values]).finished(values))


def _settled(
    convolved: _Convolved,
    layer: Layer,
    style: tuple[Array, Array] | None,
    blocks: Iterator[Array] | list[Array],
) -> _Settled:
    """The layer with mean and spread of each channel over all blocks, if it takes a style."""
    channels = len(layer.weight)
    if style is None:
        one = np.ones((channels, 1, 1), np.float32)
        return _Settled(convolved, one, one * 0, layer.relu)
    total, squares = np.zeros(channels), np.zeros(channels)
    for block in blocks:
        flat = block.reshape(channels, -1)
        total += flat.sum(axis=1, dtype=np.float64)
        squares += np.einsum("cn,cn->c", flat, flat, dtype=np.float64)
    pixels = convolved.size_hw[0] * convolved.size_hw[1]
    mean = total / pixels
    spread = np.sqrt(np.maximum(squares / pixels - mean**2, 0) + EPSILON)
    gain = style[0] / spread
    lift = style[1] - mean * gain
    return _Settled(
        convolved,
        gain.astype(np.float32)[:, None, None],
        lift.astype(np.float32)[:, None, None],
        layer.relu,
    )


def _convolution(layer: Layer) -> bytes:
    into, out = layer.weight.shape[1], layer.weight.shape[0]
    return onnx_bytes(
        [
            Node(
                "Conv",
                ("before", "weight", "bias"),
                "after",
                {"strides": (layer.stride, layer.stride)},
            )
        ],
        {"weight": layer.weight, "bias": layer.bias},
        source=("before", (into, "H", "W")),
        result=("after", (out, "h", "w")),
    )
