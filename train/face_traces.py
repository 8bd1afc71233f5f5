"""What a network that knows images sees of a face, before anything is learnt about forgeries.

EfficientNet-lite0 as ImageNet taught it (the card `image_features`) looks at the colours and, a
second time, at what high-pass filters leave of them. Its first blocks carry texture and the traces
of blending. Nothing here learns, so that a face needs to be looked at once only, however long the
later blocks and the head (`train.face_late`, `train.face_head`) are trained on what was seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from masquerade.forensics.face_input import SIDE
from masquerade.models.onnx_file import onnx_bytes
from train.face_graph import Graph, layers
from train.face_weights import folded

POOLED: Final = 2 * 24
"""Channels of block 2 in patches of 2 x 2: the mean, and the logarithm of the variance."""
EARLY: Final = (POOLED + 40, 24)
"""Channels and side of what is seen one way: those, and block 3."""
TRACES: Final = 2 * EARLY[0] * EARLY[1] ** 2
_FIRST, _LAST = 2, 3
_LEAST: Final = 1e-3


def early_weights(weights: Mapping[str, Tensor]) -> dict[str, NDArray[np.float32]]:
    """The weights of `early` by name.

    Args:
        weights: Of the card ``image_features``, by name.
    """
    taken: dict[str, NDArray[np.float32]] = {}
    for name, *_ in layers():
        if name == "stem" or int(name[5:].partition("_")[0]) <= _LAST:
            weight, bias = folded(weights, name)
            taken |= {f"{name}.w": weight.numpy(), f"{name}.b": bias.numpy()}
    return taken


def early(graph: Graph, seen: str) -> tuple[str, str]:
    """Names in a graph: (N, 48, 24, 24) pooled, and (N, 40, 24, 24) of block 3.

    Args:
        graph: With `early_weights`.
        seen: Colours or residuals.
    """
    blocks = graph.blocks(graph.begun(seen), range(_LAST + 1))
    pooled = graph.step("Concat", *_pooled(graph, blocks[_FIRST]), values={"axis": 1})
    return pooled, blocks[_LAST]


def traces_onnx(weights: Mapping[str, Tensor]) -> bytes:
    """The ONNX file of both, colours and then residuals, flattened, for a bank."""
    graph = Graph(early_weights(weights))
    seen = (graph.colours("pictures"), graph.residuals("pictures"))
    both = [name for one in seen for name in early(graph, one)]
    flat = graph.step("Flatten", graph.step("Concat", *both, values={"axis": 1}))
    return onnx_bytes(
        graph.nodes,
        graph.constants,
        source=("pictures", (3, SIDE, SIDE)),
        result=(flat, (TRACES,)),
    )


def _pooled(graph: Graph, now: str) -> tuple[str, str]:
    """Mean and logarithm of the variance in patches of 2 x 2."""
    lists = {"kernel_shape": (2, 2), "strides": (2, 2)}
    mean = graph.step("AveragePool", now, lists=lists)
    squares = graph.step("AveragePool", graph.step("Mul", now, now), lists=lists)
    spread = graph.step("Relu", graph.step("Sub", squares, graph.step("Mul", mean, mean)))
    return mean, graph.step("Log", graph.step("Add", spread, graph.number("least", _LEAST)))
