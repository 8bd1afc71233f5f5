"""Finds the shape that makes a persona unlike every real face.

A face that is a mean of many lies near the middle of all faces, where many are near. So the shape
is moved along the main differences between people until the nearest real face, and the nearest
other persona, are far.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.embed import embed
from masquerade.faces.puppet import sampled
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Face
from scripts.persona_maker.donors import EYES_PX, SIZE_WH, on_canvas
from scripts.persona_maker.matte import Picture
from scripts.persona_maker.shape import Population, Shape

COMPONENTS = 16
LARGEST = 1.8  # standard deviations in one direction
STEPS = 500


def unlike_anyone(
    picture: RGB,
    shape: Shape,
    population: Population,
    start: Sequence[float],
    others: NDArray[np.float32],
    reader: FaceReader,
    rng: np.random.Generator,
) -> tuple[list[float], float]:
    """Coefficients (standard deviations) to add for the shape farthest from all others.

    Gives back the sum of `start` and what was found, and the distance that was reached.

    A random walk that keeps what is better. The picture is bent, not made anew, so the distance is
    an estimate.

    Args:
        picture: (640, 512, 3) uint8 RGB of the persona.
        shape: (478, 2) its shape.
        population: How faces differ.
        start: The coefficients the picture was made with; may be shorter or empty.
        others: (n, 128) faces to keep away from.
        reader: The loaded networks.
        rng: The source of chance.
    """
    fields = _fields(shape, population)
    base, best = np.zeros(COMPONENTS), np.zeros(COMPONENTS)
    base[: len(start)] = start
    far = _nearest(picture, shape, population, fields, best, others, reader)
    for step in range(STEPS):
        size = 0.6 * (1 - step / STEPS) + 0.1
        moved = best + rng.normal(size=COMPONENTS) * size * (rng.random(COMPONENTS) < 0.3)
        moved = np.clip(base + moved, -LARGEST, LARGEST) - base
        distance = _nearest(picture, shape, population, fields, moved, others, reader)
        cost = 0.003 * float(((base + moved) ** 2).sum() - ((base + best) ** 2).sum())
        if distance - cost > far:
            best, far = moved, distance
    return [round(float(value), 3) for value in base + best], far


def _nearest(
    picture: RGB,
    shape: Shape,
    population: Population,
    fields: Picture,
    coefficients: NDArray[np.float64],
    others: NDArray[np.float32],
    reader: FaceReader,
) -> float:
    offset = np.einsum("k,khwd->hwd", coefficients.astype(np.float32), fields)
    offset = cv2.resize(offset, SIZE_WH, interpolation=cv2.INTER_LINEAR)
    y, x = np.mgrid[0 : SIZE_WH[1], 0 : SIZE_WH[0]]
    bent = sampled(picture, np.stack([x, y], axis=-1) - offset)
    moved = shape + np.einsum("k,kpd->pd", coefficients, population.identity[:COMPONENTS])
    landmarks = np.column_stack([on_canvas(moved), np.zeros(len(moved))]).astype(np.float32)
    face = Face((0.0, 0.0, 1.0, 1.0), 1.0, landmarks, (0.0, 0.0, 0.0))
    found = embed(bent, face, reader)
    return float(np.linalg.norm(others - found, axis=1).min())


def _fields(shape: Shape, population: Population) -> Picture:
    """(k, 80, 64, 2) smooth displacement of the picture in pixels for one of each component."""
    width, height = SIZE_WH[0] // 8, SIZE_WH[1] // 8
    y, x = np.mgrid[0:height, 0:width]
    grid = np.stack([x.ravel(), y.ravel()], axis=1) * 8.0 + 3.5
    places = on_canvas(shape)[:468]
    apart = np.linalg.norm(grid[:, None] - places[None], axis=2)
    weight = np.exp(-((apart / 14) ** 2)) + 1e-12
    reach = np.exp(-((np.maximum(apart.min(axis=1) - 8, 0) / 60) ** 2))
    weight = weight / weight.sum(axis=1, keepdims=True) * reach[:, None]
    moves = population.identity[:COMPONENTS, :468] * EYES_PX
    fields = np.einsum("gp,kpd->kgd", weight, moves)
    return np.asarray(fields.reshape(COMPONENTS, height, width, 2), np.float32)
