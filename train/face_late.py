"""The later blocks of EfficientNet-lite0, which learn on a CPU behind traces that are kept.

Only the convolutions that mix channels learn. Those that look around, one channel at a time, stay
as ImageNet taught them: on a CPU, the gradient of their weights costs more than all the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.grad import conv2d_input

from train.face_graph import HALVING, layers, room
from train.face_weights import folded

LATE: Final = tuple(range(4, 11))
FINE_OF: Final = 4
"""The block whose result is taken at full size; the last one's is the coarse one."""


class LateBlocks(nn.Module):
    """(N, 40, 24, 24) of block 3 to (N, 40, 24, 24) of block 4 and (N, 112, 12, 12) of block 10."""

    def __init__(self) -> None:
        super().__init__()
        self.mixing = nn.ModuleDict()
        for name, wide, before, reach, groups in layers():
            if _number(name) not in LATE:
                continue
            if groups == 1:
                self.mixing[name] = nn.Conv2d(before, wide, 1)
            else:
                self.register_buffer(f"{name}_weight", torch.randn(wide, 1, reach, reach) / reach)
                self.register_buffer(f"{name}_bias", torch.zeros(wide))

    @classmethod
    def begun(cls, weights: Mapping[str, Tensor]) -> Self:
        """As ImageNet taught them.

        Args:
            weights: Of the card ``image_features``, by name.
        """
        found = cls()
        state = {}
        for name, *_, groups in layers():
            if _number(name) in LATE:
                place = f"mixing.{name}." if groups == 1 else f"{name}_"
                state[f"{place}weight"], state[f"{place}bias"] = folded(weights, name)
        found.load_state_dict(state)
        return found

    def forward(self, now: Tensor) -> tuple[Tensor, Tensor]:
        """Both results."""
        fine = now
        for number in LATE:
            name = f"block{number}"
            inner = functional.relu6(self.mixing[f"{name}_widen"](now))
            inner = functional.relu6(self._looked(f"{name}_look", inner, number in HALVING))
            inner = self.mixing[f"{name}_narrow"](inner)
            now = now + inner if now.shape == inner.shape else inner
            if number == FINE_OF:
                fine = now
        return fine, now

    def named_arrays(self) -> dict[str, NDArray[Any]]:
        """Weights and biases as `train.face_graph.Graph` takes them."""
        found = {}
        for name, one in self.state_dict().items():
            place, _, end = name.removeprefix("mixing.").replace(".", "_").rpartition("_")
            found[f"{place}.{end[0]}"] = one.detach().cpu().float().numpy()
        return found

    def _looked(self, name: str, now: Tensor, halves: bool) -> Tensor:
        weight = self.get_buffer(f"{name}_weight").to(now.dtype)
        bias = self.get_buffer(f"{name}_bias").to(now.dtype)
        looked: Tensor = _Looked.apply(now, weight, bias, halves)  # type: ignore[no-untyped-call]
        return looked


class _Looked(torch.autograd.Function):
    """A convolution of each channel by itself, whose weights do not learn."""

    @staticmethod
    def forward(ctx: Any, now: Tensor, weight: Tensor, bias: Tensor, halves: bool) -> Tensor:
        reach = weight.shape[-1]
        before, behind = room(reach, halves=halves)
        padded = functional.pad(now, (before, behind, before, behind)) if halves else now
        ctx.save_for_backward(weight)
        ctx.padded, ctx.size, ctx.halves, ctx.before = padded.shape, now.shape[2:], halves, before
        stride, padding = (2, 0) if halves else (1, before)
        return functional.conv2d(padded, weight, bias, stride, padding, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, *given: Any) -> Any:
        (weight,), (slope,) = ctx.saved_tensors, given
        if not ctx.halves:  # the same convolution, mirrored
            turned = weight.flip(2, 3)
            padding = weight.shape[-1] // 2
            return functional.conv2d(slope, turned, None, 1, padding, groups=len(weight)), *[
                None
            ] * 3
        full = conv2d_input(  # type: ignore[no-untyped-call]
            ctx.padded, weight.float(), slope.float(), 2, 0, groups=len(weight)
        )
        high, wide = ctx.size
        first = ctx.before
        cut = full[:, :, first : first + high, first : first + wide]
        return cut.to(slope.dtype), *[None] * 3


def _number(name: str) -> int:
    """Of the block that a convolution belongs to; -1 for the stem."""
    return -1 if name == "stem" else int(name.removeprefix("block").partition("_")[0])
