"""The rims of spectacles: closed lines around both eyes, which mirror each other.

A rounded shape, the same for both lenses, is laid where most of it lies on thin lines; each rim
is then drawn close to it as the closed line that runs along most of them (paths by dynamic
programming, in polar coordinates). So a rim is followed where it runs along lashes or a brow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Lens: TypeAlias = tuple[float, float, float, float, float]
"""Half width, half height, roundness, and where its middle lies from the eye's: outwards, down."""

_WIDTHS: Final = range(28, 66, 4)  # pixels of the map of 160 to a unit
_HEIGHTS: Final = range(16, 58, 4)
_TALLEST: Final = 1.15  # of its half width, a lens's half height
_ROUND: Final = (2.0, 2.6, 3.6)  # an ellipse, and nearer to a box
_ROUND_LEAST: Final = 1.8
_ASIDE: Final = range(-12, 17, 4)
_DOWN: Final = range(-8, 21, 4)
_STARTS: Final = 4  # best shapes that are bettered
_SPOTS: Final = 48  # of a shape, at which lines are asked
_ANGLES: Final = 96
_RADII: Final = (10, 92)
_THIN_PX: Final = 17
_BRIGHT: Final = 0.8  # what a bright line counts, of a dark one
_STRAIGHT: Final = 2.2  # what a step of a path outwards or inwards costs, of ten for a line
_AWAY: Final = (3.0, 0.45)  # pixels beside the shape that cost nothing, and what one more costs
_OWN: Final = 0.4  # of a line's strength, where there is a rim
_GAP: Final = 17  # of the angles, which a rim may have without a line
_SEEN: Final = 0.42  # how much of a shape lies on lines, at least
_BROAD: Final = (2.0, 11.0)  # pixels a rim is wide
_EDGE_PX: Final = 0.5  # taken along on both sides


@dataclass(frozen=True, slots=True)
class Rims:
    """Both rims on the map.

    Attributes:
        band: (h, w) which pixels they are.
        inside: (h, w) which are within them, or are them.
        inner: Columns at which they end towards the nose, from left to right.
        outer: Columns at which they end towards the temples.
    """

    band: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    inner: tuple[float, float]
    outer: tuple[float, float]


def lens_rims(
    light: Floats, lines: Floats, eyes: tuple[Floats, Floats], most: float
) -> Rims | None:
    """The rims; None where no lens lies on lines around both eyes.

    Args:
        light: (h, w) lightness.
        lines: (h, w) how strong thin lines are.
        eyes: (2,) each, the middle of the eye at the left and at the right.
        most: Strength of a line, above which it counts no more.
    """
    counted = np.minimum(lines, most) / np.float32(most)
    score, lens = _lens(np.asarray(cv2.GaussianBlur(counted, (0, 0), 1.5), np.float32), eyes)
    if score < _SEEN:
        return None
    band, inside = (np.zeros(lines.shape, np.uint8) for _ in range(2))
    strengths = [_strength(light, _middle(eye, lens, way), way, most) for eye, way in _ways(eyes)]
    inner, outer = [], []
    for (eye, way), own, other in zip(_ways(eyes), strengths, strengths[::-1], strict=True):
        radii = _path(own, lens)
        line = _middle(eye, lens, way) + _around(radii, way)
        wide = _width(own, radii)
        corners = np.rint(line * 8).astype(np.int32)
        for first, last in _runs(_there(own, other, radii)):
            part = np.take(corners, range(first, last + 1), axis=0, mode="wrap")
            cv2.polylines(band, [part], False, 1, wide, cv2.LINE_8, 3)
        cv2.fillPoly(inside, [corners], 1, cv2.LINE_8, 3)
        sides = sorted(line[:, 0].tolist(), reverse=way > 0)
        outer.append(sides[0])
        inner.append(sides[-1])
    whole = (inside | band) > 0
    return Rims(band > 0, whole, (inner[0], inner[1]), (outer[0], outer[1]))


