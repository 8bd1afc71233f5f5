"""Faces blended with themselves: what a swap leaves behind, without anybody else's face in it.

After Shiohara and Yamasaki, "Detecting deepfakes with self-blended images" (CVPR 2022), built from
the paper: one of two copies of a picture gets other colours, sharpness and place, and both are
blended within the face.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import SURFACE
from masquerade.types import RGB, Points

_FOREHEAD = 0.3  # share of the face's height above which points may be left out


def self_blend(picture: RGB, landmarks: Points, rng: np.random.Generator) -> RGB:
    """A picture whose face is blended with a changed copy of itself.

    Args:
        picture: (H, W, 3) uint8.
        landmarks: (478, 3) of the face, in its pixels.
        rng: Decides everything.
    """
    source, target = picture, picture
    if rng.random() < 0.5:
        source = _changed(source, rng)
    else:
        target = _changed(target, rng)
    mask = _mask(picture.shape[:2], landmarks, rng)
    source, mask = _moved(source, mask, landmarks, rng)
    share = mask[..., None] * rng.choice([0.25, 0.5, 0.75, 1, 1, 1])
    blended = source.astype(np.float32) * share + target.astype(np.float32) * (1 - share)
    return np.asarray(np.clip(np.rint(blended), 0, 255), np.uint8)


def _changed(picture: RGB, rng: np.random.Generator) -> RGB:
    """Other colours and light, and softer or sharper."""
    made = picture.astype(np.float32)
    if rng.random() < 0.3:
        made += rng.uniform(-20, 20, 3)
    made = (made - 128) * rng.uniform(0.9, 1.1) + 128 + 25.5 * rng.uniform(-1, 1)
    hsv = cv2.cvtColor(np.clip(made, 0, 255).astype(np.uint8), cv2.COLOR_RGB2HSV).astype(np.int16)
    hsv[..., 0] = (hsv[..., 0] + rng.integers(-4, 5)) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.7, 1.3), 0, 255)
    made8 = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)
    if rng.random() < 0.5:
        size = (picture.shape[1], picture.shape[0])
        factor = float(rng.choice([2, 4]))
        small = (max(8, int(size[0] / factor)), max(8, int(size[1] / factor)))
        made8 = cv2.resize(cv2.resize(made8, small), size)
    else:
        soft = cv2.GaussianBlur(made8, (0, 0), 1.0).astype(np.float32)
        made8 = np.clip(made8 + 0.7 * (made8 - soft), 0, 255).astype(np.uint8)
    return np.asarray(made8, np.uint8)


def _mask(
    size_hw: tuple[int, ...], landmarks: Points, rng: np.random.Generator
) -> NDArray[np.float32]:
    """(H, W) in [0, 1]: a hull of the face, deformed, with a soft edge."""
    points = landmarks[:SURFACE, :2].copy()
    low, high = points.min(axis=0), points.max(axis=0)
    if rng.random() < 0.25:
        points = points[points[:, 1] > low[1] + _FOREHEAD * (high[1] - low[1])]
    if rng.random() < 0.5:
        points = rng.permutation(points)[: int(rng.integers(12, 60))]
    mask = np.zeros(size_hw[:2], np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points).astype(np.int32)), 1.0)
    scale = float(high[0] - low[0]) / 250
    field = [cv2.GaussianBlur(rng.uniform(-1, 1, mask.shape), (0, 0), 7 * scale) for _ in "xy"]
    y, x = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float32)
    bend = [50 * scale * one.astype(np.float32) for one in field]
    bent = cv2.remap(mask, x + bend[0], y + bend[1], cv2.INTER_LINEAR)
    width = float(rng.uniform(1, 6)) * max(scale, 0.4)
    soft = cv2.GaussianBlur(bent, (0, 0), width)
    return np.asarray(cv2.GaussianBlur((soft > 0.9).astype(np.float32), (0, 0), width), np.float32)


def _moved(
    source: RGB, mask: NDArray[np.float32], landmarks: Points, rng: np.random.Generator
) -> tuple[RGB, NDArray[np.float32]]:
    """Both a little elsewhere and larger or smaller."""
    wide, high = np.ptp(landmarks[:SURFACE, :2], axis=0)
    middle = landmarks[:SURFACE, :2].mean(axis=0)
    scale = rng.uniform(0.95, 1 / 0.95)
    shift = np.array([rng.uniform(-0.03, 0.03) * wide, rng.uniform(-0.015, 0.015) * high])
    turn = np.column_stack([np.eye(2) * scale, middle * (1 - scale) + shift])
    size = (mask.shape[1], mask.shape[0])
    moved = cv2.warpAffine(source, turn, size, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8), np.asarray(cv2.warpAffine(mask, turn, size), np.float32)
