"""Where the map of a face shows bare skin, and that skin carried on to where it does not.

Hair over the forehead, the background beside a cheek and sides that no picture shows squarely are
filled: broad tones from the skin around, fine relief from the face's other half.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import LEFT_BROW, NOSE_BASE, RIGHT_BROW, topology
from masquerade.faces.unrolled import SIDE, layout
from masquerade.faces.warp import dense_map, sheet
from masquerade.types import RGB, Mask

Maps = NDArray[np.float32]

_SIDE: Final = 128  # of the map on which skin is told from hair
_EDGE: Final = 0.03  # interocular distances inside the outline, where a mesh is often not on skin
_DOUBT: Final = 0.3  # from the outline, within which skin is doubted; above the brows it always is
_JAW: Final = 0.12  # the same below the nose, where a beard is skin too
_ROUNDS: Final = 8
_SAME: Final = 2.5  # times the usual difference from the face's broad tones that is still skin
_OTHER: Final = 4.0  # and that is surely something else
_BESIDE: Final = 1.2  # and beside such a place, that may be something else too
_TIPS: Final = 11  # pixels of it that count as beside
_LEAST: Final = 5.0  # least usual difference in Lab
_FRAY: Final = 7  # pixels of that map by which hair frays
_BROW: Final = 5  # pixels of it around brows and eyes that are not doubted
_RIM: Final = 6  # pixels of the small map inside its edge, where hair may shade the skin
_SHADED: Final = (0.74, 0.9)  # of the brightness further in: surely shaded, and not at all
_RELIEF: Final = 6.0  # pixels of the map; what is finer is taken from the other half


@dataclass(frozen=True, slots=True)
class _Places:
    """(128, 128) each: where skin is doubted, plain, within, below the nose; and broad tones."""

    doubted: Mask
    plain: Mask
    within: Mask
    below: Mask
    tones: NDArray[np.float64]


def bare_skin(looks: RGB, *, down_to: Literal["nose", "chin"]) -> Mask:
    """(256, 256) float32, 1 where the skin on a map lies bare, 0 where something else is.

    The tones of a face vary broadly; what differs much from a smooth surface laid robustly through
    the plain skin is hair or background. Only the forehead and a band inside the outline are
    doubted, so brows and beards stay.

    Args:
        looks: (256, 256, 3) uint8 from `masquerade.faces.unrolled.unroll`.
        down_to: Below the nose a beard and what hides a cheek look alike: with ``nose`` all that is
            below it counts as bare.
    """
    here = _places()
    small = cv2.resize(looks, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    values = np.asarray(lab, np.float64).reshape(-1, 3)
    tones = here.tones.reshape(-1, here.tones.shape[-1])
    index = np.flatnonzero(here.plain.ravel() > 0.5)
    weight, usual = np.ones(len(index)), _LEAST
    surface = np.zeros((tones.shape[1], 3))
    for _ in range(_ROUNDS):
        known = tones[index]
        square = known.T @ (weight[:, None] * known) + 1e-6 * len(index) * np.eye(known.shape[1])
        surface[:] = np.linalg.solve(square, known.T @ (weight[:, None] * values[index]))
        apart = _apart(values[index] - known @ surface)
        usual = max(float(np.median(apart)), _LEAST)
        weight = 1 / (1 + (apart / (_SAME * usual)) ** 4)
    apart = _apart(values - tones @ surface).reshape(_SIDE, _SIDE) / usual
    doubted = here.doubted * (1 - here.below) if down_to == "nose" else here.doubted
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_FRAY, _FRAY))
    beyond = cv2.dilate(np.asarray(doubted, np.float32), np.ones((3, 3), np.uint8))
    covered = cv2.dilate((_other(apart) * doubted).astype(np.float32), around) * beyond
    bare = np.asarray(cv2.GaussianBlur(1 - np.asarray(covered), (0, 0), _FRAY / 3.5), np.float32)
    large = cv2.resize(bare * here.within, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32)


def without_shade(known: Mask, usual: Maps) -> Mask:
    """(64, 64) float32 what is known of a face, less the skin at its edge that hair shades.

    Skin is carried on from that edge: where a fringe darkens it, a streak would go on to the
    temple. Plain skin within a few pixels of the edge is asked, against the skin further in.

    Args:
        known: (64, 64) in [0, 1].
        usual: (64, 64, 3) the face's colours.
    """
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _RIM + 1, 2 * _RIM + 1))
    rims, _ = cv2.findContours((known > 0.3).astype(np.uint8), cv2.RETR_EXTERNAL, 2)
    whole = cv2.drawContours(np.zeros_like(known), rims, -1, 1.0, cv2.FILLED)
    deep = np.asarray(cv2.erode(whole, around), np.float32)
    within = deep * layout().skin * known
    light = np.ascontiguousarray(usual.mean(axis=-1), np.float32)
    expected = _pushed(light, within)
    share = light / np.maximum(expected, 8.0)
    surely, hardly = _SHADED
    shaded = np.clip((hardly - share) / (hardly - surely), 0, 1) * layout().skin * (1 - deep)
    grown = cv2.dilate(shaded.astype(np.float32), np.ones((3, 3), np.uint8))
    soft = np.asarray(cv2.GaussianBlur(grown, (0, 0), 1.0), np.float32)
    return np.asarray(known * (1 - soft), np.float32)


def carried_on(looks: Maps, known: Mask) -> Maps:
    """(s, s, c) float32 the map with what is not known filled from around and from the other half.

    Args:
        looks: (s, s, c) values on the map.
        known: (s, s) in [0, 1], 1 where they count.
    """
    sure = np.ascontiguousarray(known, np.float32)
    size = (sure.shape[1], sure.shape[0])
    skin = np.asarray(cv2.resize(layout().skin, size), np.float32)
    plain = np.clip(2 * np.minimum(sure, skin) - 1, 0, 1)
    channels = [_pushed(np.ascontiguousarray(one), plain) for one in np.moveaxis(looks, -1, 0)]
    broad = np.stack(channels, axis=-1)
    broad += sure[..., None] * (looks - broad)
    sigma = max(0.6, _RELIEF * len(known) / SIDE)
    fine = sure[..., None] * (looks - np.asarray(cv2.GaussianBlur(broad, (0, 0), sigma)))
    filled = broad + fine[:, ::-1] * (sure[:, ::-1] * (1 - sure))[..., None]
    return np.asarray(filled, np.float32)


def _pushed(values: Mask, weight: Mask) -> Mask:
    """Values where the weight is 1; elsewhere those around, smooth (pull and push pyramids).

    Grossman and Dally, "Point sample rendering" (1998).
    """
    if min(values.shape) <= 2:
        total = max(float(weight.sum()), 1e-6)
        return np.full_like(values, float((values * weight).sum()) / total)
    share = np.asarray(cv2.pyrDown(weight))
    coarse = np.asarray(cv2.pyrDown(values * weight)) / np.maximum(share, 1e-6)
    below = _pushed(coarse.astype(np.float32), np.minimum(share * 4, 1).astype(np.float32))
    height, width = values.shape
    smooth = np.asarray(cv2.pyrUp(below, dstsize=(width, height)))
    return np.asarray(smooth + weight * (values - smooth), np.float32)


def _other(apart: NDArray[np.float64]) -> Mask:
    """(128, 128) how surely a place is no skin; beside what surely is none, less is enough."""
    sure = np.clip((apart - _SAME) / (_OTHER - _SAME), 0, 1).astype(np.float32)
    perhaps = np.clip((apart - _BESIDE) / (_SAME - _BESIDE), 0, 1).astype(np.float32)
    reach = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_TIPS, _TIPS))
    beside = cv2.dilate((sure > 0.7).astype(np.float32), reach)
    return np.asarray(np.maximum(sure, perhaps * np.asarray(beside)), np.float32)


def _apart(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) how far colours are from those expected; lighter ones count half, as glare is skin."""
    light = differences[:, 0]
    darker = np.where(light < 0, -light, 0.5 * light)
    return np.asarray(0.7 * darker + np.abs(differences[:, 1:]).sum(axis=1))


