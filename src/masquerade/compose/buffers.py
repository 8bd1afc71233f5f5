"""Memory for pictures in the making, kept from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(slots=True)
class Buffers:
    """Named pictures, used again and again: fresh memory costs more than what is computed in it."""

    kept: dict[str, NDArray[np.float32]] = field(default_factory=dict)

    def picture(self, name: str, shape_hw: tuple[int, int]) -> NDArray[np.float32]:
        """(h, w, 3) float32 whose values are left over from its last use under that name.

        Args:
            name: What it is for; whoever asks for the same name overwrites it.
            shape_hw: Height and width.
        """
        height, width = shape_hw
        size = height * width * 3
        flat = self.kept.get(name)
        if flat is None or flat.size < size:
            flat = self.kept[name] = np.empty(size + size // 4, np.float32)
        return flat[:size].reshape(height, width, 3)
