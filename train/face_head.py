"""The part of the face network that learns on a CPU, behind traces that are computed once.

The later blocks of EfficientNet-lite0 go on learning, those that see the colours and those that
see the residuals each for themselves; behind them stands a head. There every channel is held
against its own mean over the picture, so that camera and codec, which are the same everywhere in a
picture, cancel; what stays is how parts of one picture differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from masquerade.forensics.face_input import SIDE
from masquerade.models.onnx_file import onnx_bytes
from train.face_graph import Graph
from train.face_late import FINE_OF, LATE, LateBlocks
from train.face_traces import EARLY, POOLED, early, early_weights

CELLS: Final = 6
FINE: Final = 2 * EARLY[0]
COARSE: Final = 2 * 112
_WAYS: Final = ("colours_", "residuals_")
_CONVS: Final = ("fine", "halved", "coarse", "joined", "parts", "compared", "last")
_DROPPED: Final = 0.1


class Told(NamedTuple):
    """What is said of N faces.

    Attributes:
        parts: (N, 1, 6, 6) log odds of each part; their mean is that of the face.
        touched: (N, 1, 12, 12) log odds that each smaller part was touched; used in training only.
    """

    parts: Tensor
    touched: Tensor


class FaceLate(nn.Module):
    """Traces of N faces, (N, 176, 24, 24), to what is said of them.

    Attributes:
        usual: (1, 1, 6, 6) how parts of real faces differ from their mean, which is taken off, so
            that no part is told of for being a forehead. Its own mean is 0.

    Args:
        weights: Of the card ``image_features``, by name; chance if not given.
    """

    def __init__(self, weights: Mapping[str, Tensor] | None = None) -> None:
        super().__init__()
        self.late = nn.ModuleList(
            LateBlocks() if weights is None else LateBlocks.begun(weights) for _ in _WAYS
        )
        self.fine_spread: Tensor
        self.coarse_spread: Tensor
        self.usual: Tensor
        self.register_buffer("fine_spread", torch.ones(FINE, 1, 1))
        self.register_buffer("coarse_spread", torch.ones(COARSE, 1, 1))
        self.register_buffer("usual", torch.zeros(1, 1, CELLS, CELLS), persistent=False)
        self.fine = nn.Conv2d(FINE, 96, 1)
        self.halved = nn.Conv2d(96, 128, 3, 2, 1)
        self.coarse = nn.Conv2d(COARSE, 128, 1)
        self.joined = nn.Conv2d(256, 160, 3, 1, 1)
        self.parts = nn.Conv2d(160, 192, 3, 2, 1)
        self.compared = nn.Conv2d(384, 128, 1)
        self.last = nn.Conv2d(128, 1, 1)
        self.touched = nn.Conv2d(160, 1, 1)
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.constant_(self.last.bias, 0.0)  # type: ignore[arg-type]

    def seen(self, traces: Tensor) -> tuple[Tensor, Tensor]:
        """(N, 176, 24, 24) and (N, 224, 12, 12) what the head looks at."""
        fine, coarse = [], []
        for way, blocks in zip(traces.chunk(len(_WAYS), dim=1), self.late, strict=True):
            ordered = way[:, POOLED:].contiguous(memory_format=torch.channels_last)
            now, last = blocks(ordered)
            fine += [way[:, :POOLED], now.to(way.dtype)]
            coarse.append(last)
        return torch.cat(fine, dim=1), torch.cat(coarse, dim=1)

    def forward(self, traces: Tensor) -> Told:
        """What is said of faces.

        Args:
            traces: (N, 176, 24, 24), as `train.face_traces` gives them.
        """
        fine, coarse = self.seen(traces)
        fine = self._channels_dropped(apart(fine) / self.fine_spread)
        coarse = self._channels_dropped(apart(coarse) / self.coarse_spread)
        fine = self.halved(self.fine(fine).relu()).relu()  # (N, 128, 12, 12)
        both = torch.cat([fine, self.coarse(coarse).relu()], dim=1)
        joined = self.joined(both).relu()
        now = self.parts(self._dropped(joined)).relu()  # (N, 192, 6, 6)
        whole = now.mean(dim=(2, 3), keepdim=True).expand_as(now)
        now = self.compared(torch.cat([now, whole], dim=1)).relu()
        odds: Tensor = self.last(self._dropped(now))
        return Told(odds - self.usual, self.touched(joined))

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """All that learns, by its names in the graph; what is divided by lies in the weights."""
        found: dict[str, NDArray[np.float32]] = {}
        for way, blocks in zip(_WAYS, self.late, strict=True):
            assert isinstance(blocks, LateBlocks)
            found |= {f"{way}{name}": one for name, one in blocks.named_arrays().items()}
        state = {
            name: one.detach().cpu().float().numpy() for name, one in self.state_dict().items()
        }
        for name in _CONVS:
            found[f"{name}.w"], found[f"{name}.b"] = state[f"{name}.weight"], state[f"{name}.bias"]
        for name in ("fine", "coarse"):
            found[f"{name}.w"] = found[f"{name}.w"] / state[f"{name}_spread"][None]
        return found

    def take_over(self, arrays: Mapping[str, NDArray[np.float32]]) -> None:
        """Go on from the weights of a network of this signal, as far as it has them.

        The spreads must be set before: what is divided by them lies in those weights.

        Args:
            arrays: By their names in the graph, with or without the network's own name before.
        """
        mine = {name.removeprefix("net0_"): torch.from_numpy(one) for name, one in arrays.items()}
        spreads = {"fine": self.fine_spread, "coarse": self.coarse_spread}
        state = {}
        for name in _CONVS:
            weight = mine[f"{name}.w"]
            if name in spreads:
                weight = weight * spreads[name][None]
            state[f"{name}.weight"], state[f"{name}.bias"] = weight, mine[f"{name}.b"]
        for number, way in enumerate(_WAYS):
            for name in self.late[number].state_dict():
                place, _, end = name.removeprefix("mixing.").replace(".", "_").rpartition("_")
                one = mine.get(f"{way}{place}.{end[0]}")
                if one is not None:
                    state[f"late.{number}.{name}"] = one
        missing = self.load_state_dict(state, strict=False)
        if missing.unexpected_keys:
            raise ValueError(f"weights of another network: {missing.unexpected_keys}")

    def _dropped(self, now: Tensor) -> Tensor:
        return functional.dropout(now, _DROPPED, self.training)

    def _channels_dropped(self, now: Tensor) -> Tensor:
        return functional.dropout2d(now, _DROPPED, self.training)


def mean_of(nets: Sequence[FaceLate]) -> FaceLate:
    """The network whose weights are the mean of several that went on from the same one.

    What is usual of it is for `train.face_learnt.usual` to find.

    Wortsman et al., "Model soups" (2022): as fast as one of them, and mostly better.

    Args:
        nets: At least one, of the same spreads.
    """
    found = FaceLate()
    states = [net.state_dict() for net in nets]
    found.load_state_dict(
        {name: torch.stack([one[name] for one in states]).mean(dim=0) for name in states[0]}
    )
    return found.eval()


def apart(traces: Tensor) -> Tensor:
    """Each channel less its mean over the picture."""
    return traces - traces.mean(dim=(2, 3), keepdim=True)


def onnx_from(nets: Sequence[FaceLate], weights: Mapping[str, Tensor]) -> bytes:
    """The ONNX file of one network, or of the mean of several: (N, 3, 192, 192) in 0 to 255 to
    (N, 1, 6, 6).

    Args:
        nets: Trained.
        weights: Of the card ``image_features``, by name.
    """
    graph = Graph(early_weights(weights))
    graph.constants["cells"] = np.array([1, 1, CELLS, CELLS], np.int64)
    views = (graph.colours("pictures"), graph.residuals("pictures"))
    seen = [early(graph, one) for one in views]
    told = [_told(graph, net, f"net{number}_", seen) for number, net in enumerate(nets)]
    mean = told[0]
    for one in told[1:]:
        mean = graph.step("Add", mean, one)
    if len(told) > 1:
        mean = graph.step("Div", mean, graph.number("nets", float(len(told))))
    return onnx_bytes(
        graph.nodes,
        graph.constants,
        source=("pictures", (3, SIDE, SIDE)),
        result=(mean, (1, CELLS, CELLS)),
    )


def _told(graph: Graph, net: FaceLate, of: str, seen: Sequence[tuple[str, str]]) -> str:
    """The odds of one network."""
    graph.constants |= {f"{of}{name}": one for name, one in net.arrays().items()}
    graph.constants[f"{of}usual"] = net.usual.detach().cpu().float().numpy()
    fine, coarse = [], []
    for way, (pooled, block) in zip(_WAYS, seen, strict=True):
        blocks = graph.blocks(block, LATE, of=f"{of}{way}")
        fine += [pooled, blocks[LATE.index(FINE_OF)]]
        coarse.append(blocks[-1])
    now = _apart(graph, graph.step("Concat", *fine, values={"axis": 1}))
    now = _relu(graph, _relu(graph, now, f"{of}fine"), f"{of}halved", halves=True)
    other = _apart(graph, graph.step("Concat", *coarse, values={"axis": 1}))
    both = graph.step("Concat", now, _relu(graph, other, f"{of}coarse"), values={"axis": 1})
    now = _relu(graph, _relu(graph, both, f"{of}joined"), f"{of}parts", halves=True)
    whole = graph.step("Expand", graph.step("GlobalAveragePool", now), "cells")
    now = graph.step("Concat", now, whole, values={"axis": 1})
    odds = graph.conv(_relu(graph, now, f"{of}compared"), f"{of}last")
    return graph.step("Sub", odds, f"{of}usual")


def _apart(graph: Graph, now: str) -> str:
    return graph.step("Sub", now, graph.step("GlobalAveragePool", now))


def _relu(graph: Graph, now: str, name: str, *, halves: bool = False) -> str:
    pads = (1, 1, 1, 1) if halves else None
    return graph.step("Relu", graph.conv(now, name, halves=halves, pads=pads))