@cache
def _places() -> _Places:
    carried = np.column_stack([sheet().inward, sheet().skin, *_heights()])
    box = (0, 0, SIDE, SIDE)
    large = dense_map(layout().points, carried.astype(np.float32), box, step=1.0)
    drawn = np.asarray(cv2.resize(large, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA))
    inward, skin, above, below = (drawn[..., k] for k in range(4))
    feature = np.clip((0.4 - skin) / 0.3, 0, 1) * np.clip((inward - 0.01) / 0.03, 0, 1)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_BROW, _BROW))
    eyes = np.asarray(cv2.resize(layout().eyes, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA))
    feature = np.maximum(feature, eyes > 0.02)
    feature = np.asarray(cv2.dilate(feature.astype(np.float32), around))
    deep = _DOUBT + (_JAW - _DOUBT) * np.clip(below, 0, 1)
    band = np.clip((deep - inward) / 0.1, 0, 1)
    rows, columns = np.mgrid[:_SIDE, :_SIDE] / _SIDE - 0.5
    tones = [columns**k * rows**m for k in range(4) for m in range(4) if k + m <= 3 and k != 3]
    return _Places(
        doubted=np.asarray(np.maximum(above, band) * (1 - feature), np.float32),
        plain=np.asarray((skin > 0.5) * (inward > 0.12) * (1 - 0.6 * below), np.float32),
        below=np.clip(below, 0, 1),
        within=np.asarray(np.clip(inward / _EDGE, 0, 1), np.float32),
        tones=np.stack(tones, axis=-1),
    )


def _heights() -> tuple[Mask, Mask]:
    """(550,) twice: 1 above the brows, 0 below; 1 below the nose, 0 above."""
    neutral = topology().neutral
    height = np.concatenate([neutral[:, 1], np.zeros(len(sheet().inward) - len(neutral))])
    brows = float(neutral[[*RIGHT_BROW, *LEFT_BROW], 1].min())
    nose = float(neutral[list(NOSE_BASE), 1].mean())
    above = np.clip((brows + 0.04 - height) / 0.08, 0, 1)
    below = np.clip((height - nose) / 0.2, 0, 1)
    return above.astype(np.float32), below.astype(np.float32)
