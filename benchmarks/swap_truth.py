"""Self-reenactment: a person's model drives a clip of theirs that was held out, the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.swap_measured import Clip
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.mesh import LIPS, OVAL, SURFACE, interocular_px
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB


@dataclass(frozen=True, slots=True)
class Truth:
    """How near a made clip is to the real one.

    Attributes:
        psnr_db: Within the face, its outline shrunk by a tenth.
        ssim: Likewise.
        lips_psnr_db: Around the lips.
        landmarks: Mean distance of the mesh read in both, in interocular distances.
    """

    method: str
    psnr_db: float
    ssim: float
    lips_psnr_db: float
    landmarks: float


def truth(name: str, clip: Clip, pixels: Sequence[RGB], reader: FaceReader) -> Truth:
    """Every frame of a made clip against the real one."""
    psnr, ssim, lips, marks = [], [], [], []
    for frame, face, made in zip(clip.frames, clip.faces, pixels, strict=True):
        rim = face.landmarks[list(OVAL), :2]
        inside = _within(rim.mean(axis=0) + 0.9 * (rim - rim.mean(axis=0)), made.shape[:2])
        mouth = _within(face.landmarks[list(LIPS), :2], made.shape[:2])
        mouth = cv2.dilate(mouth.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        apart = (frame.pixels.astype(np.float64) - made) ** 2
        psnr.append(10 * np.log10(255**2 / apart[inside].mean()))
        lips.append(10 * np.log10(255**2 / apart[mouth].mean()))
        ssim.append(_similar(frame.pixels, made)[inside].mean())
        place = place_of(face.landmarks)
        real, seen = (read_face(image, place, reader) for image in (frame.pixels, made))
        off = (seen.landmarks - real.landmarks)[:SURFACE, :2]
        marks.append(np.linalg.norm(off, axis=1).mean() / interocular_px(real.landmarks))
    return Truth(name, *(round(float(np.mean(one)), 4) for one in (psnr, ssim, lips, marks)))


def _within(ring: NDArray[np.float32], shape_hw: tuple[int, ...]) -> NDArray[np.bool_]:
    filled = np.zeros(shape_hw, np.uint8)
    cv2.fillPoly(filled, [np.round(ring).astype(np.int32)], 1)
    return filled > 0


def _similar(one: RGB, other: RGB) -> NDArray[np.float64]:
    """(H, W) structural similarity of brightness; Wang et al. (2004), Gaussian of 1.5 pixels."""
    a, b = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64) for image in (one, other))

    def soft(picture: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(picture, (11, 11), 1.5), np.float64)

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = soft(a), soft(b)
    var_a, var_b = soft(a * a) - mean_a**2, soft(b * b) - mean_b**2
    both = soft(a * b) - mean_a * mean_b
    above = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return above / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
