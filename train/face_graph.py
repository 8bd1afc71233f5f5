"""EfficientNet-lite0 written as ONNX, block by block, with what detectors put before and behind it.

The graph is that of Tan and Le, "EfficientNet" (2019, arXiv:1905.11946), in its lite form: no
squeezing, plain rectifiers up to 6; the batch norms are folded into the convolutions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.onnx_file import Node

HALVING: Final = (1, 3, 5, 11)
BLOCKS: Final = 16
MEAN: Final = 127.0
STD: Final = 128.0
MOST_LEVELS: Final = 6.0
# Second derivative along and across, and the square that SRM calls KB.
_FILTERS: Final = (
    ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), (0, 1, -2, 1, 0), (0, 0, 0, 0, 0), (0, 0, 0, 0, 0)),
    ((0, 0, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, -2, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 0)),
    ((-1, 2, -2, 2, -1), (2, -6, 8, -6, 2), (-2, 8, -12, 8, -2), (2, -6, 8, -6, 2),
     (-1, 2, -2, 2, -1)),
)  # fmt: skip
_SCALES: Final = (2.0, 2.0, 12.0)
_LUMA: Final = (0.299, 0.587, 0.114)


def residual_filters() -> NDArray[np.float32]:
    """(3, 3, 5, 5) high-pass filters of brightness.

    Fridrich and Kodovsky, "Rich models for steganalysis of digital images" (2012).
    """
    kernels = np.array(_FILTERS, np.float32) / np.array(_SCALES, np.float32)[:, None, None]
    return np.asarray(kernels[:, None] * np.array(_LUMA, np.float32)[None, :, None, None])


def layers(colours: int = 3) -> list[tuple[str, int, int, int, int]]:
    """(name, channels out, channels in, reach, groups) of every convolution.

    Args:
        colours: Channels that go in.
    """
    found = [("stem", 32, colours, 3, 1)]
    now, number = 32, 0
    # (widening, channels out, how many, reach): Tan and Le, table 1
    for factor, wide, count, reach in (
        (1, 16, 1, 3), (6, 24, 2, 3), (6, 40, 2, 5), (6, 80, 3, 3), (6, 112, 3, 5),
        (6, 192, 4, 5), (6, 320, 1, 3),
    ):  # fmt: skip
        for _ in range(count):
            inner = now * factor
            if factor > 1:
                found.append((f"block{number}_widen", inner, now, 1, 1))
            found.append((f"block{number}_look", inner, inner, reach, inner))
            found.append((f"block{number}_narrow", wide, inner, 1, 1))
            now, number = wide, number + 1
    return found


def room(reach: int, *, halves: bool) -> tuple[int, int]:
    """Zeros before and behind, as TensorFlow pads: one less before where the size is halved."""
    before = (reach - 2) // 2 if halves else reach // 2
    return before, reach - 2 - before if halves else reach // 2


class Graph:
    """The graph so far; each method appends a part and gives the name of its result.

    Args:
        weights: Of the convolutions: ``NAME.w``, and ``NAME.b`` where there is one.
    """

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
            "residual.w": residual_filters(),
            **{name: np.asarray(one, np.float32) for name, one in weights.items()},
        }

    def step(
        self,
        operator: str,
        *inputs: str,
        lists: Mapping[str, tuple[int, ...]] | None = None,
        values: Mapping[str, int | float | str] | None = None,
    ) -> str:
        """One operation."""
        output = f"t{len(self.nodes)}"
        self.nodes.append(Node(operator, inputs, output, dict(lists or {}), dict(values or {})))
        return output

    def number(self, name: str, value: float) -> str:
        """A constant."""
        self.constants[name] = np.array(value, np.float32)
        return name

    def clipped(self, now: str, low: str, least: float, high: str, most: float) -> str:
        """Between two constants, named."""
        return self.step("Clip", now, self.number(low, least), self.number(high, most))

    def bent(self, now: str) -> str:
        """Rectified, up to 6."""
        return self.clipped(now, "none", 0.0, "six", 6.0)

    def conv(
        self, now: str, name: str, *, halves: bool = False, pads: tuple[int, ...] | None = None
    ) -> str:
        """A convolution whose weights have a name; those that look around do so per channel."""
        weight = self.constants[f"{name}.w"]
        reach = weight.shape[-1]
        before, behind = room(reach, halves=halves)
        lists = {
            "kernel_shape": (reach, reach),
            "strides": (2, 2) if halves else (1, 1),
            "pads": pads or (before, before, behind, behind),
        }
        groups = len(weight) if name.endswith("_look") else 1
        given = (f"{name}.w", f"{name}.b") if f"{name}.b" in self.constants else (f"{name}.w",)
        return self.step("Conv", now, *given, lists=lists, values={"group": groups})

    def colours(self, pictures: str) -> str:
        """Pictures in 0 to 255 as ImageNet's networks take them."""
        now = self.step("Sub", pictures, self.number("mean", MEAN))
        return self.step("Div", now, self.number("std", STD))

    def residuals(self, pictures: str) -> str:
        """What three high-pass filters leave, cut off at a few levels: traces are small."""
        left = self.conv(pictures, "residual", pads=(2, 2, 2, 2))
        left = self.clipped(left, "low_left", -MOST_LEVELS, "high_left", MOST_LEVELS)
        return self.step("Div", left, self.number("left_scale", MOST_LEVELS / 2))

    def begun(self, now: str) -> str:
        """The stem's result.

        Args:
            now: (N, C, S, S) as it takes it.
        """
        return self.bent(self.conv(now, "stem", halves=True))

    def blocks(self, now: str, numbers: Iterable[int], *, of: str = "") -> list[str]:
        """The results of blocks in a row.

        Args:
            now: What the first of them takes.
            numbers: Which.
            of: Before the names of their weights.
        """
        found = []
        for number in numbers:
            inner, name = now, f"{of}block{number}"
            if f"{name}_widen.w" in self.constants:
                inner = self.bent(self.conv(inner, f"{name}_widen"))
            inner = self.bent(self.conv(inner, f"{name}_look", halves=number in HALVING))
            inner = self.conv(inner, f"{name}_narrow")
            now = self.step("Add", now, inner) if self._same(name, number) else inner
            found.append(now)
        return found

    def _same(self, name: str, number: int) -> bool:
        """Whether a block gives what it takes in, in size and number."""
        first = f"{name}_widen.w"
        taken = self.constants.get(first, self.constants[f"{name}_look.w"])
        width = taken.shape[1] if first in self.constants else len(taken)
        return number not in HALVING and len(self.constants[f"{name}_narrow.w"]) == width
