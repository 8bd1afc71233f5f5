"""Turns the weights of a trained renderer into an ONNX graph that gives the same answer.

`masquerade.train.body.network` is the same network in PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import GivenModelError
from masquerade.models.conv_graph import ConvGraph
from masquerade.models.onnx_file import onnx_bytes
from masquerade.models.trained.body_shape import GIVEN, HEADS, SLOPE, BodyShape


def tensor_shapes(shape: BodyShape) -> dict[str, tuple[int, ...]]:
    """Every tensor of a renderer's file, by name."""
    found: dict[str, tuple[int, ...]] = {}

    def layer(name: str, out: int, before: int) -> None:
        found[f"{name}.weight"], found[f"{name}.bias"] = (out, before, 3, 3), (out,)

    layer("enter", shape.width, GIVEN)
    for level in range(shape.depth):
        layer(f"down.{level}", shape.channels(level + 1), shape.channels(level))
    for part in ("first", "second"):
        layer(f"middle.{part}", *[shape.channels(shape.depth)] * 2)
        layer(f"end.{part}", *[shape.width] * 2)
    for level in range(shape.depth):
        layer(f"up.{level}", 4 * shape.channels(level), shape.channels(level + 1))
    for name, (channels, _) in HEADS.items():
        layer(f"heads.{name}", 4 * channels, shape.width)
    return found


def onnx_from_body(shape: BodyShape, weights: Mapping[str, NDArray[np.floating]]) -> bytes:
    """The ONNX file of a trained renderer: (N, 10, S, S) in [0, 1] to (N, 7, S, S) float32.

    Args:
        shape: Its sizes.
        weights: Its tensors by name, float32 or float16.

    Raises:
        GivenModelError: A tensor is missing, too many, or of another shape.
    """
    wanted = tensor_shapes(shape)
    wrong = [
        name
        for name in wanted.keys() | weights.keys()
        if name not in wanted or name not in weights or weights[name].shape != wanted[name]
    ]
    if wrong:
        raise GivenModelError(
            f"{len(wrong)} tensors are not those of the network, such as {min(wrong)}",
            "a model as it was trained",
            "use the original file, or train it anew",
        )
    graph = ConvGraph(weights, SLOPE)
    known = [graph.bent(graph.conv("given", "enter", stride=2))]
    for level in range(shape.depth):
        known.append(graph.bent(graph.conv(known[-1], f"down.{level}", stride=2)))
    now = graph.residual(known.pop(), "middle")
    for level in reversed(range(shape.depth)):
        wide = graph.shuffled(graph.conv(now, f"up.{level}"))
        now = graph.bent(graph.step("Add", wide, known.pop()))
    now = graph.residual(now, "end")
    parts = [
        graph.step(bound, graph.shuffled(graph.conv(now, f"heads.{name}")))
        for name, (_, bound) in HEADS.items()
    ]
    said = graph.step("Concat", *parts, values={"axis": 1})
    channels = sum(count for count, _ in HEADS.values())
    return onnx_bytes(
        graph.nodes,
        graph.constants,
        source=("given", (GIVEN, shape.side, shape.side)),
        result=(said, (channels, shape.side, shape.side)),
    )
