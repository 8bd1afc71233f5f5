"""Where in a frame a made face is shown, how strongly, and why not where it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import OVAL, topology
from masquerade.types import Face, PixelBox, Points, Window

_MARGIN: Final = 0.07  # of the face's size, around the outline
_FADES_DEG: Final = 10.0


def steadied(face: Face, window: Window) -> Face:
    """The face with its landmarks averaged with those of the frames on both sides."""
    if not 0 < window.centre < len(window.frames) - 1 or face.track_id < 0:
        return face
    beside = [
        other.landmarks
        for place in (window.centre - 1, window.centre + 1)
        for other in window.faces_by_frame[place]
        if other.track_id == face.track_id
    ]
    if len(beside) != 2:
        return face
    return replace(face, landmarks=(2 * face.landmarks + beside[0] + beside[1]) / np.float32(4))


def strength(face: Face, *, least_px: float, most_deg: float) -> tuple[float, str]:
    """How strongly a face is replaced, in [0, 1], and why not where it is 0.

    Args:
        face: The face.
        least_px: Height below which it stays as it is.
        most_deg: Turn from the camera above which it stays as it is.
    """
    yaw, pitch, _ = np.radians(face.pose_deg)
    turn = float(np.degrees(np.arccos(np.clip(np.cos(yaw) * np.cos(pitch), -1, 1))))
    size = height_px(face.landmarks)
    if size < least_px:
        return 0.0, f"face too small: {size:.0f} px, at least {least_px:.0f} px"
    if turn > most_deg:
        return 0.0, f"face turned too far: {turn:.0f} degrees, at most {most_deg:.0f} degrees"
    turned = np.clip((most_deg - turn) / _FADES_DEG, 0, 1)
    small = np.clip((size / least_px - 1) / 0.2, 0, 1)
    return max(1e-3, float(ramp(np.float32(turned)) * ramp(np.float32(small)))), ""


def patch_box(landmarks: Points, face_px: float, size_wh: tuple[int, int]) -> PixelBox:
    """The part of a frame that holds a face and a margin; empty or turned over outside of it.

    Args:
        landmarks: (478, 3) in pixels.
        face_px: Its height.
        size_wh: Of the frame.
    """
    rim = landmarks[list(OVAL), :2]
    margin = _MARGIN * face_px
    x0, y0 = np.maximum(np.floor(rim.min(axis=0) - margin), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(rim.max(axis=0) + margin), size_wh).astype(int)
    return int(x0), int(y0), int(x1), int(y1)


def height_px(landmarks: Points) -> float:
    """Forehead to chin in pixels, along the head.

    Args:
        landmarks: (478, 3) in pixels.
    """
    return float(np.linalg.norm(landmarks[10] - landmarks[152]))


def neutral_height() -> float:
    """Forehead to chin of the neutral face, in interocular distances."""
    return height_px(topology().neutral)


def ramp(value: NDArray[np.float32] | np.float32) -> NDArray[np.float32]:
    """0 below 0, 1 above 1, smooth between."""
    inside = np.clip(value, 0, 1)
    return np.asarray(inside * inside * (3 - 2 * inside), np.float32)
