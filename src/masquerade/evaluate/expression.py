"""Does the face do the same? Lips, eyes and brows of two meshes, head and size taken away."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import (
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    SURFACE,
    interocular_px,
)
from masquerade.types import Points

EXPRESSIVE: Final = tuple(
    sorted({*LIPS, *INNER_LIPS, *RIGHT_EYE, *LEFT_EYE, *RIGHT_BROW, *LEFT_BROW})
)


def expression_error(result: Points, target: Points) -> float:
    """Mean distance in the picture of lip, eye and brow points, in interocular distances.

    The result's 468 surface points are first laid over the target's by the similarity (shift,
    turn, scale) of least squares, in the picture plane. Differences of proportion between the
    two people count as error.

    Args:
        result: (478, 3) mesh measured on the result, in pixels.
        target: (478, 3) mesh of the target, in pixels.
    """
    apart = _laid_over(result, target) - target[:SURFACE, :2]
    lengths = np.linalg.norm(apart[list(EXPRESSIVE)], axis=1)
    return float(lengths.mean()) / interocular_px(target)


def motion_error(results: NDArray[np.float32], targets: NDArray[np.float32]) -> float:
    """Like `expression_error`, of the movement about each one's own mean over a clip.

    What stays the same through the clip (the proportions of two people's faces) does not count,
    only what moves does: the counterpart of expression coefficients freed from identity.

    Args:
        results: (n, 478, 3) meshes measured on the result, in pixels.
        targets: (n, 478, 3) meshes of the target, in pixels.
    """
    index = list(EXPRESSIVE)
    base = targets[0]
    seen = np.stack([_laid_over(mesh, base)[index] for mesh in results])
    wanted = np.stack([_laid_over(mesh, base)[index] for mesh in targets])
    apart = (seen - seen.mean(axis=0)) - (wanted - wanted.mean(axis=0))
    return float(np.linalg.norm(apart, axis=2).mean()) / interocular_px(base)


def _laid_over(mesh: Points, onto: Points) -> NDArray[np.float64]:
    """(468, 2) the surface of a mesh after the best similarity in the picture plane."""
    a, b = (points[:SURFACE, :2].astype(np.float64) for points in (mesh, onto))
    mean_a, mean_b = a.mean(axis=0), b.mean(axis=0)
    a0, b0 = a - mean_a, b - mean_b
    square = (a0 * a0).sum()
    real = (a0 * b0).sum() / square
    turned = (a0[:, 0] * b0[:, 1] - a0[:, 1] * b0[:, 0]).sum() / square
    matrix = np.array([[real, turned], [-turned, real]])
    laid: NDArray[np.float64] = a0 @ matrix + mean_b
    return laid
