"""Where in a frame a made face is shown, how strongly, and why not where it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from masquerade.faces.mesh import OVAL, topology
from masquerade.types import Face, PixelBox, Points, Window

REACH: Final = 12  # frames on both sides that have a say in how strongly a face is shown
_MARGIN: Final = 0.07  # of the face's size, around the outline
_FADES_DEG: Final = 10.0  # below the greatest turn, over which a face fades
_FADES_SHARE: Final = 0.2  # of the least height, likewise
_BLIP: Final = 3  # frames on both sides of a stretch too short to be worth showing
_FADE: Final = 6  # frames over which a face comes and goes at the fastest
_COVER: Final = 3  # likewise where something covers it anyway
_FAINT: Final = 0.1  # share of a made face that hardly anybody sees


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

    A face of a track never comes or goes from one frame to the next: it fades before it must go
    and after it has come, and is not shown at all where it would be for a few frames only.

    Args:
        face: The face.
        least_px: Height below which it stays as it is.
        most_deg: Turn from the camera above which it stays as it is.
    """
    course = face.course
    if course is None:
        course = np.array([[turn_deg(face), height_px(face.landmarks), face.fade]], np.float32)
    turns, sizes, seen = course.T
    turned = ramp((np.float32(most_deg) - turns) / np.float32(_FADES_DEG))
    small = ramp((sizes / np.float32(least_px) - 1) / np.float32(_FADES_SHARE))
    shares = np.stack([turned, small, seen])
    if shares.min() >= 1:
        return 1.0, ""
    shown = _slowly(turned * small, _FADE) * _slowly(seen, _COVER)
    if shown > _FAINT:
        return shown, ""
    middle = len(course) // 2
    around = slice(max(0, middle - _FADE - _BLIP), middle + _FADE + _BLIP + 1)
    turn, size = float(turns[around].max()), float(sizes[around].min())
    why = (
        f"face turned too far: {turn:.0f} degrees, fades out before {most_deg:.0f} degrees",
        f"face too small: {size:.0f} px, fades out before {least_px:.0f} px",
        "face hidden for a moment, or about to be lost from sight",
    )
    return 0.0, why[int(shares[:, around].min(axis=1).argmin())]


def _slowly(shown: NDArray[np.float32], frames: int) -> float:
    """The middle one of the shares of a few frames, reached without haste.

    Args:
        shown: (2r + 1,) in [0, 1].
        frames: From 0 to 1 at the fastest.
    """
    if len(shown) == 1:
        return float(shown[0])
    lasting = _neighbours(_neighbours(shown).min(axis=1)).max(axis=1)
    middle = len(lasting) // 2
    away = np.abs(np.arange(len(lasting)) - middle) / frames
    return float(ramp(np.float32((lasting + away).min())))


def _neighbours(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 7) every value with those around it."""
    padded = np.pad(values, _BLIP, mode="edge")
    return np.asarray(sliding_window_view(padded, 2 * _BLIP + 1))


def turn_deg(face: Face) -> float:
    """How far a face is turned from the camera, whichever way, in degrees.

    Args:
        face: The face.
    """
    yaw, pitch, _ = np.radians(face.pose_deg)
    return float(np.degrees(np.arccos(np.clip(np.cos(yaw) * np.cos(pitch), -1, 1))))


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
