"""What a network that knows images sees of a face, before anything is learnt about forgeries.

EfficientNet-lite0 as ImageNet taught it (the card `image_features`) looks at the colours and, a
second time, at what high-pass filters leave of them. Its early blocks carry texture and the traces
of blending; the last ones, which carry what is shown, are left out. Nothing here learns, so that a
face needs to be looked at once only, however long a head is trained on what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from torch import Tensor

from masquerade.forensics.face_input import SIDE
from masquerade.models.onnx_file import onnx_bytes
from train.face_graph import Graph, layers
from train.face_weights import folded

FINE: Final = (2 * (24 + 24 + 40), 24)
"""Channels and side: of block 2 in patches of 2 x 2 the mean and the logarithm of the variance,
and block 4; of the colours, then of the residuals."""
COARSE: Final = (2 * 112, 12)
"""Channels and side of block 10."""
TRACES: Final = FINE[0] * FINE[1] ** 2 + COARSE[0] * COARSE[1] ** 2
_FIRST, _FINE, _COARSE = 2, 4, 10
_LEAST: Final = 1e-3


class Traces(NamedTuple):
    """Names in a graph: (N, 176, 24, 24) and (N, 224, 12, 12)."""

    fine: str
    coarse: str


def traces_graph(weights: Mapping[str, Tensor]) -> tuple[Graph, Traces]:
    """The graph from ``pictures``, (N, 3, 192, 192) in 0 to 255, to the traces.

    Args:
        weights: Of the card ``image_features``, by name.
    """
    taken = {}
    for name, *_ in layers():
        if name == "stem" or int(name[5:].partition("_")[0]) <= _COARSE:
            weight, bias = folded(weights, name)
            taken |= {f"{name}.w": weight.numpy(), f"{name}.b": bias.numpy()}
    graph = Graph(taken)
    fine, coarse = [], []
    for seen in (graph.colours("pictures"), graph.residuals("pictures")):
        blocks = graph.blocks(seen, _COARSE + 1)
        fine += [*_pooled(graph, blocks[_FIRST]), blocks[_FINE]]
        coarse.append(blocks[_COARSE])
    joined = [graph.step("Concat", *some, values={"axis": 1}) for some in (fine, coarse)]
    return graph, Traces(*joined)


def traces_onnx(weights: Mapping[str, Tensor]) -> bytes:
    """The ONNX file of that graph, both traces flattened and side by side, for a bank."""
    graph, names = traces_graph(weights)
    flat = [graph.step("Flatten", name) for name in names]
    return onnx_bytes(
        graph.nodes,
        graph.constants,
        source=("pictures", (3, SIDE, SIDE)),
        result=(graph.step("Concat", *flat, values={"axis": 1}), (TRACES,)),
    )


def _pooled(graph: Graph, now: str) -> tuple[str, str]:
    """Mean and logarithm of the variance in patches of 2 x 2."""
    lists = {"kernel_shape": (2, 2), "strides": (2, 2)}
    mean = graph.step("AveragePool", now, lists=lists)
    squares = graph.step("AveragePool", graph.step("Mul", now, now), lists=lists)
    spread = graph.step("Relu", graph.step("Sub", squares, graph.step("Mul", mean, mean)))
    return mean, graph.step("Log", graph.step("Add", spread, graph.number("least", _LEAST)))
