"""Openings of two tracks of eyes are compared."""

from __future__ import annotations

import numpy as np
import pytest

from masquerade.evaluate.eyes import blinks_kept, eyes_together

BLINKING = np.full((20, 2), 0.35)
BLINKING[8:10] = 0.1
STARING = np.full((20, 2), 0.35)


@pytest.mark.parametrize(
    ("result", "target", "together", "kept"),
    [
        (BLINKING, BLINKING, 1.0, 1.0),
        (0.6 * BLINKING, BLINKING, 1.0, 1.0),  # narrower eyes, the same blinks
        (STARING, BLINKING, 0.0, 0.0),
        (BLINKING, STARING, None, None),
        (BLINKING[::-1], BLINKING, -1 / 9, 0.0),
    ],
)
def test_blinks_and_openings_are_compared(
    result: np.ndarray, target: np.ndarray, together: float | None, kept: float | None
) -> None:
    assert eyes_together(result, target) == pytest.approx(together)
    assert blinks_kept(result, target) == pytest.approx(kept)
