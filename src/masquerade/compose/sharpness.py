"""A patch's sharpness brought to that of the frame around it."""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.light import halved
from masquerade.types import RGB, Mask

_SOFTEST: Final = 3.0  # pixels: the greatest blur that is looked for in one size
_DEFOCUSED: Final = 0.6  # of the patch's medium detail: a frame with less is seen at half its size
_FAINT: Final = 1.2  # levels of medium detail, likewise: a smooth face in focus has more
_CLEARLY: Final = 1.4  # pixels of blur, from which what is found there counts
_LEAST_SIDE: Final = 32  # pixels of a side at half the size
_LEAST_PIXELS: Final = 64
_STEPS: Final = 5  # halvings in the search, down to a tenth of a pixel


def softness(frame: RGB, patch: RGB, weight: Mask) -> float:
    """Standard deviation in pixels of the blur that makes a patch as soft as the frame.

    Fine detail against medium detail is compared, so that contrast plays no part; negative where
    the patch is softer than the frame: then its absolute value is a share by which to sharpen. Of a
    face out of focus there is nothing left of either but noise: it is looked at in half the size.

    Args:
        frame: (h, w, 3) uint8, the frame behind the patch.
        patch: (h, w, 3) uint8.
        weight: (h, w) what counts.
    """
    counted = (weight > 0.5).astype(np.uint8)
    if cv2.countNonZero(counted) < _LEAST_PIXELS:
        return 0.0
    wanted, theirs = _fineness(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), counted)
    plain = np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), np.float32)
    last, mine = _fineness(plain, counted)
    faint = theirs < min(_DEFOCUSED * mine, _FAINT * cv2.countNonZero(counted))
    if faint and min(counted.shape) >= 2 * _LEAST_SIDE:
        coarse = 2 * softness(*(halved(one, 1) for one in (frame, patch, weight)))
        if coarse >= _CLEARLY:
            return coarse
    if last <= wanted:
        return -float(min(wanted / max(last, 1e-3) - 1, 1.0))
    return _blur_to(wanted, last, plain, counted)


def _blur_to(
    wanted: float, sharpest: float, grey: NDArray[np.float32], counted: NDArray[np.uint8]
) -> float:
    """The blur at which fineness falls to what is wanted: it falls with every blur."""
    low, high = 0.0, _SOFTEST
    at_low, at_high = sharpest, _fineness(_gauss(grey, high), counted)[0]
    if at_high > wanted:
        return high
    for _ in range(_STEPS):
        middle = (low + high) / 2
        now = _fineness(_gauss(grey, middle), counted)[0]
        if now > wanted:
            low, at_low = middle, now
        else:
            high, at_high = middle, now
    return low + (high - low) * (at_low - wanted) / max(at_low - at_high, 1e-6)


def soften(patch: RGB, sigma: float) -> RGB:
    """The patch blurred by `sigma` pixels, or sharpened by the share ``-sigma``.

    Args:
        patch: (h, w, 3) uint8.
        sigma: From `softness`.
    """
    if sigma >= 0.3:
        return np.asarray(_gauss(patch, sigma), np.uint8)
    if sigma < -0.05:
        made = cv2.addWeighted(patch, 1 - sigma, _gauss(patch, 1.0), sigma, 0)
        return np.asarray(made).astype(np.uint8, copy=False)
    return patch


def _fineness(grey: NDArray[Any], counted: NDArray[np.uint8]) -> tuple[float, float]:
    """Fine detail over medium detail, and the latter's sum."""
    plain = np.asarray(grey, np.float32)
    one = _gauss(plain, 0.8)
    two = _gauss(one, 1.6)
    fine = cv2.norm(plain, one, cv2.NORM_L1, counted)
    medium = cv2.norm(one, two, cv2.NORM_L1, counted)
    return fine / max(medium, 1e-3 * cv2.countNonZero(counted)), medium


def _gauss(picture: NDArray[Any], sigma: float) -> NDArray[Any]:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))
