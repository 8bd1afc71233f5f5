"""A patch's colours brought to those of the frame: five transfers, all measured on plain skin.

Each is measured on small copies and summed up as one map of colours: a matrix, a shift, and a
curve over brightness for what no matrix can do. So it costs the same for every transfer, knows
nothing of places, and can be steadied over time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Mask

Transfer: TypeAlias = Literal["rct", "lct", "mkl", "idt", "sot"]
Cells: TypeAlias = NDArray[np.float32]
_Samples: TypeAlias = NDArray[np.float64]

_LUMA: Final = np.array([0.299, 0.587, 0.114])
_MOST_LIGHT: Final = 3.0  # times by which light may differ
_MOST: Final = 1.6  # times by which differences of colour may grow
_LEAST_WEIGHT: Final = 4.0  # cells of skin below which nothing is transferred
_TURNS: Final = 12  # rotations of the colour space in idt
_SLICES: Final = 48  # directions in sot
_HAZE: Final = (0.3, 0.5, 0.7)  # contrast less than light makes it, at which features keep:
_SEEN: Final = (0.3, 0.5, 1.0)  # that much of theirs; people differ, too
_TONE: Final = 12.0  # levels of brightness over which the curve is smooth


@dataclass(frozen=True, slots=True)
class Recolour:
    """A map of colours.

    Attributes:
        matrix: (3, 4) what red, green and blue become, the last column a shift in levels.
        tones: (256, 3) float32 what is added to them at each brightness of the colour before.
    """

    matrix: NDArray[np.float64]
    tones: NDArray[np.float32]

    def __call__(self, picture: RGB | Cells) -> Cells:
        """(h, w, 3) float32 the picture in its new colours.

        Args:
            picture: (h, w, 3) in [0, 255].
        """
        made = np.asarray(cv2.transform(picture.astype(np.float32), self.matrix), np.float32)
        if self.tones.any():
            grey = cv2.convertScaleAbs(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
            table = np.ascontiguousarray(self.tones)[:, None]
            cv2.add(made, cv2.LUT(cv2.merge((grey, grey, grey)), table), dst=made)
        return made

    def mixed(self, other: Recolour, share: float) -> Recolour:
        """Between this map (share 0) and another (share 1)."""
        return Recolour(
            self.matrix + share * (other.matrix - self.matrix),
            self.tones + np.float32(share) * (other.tones - self.tones),
        )


def unchanged() -> Recolour:
    """The map that leaves colours as they are."""
    return Recolour(np.eye(3, 4), np.zeros((256, 3), np.float32))


def transfer(frame: Cells, patch: Cells, weight: Mask, *, how: Transfer) -> Recolour:
    """The map that brings the patch's colours to the frame's.

    ``rct`` matches mean and spread of lightness and of both colour axes (Reinhard et al., "Color
    transfer between images", 2001, in CIE Lab). ``lct`` matches mean and covariance through the
    square roots of both (Hertzmann, "Algorithms for rendering in artistic styles", 2001). ``mkl``
    does so with the least movement (Pitie and Kokaram, "The linear Monge-Kantorovitch linear
    colour mapping", 2007). ``idt`` matches the whole distribution, axis by axis of a turning
    colour space (Pitie et al., "Automated colour grading using colour distribution transfer",
    2007); ``sot`` slides along random directions (Bonneel et al., "Sliced and Radon Wasserstein
    barycenters", 2015). Of the last two, what a matrix and a curve over brightness can say is
    kept, so that neighbouring colours stay neighbours.

    Args:
        frame: (n, m, 3) in [0, 255].
        patch: (n, m, 3) in [0, 255].
        weight: (n, m) what counts, plain skin at best; too little of it changes nothing.
        how: The transfer.
    """
    share = weight.ravel().astype(np.float64)
    if share.sum() < _LEAST_WEIGHT:
        return unchanged()
    counted = share > 1e-3
    share = share[counted] / share[counted].sum()
    mine, theirs = (x.reshape(-1, 3)[counted].astype(np.float64) for x in (patch, frame))
    if how in ("lct", "mkl"):
        return Recolour(_linear(mine, theirs, share, how), np.zeros((256, 3), np.float32))
    if how == "rct":
        wanted = _by_spread(mine, theirs, share)
    elif how == "idt":
        wanted = _by_turns(mine, theirs, share)
    else:
        wanted = _by_slices(mine, theirs, share)
    return _fitted(mine, wanted, share)


def for_features(
    frame: Cells, patch: Cells, weight: Mask, *, colours: float, contrast: float = 1.0
) -> Recolour:
    """The map for eyes, brows, lips and teeth, of which skin's colours say nothing.

    A map fitted to skin, carried on to what is darker or whiter, would make brown eyes teal. They
    get the frame's light as a factor for each channel (von Kries), and of their colours as much as
    the frame has.

    Args:
        frame: (n, m, 3) in [0, 255] the patch's skin as the map for skin makes it.
        patch: (n, m, 3) in [0, 255].
        weight: (n, m) plain skin; too little of it changes nothing.
        colours: Variety of colours that the frame has for each unit of the patch's.
        contrast: Distance from dark to bright that the frame has for each unit of the patch's.
            Where it is far less than light alone makes it there is haze, before features, too.
    """
    total = float(weight.sum())
    if total < _LEAST_WEIGHT:
        return unchanged()
    share = weight.ravel().astype(np.float64) / total
    mine, theirs = (share @ x.reshape(-1, 3).astype(np.float64) for x in (patch, frame))
    factor = np.clip((theirs + 1) / (mine + 1), 1 / _MOST_LIGHT, _MOST_LIGHT)
    kept = float(np.clip(colours, 0, 1))
    tint = theirs / max(float(_LUMA @ theirs), 1.0)
    matrix = (kept * np.eye(3) + (1 - kept) * np.outer(tint, _LUMA)) * factor
    clear = contrast * float(_LUMA @ mine) / max(float(_LUMA @ theirs), 1.0)
    seen = float(np.interp(clear, _HAZE, _SEEN))
    veil = (1 - seen) * (matrix @ mine)
    return Recolour(np.column_stack([seen * matrix, veil]), np.zeros((256, 3), np.float32))


def with_own_brightness(made: Recolour, frame: Cells, weight: Mask) -> Recolour:
    """The map changed so that brightness is left as it is, and the rest is done as before.

    Args:
        made: From `transfer`.
        frame: (n, m, 3) in [0, 255], which says what colour a change of brightness has there.
        weight: (n, m) what counts.
    """
    share = weight.ravel().astype(np.float64) / max(float(weight.sum()), 1e-6)
    samples = frame.reshape(-1, 3).astype(np.float64)
    cov = _covariance(samples, share)
    colour = cov @ _LUMA / (_LUMA @ cov @ _LUMA)
    lost = np.append(_LUMA, 0.0) - _LUMA @ made.matrix
    return Recolour(made.matrix + np.outer(colour, lost), made.tones)


def _linear(mine: _Samples, theirs: _Samples, share: _Samples, how: str) -> NDArray[np.float64]:
    mean_a, mean_b = share @ mine, share @ theirs
    cov_a, cov_b = _covariance(mine, share), _covariance(theirs, share)
    back = _power(cov_a, -0.5)
    if how == "lct":
        matrix = _power(cov_b, 0.5) @ back
    else:
        root = _power(cov_a, 0.5)
        matrix = back @ _power(root @ cov_b @ root, 0.5) @ back
    return _with_shift(_limited(matrix), mean_a, mean_b)


def _by_spread(mine: _Samples, theirs: _Samples, share: _Samples) -> _Samples:
    """(n, 3) the colours with mean and spread matched in Lab."""
    a, b = _lab(mine), _lab(theirs)
    mean_a, mean_b = share @ a, share @ b
    spread_a, spread_b = (
        np.sqrt(share @ (x - m) ** 2 + 0.15) for x, m in ((a, mean_a), (b, mean_b))
    )
    moved = (a - mean_a) * np.minimum(spread_b / spread_a, _MOST) + mean_b
    back = cv2.cvtColor(moved[None].astype(np.float32), cv2.COLOR_Lab2RGB)
    return np.asarray(back[0], np.float64) * 255


def _lab(samples: _Samples) -> _Samples:
    levels = (np.clip(samples, 0, 255) / 255).astype(np.float32)[None]
    return np.asarray(cv2.cvtColor(levels, cv2.COLOR_RGB2Lab)[0], np.float64)


def _by_turns(mine: _Samples, theirs: _Samples, share: _Samples) -> _Samples:
    """(n, 3) the colours with their distribution matched along all axes of turned spaces."""
    rng = np.random.default_rng(2007)
    out = mine.copy()
    for _ in range(_TURNS):
        axes, _upper = np.linalg.qr(rng.standard_normal((3, 3)))
        here, there = out @ axes, theirs @ axes
        moved = np.stack([_matched(here[:, k], there[:, k], share) for k in range(3)], axis=1)
        out = moved @ axes.T
    return out


def _by_slices(mine: _Samples, theirs: _Samples, share: _Samples) -> _Samples:
    """(n, 3) the colours moved along random directions, each time by what is apart there."""
    rng = np.random.default_rng(2015)
    out = mine.copy()
    for _ in range(_SLICES):
        way = rng.standard_normal(3)
        way /= np.linalg.norm(way)
        here = out @ way
        out += (_matched(here, theirs @ way, share) - here)[:, None] * way
    return out


def _matched(values: _Samples, wanted: _Samples, share: _Samples) -> _Samples:
    """(n,) values changed, in their order, so that they are distributed as the wanted ones."""
    order, other = np.argsort(values, kind="stable"), np.argsort(wanted, kind="stable")
    rank = np.cumsum(share[order]) - share[order] / 2
    levels = np.cumsum(share[other]) - share[other] / 2
    out = np.empty_like(values)
    out[order] = np.interp(rank, levels, wanted[other])
    return out


def _fitted(mine: _Samples, wanted: _Samples, share: _Samples) -> Recolour:
    """The matrix and the curve over brightness nearest to a movement of colours."""
    mean_a, mean_b = share @ mine, share @ wanted
    apart, moved = mine - mean_a, wanted - mean_b
    cov = _covariance(mine, share)
    cross = (moved * share[:, None]).T @ apart + np.eye(3)
    matrix = _with_shift(_limited(cross @ np.linalg.inv(cov)), mean_a, mean_b)
    rest = wanted - (mine @ matrix[:, :3].T + matrix[:, 3])
    light = mine @ _LUMA
    near = np.exp(-(((np.arange(256)[:, None] - light) / _TONE) ** 2) / 2) * share
    some = near.sum(axis=1, keepdims=True)
    return Recolour(matrix, (near @ rest / (some + 0.02)).astype(np.float32))


def _covariance(samples: _Samples, share: _Samples) -> NDArray[np.float64]:
    """(3, 3) with the variance of rounding and noise, one level squared, on top."""
    apart = samples - share @ samples
    return (apart * share[:, None]).T @ apart + np.eye(3)


def _with_shift(
    matrix: NDArray[np.float64], mean_a: _Samples, mean_b: _Samples
) -> NDArray[np.float64]:
    return np.column_stack([matrix, mean_b - matrix @ mean_a])


def _limited(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrix with what it stretches too far stretched less."""
    left, sizes, right = np.linalg.svd(matrix)
    limited: NDArray[np.float64] = (left * np.minimum(sizes, _MOST)) @ right
    return limited


def _power(matrix: NDArray[Any], exponent: float) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    powered: NDArray[np.float64] = (vectors * np.maximum(values, 1e-6) ** exponent) @ vectors.T
    return powered