def _ways(eyes: tuple[Floats, Floats]) -> tuple[tuple[Floats, int], tuple[Floats, int]]:
    """Each eye, and which way is outwards there."""
    return (eyes[0], -1), (eyes[1], 1)


def _middle(eye: Floats, lens: Lens, way: int) -> Floats:
    return np.asarray(eye + np.array([way * lens[3], lens[4]]), np.float32)


def _reach(lens: Lens, angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of a lens's rim from its middle, at angles from outwards down."""
    wide, tall, rounded = lens[:3]
    across, along = np.abs(np.cos(angles) / wide), np.abs(np.sin(angles) / tall)
    return np.asarray((across**rounded + along**rounded) ** (-1 / rounded))


def _lens(lines: Floats, eyes: tuple[Floats, Floats]) -> tuple[float, Lens]:
    """How much of the best shape lies on lines, and that shape."""
    places = [(float(aside), float(down)) for aside in _ASIDE for down in _DOWN]
    tried: list[tuple[float, Lens]] = []
    for wide in _WIDTHS:
        for tall in (one for one in _HEIGHTS if one <= _TALLEST * wide):
            for rounded in _ROUND:
                scores = _scores(lines, eyes, (wide, tall, rounded), places)
                best = int(scores.argmax())
                tried.append((float(scores[best]), (wide, tall, rounded, *places[best])))
    tried.sort(key=lambda one: -one[0])
    return max(_bettered(lines, eyes, *one) for one in tried[:_STARTS])


def _scores(
    lines: Floats,
    eyes: tuple[Floats, Floats],
    shape: tuple[float, float, float],
    places: list[tuple[float, float]],
) -> Floats:
    """(n,) how much of a shape lies on lines, at each of n places."""
    angles = np.linspace(0, 2 * np.pi, _SPOTS, endpoint=False)
    reach = _reach((*shape, 0.0, 0.0), angles)
    across, along = reach * np.cos(angles), reach * np.sin(angles)
    at = np.array(places)
    found = []
    for eye, way in _ways(eyes):
        x = (eye[0] + way * (across[None] + at[:, :1])).astype(np.float32)
        y = (eye[1] + along[None] + at[:, 1:]).astype(np.float32)
        found.append(cv2.remap(lines, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))
    return np.asarray(np.concatenate(found, axis=1).mean(axis=1), np.float32)


def _bettered(
    lines: Floats, eyes: tuple[Floats, Floats], score: float, lens: Lens
) -> tuple[float, Lens]:
    """A shape changed step by step, as long as more of it comes to lie on lines."""
    steps = [(1, 0, 0, 0, 0), (0, 1, 0, 0, 0), (0, 0, 0.3, 0, 0), (0, 0, 0, 1, 0), (0, 0, 0, 0, 1)]
    steps += [(1, 0, 0, 1, 0), (1, 0, 0, -1, 0), (0, 1, 0, 0, 1), (0, 1, 0, 0, -1)]
    for size in (2, 1):
        bettered = True
        while bettered:
            bettered = False
            for step in (
                tuple(way * size * one for one in each) for each in steps for way in (1, -1)
            ):
                w, h, r, x, y = (a + b for a, b in zip(lens, step, strict=True))
                if r < _ROUND_LEAST or h > _TALLEST * w or min(w, h) < 8:
                    continue
                now = float(_scores(lines, eyes, (w, h, r), [(x, y)])[0])
                if now > score + 1e-5:
                    score, lens, bettered = now, (w, h, r, x, y), True
    return score, lens


def _around(radii: NDArray[np.floating], way: int) -> Floats:
    angles = np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False)
    return np.stack([way * radii * np.cos(angles), radii * np.sin(angles)], axis=1).astype(
        np.float32
    )


