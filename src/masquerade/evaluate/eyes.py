"""Do the eyes open and shut with the target's? Two tracks of openings, compared."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.lids import usual_openings

_STILL: Final = 0.03  # standard deviation below which eyes do not move enough to compare
_SHUT: Final = 0.45  # of the usual opening, at and below which the target's eyes are shut
_NEARLY: Final = 0.7  # likewise, of the result; narrow shut eyes are read as this much open


def eyes_together(result: NDArray[np.float64], target: NDArray[np.float64]) -> float | None:
    """Correlation in [-1, 1] of how far the eyes are open; None where the target's hardly move.

    Args:
        result: (n, 2) from `masquerade.faces.lids.openings`, read in each frame of the result.
        target: (n, 2) the same of the target, read in the same way.
    """
    seen, wanted = result.mean(axis=1), target.mean(axis=1)
    if wanted.std() < _STILL:
        return None
    if seen.std() < 1e-6:
        return 0.0
    return float(np.corrcoef(seen, wanted)[0, 1])


def blinks_kept(result: NDArray[np.float64], target: NDArray[np.float64]) -> float | None:
    """Share in [0, 1] of the target's frames with shut eyes that show them shut, or nearly.

    Each face is compared with its own usual opening. None where the target never blinks.

    Args:
        result: (n, 2) from `masquerade.faces.lids.openings`, read in each frame of the result.
        target: (n, 2) the same of the target.
    """
    shut = (target / usual_openings(target)).mean(axis=1) <= _SHUT
    if not shut.any():
        return None
    shares = (result / usual_openings(result)).mean(axis=1)
    return float((shares[shut] <= _NEARLY).mean())
