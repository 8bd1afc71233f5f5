"""Which colour transfer a shot gets when nobody says so.

The light field brings broad light to the target's and leaves the source its own contrast and its
own variety of colours; in most shots that looks best and keeps the likeness best. It cannot help
where the target has hardly any variety of colours (black and white, sepia) or hardly any contrast
(haze, dim light): there colours are transferred, in the first case with the source's own
brightness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.compose.transfer import Cells, Transfer
from masquerade.types import Mask

_LUMA: Final = np.array([0.299, 0.587, 0.114])
_COLOURFUL: Final = (0.12, 0.25)  # share of the patch's variety: all of `mkl` below, none above
_CONTRAST: Final = (0.40, 0.52)  # share of the patch's contrast: all of `rct` below, none above
_ORDINARY: Final = 0.7  # share of the patch's contrast that a frame has in other shots
_LEAST_CELLS: Final = 32


@dataclass(frozen=True, slots=True)
class Ranges:
    """What a frame has for each unit that the patch has.

    Attributes:
        colours: Variety of colours that brightness does not explain.
        contrast: Distance from dark to bright.
    """

    colours: float = 1.0
    contrast: float = 1.0

    def mixed(self, other: Self, share: float) -> Ranges:
        """Between these (share 0) and others (share 1)."""
        return Ranges(
            self.colours + share * (other.colours - self.colours),
            self.contrast + share * (other.contrast - self.contrast),
        )


def ranges(frame: Cells, patch: Cells, mask: Mask) -> Ranges:
    """Measured over all of the face: brows, eyes and lips too.

    Args:
        frame: (n, m, 3) in [0, 255].
        patch: (n, m, 3) in [0, 255].
        mask: (n, m) the patch's mask; too little of it tells nothing.
    """
    inside = mask > 0.7
    if inside.sum() < _LEAST_CELLS:
        return Ranges()
    (theirs, far), (mine, near) = (_ranges(x[inside].astype(np.float64)) for x in (frame, patch))
    return Ranges(theirs / max(mine, 1.0), far / max(near, 1.0))


def choice(found: Ranges) -> tuple[Transfer, float]:
    """The transfer that a shot with such ranges gets, and how much of it, in [0, 1]."""
    flat, grey = _below(found.contrast, *_CONTRAST), _below(found.colours, *_COLOURFUL)
    if grey > flat:
        return "mkl", grey
    # As much contrast is left as another person's face would have had in this frame.
    left = min(1.0, found.contrast / _ORDINARY)
    return "rct", flat * (1 - left) / max(1 - found.contrast, 1e-3)


def _below(value: float, full: float, none: float) -> float:
    return float(np.clip((none - value) / (none - full), 0, 1))


def _ranges(colours: NDArray[np.float64]) -> tuple[float, float]:
    light = colours @ _LUMA
    low, high = np.percentile(light, (5, 95))
    light = light - light.mean()
    rest = (colours - colours.mean(axis=0))[:, [0, 2]] - light[:, None]
    rest -= np.outer(light, light @ rest / max(float(light @ light), 1e-6))
    return float(np.sqrt((rest**2).sum(axis=1).mean())), float(high - low)
