"""Crops that follow a face: templates, and the transforms between frame and crop.

A transform is a (2, 3) float64 affine; ``crop_from_frame`` takes frame pixels to crop pixels. A
pixel's centre lies at whole numbers in both, as in OpenCV.
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Face, Points

Affine: TypeAlias = NDArray[np.float64]
Floats: TypeAlias = NDArray[np.floating]

RIGHT_EYE_OUTER, RIGHT_EYE_INNER = 33, 133  # of the person shown
LEFT_EYE_OUTER, LEFT_EYE_INNER = 263, 362
NOSE_BASE = 2

# dlib's mean face for its 5-point model, in [0, 1] of a chip without padding (image_transforms/
# interpolation.h, get_face_chip_details): left eye outer and inner, right eye outer and inner as
# dlib numbers them (2, 3 are at the picture's left), base of the nose.
DLIB_5 = np.array(
    [
        [0.8595674595992, 0.2134981538014],
        [0.6460604764104, 0.2289674387677],
        [0.1205750620789, 0.2137274526848],
        [0.3340850613712, 0.2290642403242],
        [0.4901123135679, 0.6277975316475],
    ]
)
DLIB_5_MESH = (LEFT_EYE_OUTER, LEFT_EYE_INNER, RIGHT_EYE_OUTER, RIGHT_EYE_INNER, NOSE_BASE)


def dlib_template(side: int = 150, *, padding: float = 0.25) -> Points:
    """(5, 2) float32 places of dlib's five points in a chip of `side` pixels.

    Args:
        side: Width and height of the chip in pixels.
        padding: Margin around the face in face widths, as dlib means it.
    """
    return np.asarray((padding + DLIB_5) / (2 * padding + 1) * side, np.float32)


def dlib_points(face: Face) -> Points:
    """(5, 2) float32 the mesh's points that stand for dlib's five, in frame pixels."""
    return face.landmarks[list(DLIB_5_MESH), :2]


def similarity(source: Floats, target: Floats) -> Affine:
    """The rotation, scale and shift that takes `source` nearest to `target` (least squares).

    Umeyama, "Least-squares estimation of transformation parameters" (1991).

    Args:
        source: (n, 2) points.
        target: (n, 2) points.

    Returns:
        (2, 3) float64 target_from_source.
    """
    a, b = source.astype(np.float64), target.astype(np.float64)
    mean_a, mean_b = a.mean(axis=0), b.mean(axis=0)
    a, b = a - mean_a, b - mean_b
    spread = float((a * a).sum()) or 1.0
    cos = float((a * b).sum()) / spread
    sin = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / spread
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([turn, mean_b - turn @ mean_a])


def square_crop(centre: Floats, size_px: float, angle: float, side: int) -> Affine:
    """crop_from_frame for a square of the frame, turned.

    Args:
        centre: (2,) middle of the square in frame pixels.
        size_px: Its side in frame pixels.
        angle: Radians by which it is turned clockwise in the picture.
        side: Width and height of the crop in pixels.

    Returns:
        (2, 3) float64.
    """
    scale = side / max(size_px, 1e-6)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cos, sin], [-sin, cos]])
    middle = np.full(2, (side - 1) / 2)
    return np.column_stack([turn, middle - turn @ np.asarray(centre, np.float64)])


def inverse(transform: Affine) -> Affine:
    """The transform back."""
    return np.asarray(cv2.invertAffineTransform(transform), np.float64)


def moved(points: Floats, transform: Affine) -> Points:
    """(n, 2 or 3) float32 points through a transform; z is scaled as x and y are.

    Args:
        points: (n, 2) or (n, 3) in the space the transform starts from.
        transform: (2, 3).
    """
    flat = points[:, :2] @ transform[:, :2].T + transform[:, 2]
    if points.shape[1] == 2:
        return flat.astype(np.float32)
    scale = np.sqrt(abs(np.linalg.det(transform[:, :2])))
    return np.column_stack([flat, points[:, 2] * scale]).astype(np.float32)


def crop(image: RGB, crop_from_frame: Affine, side: int) -> RGB:
    """The (side, side, 3) crop of a frame, averaged where it shrinks, black outside the frame.

    Plain bilinear sampling skips pixels when a large face is shrunk, which makes landmarks tremble;
    so the region is first shrunk by a whole factor, each pixel the mean of a block (of four
    samples of it from a factor of four on).

    Args:
        image: (H, W, 3) uint8 RGB.
        crop_from_frame: (2, 3).
        side: Width and height of the crop in pixels.
    """
    factor = int(1 / np.sqrt(abs(np.linalg.det(crop_from_frame[:, :2]))))
    if factor >= 2:
        step = max(1, factor // 2)
        image, crop_from_frame = _shrunk(image, crop_from_frame, side, step, factor // step)
    made = cv2.warpAffine(image, crop_from_frame, (side, side), flags=cv2.INTER_LINEAR)
    return np.asarray(made, np.uint8)


def _shrunk(
    image: RGB, crop_from_frame: Affine, side: int, step: int, block: int
) -> tuple[RGB, Affine]:
    """Every `step`-th pixel of what a crop shows, averaged in blocks, and crop_from_part."""
    factor = step * block
    corners = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    around = moved(corners, inverse(crop_from_frame))
    height, width = image.shape[:2]
    x0, y0 = np.clip(np.floor(around.min(axis=0)).astype(int) - factor, 0, (width, height))
    x1, y1 = np.clip(np.ceil(around.max(axis=0)).astype(int) + factor, 0, (width, height))
    wide, high = (x1 - x0) // factor, (y1 - y0) // factor
    if wide < 1 or high < 1:
        return image, crop_from_frame
    region = image[y0 : y0 + high * factor : step, x0 : x0 + wide * factor : step]
    part = cv2.resize(np.ascontiguousarray(region), (wide, high), interpolation=cv2.INTER_AREA)
    middle = step * (block - 1) / 2  # of a block, from its first pixel
    shift = np.array([x0 + middle, y0 + middle])
    turn = crop_from_frame[:, :2]
    crop_from_part = np.column_stack([turn * factor, turn @ shift + crop_from_frame[:, 2]])
    return np.asarray(part, np.uint8), crop_from_part
