"""The network that tells manipulated faces from real ones, and its ONNX file.

EfficientNet-lite0 up to its last block, as ImageNet taught it, its batch norms folded in. Beside
the colours it sees what is left of them after three high-pass filters (Fridrich and Kodovsky, "Rich
models for steganalysis of digital images", 2012), cut off at a few levels: traces of blending are
small and the content of a picture is large.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from masquerade.forensics.face_input import SIDE
from masquerade.models.onnx_file import onnx_bytes
from train.face_graph import (
    BLOCKS,
    HALVING,
    MEAN,
    MOST_LEVELS,
    STD,
    Graph,
    layers,
    residual_filters,
    room,
)
from train.face_weights import folded

WIDE: Final = 320
CELLS: Final = SIDE // 32
_DROPPED: Final = 0.2


class FaceNet(nn.Module):
    """(N, 3, 192, 192) in 0 to 255 to (N, 1, 6, 6) log odds that each part was manipulated."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("residual", torch.from_numpy(residual_filters()), persistent=False)
        self.convs = nn.ModuleDict()
        for name, wide, before, reach, groups in layers(6):
            self.convs[name] = nn.Conv2d(before, wide, reach, groups=groups)
        self.last = nn.Conv2d(WIDE, 1, 1)

    @classmethod
    def begun(cls, weights: Mapping[str, Tensor]) -> Self:
        """The network as ImageNet taught it; the residuals' part and the last layer are new.

        Args:
            weights: Of the card ``image_features``, by name.
        """
        net = cls()
        with torch.no_grad():
            for name, conv in net.convs.items():
                weight, bias = folded(weights, name)
                if name == "stem":
                    weight = torch.cat([weight, 0.3 * weight], dim=1)
                conv.load_state_dict({"weight": weight, "bias": bias})
            nn.init.normal_(net.last.weight, std=0.01)
            nn.init.constant_(net.last.bias, 0.0)  # type: ignore[arg-type]
        return net

    def forward(self, pictures: Tensor) -> Tensor:
        """Log odds of each part; their mean is that of the face."""
        left = functional.conv2d(
            functional.pad(pictures, (2, 2, 2, 2)), self.get_buffer("residual")
        )
        left = left.clamp(-MOST_LEVELS, MOST_LEVELS) / (MOST_LEVELS / 2)
        colours = (pictures - MEAN) / STD
        now = self._through("stem", torch.cat([colours, left], dim=1), halves=True)  # (N, 32, 96²)
        for number in range(BLOCKS):
            inner, name = now, f"block{number}"
            if f"{name}_widen" in self.convs:
                inner = self._through(f"{name}_widen", inner)
            inner = self._through(f"{name}_look", inner, halves=number in HALVING)
            inner = self.convs[f"{name}_narrow"](inner)
            now = now + inner if now.shape == inner.shape else inner
        odds: Tensor = self.last(functional.dropout(now, _DROPPED, self.training))
        return odds

    def _through(self, name: str, now: Tensor, *, halves: bool = False) -> Tensor:
        conv = self.convs[name]
        assert isinstance(conv, nn.Conv2d)
        before, behind = room(conv.kernel_size[0], halves=halves)
        padding = before if before == behind else 0
        if before != behind:
            now = functional.pad(now, (before, behind, before, behind))
        made = functional.conv2d(
            now, conv.weight, conv.bias, 2 if halves else 1, padding, groups=conv.groups
        )
        return functional.relu6(made, inplace=True)


def onnx_from(net: FaceNet) -> bytes:
    """Its ONNX file: (N, 3, 192, 192) in 0 to 255 to (N, 1, 6, 6)."""
    state = net.state_dict()
    graph = Graph(
        {
            f"{name}.{end[0]}": state[f"{place}.{end}"].detach().cpu().numpy()
            for name, place in ((*((one, f"convs.{one}") for one in net.convs), ("last", "last")))
            for end in ("weight", "bias")
        }
    )
    seen = (graph.colours("pictures"), graph.residuals("pictures"))
    joined = graph.step("Concat", *seen, values={"axis": 1})
    odds = graph.conv(graph.blocks(graph.begun(joined), range(BLOCKS))[-1], "last")
    return onnx_bytes(
        graph.nodes,
        graph.constants,
        source=("pictures", (3, SIDE, SIDE)),
        result=(odds, (1, CELLS, CELLS)),
    )
