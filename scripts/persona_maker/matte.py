"""Cuts a studio portrait out of its plain backdrop.

Official portraits stand before one paper backdrop whose colour changes slowly, so no network is
needed: the backdrop is fitted as a quadratic surface, what looks like it is taken away, and hair at
the edge is unmixed from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Points

Picture: TypeAlias = NDArray[np.floating[Any]]
LIKE_BACKDROP = 0.12
ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Cutout:
    """A person without backdrop.

    Attributes:
        colour: (H, W, 3) float32 RGB in [0, 1]; beyond the person the nearest colours go on.
        alpha: (H, W) float32 in [0, 1], 1 on the person.
    """

    colour: Picture
    alpha: Picture


def blurred(picture: Picture, sigma: float) -> Picture:
    """The picture, smooth: a Gaussian of that many pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)


def cut_out(image: RGB, landmarks: Points) -> Cutout:
    """The person of a portrait, cut out.

    Args:
        image: (H, W, 3) uint8 RGB before a plain backdrop.
        landmarks: (n, 2 or 3) mesh of the face in pixels.
    """
    picture = image.astype(np.float32) / 255
    backdrop, person = _backdrop_and_person(picture, landmarks[:, :2])
    edge = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    surely_in = cv2.erode(person, edge)
    surely_out = 1 - cv2.dilate(person, edge)
    inner = _spread(picture, surely_in.astype(np.float32), 6.0)
    step = inner - backdrop
    share = ((picture - backdrop) * step).sum(axis=2) / ((step * step).sum(axis=2) + 1e-4)
    share = np.clip((share - 0.12) / 0.76, 0, 1)
    alpha = np.where(surely_in > 0, 1.0, np.where(surely_out > 0, 0.0, share)).astype(np.float32)
    face = _face(landmarks, alpha.shape)
    alpha = np.maximum(alpha * (1 - _seen_through(picture, backdrop)), face)
    colour = _unmixed(picture, backdrop, alpha, inner)
    return Cutout(_without_spill(colour, face, landmarks), alpha)


