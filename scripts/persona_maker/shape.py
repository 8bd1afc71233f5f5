"""Shapes of faces: what a group has in common, mouths closed, made more its own.

Shapes are (478, 2) float64 in widths between the outer corners of the eyes, which lie level, with 0
half-way between them; x to the right, y down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE, STABLE, topology
from masquerade.types import Points

Shape: TypeAlias = NDArray[np.floating[Any]]
CORNERS = (RIGHT_EYE[0], LEFT_EYE[0])
UPPER_LIP = (13, 82, 81, 80, 191, 312, 311, 310, 415)
LOWER_LIP = (14, 87, 178, 88, 95, 317, 402, 318, 324)
MIDLINE = (10, 152, 168, 1, 6)
PARTING = 0.0015  # of closed lips


@dataclass(frozen=True, slots=True)
class Population:
    """How faces differ, learnt from many.

    Attributes:
        mean: (478, 2) the mean of all.
        expression: (2, 478, 2) change with the opening of the lips and with the mouth's width.
        usual: (2,) mean opening and width.
        identity: (k, 478, 2) main differences between people, each one standard deviation.
    """

    mean: Shape
    expression: NDArray[np.float64]
    usual: NDArray[np.float64]
    identity: NDArray[np.float64]


def transform(source: Shape, target: Shape) -> tuple[NDArray[np.float64], Shape]:
    """(2, 2) matrix A and (2,) shift: the similarity that takes source points nearest to target.

    Umeyama 1991, in the plane.
    """
    from_mean, to_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = source - from_mean, target - to_mean
    size = (a * a).sum()
    cos = (a * b).sum() / size
    sin = (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum() / size
    matrix = np.array([[cos, -sin], [sin, cos]])
    return matrix, to_mean - matrix @ from_mean


def frontal(landmarks: Points) -> Shape:
    """(478, 2) the mesh turned so that both ears are equally far."""
    across = landmarks[454] - landmarks[234]
    yaw = float(np.arctan2(across[2], across[0]))
    x = np.cos(yaw) * landmarks[:, 0] + np.sin(yaw) * landmarks[:, 2]
    return np.stack([x, landmarks[:, 1]], axis=1).astype(np.float64)


def fitted(shapes: Shape, reference: Shape) -> NDArray[np.float64]:
    """(n, 478, 2) each shape moved, turned and scaled onto the reference."""
    still = list(STABLE)
    out = np.empty(shapes.shape)
    for k, shape in enumerate(shapes):
        matrix, shift = transform(shape[still], reference[still])
        out[k] = shape @ matrix.T + shift
    return out


def learn(meshes: Sequence[Points], *, components: int = 24) -> Population:
    """How the faces of many portraits differ.

    Args:
        meshes: (478, 3) each, in pixels of its own picture.
        components: How many differences between people to keep.
    """
    shapes = np.stack([frontal(mesh) for mesh in meshes])
    mean = _level(shapes[0])
    for _ in range(5):
        mean = _level(fitted(shapes, mean).mean(axis=0))
    shapes = fitted(shapes, mean)
    mouth = _mouth(shapes)
    usual = mouth.mean(axis=0)
    cause = np.column_stack([mouth - usual, np.ones(len(shapes))])
    effect = np.linalg.lstsq(cause, shapes.reshape(len(shapes), -1), rcond=None)[0]
    rest = shapes.reshape(len(shapes), -1) - cause @ effect
    _, spread, axes = np.linalg.svd(rest, full_matrices=False)
    deviations = axes * (spread / np.sqrt(len(shapes)))[:, None]
    return Population(
        mean=effect[2].reshape(-1, 2),
        expression=effect[:2].reshape(2, -1, 2),
        usual=usual,
        identity=deviations[:components].reshape(components, -1, 2),
    )


def group_shape(
    meshes: Sequence[Points],
    population: Population,
    *,
    exaggeration: float,
    coefficients: Sequence[float],
    symmetry: float = 0.75,
) -> Shape:
    """The mean shape of a group, at rest with closed lips, and what sets it apart enlarged.

    Args:
        meshes: (478, 3) each, in pixels of its own picture.
        population: How faces differ.
        exaggeration: 1 keeps the group's mean; 1.25 takes it a quarter further from everyone's.
        coefficients: Added differences between people, in standard deviations.
        symmetry: 0 keeps the two sides as they are, 1 makes them the same.
    """
    shapes = fitted(np.stack([frontal(mesh) for mesh in meshes]), population.mean)
    mouth = _mouth(shapes)
    rest = np.array([PARTING * 2, mouth[:, 1].mean() - 0.06])
    shapes = shapes + np.einsum("nk,kpd->npd", rest - mouth, population.expression)
    usual = population.mean + np.einsum("k,kpd->pd", rest - population.usual, population.expression)
    shape = usual + exaggeration * (shapes.mean(axis=0) - usual)
    shape = _symmetric(shape, symmetry)
    count = len(coefficients)
    shape = shape + np.einsum("k,kpd->pd", np.array(coefficients), population.identity[:count])
    return _level(_lips_closed(shape))


def _mouth(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) opening of the lips and width of the mouth."""
    opening = np.linalg.norm(shapes[:, 13] - shapes[:, 14], axis=1)
    width = np.linalg.norm(shapes[:, 61] - shapes[:, 291], axis=1)
    return np.stack([opening, width], axis=1)


def _level(shape: Shape) -> Shape:
    across = shape[CORNERS[1]] - shape[CORNERS[0]]
    size, angle = float(np.linalg.norm(across)), float(np.arctan2(across[1], across[0]))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / size
    return np.asarray((shape - shape[list(CORNERS)].mean(axis=0)) @ turn.T)


def _symmetric(shape: Shape, amount: float) -> Shape:
    other = shape[topology().mirror].copy()
    other[:, 0] = 2 * shape[list(MIDLINE), 0].mean() - other[:, 0]
    return shape + amount * ((shape + other) / 2 - shape)


def _lips_closed(shape: Shape) -> Shape:
    out = shape.copy()
    for upper, lower in zip(UPPER_LIP, LOWER_LIP, strict=True):
        seam = (shape[upper] + shape[lower]) / 2
        out[[upper, lower]] = seam + np.array([[0, -PARTING], [0, PARTING]])
    return out
