"""A person's edge in one picture, drawn to where the picture's own edges are.

He, Sun and Tang, "Guided image filtering" (ECCV 2010). Telling person and place apart by colour
(GrabCut) was tried and left out: it took shoes for pavement and grass for sleeves.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.edge_rows import Layers, edge_rows, seen_again
from masquerade.models.matte_edge import matte_edge
from masquerade.types import RGB, Mask

_REACH: Final = 0.008  # of the person's height
_SMOOTH: Final = 1e-4  # brightness varies by more than the root of this at an edge
_SURE: Final = (0.25, 0.8)  # below and above which a pixel is the one or the other
_BAND: Final = 0.02  # of the person's height, within which the edge may lie elsewhere
_OPEN: Final = (0.02, 0.98)  # of the network's word, between which it is not sure
_FREE: Final = 0.1  # of it, below which nobody is there
_ROOM: Final = 0.12  # of the person's height, around them
_SOFT_PX: Final = 0.7
_TOLD: Final = (0.15, 0.85)  # the same as `_SURE` of what the small networks say
_LEAST_PX: Final = (8, 16)  # a person narrower or lower than this has no edge to speak of


def fine_matte(picture: RGB, coarse: Mask) -> Mask:
    """How much of each pixel is the person.

    Args:
        picture: (H, W, 3) uint8 RGB.
        coarse: (H, W) float32 in [0, 1] what the network says.

    Returns:
        (H, W) float32 in [0, 1]; that of the network where the person is too small for more.
    """
    box = around(coarse)
    if box is None:
        return coarse
    x0, y0, x1, y1 = box
    out = np.zeros_like(coarse)
    out[y0:y1, x0:x1] = _softened(picture[y0:y1, x0:x1], coarse[y0:y1, x0:x1])
    return out


def around(mask: Mask, *, room: float = 0.08) -> tuple[int, int, int, int] | None:
    """The box around a mask, with room; None where there is hardly any.

    Args:
        mask: (H, W) in [0, 1].
        room: Share of the mask's height that is added on each side.
    """
    rows, columns = np.flatnonzero((mask > 0.5).any(1)), np.flatnonzero((mask > 0.5).any(0))
    if len(columns) < _LEAST_PX[0] or len(rows) < _LEAST_PX[1]:
        return None
    pad = max(round(room * len(rows)), 4)
    height, width = mask.shape
    return (
        max(int(columns[0]) - pad, 0),
        max(int(rows[0]) - pad, 0),
        min(int(columns[-1]) + 1 + pad, width),
        min(int(rows[-1]) + 1 + pad, height),
    )


def _softened(part: RGB, mask: Mask) -> Mask:
    """(h, w) the mask as a linear function of brightness in each small window."""
    guide = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)
    reach = max(round(_REACH * len(part)), 1)
    window = (2 * reach + 1, 2 * reach + 1)

    def mean(values: Mask) -> Mask:
        return np.asarray(cv2.blur(values, window), np.float32)

    mean_guide, mean_mask = mean(guide), mean(mask)
    spread = mean(guide * guide) - mean_guide**2 + np.float32(_SMOOTH)
    slope = (mean(guide * mask) - mean_guide * mean_mask) / spread
    soft = mean(slope) * guide + mean(mean_mask - slope * mean_guide)
    low, high = _SURE
    return np.asarray(np.clip((soft - low) / (high - low), 0, 1), np.float32)


def matte_before(picture: RGB, coarse: Mask, place: RGB, known: NDArray[np.bool_]) -> Mask:
    """How much of each pixel is the person, where the place behind is known.

    Where the network is not sure, two small ones are asked, which are told how far each pixel, and
    those beside it, differ from the place, and how far they lie on the way from its colour to the
    person's (Smith and Blinn, "Blue screen matting", SIGGRAPH 1996). Where the place was never
    seen, the network's word counts alone.

    Args:
        picture: (H, W, 3) uint8 RGB.
        coarse: (H, W) float32 in [0, 1] what the network says.
        place: (H, W, 3) uint8 RGB what lies behind.
        known: (H, W) bool where that was seen.

    Returns:
        (H, W) float32 in [0, 1]; `fine_matte` where the person is too small for more.
    """
    box = around(coarse, room=_ROOM)
    if box is None:
        return coarse
    x0, y0, x1, y1 = box
    part = slice(y0, y1), slice(x0, x1)
    rough = np.ascontiguousarray(coarse[part])
    cut = np.ascontiguousarray(picture[part]), rough, np.ascontiguousarray(place[part])
    seen = near_edge(*cut, known[part])
    if seen is None:
        return fine_matte(picture, coarse)
    layers, near = seen
    networks, rows = matte_edge(), edge_rows(layers, near)
    told = (rough > 0.5).astype(np.float32)
    told[near] = networks.second(seen_again(layers, near, rows, networks.first(rows)))
    told = np.where(known[part], told, rough)
    soft = cv2.GaussianBlur(told, (0, 0), _SOFT_PX)
    out = np.zeros_like(coarse)
    low, high = _TOLD
    out[part] = np.clip((soft - low) / (high - low), 0, 1)
    return out


def near_edge(
    picture: RGB, rough: Mask, place: RGB, known: NDArray[np.bool_]
) -> tuple[Layers, NDArray[np.bool_]] | None:
    """A person before a place, and where their edge may lie; None where they have no inside.

    Args:
        picture: (h, w, 3) uint8 RGB, cut to the person.
        rough: (h, w) float32 in [0, 1] what the network says.
        place: (h, w, 3) uint8 RGB what lies behind.
        known: (h, w) bool where that was seen.
    """
    reach = max(round(_BAND * len(rough)), 2)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    body = cv2.morphologyEx((rough > 0.5).astype(np.uint8), cv2.MORPH_CLOSE, disc)
    sure = cv2.erode(body, disc) > 0
    if not sure.any():
        return None
    free = cv2.dilate((rough > _FREE).astype(np.uint8), disc) == 0
    low, high = _OPEN
    near = (cv2.dilate(body, disc) > 0) & (rough > low) & (rough < high)
    return Layers(picture, rough, place, known, spread_colours(picture, sure), free), near


def spread_colours(picture: RGB, sure: NDArray[np.bool_]) -> RGB:
    """The picture with the colours of sure pixels carried on over all others, ever more broadly.

    Gortler et al., "The lumigraph" (1996): pull a pyramid of the known pixels, push it back.
    """
    weight: Mask = sure.astype(np.float32)
    level: NDArray[np.float32] = picture.astype(np.float32) * weight[..., None]
    pyramid = [(level, weight)]
    while min(weight.shape) > 2:
        level = np.asarray(cv2.pyrDown(level), np.float32)
        weight = np.asarray(cv2.pyrDown(weight), np.float32)
        pyramid.append((level, weight))
    level, weight = pyramid[-1]
    out = level / np.maximum(weight, 1e-4)[..., None]
    for level, weight in reversed(pyramid[:-1]):
        wide = cv2.resize(out, weight.shape[::-1], interpolation=cv2.INTER_LINEAR)
        share = np.clip(weight * 4, 0, 1)[..., None]
        out = wide + share * (level / np.maximum(weight, 1e-4)[..., None] - wide)
    out[sure] = picture[sure]
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)
