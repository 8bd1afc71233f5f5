"""Learns the filters of `masquerade.compose.detail` from portraits, by least squares.

``python -m train.detail PORTRAITS [--out FILE] [--pictures N]``

PORTRAITS is a folder of JPEGs of at least 300 pixels a side. Each is made half as large, coded as
a JPEG as sources are, enlarged again, and the filters are fitted that lead back to it: one for
each direction, strength and coherence of the gradient. It takes a few minutes on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.detail import BUCKETS, SIDE, STEPS, buckets, gradients, surroundings

_CELLS = SIDE * SIDE
_RIDGE = 60.0  # levels squared: how strongly a filter is held to leave pixels as they are
_LEAST_PX = 300
_MARGIN = 8


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("portraits", type=Path)
    parser.add_argument("--out", type=Path, default=Path("src/masquerade/compose/detail.npz"))
    parser.add_argument("--pictures", type=int, default=200)
    given = parser.parse_args(arguments)
    paths = sorted(given.portraits.glob("*.jpg"))
    strengths, coherences = limits(pairs(paths, 20))
    square = np.zeros((BUCKETS, _CELLS, _CELLS))
    product = np.zeros((BUCKETS, _CELLS))
    for large, wanted in pairs(paths, given.pictures):
        gather(large, wanted, buckets(large, strengths, coherences), square, product)
    np.savez_compressed(
        given.out,
        weights=solve(square, product).astype(np.float16),
        strengths=strengths,
        coherences=coherences,
    )


def pairs(
    paths: Sequence[Path], count: int
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Brightness of pictures as enlarged from half their size, and as they should be."""
    rng = np.random.default_rng(16)
    found = 0
    for path in rng.permutation(np.array(paths)):
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is None or min(picture.shape) < _LEAST_PX or found >= count:
            continue
        found += 1
        height, width = (side - side % 2 for side in picture.shape)
        wanted = picture[:height, :width]
        if rng.random() < 0.5:
            wanted = wanted[:, ::-1]
        small = cv2.resize(wanted, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        quality = int(rng.integers(75, 98))
        _, data = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])
        stored = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE))
        large = cv2.resize(stored, (width, height), interpolation=cv2.INTER_CUBIC)
        yield large.astype(np.float32), wanted.astype(np.float32)


def limits(
    some: Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Limits of strength and coherence that part what detail there is into equal shares."""
    strengths, coherences = [], []
    for large, _ in some:
        _, strength, coherence = gradients(large)
        strengths.append(strength[strength > 1])
        coherences.append(coherence[strength > 1])
    shares = np.arange(1, STEPS) / STEPS
    return tuple(  # type: ignore[return-value]
        np.quantile(np.concatenate(x), shares).astype(np.float32) for x in (strengths, coherences)
    )


def gather(
    large: NDArray[np.float32],
    wanted: NDArray[np.float32],
    number: NDArray[np.intp],
    square: NDArray[np.float64],
    product: NDArray[np.float64],
) -> None:
    """Adds a picture to the normal equations of every filter."""
    inner = (slice(_MARGIN, -_MARGIN), slice(_MARGIN, -_MARGIN))
    seen = surroundings(large)[inner].reshape(-1, _CELLS)
    numbers, goals = number[inner].ravel(), wanted[inner].ravel()
    order = np.argsort(numbers, kind="stable")
    ends = np.searchsorted(numbers[order], np.arange(BUCKETS + 1))
    for bucket in range(BUCKETS):
        chosen = order[ends[bucket] : ends[bucket + 1]]
        if len(chosen):
            rows, goal = seen[chosen], goals[chosen]
            middle = rows[:, _CELLS // 2, None].copy()
            rows = rows - middle
            square[bucket] += rows.T @ rows
            product[bucket] += rows.T @ (goal - middle[:, 0])


def solve(square: NDArray[np.float64], product: NDArray[np.float64]) -> NDArray[np.float64]:
    """(576, 81) the filters; each sums to 1, so that plain areas stay as they are."""
    some = np.einsum("bkk->b", square).mean() / _CELLS
    ridge = np.eye(_CELLS) * (_RIDGE + 1e-4 * some)
    made = np.linalg.solve(square + ridge, product[..., None])[..., 0]
    made[:, _CELLS // 2] += 1 - made.sum(axis=1)
    return np.asarray(made, np.float64)


if __name__ == "__main__":
    main()
