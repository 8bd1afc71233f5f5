"""Paints pictures of any size in a style."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.onnx_file import Node, onnx_bytes
from masquerade.models.session import open_onnx
from masquerade.models.style.strips import in_strips
from masquerade.models.style.weights import EPSILON, Layer, Layers, Look
from masquerade.types import RGB

LEAST_SIDE: Final = 16
WHOLE_PIXELS: Final = 4_000_000
"""Larger pictures are painted in strips."""
_MULTIPLE: Final = 4  # sides are made a multiple of this, by mirroring, and cut afterwards


class StyleNetwork:
    """One network with one look.

    Args:
        layers: Of `masquerade.models.style.weights`.
        look: Of the same network.
        device: As `masquerade.models.session.open_session` takes it.
        threads: Threads it may use on the CPU.
    """

    def __init__(
        self, layers: Layers, look: Look, *, device: str = "cpu", threads: int = 2
    ) -> None:
        self._layers, self._look, self._device, self._threads = layers, look, device, threads
        graph = _Graph(look).bytes(layers)
        self._network = open_onnx("style", graph, device=device, threads=threads)

    def __call__(self, picture: RGB, *, whole_pixels: int = WHOLE_PIXELS) -> RGB:
        """The picture, painted.

        Args:
            picture: (H, W, 3) uint8 RGB, at least `LEAST_SIDE` pixels each way.
            whole_pixels: Pictures of more pixels are painted in strips; the result is the same.

        Returns:
            uint8 RGB of the same size.
        """
        height, width = picture.shape[:2]
        more = ((0, -height % _MULTIPLE), (0, -width % _MULTIPLE), (0, 0))
        even = np.pad(picture, more, mode="reflect")
        if height * width > whole_pixels:
            painted = in_strips(
                even, self._layers, self._look, device=self._device, threads=self._threads
            )
        else:
            tensor = np.ascontiguousarray(even.transpose(2, 0, 1)[None], np.float32)
            tensor /= 255
            painted = self._network.run(None, {"picture": tensor})[0][0]
        colours = np.rint(painted[:, :height, :width] * 255).astype(np.uint8)
        return np.ascontiguousarray(colours.transpose(1, 2, 0))


class _Graph:
    """The network as ONNX, built layer by layer."""

    def __init__(self, look: Look) -> None:
        self._nodes: list[Node] = []
        self._constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {}
        self._styles = zip(look.scales, look.shifts, strict=True)

    def bytes(self, layers: Layers) -> bytes:
        """All of it: ``picture`` (1, 3, H, W) in, ``painted`` of the same shape out."""
        at = "picture"
        for layer in layers.shrink:
            at = self._layer(at, layer)
        for first, second in layers.blocks:
            at = self._add("Add", at, self._layer(self._layer(at, first), second))
        for layer in layers.grow:
            at = self._layer(at, layer)
        self._nodes.append(Node("Sigmoid", (at,), "painted"))
        size: tuple[int | str, ...] = (3, "H", "W")
        return onnx_bytes(
            self._nodes, self._constants, source=("picture", size), result=("painted", size)
        )

    def _layer(self, at: str, layer: Layer) -> str:
        if layer.grow > 1:
            sizes = self._fixed(np.array([1, 1, layer.grow, layer.grow], np.float32))
            at = self._add(
                "Resize",
                at,
                "",
                sizes,
                mode="nearest",
                coordinate_transformation_mode="asymmetric",
                nearest_mode="floor",
            )
        edge = self._fixed(np.array([0, 0, *[layer.reach] * 2] * 2, np.int64))
        at = self._add("Pad", at, edge, mode="reflect")
        weight, bias = self._fixed(layer.weight), self._fixed(layer.bias)
        at = self._add("Conv", at, weight, bias, strides=(layer.stride, layer.stride))
        if layer.styled:
            scale, shift = (self._fixed(values) for values in next(self._styles))
            at = self._add("InstanceNormalization", at, scale, shift, epsilon=EPSILON)
        return self._add("Relu", at) if layer.relu else at

    def _fixed(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        name = f"c{len(self._constants)}"
        self._constants[name] = values
        return name

    def _add(self, operator: str, *inputs: str, **how: str | float | tuple[int, ...]) -> str:
        name = f"n{len(self._nodes)}"
        lists = {key: value for key, value in how.items() if isinstance(value, tuple)}
        values = {key: value for key, value in how.items() if not isinstance(value, tuple)}
        self._nodes.append(Node(operator, inputs, name, lists, values))
        return name
