"""What makes a photo a poor source, in words, told before any work."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from masquerade.faces.embed import chip
from masquerade.faces.lids import openings
from masquerade.faces.mesh import interocular_px
from masquerade.faces.mouth import lips
from masquerade.types import RGB, Face

# Set on 38 photos of faces: none of those that give a good swap lies beyond these.
_SHUT: Final = 0.16  # mean opening of the eyes; narrow open eyes measure 0.2
_TURNED_DEG: Final = 25.0
_SMALL_PX: Final = 100.0
_GAPING: Final = 0.25  # distance of the inner lips, in distances of the eyes
_BLURRED: Final = 4.0  # deviation of the Laplacian of a face of 150 pixels; sharp photos: 8 to 30


def faults(image: RGB, face: Face) -> tuple[str, ...]:
    """What a photo of a source lacks, a clause for each fault; empty for a good photo.

    Args:
        image: (H, W, 3) uint8.
        face: The face in it.
    """
    marks = face.landmarks
    yaw, pitch, _ = np.radians(face.pose_deg)
    turn = float(np.degrees(np.arccos(np.clip(np.cos(yaw) * np.cos(pitch), -1, 1))))
    mouth = lips.apart(marks) / max(interocular_px(marks), 1e-6)
    found = []
    if face.size_px < _SMALL_PX:
        found.append(f"the face is small ({face.size_px:.0f} px, better {_SMALL_PX:.0f} or more)")
    elif _sharpness(image, face) < _BLURRED:
        found.append("the face is blurred")
    if turn > _TURNED_DEG:
        found.append(f"the head is turned by {turn:.0f} degrees (better below {_TURNED_DEG:.0f})")
    elif np.mean(openings(marks)) < _SHUT:
        found.append("the eyes are shut or nearly so")
    if mouth > _GAPING:
        found.append("the mouth is wide open")
    return tuple(found)


def advice(name: str, image: RGB, face: Face) -> str | None:
    """One sentence that tells what a photo lacks and what to do; None for a good photo.

    Args:
        name: Of the photo.
        image: (H, W, 3) uint8.
        face: The face in it.
    """
    found = faults(image, face)
    if not found:
        return None
    listed = ", and ".join([", ".join(found[:-1]), found[-1]] if found[:-1] else found)
    return (
        f"{name}: {listed}; the result will look better with a sharp photo of the face towards"
        " the camera, eyes open and lips closed"
    )


def _sharpness(image: RGB, face: Face) -> float:
    grey = cv2.cvtColor(chip(image, face), cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).std())
