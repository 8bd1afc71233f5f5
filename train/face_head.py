"""The part of the face network that learns on a CPU, behind traces that are computed once.

Every channel is held against its own mean over the picture, so that camera and codec, which are the
same everywhere in a picture, cancel; what stays is how parts of one picture differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from masquerade.forensics.face_input import SIDE
from masquerade.models.onnx_file import onnx_bytes
from train.face_graph import Graph
from train.face_traces import COARSE, FINE, traces_graph

CELLS: Final = 6
_DROPPED: Final = 0.1


class FaceHead(nn.Module):
    """Traces of N faces to (N, 1, 6, 6) log odds that each part was manipulated.

    Attributes:
        usual: (1, 1, 6, 6) how parts of real faces differ from their mean, which is taken off, so
            that no part is told of for being a forehead. Its own mean is 0.

    Args:
        spread: (176,) and (224,) how far the channels of both traces are from a picture's mean.
    """

    def __init__(self, spread: tuple[Tensor, Tensor]) -> None:
        super().__init__()
        self.register_buffer("fine_spread", spread[0].view(-1, 1, 1))
        self.register_buffer("coarse_spread", spread[1].view(-1, 1, 1))
        self.usual: Tensor
        self.register_buffer("usual", torch.zeros(1, 1, CELLS, CELLS), persistent=False)
        self.fine = nn.Conv2d(FINE[0], 96, 1)
        self.halved = nn.Conv2d(96, 128, 3, 2, 1)
        self.coarse = nn.Conv2d(COARSE[0], 128, 1)
        self.joined = nn.Conv2d(256, 160, 3, 1, 1)
        self.parts = nn.Conv2d(160, 192, 3, 2, 1)
        self.compared = nn.Conv2d(384, 128, 1)
        self.last = nn.Conv2d(128, 1, 1)
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.zeros_(self.last.bias)

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        """Log odds of each part; their mean is that of the face.

        Args:
            fine: (N, 176, 24, 24).
            coarse: (N, 224, 12, 12).
        """
        fine = self._channels_dropped(apart(fine) / self.fine_spread)
        coarse = self._channels_dropped(apart(coarse) / self.coarse_spread)
        fine = self.halved(self.fine(fine).relu()).relu()  # (N, 128, 12, 12)
        both = torch.cat([fine, self.coarse(coarse).relu()], dim=1)
        now = self.parts(self._dropped(self.joined(both).relu())).relu()  # (N, 192, 6, 6)
        whole = now.mean(dim=(2, 3), keepdim=True).expand_as(now)
        now = self.compared(torch.cat([now, whole], dim=1)).relu()
        odds: Tensor = self.last(self._dropped(now))
        return odds - self.usual

    def _dropped(self, now: Tensor) -> Tensor:
        return functional.dropout(now, _DROPPED, self.training)

    def _channels_dropped(self, now: Tensor) -> Tensor:
        return functional.dropout2d(now, _DROPPED, self.training)


def apart(traces: Tensor) -> Tensor:
    """Each channel less its mean over the picture."""
    return traces - traces.mean(dim=(2, 3), keepdim=True)


def onnx_from(head: FaceHead, weights: Mapping[str, Tensor]) -> bytes:
    """The ONNX file of traces and head: (N, 3, 192, 192) in 0 to 255 to (N, 1, 6, 6).

    Args:
        head: Trained.
        weights: Of the card ``image_features``, by name.
    """
    graph, traces = traces_graph(weights)
    state = {name: one.detach().cpu().float().numpy() for name, one in head.state_dict().items()}
    for name in ("fine", "halved", "coarse", "joined", "parts", "compared", "last"):
        graph.constants[f"{name}.w"] = state[f"{name}.weight"]
        graph.constants[f"{name}.b"] = state[f"{name}.bias"]
    for name in ("fine", "coarse"):  # what is divided by there is in the weights here
        graph.constants[f"{name}.w"] = state[f"{name}.weight"] / state[f"{name}_spread"][None]
    graph.constants["usual"] = head.usual.detach().cpu().float().numpy()
    graph.constants["cells"] = np.array([1, 1, CELLS, CELLS], np.int64)
    fine = _relu(graph, _apart(graph, traces.fine), "fine")
    coarse = _relu(graph, _apart(graph, traces.coarse), "coarse")
    fine = _relu(graph, fine, "halved", halves=True)
    both = graph.step("Concat", fine, coarse, values={"axis": 1})
    now = _relu(graph, _relu(graph, both, "joined"), "parts", halves=True)
    whole = graph.step("Expand", graph.step("GlobalAveragePool", now), "cells")
    now = _relu(graph, graph.step("Concat", now, whole, values={"axis": 1}), "compared")
    return onnx_bytes(
        graph.nodes,
        graph.constants,
        source=("pictures", (3, SIDE, SIDE)),
        result=(graph.step("Sub", graph.conv(now, "last"), "usual"), (1, CELLS, CELLS)),
    )


def _apart(graph: Graph, now: str) -> str:
    return graph.step("Sub", now, graph.step("GlobalAveragePool", now))


def _relu(graph: Graph, now: str, name: str, *, halves: bool = False) -> str:
    pads = (1, 1, 1, 1) if halves else None
    return graph.step("Relu", graph.conv(now, name, halves=halves, pads=pads))
