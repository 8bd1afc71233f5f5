"""Which parts of a picture that differ from a person are large and whole enough to be things."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

_THIN: Final = 0.035  # torsos: what is thinner is a fold or an edge, and no thing
_LEAST: Final = 0.27  # torsos that a thing measures across, as the root of its area
_LEAST_HELD: Final = 0.16  # the same of a thing at a hand; less than that is a badge or a buckle
_ROUND: Final = 0.85  # of its hull, that a thing of one piece fills


def solid_of(
    other: NDArray[np.bool_],
    at_hand: NDArray[np.bool_],
    torso_px: float,
    *,
    least: float = _LEAST,
) -> NDArray[np.uint8]:
    """(h, w) 255 where there are things large enough, their gaps filled.

    Args:
        other: (h, w) what differs from the person.
        at_hand: (h, w) where hands are, which hold smaller things too.
        torso_px: Length of the person's torso.
        least: Torsos that a thing away from hands measures across, as the root of its area.
    """
    thin = max(round(_THIN * torso_px), 1)
    disc = np.asarray(
        cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * thin + 1, 2 * thin + 1)), np.uint8
    )
    near = cv2.morphologyEx(other.astype(np.uint8), cv2.MORPH_CLOSE, disc)
    near = cv2.morphologyEx(near, cv2.MORPH_OPEN, disc)
    outlines, _ = cv2.findContours(near, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    out = np.zeros(other.shape, np.uint8)
    for outline in outlines:
        hull = cv2.convexHull(outline)
        across = float(np.sqrt(cv2.contourArea(outline))) / torso_px
        round_ = cv2.contourArea(outline) > _ROUND * cv2.contourArea(hull)
        shape = hull if round_ else outline  # a ball and the shoe under it are no one thing
        blank = cv2.drawContours(np.zeros_like(out), [shape], -1, 255, -1)
        held = across >= _LEAST_HELD and bool((at_hand & (blank > 0)).any())
        if held or across >= least:
            out |= np.asarray(blank, np.uint8)
    return out