def _backdrop_and_person(picture: Picture, points: Points) -> tuple[Picture, NDArray[np.uint8]]:
    """The backdrop as it would be without the person, and where the person is (1)."""
    height, width = picture.shape[:2]
    low, high = points.min(axis=0), points.max(axis=0)
    middle, span = (low + high) / 2, float(high[0] - low[0])
    y, x = np.mgrid[0:height, 0:width]
    sure = (np.abs(x - middle[0]) > 1.25 * span) & (y < middle[1] + 0.3 * span)
    sure |= y < max(4.0, low[1] - 0.75 * span, 0.03 * height)
    backdrop = _fit(picture, sure)
    kept = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(kept, cv2.convexHull(points.astype(np.int32)), 1)
    kept[(y > high[1] + 0.1 * span) & (np.abs(x - middle[0]) < 0.45 * span)] = 1
    for _ in range(ROUNDS):  # the fit grows downwards along the sides
        like = ((_difference(picture, backdrop) < LIKE_BACKDROP) & (kept == 0)).astype(np.uint8)
        like = np.asarray(cv2.morphologyEx(like, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
        like = _large_parts(like.astype(np.uint8))
        backdrop = _fit(picture, cv2.erode(like, np.ones((5, 5), np.uint8)) > 0)
    return backdrop, _part_at(1 - like, middle)


def _fit(picture: Picture, where: NDArray[np.bool_]) -> Picture:
    """A quadratic surface for each channel through the pixels named, outliers weighted down."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    x, y = x / width - 0.5, y / height - 0.5
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    at, values = terms[where], picture[where]
    weight = np.ones(len(at))
    for _ in range(5):
        solved = np.linalg.lstsq(at * weight[:, None], values * weight[:, None], rcond=None)[0]
        error = np.linalg.norm(values - at @ solved, axis=1)
        weight = 1 / np.sqrt(1 + (error / (2 * np.median(error) + 0.01)) ** 2)
    return np.asarray(terms @ solved, np.float32)


def _difference(picture: Picture, backdrop: Picture) -> Picture:
    """Distance of colours in which a change of brightness alone counts less than half."""
    unit = backdrop / (np.linalg.norm(backdrop, axis=2, keepdims=True) + 1e-6)
    error = picture - backdrop
    along = (error * unit).sum(axis=2)
    across = np.linalg.norm(error - along[..., None] * unit, axis=2)
    return np.asarray(np.sqrt(1.2 * across**2 + (0.45 * along) ** 2), np.float32)


def _large_parts(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Connected parts of more than 150 pixels."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    large = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] > 150]
    return np.isin(labels, large).astype(np.uint8)


def _part_at(mask: NDArray[np.uint8], point: Points) -> NDArray[np.uint8]:
    """The connected part with a point in it, small holes filled."""
    labels = cv2.connectedComponents(mask)[1]
    part = (labels == labels[int(point[1]), int(point[0])]).astype(np.uint8)
    count, holes, stats, _ = cv2.connectedComponentsWithStats(1 - part)
    for k in range(1, count):
        if stats[k, cv2.CC_STAT_AREA] < 0.002 * mask.size:
            part[holes == k] = 1
    return np.asarray(part)


def _spread(picture: Picture, weight: Picture, sigma: float) -> Picture:
    """Mean colour around each pixel of the pixels that have weight."""
    total = blurred(weight, sigma)[..., None]
    return np.asarray(blurred(picture * weight[..., None], sigma) / (total + 1e-6))


def _unmixed(picture: Picture, backdrop: Picture, alpha: Picture, inner: Picture) -> Picture:
    """The person's own colours, the backdrop's share taken out, carried on beyond the edge."""
    share = np.clip(alpha, 0.05, 1)[..., None]
    own = np.clip((picture - (1 - share) * backdrop) / share, 0, 1)
    colour = np.where((alpha > 0.5)[..., None], own, inner).astype(np.float32)
    known = (alpha > 0.5).astype(np.float32)
    filled = known > 0
    for sigma in (3.0, 8.0, 20.0, 60.0):
        near = blurred(known, sigma) > 1e-3
        fresh = near & ~filled
        colour[fresh] = _spread(own, known, sigma)[fresh]
        filled |= fresh
    return colour


def _face(landmarks: Points, shape_hw: tuple[int, ...]) -> Picture:
    """1 inside the mesh's outline, soft at the edge."""
    face = np.zeros(shape_hw, np.float32)
    cv2.fillConvexPoly(face, cv2.convexHull(landmarks[:, :2].astype(np.int32)), 1)
    return blurred(np.asarray(cv2.erode(face, np.ones((7, 7), np.uint8)), np.float32), 2)


def _excess(picture: Picture) -> Picture:
    """How much bluer than anything else each pixel is."""
    return np.asarray(picture[..., 2] - picture[..., :2].max(axis=2))


def _seen_through(picture: Picture, backdrop: Picture) -> Picture:
    """Share of the backdrop in gaps of the hair, by its blue, which no hair or skin has."""
    share = _excess(picture) / np.maximum(_excess(backdrop), 0.1)
    return np.asarray(np.clip((share - 0.4) / 0.4, 0, 1), np.float32)


def _without_spill(colour: Picture, face: Picture, landmarks: Points) -> Picture:
    """Hair, ears and skin without the backdrop's blue; the face and clothes keep theirs."""
    height = colour.shape[0]
    top, chin = float(landmarks[10, 1]), float(landmarks[152, 1])
    rows = np.arange(height, dtype=np.float32)[:, None]
    above = np.clip((chin + 0.03 * (chin - top) - rows) / (0.06 * (chin - top)), 0, 1)
    red, green, blue = (colour[..., k] for k in range(3))
    most = 0.4 * np.maximum(red, green) + 0.3 * (red + green)
    out = colour.copy()
    out[..., 2] = blue + (np.minimum(blue, most) - blue) * above * (1 - face)
    return out
