"""Eyes of a photo put together again at any opening and with any gaze.

At the photo's own opening they are what the photo shows; with the lids elsewhere the lashes go
along, and no iris ever lies on a lid.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from masquerade.faces.living.eye_coordinates import (
    EYES,
    Field,
    edges_of,
    eye_coordinates,
    height_px,
    moved_to,
    ramp,
    unit_px_of,
)
from masquerade.faces.living.eye_look import ONE, REACH_U, REACH_V, STRIP, EyeLook, Layers, Place
from masquerade.types import RGB, Points

_GAZE: Final = np.array([0.4, 0.22], np.float32)  # greatest shift of an eyeball
_REACH: Final = np.array([[-1.35, -0.85], [1.35, -0.85], [-1.35, 0.6], [1.35, 0.6]], np.float32)
_FAINT: Final = 0.3  # share of the lids' darkening that goes when they shut
_SEAM: Final = 0.65  # darkness of the line between shut lids


def put_together(
    pixels: RGB,
    looks: tuple[EyeLook, EyeLook],
    landmarks: Points,
    *,
    at: tuple[int, int] = (0, 0),
) -> None:
    """Draw eyes, in place, onto a face whose eyes are covered with skin.

    Args:
        pixels: (h, w, 3) uint8.
        looks: The right and the left eye.
        landmarks: (478, 3) where the lids and irises are to be, in pixels.
        at: Place of `pixels` in the picture in which the landmarks are.
    """
    for side, look in enumerate(looks):
        _put_one(pixels, look, landmarks - np.array([*at, 0], np.float32), side)


def opened_by(landmarks: Points) -> float:
    """How far the wider eye is open in eye coordinates.

    Args:
        landmarks: (478, 3) in pixels.
    """
    return max(height_px(landmarks, ring) for ring, _, _ in EYES) / unit_px_of(landmarks)


def limited(
    landmarks: Points, looks: tuple[EyeLook, EyeLook], *, usual: float, most: float
) -> Points:
    """(478, 3) the mesh with narrower eyes where the photo's are narrow, shares of opening kept.

    Args:
        landmarks: (478, 3) in pixels.
        looks: The right and the left eye of the photo.
        usual: Opening of these eyes when they are open, as from `opened_by`.
        most: Times the photo's opening, to which the usual one is brought down.
    """
    made = landmarks
    for (ring, _, _), look in zip(EYES, looks, strict=True):
        share = most * look.height / max(usual, 1e-3)
        if share < 1:
            made = made.copy() if made is landmarks else made
            upper, lower = list(ring[1:8]), list(ring[:8:-1])
            made[upper] = made[lower] + np.float32(share) * (made[upper] - made[lower])
    return made


def _put_one(pixels: RGB, look: EyeLook, landmarks: Points, side: int) -> None:
    ring, iris, _ = EYES[side]
    unit_px = unit_px_of(landmarks)
    eye_from_picture = eye_coordinates(landmarks, ring, unit_px)
    around = moved_to(_REACH, np.asarray(cv2.invertAffineTransform(eye_from_picture), np.float64))
    size = np.array([pixels.shape[1], pixels.shape[0]])
    x0, y0 = np.clip(np.floor(around.min(axis=0)), 0, size).astype(int)
    x1, y1 = np.clip(np.ceil(around.max(axis=0)) + 1, 0, size).astype(int)
    if x1 - x0 < 2 or y1 - y0 < 2:
        return
    x, y = np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32)
    m = eye_from_picture.astype(np.float32)
    u = m[0, 0] * x + (m[0, 1] * y + m[0, 2])[:, None]
    v = m[1, 0] * x + (m[1, 1] * y + m[1, 2])[:, None]
    upper, lower = edges_of(landmarks, ring, eye_from_picture).at(u)
    layers = next((one for one in reversed(look.sizes) if one.scale >= unit_px), look.sizes[0])
    share = height_px(landmarks, ring) / unit_px / look.height
    closing, shut = (float(ramp(np.float32(value))) for value in (1.1 - share, 1 - share / 0.6))
    wanted = moved_to(landmarks[[iris[0]], :2], eye_from_picture)[0]
    gaze = np.clip(wanted - look.iris, -_GAZE, _GAZE) * np.float32(1 - shut)
    part = pixels[y0:y1, x0:x1]
    part[:] = _composed(part, layers, (u, v, upper, lower), gaze, unit_px, closing, shut)


def _composed(
    skin: RGB,
    layers: Layers,
    place: Place,
    gaze: Field,
    unit_px: float,
    closing: float,
    shut: float,
) -> RGB:
    """(h, w, 3) uint8 skin, eyeball where the lids are open, darkened beside the lids' edges.

    Args:
        skin: (h, w, 3) uint8 the face with covered eyes.
        layers: The eye at about the right size.
        place: (h, w) each: u and v of the pixels, v of the upper and of the lower lid's edge.
        gaze: (2,) by how much the eyeball is turned.
        unit_px: Pixels for each unit of eye coordinates.
        closing: How far edges are evened out along the lids, 0 to 1.
        shut: 0 for an open eye, 1 for a shut one.
    """
    u, v, upper, lower = place
    s = np.float32(layers.scale)
    column = (u + np.float32(REACH_U)) * s - np.float32(0.5)
    row = v * s - np.float32(0.5)
    ball = _looked(layers.eyeball, column - gaze[0] * s, row + (np.float32(REACH_V) - gaze[1]) * s)
    soft = np.float32(min(1.0, 0.7 / unit_px) + 0.03)
    inside = np.minimum(v - upper, lower - v) / soft + np.float32(0.5)
    np.minimum(inside, (np.float32(1.02) - np.abs(u)) / np.float32(0.06), out=inside)
    if shut > 0:
        inside -= np.float32(1.2 * shut) * (lower - upper < 0.06)
    np.clip(inside, 0, 1, out=inside)
    made = cv2.blendLinear(ball, np.ascontiguousarray(skin), inside, 1 - inside)
    strips = layers.edges
    if closing > 0:
        strips = np.asarray(cv2.addWeighted(strips, 1 - closing, layers.even, closing, 0))
    if shut > 0:  # of shut eyes the lashes point down and the liner lies in a fold
        plain = np.full_like(strips, ONE)
        strips = np.asarray(cv2.addWeighted(strips, 1 - _FAINT * shut, plain, _FAINT * shut, 0))
    half = len(strips) // 2
    row += np.float32(STRIP) * s
    for strip, edge in ((strips[:half], upper), (strips[half:], lower)):
        made = cv2.multiply(made, _looked(strip, column, row - edge * s), scale=1 / ONE)
    if shut > 0:
        width = np.float32(0.055 + 0.5 / unit_px)
        line = np.exp(-(((v - lower) / width) ** 2)) * np.clip((1.05 - np.abs(u)) / 0.3, 0, 1)
        made = made * (1 - np.float32(_SEAM * shut) * line)[..., None]
    return np.asarray(made, np.uint8)


def _looked(picture: RGB, x: Field, y: Field) -> RGB:
    made = cv2.remap(
        picture,
        x.astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(made, np.uint8)
