"""What a person's bare face looks like in a shot, learned while things come in front of it.

Pixels of the face's small map are compared over time: a value is the face's own where most frames
agree on it. What is seen in front of the face in a frame is set aside and the rest is asked again,
so that a hand that stays for a second leaves no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.occlusion.agree import agreed, anything
from masquerade.faces.small_map import Tones, cut_off, regions, tones
from masquerade.types import RGB, Mask

LEAST_MAPS: Final = 5
_MOST_MAPS: Final = 16
_ROUNDS: Final = 3
_NOISE: Final = np.array([0.025, 0.010, 0.012], np.float32)  # of brightness and both colours
_EXTRA: Final = np.array([0.02, 0.01, 0.01], np.float32)
_KEPT: Final = 1.4  # deviations from the usual that are still the face
_SHADE: Final = 0.4  # weight of being darker: that may be a shadow
_FITS: Final = 2
_FIT_EVERY: Final = 4  # pixels of the map between two of which light is read
_AGREE: Final = 0.6  # of the skin; where less agrees, the light may have jumped
# Of anyone's mouth and eyes, in tones beside the skin's: dark gaps, teeth and whites, red lips.
_MOST_BELOW: Final = np.array([1.9, 0.40, 0.42], np.float32)
_MOST_ABOVE: Final = np.array([0.25, 0.50, 0.25], np.float32)
_LEAST_SHARE: Final = 0.2  # of the maps in which a place must be seen bare
_NEAR: Final = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class BareFace:
    """Tones of a bare face on the small map, (64, 64, 3) float32 each.

    Attributes:
        usual: The middle of what was seen.
        low: Below it a tone is not the face's.
        high: Above it a tone is not the face's.
        unit: By so much beyond either it surely is not.
    """

    usual: Tones
    low: Tones
    high: Tones
    unit: Tones


def learn(maps: Sequence[RGB]) -> BareFace | None:
    """The bare face in a shot; None where it was seen too briefly.

    Args:
        maps: (64, 64, 3) uint8 each, from `masquerade.faces.small_map.on_map`, in order of time.
    """
    if len(maps) < LEAST_MAPS:
        return None
    chosen = np.unique(np.linspace(0, len(maps) - 1, _MOST_MAPS).round().astype(int))
    seen = np.stack([tones(maps[k]) for k in chosen])
    lost = np.stack([cut_off(one) for one in seen])
    middle = np.median(seen, axis=0)
    seen = np.stack([levelled(one, middle) for one in seen])
    inside = regions().face
    told = ~np.asarray(lost.any(axis=-1))[:, inside]
    flat = seen[:, inside]  # (K, n, 3)
    valid = _enough(told)
    usual, spread = _middle(flat, valid)
    steady = _steadiness(spread)
    unit = _on_map(steady)
    known = _on_map(usual)
    for _ in range(_ROUNDS):
        low, high = _bounds(known, unit, 1.5)
        apart = [
            _apart(one, cut, low, high, known, unit) for one, cut in zip(seen, lost, strict=True)
        ]
        bare = np.stack([_bare_parts(one) for one in apart])[:, inside]
        bare = _enough(_enough(bare) & told)
        if np.array_equal(bare, valid):
            break
        valid = bare
        usual, spread = _middle(flat, valid)
        known = _on_map(usual)
        smooth = cv2.GaussianBlur(_on_map(spread), (0, 0), 1.0)
        unit = np.clip(smooth, 0.8 * _on_map(steady), 2.5 * _on_map(steady)).astype(np.float32)
    return _bare_face(flat, valid, known, unit)


def apart(bare: BareFace, seen: Tones) -> Mask:
    """(64, 64) float32 how far from the bare face a face's pixels are; above 1: surely another.

    Args:
        bare: The person's.
        seen: (64, 64, 3) tones of the map of one frame.
    """
    lit = levelled(seen, bare.usual)
    return _apart(lit, cut_off(seen), bare.low, bare.high, bare.usual, bare.unit)


def levelled(seen: Tones, usual: Tones) -> Tones:
    """(64, 64, 3) tones with the frame's light taken to the usual one.

    Brightness may differ by a plane, colours by a constant, fitted to the skin that agrees
    (iteratively reweighted least squares, Geman and McClure's weights).

    Args:
        seen: (64, 64, 3) of one frame.
        usual: (64, 64, 3) of the bare face.
    """
    field, chosen, _, weight = _planes()
    change = seen.reshape(-1, 3)[chosen] - usual.reshape(-1, 3)[chosen]
    light, colour, agree = _light(change, np.zeros(3, np.float32))
    if agree < _AGREE:
        other = _light(change, np.median(change[weight > 0.5], axis=0))
        light, colour = other[:2] if other[2] > agree else (light, colour)
    taken = np.empty_like(seen)
    taken[..., 0] = field @ light
    taken[..., 1:] = colour
    return np.asarray(seen - taken, np.float32)


def _light(
    change: NDArray[np.float32], start: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """(3,) plane of brightness, (2,) colours, and the share of the skin that agrees with them.

    Args:
        change: (m, 3) tones of a frame less the usual ones, where light is read.
        start: (3,) from which the fit begins.
    """
    _, _, planes, weight = _planes()
    light = np.array([start[0], 0, 0], np.float32)
    colour = start[1:].astype(np.float32)
    for turn in range(_FITS + 1):
        rest = np.abs(change[:, 0] - planes @ light) / 0.12
        rest += np.abs(change[:, 1:] - colour).sum(axis=1) / 0.06
        now = weight / (1 + rest * rest) ** 2
        total = float(now.sum()) + 1e-6
        if turn == _FITS:
            break
        scaled = planes * now[:, None]
        normal = scaled.T @ planes + np.diag([1e-3, 0.05, 0.05]).astype(np.float32) * total
        light = np.linalg.solve(normal, scaled.T @ change[:, 0]).astype(np.float32)
        colour = (now @ change[:, 1:] / total).astype(np.float32)
    return light, colour, total / float(weight.sum())


@cache
def _planes() -> tuple[
    NDArray[np.float32], NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]
]:
    """Constant and two slopes, for each pixel of the map and for those where light is read.

    Returns:
        (64, 64, 3) for the map; (m,) flat places of those pixels; (m, 3) for them; (m,) how far
        they are skin.
    """
    skin = regions().skin * regions().face
    side = skin.shape[0]
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j].astype(np.float32)
    field = np.stack([np.ones_like(x), y, x], axis=-1)
    chosen = np.flatnonzero(skin > 0.05)[::_FIT_EVERY]
    return field, chosen, field.reshape(-1, 3)[chosen], skin.ravel()[chosen]


@cache
def _shape() -> NDArray[np.float32]:
    """(n, 1) how much less steady than plain skin a face is at each of its pixels of the map."""
    known = regions()
    loose = 1 + 4 * np.clip(known.moving, 0, 1) + 1.5 * known.rim
    return np.asarray(loose[known.face][:, None], np.float32)


def _steadiness(spread: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 3) the spread to be expected: that of the steadier skin, more where faces move."""
    skin = regions().skin[regions().face] > 0.5
    usual = np.percentile((spread / _shape())[skin], 40, axis=0)
    return np.asarray(np.maximum(_NOISE, usual) * _shape(), np.float32)


def _middle(
    flat: NDArray[np.float32], valid: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, 3) medians and spreads (1.48 times the median deviation) over the valid maps."""
    middle = _quantile(flat, valid, 0.5)
    spread = _quantile(np.abs(flat - middle), valid, 0.5)
    return middle, np.float32(1.4826) * spread


def _quantile(
    flat: NDArray[np.float32], valid: NDArray[np.bool_], share: float
) -> NDArray[np.float32]:
    """(n, 3) quantile over the maps that are valid at each pixel; at least one is."""
    order = np.sort(np.where(valid[..., None], flat, np.float32(np.inf)), axis=0)
    place = np.round(share * (valid.sum(axis=0) - 1)).astype(np.intp)
    chosen = np.take_along_axis(order, place[None, :, None], axis=0)
    return np.asarray(chosen[0], np.float32)


def _enough(valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(K, n) the same, but all maps where hardly any is valid."""
    return np.asarray(valid | (valid.mean(axis=0) < _LEAST_SHARE))


def _bounds(usual: Tones, unit: Tones, reach: float) -> tuple[Tones, Tones]:
    """The tones around each pixel, so that a mesh may be a pixel off, widened by `reach` units."""
    low = np.asarray(cv2.erode(usual, _NEAR), np.float32) - reach * unit
    return low, np.asarray(cv2.dilate(usual, _NEAR), np.float32) + reach * unit


def _apart(
    seen: Tones, lost: NDArray[np.bool_], low: Tones, high: Tones, usual: Tones, unit: Tones
) -> Mask:
    """(64, 64) distances; a channel that is cut off may be brighter, and is taken to be so."""
    below, above = low - seen, seen - high
    if lost.any():
        below[..., 1:][lost[..., :2]] = 0
        above[..., 1:][lost[..., 1:]] = 0
    beyond = np.maximum(below, above, out=below)
    np.maximum(beyond, 0, out=beyond)
    beyond /= unit
    brightness = beyond[..., 0] * np.where(seen[..., 0] < usual[..., 0], _SHADE, 1)
    square = brightness**2 + beyond[..., 1] ** 2 + beyond[..., 2] ** 2
    return np.asarray(np.sqrt(square) * regions().face, np.float32)


def _bare_parts(apart: Mask) -> NDArray[np.bool_]:
    if not anything(apart):
        return np.ones(apart.shape, np.bool_)
    return np.asarray(agreed(apart) < 0.5)


def _bare_face(
    flat: NDArray[np.float32], bare: NDArray[np.bool_], usual: Tones, unit: Tones
) -> BareFace:
    low, high = _bounds(usual, unit, _KEPT)
    moving = np.clip(regions().moving, 0, 1)[..., None]
    share = 0.2 + 0.8 * moving
    least = cv2.erode(_on_map(_quantile(flat, bare, 0.05)), _NEAR)
    most = cv2.dilate(_on_map(_quantile(flat, bare, 0.95)), _NEAR)
    skin = np.median(usual[regions().skin > 0.5], axis=0)
    least = np.where(moving > 0, np.minimum(least, skin - _MOST_BELOW), least)
    most = np.where(moving > 0, np.maximum(most, skin + _MOST_ABOVE), most)
    low = np.minimum(low, usual + share * (least - usual)).astype(np.float32)
    high = np.maximum(high, usual + share * (most - usual)).astype(np.float32)
    return BareFace(usual, low, high, (unit + _EXTRA).astype(np.float32))


def _on_map(flat: NDArray[np.float32]) -> Tones:
    """(64, 64, 3) with the given values inside the face, and the nearest of them around it."""
    inside = regions().face
    out = np.zeros((*inside.shape, flat.shape[-1]), np.float32)
    out[inside] = flat
    rows, columns = _nearest_inside()
    return out[rows, columns]


@cache
def _nearest_inside() -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each pixel of the map the row and column of the nearest one within the face."""
    inside = regions().face
    _, labels = cv2.distanceTransformWithLabels(
        (~inside).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    rows, columns = np.nonzero(inside)
    place = np.zeros(labels.max() + 1, np.intp)
    place[labels[rows, columns]] = np.arange(len(rows))
    chosen = place[labels]
    return rows[chosen], columns[chosen]
