"""The inside of a target's mouth kept in a face that is drawn over it."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import INNER_LIPS, interocular_px
from masquerade.types import RGB, Mask, PixelBox, Points

_CHEEKS: Final = (50, 280, 205, 425)
_LEAST_PX: Final = 12.0  # between the lips, for anything to be told of it


def bright_inside(picture: RGB, landmarks: Points) -> float | None:
    """How bright it is between the lips, times the cheeks' brightness; None where they are shut.

    Teeth are nearly as bright as skin, and a mouth that shows none is dark.

    Args:
        picture: (h, w, 3) uint8.
        landmarks: (478, 3) its mesh in pixels.
    """
    height, width = picture.shape[:2]
    ring = landmarks[list(INNER_LIPS), :2]
    x0, y0 = np.clip(np.floor(ring.min(axis=0)), 0, (width, height)).astype(int)
    x1, y1 = np.clip(np.ceil(ring.max(axis=0)) + 1, 0, (width, height)).astype(int)
    if cv2.contourArea(np.ascontiguousarray(ring)) < _LEAST_PX or x1 - x0 < 2 or y1 - y0 < 2:
        return None
    inside = np.zeros((y1 - y0, x1 - x0), np.uint8)
    fixed = np.round((ring - np.array([x0, y0], np.float32)) * 16).astype(np.int32)
    cv2.fillPoly(inside, [fixed], 255, cv2.LINE_AA, 4)
    reach = max(1, round(0.05 * interocular_px(landmarks)))
    cheeks = []
    for x, y in landmarks[list(_CHEEKS), :2].round().astype(int):
        skin = picture[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1, 1]
        cheeks += [float(skin.mean())] if skin.size else []
    if not cheeks:
        return None
    shown = picture[y0:y1, x0:x1, 1].astype(np.float32)
    return float((shown * inside).sum() / max(float(inside.sum()), 1.0)) / (max(cheeks) + 1)


def keep_mouth(
    drawn: RGB,
    frame: RGB,
    seen: Points,
    shown: Points,
    box: PixelBox,
    face_px: float,
    *,
    amount: float = 1.0,
) -> Mask:
    """(h, w) where the inside of the mouth is kept from the frame, moved along with the lips.

    Args:
        drawn: (h, w, 3) uint8 the drawn face; the mouth is written into it.
        frame: (H, W, 3) uint8.
        seen: (478, 3) the frame's mesh.
        shown: (478, 3) the drawn face's mesh, in pixels of the frame.
        box: Where the drawn face lies in the frame.
        face_px: Height of the face.
        amount: How much of it is kept, in [0, 1].
    """
    lips = list(INNER_LIPS)
    ring, origin = shown[lips, :2], seen[lips, :2]
    own = np.zeros(drawn.shape[:2], np.float32)
    _put_own(drawn, own, frame, ring, (origin - ring).mean(axis=0), box, 0.006 * face_px, amount)
    return own


def _put_own(
    pixels: RGB,
    own: Mask,
    frame: RGB,
    ring: NDArray[np.float32],
    shift: NDArray[np.float32],
    box: PixelBox,
    blur_px: float,
    amount: float,
) -> None:
    """Write the frame's pixels within a ring, taken `shift` away, into `pixels` and `own`."""
    x0, y0 = box[:2]
    margin = 3 * blur_px + 2
    height, width = own.shape
    local = ring - np.array([x0, y0], np.float32)
    left, top = np.clip(np.floor(local.min(axis=0) - margin), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(local.max(axis=0) + margin), 0, (width, height)).astype(int)
    if right - left < 2 or bottom - top < 2:
        return
    filled = np.zeros((bottom - top, right - left), np.uint8)
    fixed = np.round((local - np.array([left, top], np.float32)) * 16).astype(np.int32)
    cv2.fillPoly(filled, [fixed], 255, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(filled, (0, 0), max(0.5, blur_px))
    share = np.asarray(soft, np.float32) * np.float32(amount / 255)
    matrix = np.array([[1, 0, left + x0 + shift[0]], [0, 1, top + y0 + shift[1]]], np.float64)
    inside = cv2.warpAffine(
        frame,
        matrix,
        (int(right - left), int(bottom - top)),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    region = pixels[top:bottom, left:right]
    change = share[..., None] * (inside - region.astype(np.float32))
    pixels[top:bottom, left:right] = np.rint(region + change)
    kept = own[top:bottom, left:right]
    np.maximum(kept, share, out=kept)
