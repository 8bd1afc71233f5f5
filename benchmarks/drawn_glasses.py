"""Spectacles of several kinds, drawn over portraits of people who do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Face

_FINE: Final = 4  # drawn so many times larger, for smooth edges


@dataclass(frozen=True, slots=True)
class Frame:
    """A kind of spectacles; lengths in distances of the eyes' outer corners.

    Attributes:
        square: 2 is an ellipse, more has corners.
        wide: Half the width of a lens.
        tall: Half its height.
        rim: How thick the frame is.
        colour: RGB.
    """

    square: float
    wide: float
    tall: float
    rim: float
    colour: tuple[int, int, int]


FRAMES: Final = {
    "round, black": Frame(2.0, 0.27, 0.24, 0.034, (24, 22, 24)),
    "square, tortoise": Frame(4.0, 0.29, 0.19, 0.042, (92, 48, 22)),
    "narrow, dark steel": Frame(3.0, 0.27, 0.15, 0.022, (62, 64, 70)),
    "large, red": Frame(2.6, 0.31, 0.26, 0.036, (128, 22, 34)),
}


@dataclass(frozen=True, slots=True)
class Worn:
    """A portrait of somebody who wears spectacles.

    Attributes:
        pixels: (H, W, 3) uint8.
        frame: (H, W) in [0, 1].
        rims: (n, 2) places along the middle of the rims.
    """

    pixels: RGB
    frame: NDArray[np.float32]
    rims: NDArray[np.float32]


def worn(photo: RGB, face: Face, kind: Frame) -> Worn:
    """The photo with spectacles in front of the face."""
    marks = face.landmarks[:, :2]
    across = marks[263] - marks[33]
    unit = float(np.linalg.norm(across))
    left = across / unit
    down = np.array([-left[1], left[0]], np.float32)
    eyes = [marks[[33, 133]].mean(axis=0), marks[[362, 263]].mean(axis=0)]
    size = photo.shape[1] * _FINE, photo.shape[0] * _FINE
    drawn = np.zeros(size[::-1], np.uint8)
    thick = max(round(kind.rim * unit * _FINE), 1)

    def line(points: NDArray[np.float32], closed: bool = False) -> None:
        at = np.rint((points + 0.5) * _FINE * 16).astype(np.int32)
        cv2.polylines(drawn, [at], closed, 255, thick, cv2.LINE_AA, 4)

    rims = []
    for way, eye in zip((-1, 1), eyes, strict=True):
        middle = eye + (0.04 * down + way * 0.015 * left) * unit
        angle = np.linspace(0, 2 * np.pi, 96, endpoint=False)
        x, y = (np.sign(f(angle)) * np.abs(f(angle)) ** (2 / kind.square) for f in (np.cos, np.sin))
        ring = middle + unit * (kind.wide * x[:, None] * left + kind.tall * y[:, None] * down)
        rims.append(ring.astype(np.float32))
        line(rims[-1], closed=True)
        hinge = middle + unit * (way * kind.wide * left - 0.4 * kind.tall * down)
        temple = marks[127 if way < 0 else 356] - 0.04 * unit * down
        line(np.stack([hinge, temple]).astype(np.float32))
    inner = [rims[0][np.argmax(rims[0] @ left)], rims[1][np.argmin(rims[1] @ left)]]
    bow = inner[0] + np.linspace(0, 1, 24)[:, None] * (inner[1] - inner[0])
    bow = bow - down * (0.05 * unit * np.sin(np.linspace(0, np.pi, 24)))[:, None]
    line(bow.astype(np.float32))
    alpha = cv2.resize(drawn, photo.shape[1::-1], interpolation=cv2.INTER_AREA)
    frame = np.asarray(alpha, np.float32) / np.float32(255)
    shade = cv2.GaussianBlur(frame, (0, 0), 0.02 * unit)
    shade = np.roll(shade, round(0.03 * unit), axis=0) * np.float32(0.35)  # on the skin below
    lit = cv2.GaussianBlur(frame, (0, 0), 0.008 * unit)
    gloss = np.clip(np.gradient(lit)[0] * 0.05 * unit, -0.25, 0.6)[..., None]  # light from above
    body = np.asarray(kind.colour, np.float32) * (1 + gloss) + 60 * np.clip(gloss, 0, 1)
    pixels = photo.astype(np.float32) * (1 - shade[..., None])
    pixels += frame[..., None] * (body - pixels)
    return Worn(np.clip(np.rint(pixels), 0, 255).astype(np.uint8), frame, np.concatenate(rims))