def _strength(light: Floats, middle: Floats, way: int, most: float) -> Floats:
    """(angles, radii) in [0, 10] how strong a thin line is that crosses a ray outwards."""
    radii = np.arange(*_RADII, dtype=np.float32)
    rays = np.stack([_around(np.full(_ANGLES, one), way) for one in radii], axis=1) + middle
    x, y = np.ascontiguousarray(rays[..., 0]), np.ascontiguousarray(rays[..., 1])
    seen = cv2.remap(light, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    wide = np.ones((1, _THIN_PX), np.uint8)
    dark = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, wide) - seen
    bright = seen - cv2.morphologyEx(seen, cv2.MORPH_OPEN, wide)
    strong = np.maximum(dark, _BRIGHT * bright)
    return np.asarray(np.minimum(strong, most) * np.float32(10 / most), np.float32)


def _path(strength: Floats, lens: Lens) -> NDArray[np.float64]:
    """(angles,) radius of the closed line around a lens that runs along most lines."""
    angles = np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False)
    places = np.arange(strength.shape[1])
    away = np.abs(places[None] + _RADII[0] - _reach(lens, angles)[:, None])
    worth = strength - _AWAY[1] * np.maximum(away - _AWAY[0], 0).astype(np.float32)
    thrice = np.concatenate([worth] * 3)  # so that the middle part closes
    best, steps = thrice[0], np.zeros(thrice.shape, np.int64)
    for n in range(1, len(thrice)):
        come = [best - np.float32(_STRAIGHT * abs(j) * (1 + abs(j)) / 2) for j in range(-2, 3)]
        moved = np.stack([_shifted(one, j) for j, one in zip(range(-2, 3), come, strict=True)])
        chosen = moved.argmax(axis=0)
        steps[n] = chosen - 2
        best = thrice[n] + moved[chosen, places]
    path = np.zeros(len(thrice), np.int64)
    path[-1] = int(best.argmax())
    for n in range(len(thrice) - 1, 0, -1):
        path[n - 1] = np.clip(path[n] + steps[n][path[n]], 0, len(places) - 1)
    return path[_ANGLES : 2 * _ANGLES].astype(np.float64) + _RADII[0]


def _shifted(values: Floats, by: int) -> Floats:
    """(n,) the values `by` places on; what comes from outside counts nothing."""
    out = np.full_like(values, -1e9)
    if by < 0:
        out[-by:] = values[:by]
    elif by > 0:
        out[:-by] = values[by:]
    else:
        out[:] = values
    return out


def _there(own: Floats, other: Floats, radii: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(angles,) where there is a rim: a line here or on the other side, or close by."""
    at = (radii - _RADII[0]).astype(int)
    wide = cv2.dilate(other, np.ones((1, 9), np.uint8))
    rows = np.arange(_ANGLES)
    seen = np.maximum(own[rows, at], wide[rows, at]) > 10 * _OWN
    closed = np.convolve(np.tile(seen, 3), np.ones(_GAP), "same") > 0
    held = np.convolve(~closed, np.ones(_GAP), "same") == 0
    return np.asarray(held[_ANGLES : 2 * _ANGLES])


def _runs(there: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last angle of each stretch that is there; beyond the last angle it goes on."""
    if there.all():
        return [(0, len(there))]
    starts = np.flatnonzero(there & ~np.roll(there, 1))
    runs = []
    for start in starts.tolist():
        length = int(np.argmin(np.roll(there, -start)))
        runs.append((start, start + length - 1))
    return runs


def _width(strength: Floats, radii: NDArray[np.float64]) -> int:
    """How broad a rim is on the map: the median width at half of its strength."""
    at = (radii - _RADII[0]).astype(int)
    found = []
    for row, middle in zip(strength, at, strict=True):
        strong = row > 0.5 * row[middle]
        if row[middle] < 10 * _OWN:
            continue
        low = middle - int(np.argmin(strong[middle::-1])) if not strong[: middle + 1].all() else 0
        high = middle + int(np.argmin(strong[middle:])) if not strong[middle:].all() else len(row)
        found.append(high - low - 1)
    wide = float(np.median(found)) if found else _BROAD[0]
    return round(float(np.clip(wide, *_BROAD)) + 2 * _EDGE_PX)
