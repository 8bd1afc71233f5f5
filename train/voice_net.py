"""The network that tells copied voices from recorded ones by their traces, and its ONNX file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from masquerade.forensics.voice_traces import TRACES
from masquerade.models.onnx_file import Node, onnx_bytes
from train.sound_takes import Take

Floats = NDArray[np.float32]

_WIDE: Final = 48
_DROPPED: Final = (0.3, 0.5)  # of the traces, of what is made of them
_RATE: Final = 1e-3
_DECAY: Final = 0.1
_BATCH: Final = 256
_FAR: Final = 4.0  # spreads from the middle: what lies further out counts as this
_STEPS: Final = (
    ("Sub", ("middle",)),
    ("Mul", ("scale",)),
    ("Clip", ()),
    ("MatMul", ("first",)),
    ("Add", ("bias",)),
    ("Relu", ()),
    ("MatMul", ("last",)),
    ("Add", ("end",)),
)
_SURE: Final = 0.97  # the odds wanted of a copy: none is more than that


class VoiceNet(nn.Module):
    """(N, TRACES) to (N, 1) log odds that a window was copied.

    Args:
        middle: (TRACES,) mean of what is learnt from.
        spread: (TRACES,) its standard deviation.
    """

    def __init__(self, middle: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.middle = nn.Parameter(middle, requires_grad=False)
        self.spread = nn.Parameter(spread, requires_grad=False)
        self.first = nn.Linear(TRACES, _WIDE)
        self.last = nn.Linear(_WIDE, 1)
        self.drops = nn.ModuleList(nn.Dropout(share) for share in _DROPPED)

    def forward(self, traces: Tensor) -> Tensor:
        """Log odds."""
        even = ((traces - self.middle) / self.spread).clamp(-_FAR, _FAR)
        made = self.drops[1](functional.relu(self.first(self.drops[0](even))))
        odds: Tensor = self.last(made)
        return odds


def learnt(takes: Sequence[Take], *, steps: int, seed: int) -> VoiceNet:
    """A network taught on takes, recordings and copies weighing the same, and all vocoders too.

    Args:
        takes: Of both kinds.
        steps: Of teaching.
        seed: Of weights, order and what is dropped.
    """
    torch.manual_seed(seed)
    windows = torch.from_numpy(np.concatenate([take.traces for take in takes]))
    kinds = [take.vocoder for take in takes for _ in take.traces]
    copied = torch.tensor([float(bool(kind)) for kind in kinds])
    share = _shares(kinds)
    net = VoiceNet(windows.mean(dim=0), windows.std(dim=0) + 1e-3)
    chosen = torch.optim.AdamW(net.parameters(), lr=_RATE, weight_decay=_DECAY)
    rates = torch.optim.lr_scheduler.OneCycleLR(chosen, 3 * _RATE, total_steps=steps + 1)
    for _ in range(steps):
        some = torch.multinomial(share, _BATCH, replacement=True)
        wanted = copied[some] * (2 * _SURE - 1) + (1 - _SURE)
        loss = functional.binary_cross_entropy_with_logits(net(windows[some])[:, 0], wanted)
        chosen.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        chosen.step()
        rates.step()
    return net.eval()


def odds_of(nets: Sequence[VoiceNet], takes: Sequence[Take]) -> NDArray[np.float64]:
    """(n,) mean log odds of each take, by the mean of the networks."""
    with torch.no_grad():
        windows = torch.from_numpy(np.concatenate([take.traces for take in takes]))
        odds = torch.stack([net(windows)[:, 0] for net in nets]).mean(dim=0).numpy()
    ends = np.cumsum([len(take.traces) for take in takes])
    return np.array([part.mean() for part in np.split(odds, ends[:-1])], np.float64)


def onnx_from(nets: Sequence[VoiceNet], level: float) -> bytes:
    """The ONNX file of the mean of networks.

    Args:
        nets: Taught with other seeds.
        level: Log odds that the file gives as 0.
    """
    nodes: list[Node] = []
    held: dict[str, Floats | NDArray[np.int64]] = {
        "level": np.array([level], np.float32),
        "count": np.array([1 / len(nets)], np.float32),
        "low": np.array(-_FAR, np.float32),
        "high": np.array(_FAR, np.float32),
    }
    total = ""
    for number, net in enumerate(nets):
        held |= _weights(net, number)
        now = "traces"
        for place, (operator, names) in enumerate(_STEPS):
            inputs = (now, *(f"{name}{number}" for name in names))
            if operator == "Clip":
                inputs = (now, "low", "high")
            now = f"n{number}.{place}"
            nodes.append(Node(operator, inputs, now))
        if total:
            nodes.append(Node("Add", (total, now), f"sum{number}"))
        total = f"sum{number}" if total else now
    nodes.append(Node("Mul", (total, "count"), "mean"))
    nodes.append(Node("Sub", ("mean", "level"), "odds"))
    return onnx_bytes(nodes, held, source=("traces", (TRACES,)), result=("odds", (1,)))


def _weights(net: VoiceNet, number: int) -> dict[str, Floats]:
    found = {
        "middle": net.middle,
        "scale": 1 / net.spread,
        "first": net.first.weight.T,
        "bias": net.first.bias,
        "last": net.last.weight.T,
        "end": net.last.bias,
    }
    return {
        f"{name}{number}": np.ascontiguousarray(value.detach().numpy(), np.float32)
        for name, value in found.items()
    }


def _shares(kinds: Sequence[str]) -> Tensor:
    """(n,) how often each window is drawn: recordings half the time, each vocoder as often."""
    names, which = np.unique(np.array(kinds), return_inverse=True)
    count = np.bincount(which)
    weight = np.where(names == "", 0.5, 0.5 / max(1, len(names) - 1)) / count
    return torch.from_numpy(weight[which])
