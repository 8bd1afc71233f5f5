"""Which pixels of a picture are a forearm and a hand, where these lie before or beside the body.

Bones say roughly where an arm is; its colours, and those of what the person wears, say the rest.
Without them a hand takes a piece of the trousers along, and leaves fingers behind on them.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.skeleton import NUMBER, Skeleton
from masquerade.types import RGB, Mask

Floats: TypeAlias = NDArray[np.float32]
Flags: TypeAlias = NDArray[np.bool_]
Labels: TypeAlias = NDArray[np.intp]

_WORN: Final = ("torso", "left thigh", "right thigh")
_REACH: Final = 1.5  # of its thickness, how far from its bone an arm may be
_CORE: Final = 0.4  # of it, within which its colours are learned
_AROUND: Final = 0.5  # torsos around an arm in which the colours of clothes are learned
_SURE: Final = 0.9  # of a matte, from which a pixel is learned from
_BINS: Final = (12, 24, 24)  # of brightness and both chroma axes
_FEWEST: Final = 24  # pixels that tell colours
_RARE: Final = 2e-3  # share of pixels below which a colour tells nothing
_MOST: Final = 2.5  # log odds, the most that one pixel's colour says
_NEAR: Final = 1.0  # log odds on the bone, in favour of the arm; none at its usual edge
_BESIDE: Final = 1.3  # of its thickness, how far from what is worn an arm's pixel may be its
_ROUNDS: Final = 3  # of learning colours and telling pixels by them
_SMOOTH: Final = 0.015  # torsos over which pixels agree
_SHARED: Final = 0.4  # times as usual on clothes as on an arm, from which a colour is the clothes'
_LEAST: Final = 0.2  # share of an arm's colours that clothes do not have, if colours are to tell


def arms_told(labels: Labels, away: Floats, picture: RGB, matte: Mask, bones: Skeleton) -> Labels:
    """(H, W) which bone each pixel belongs to, arms by their colours.

    Args:
        labels: (H, W) the nearest bone of each pixel.
        away: (14, H, W) how far each bone is, for its thickness.
        picture: (H, W, 3) uint8 RGB.
        matte: (H, W) float32 in [0, 1] which pixels are the person.
        bones: In the picture.
    """
    out = labels.copy()
    lab: NDArray[Any] | None = None
    for side in ("left", "right"):
        arm = [NUMBER[f"{side} forearm"], NUMBER[f"{side} hand"]]
        part = _around(arm, bones, labels.shape)
        near = away[(slice(None), *part)][arm].min(axis=0) < _REACH
        body = np.isin(labels[part], [NUMBER[one] for one in _WORN])
        if not (near & body & (matte[part] > 0.5)).any():
            continue
        lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB) if lab is None else lab
        _tell(out[part], away[(slice(None), *part)], lab[part], matte[part], arm, bones.torso_px)
    return out


def _around(arm: list[int], bones: Skeleton, shape_hw: tuple[int, ...]) -> tuple[slice, slice]:
    points = bones.segments[arm].reshape(-1, 2)
    room = _AROUND * bones.torso_px
    low = np.maximum(np.floor(points.min(axis=0) - room), 0).astype(int)
    high = np.maximum(np.ceil(points.max(axis=0) + room), 0).astype(int)
    return slice(low[1], min(high[1], shape_hw[0])), slice(low[0], min(high[0], shape_hw[1]))


def _tell(
    labels: Labels,
    away: Floats,
    lab: NDArray[Any],
    matte: Mask,
    arm: list[int],
    torso_px: float,
) -> None:
    """Gives an arm what has its colours, and takes from it what has those of clothes, in place."""
    nearness = away[arm].min(axis=0)
    mine, worn = np.isin(labels, arm), np.isin(labels, [NUMBER[one] for one in _WORN])
    clear = matte > _SURE
    may = (mine | worn) & (nearness < _REACH) & (matte > 0.1)
    told, cells = mine & (nearness < _CORE), _cells(lab)
    for _ in range(_ROUNDS):
        own = _colours(lab, told & clear)
        other = _colours(lab, (worn | mine) & ~told & clear & ((nearness > 1) | worn))
        if own is None or other is None:
            return
        own = np.where(other > _SHARED * own, 0, own)
        if own.sum() < _LEAST:
            return
        own = own / own.sum()
        odds = np.log((own[cells] + _RARE) / (other[cells] + _RARE)).clip(-_MOST, _MOST)
        odds = cv2.GaussianBlur(odds.astype(np.float32), (0, 0), max(_SMOOTH * torso_px, 0.6))
        told = (odds + np.float32(_NEAR) * (1 - nearness) > 0) & may
    _, parts = cv2.connectedComponents(told.astype(np.uint8))
    core = np.unique(parts[(nearness < _CORE) & mine])
    whole = np.isin(parts, core[core > 0])
    rest = [NUMBER[name] for name in _WORN]
    gained, lost = whole & worn, mine & ~whole & (away[rest].min(axis=0) < _BESIDE)
    labels[gained] = np.array(arm)[np.argmin(away[arm][:, gained], axis=0)]
    labels[lost] = np.array(rest)[np.argmin(away[rest][:, lost], axis=0)]


def _cells(lab: NDArray[Any]) -> NDArray[np.intp]:
    """(h, w) number of the colour of each pixel."""
    both = zip(cv2.split(lab), _BINS, strict=True)
    step = [value.astype(np.intp) * bins // 256 for value, bins in both]
    return np.asarray((step[0] * _BINS[1] + step[1]) * _BINS[2] + step[2], np.intp)


def _colours(lab: NDArray[Any], where: Flags) -> Floats | None:
    """(n,) share of each colour among some pixels, neighbours counting a little; None of few."""
    if where.sum() < _FEWEST:
        return None
    ranges = [0, 256] * 3
    mask = where.astype(np.uint8)
    planes = [np.ascontiguousarray(lab)]
    found = cv2.calcHist(planes, [0, 1, 2], mask, list(_BINS), ranges)
    counts: Floats = np.asarray(found, np.float32)
    for axis in range(3):
        moved = np.moveaxis(counts, axis, 0)
        soft = moved.copy()
        soft[1:] += np.float32(0.4) * moved[:-1]
        soft[:-1] += np.float32(0.4) * moved[1:]
        counts = np.moveaxis(soft, 0, axis)
    return np.asarray(counts.ravel() / counts.sum(), np.float32)
