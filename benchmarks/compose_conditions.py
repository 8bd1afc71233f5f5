"""Lights, films and cameras that clips are put under, so that the truth of a swap is known.

A condition is a change of pixels. Put on a swap made in the untouched clip, it shows what a swap
made in the changed clip should look like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.motion import smeared
from masquerade.faces.normals import normal_map
from masquerade.faces.staging import height_px, patch_box
from masquerade.types import RGB, Face

Change: TypeAlias = Callable[[RGB, Face, int], RGB]

STEP_PX: Final = 8.0  # a moving face's step from frame to frame
STILL: Final = 3  # frames before it moves
OPEN: Final = 0.6  # share of it over which the picture is exposed
_GAMMA: Final = 2.2


@dataclass(frozen=True, slots=True)
class Condition:
    """One of them.

    Attributes:
        name: In one word.
        change: A frame's pixels, its face and its number give the pixels under the condition.
        source: The same for the source's photo, where that is changed too.
        moves: After `STILL` frames the face moves by `STEP_PX` to the right in each.
    """

    name: str
    change: Change
    source: Change | None = None
    moves: bool = False


def moved(face: Face, number: int, frames: int) -> Face:
    """The face of a moving condition in frame `number`."""
    shift = _shift(number, frames)
    x0, y0, x1, y1 = face.box
    landmarks = face.landmarks + np.array([shift, 0, 0], np.float32)
    return replace(face, box=(x0 + shift, y0, x1 + shift, y1), landmarks=landmarks)


def all_conditions(frames: int) -> tuple[Condition, ...]:
    """Every condition for clips of so many frames."""
    left, right = (-1.0, -0.2, 0.45), (1.0, -0.2, 0.45)
    return (
        Condition("plain", lambda pixels, _face, _k: pixels),
        Condition("grey", lambda pixels, _face, _k: _grey(pixels, (1, 1, 1))),
        Condition("sepia", lambda pixels, _face, _k: _grey(pixels, (1.05, 0.9, 0.68))),
        Condition("haze", lambda pixels, _face, _k: _levels(pixels * 0.45 + 115)),
        Condition("dim", lambda pixels, _face, _k: _dyed(pixels, (0.2, 0.2, 0.2))),
        Condition("blue", lambda pixels, _face, _k: _dyed(pixels, (0.3, 0.5, 1.1))),
        Condition("left", lambda pixels, face, _k: lit_from(pixels, face, left)),
        Condition("right", lambda pixels, face, _k: lit_from(pixels, face, right)),
        Condition(
            "crossed",
            lambda pixels, face, _k: lit_from(pixels, face, left),
            lambda pixels, face, _k: lit_from(pixels, face, right),
        ),
        Condition("gels", lambda pixels, face, _k: _gels(pixels, face)),
        Condition("noise", lambda pixels, _face, k: _noisy(pixels, k)),
        Condition("motion", lambda pixels, _face, k: _moving(pixels, k, frames), moves=True),
        Condition("jpeg", lambda pixels, _face, _k: _coded(pixels, 18)),
    )


def lit_from(
    pixels: RGB,
    face: Face,
    way: tuple[float, float, float],
    *,
    dark: float = 0.25,
    bright: float = 1.15,
    colour: tuple[float, float, float] = (1, 1, 1),
) -> RGB:
    """The picture with light from one side, matt, by the normals of the face's mesh.

    Args:
        pixels: (H, W, 3) uint8.
        face: In it.
        way: Where light comes from: right, down, towards the camera.
        dark: Light in the shade.
        bright: Light added where the face looks that way.
        colour: Of that light.
    """
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = box = patch_box(face.landmarks, height_px(face.landmarks), (width, height))
    towards = np.array(way) / np.linalg.norm(way)
    facing = np.maximum(0, normal_map(face.landmarks, box) @ towards)[..., None]
    shade = (dark + bright * facing * np.array(colour)).astype(np.float32)
    whole = cv2.copyMakeBorder(
        cv2.resize(shade, (x1 - x0, y1 - y0)),
        y0, height - y1, x0, width - x1, cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return _dyed(pixels, cv2.GaussianBlur(whole, (0, 0), 0.03 * (x1 - x0)))


def _gels(pixels: RGB, face: Face) -> RGB:
    red = lit_from(pixels, face, (-1, 0, 0.5), dark=0.55, bright=1.0, colour=(1, 0.3, 0.2))
    return lit_from(red, face, (1, 0, 0.5), dark=0.6, bright=1.0, colour=(0.2, 0.5, 1))


def _grey(pixels: RGB, colour: tuple[float, float, float]) -> RGB:
    return _levels(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None] * np.array(colour))


def _dyed(pixels: RGB, light: tuple[float, float, float] | NDArray[np.float32]) -> RGB:
    """In another light: linear light is multiplied."""
    linear = (pixels / 255.0) ** _GAMMA * np.asarray(light)
    return _levels(255 * np.clip(linear, 0, 1) ** (1 / _GAMMA))


def _noisy(pixels: RGB, number: int) -> RGB:
    """Grains of some size, stronger where it is bright."""
    rng = np.random.default_rng(number)
    grains = cv2.GaussianBlur(rng.standard_normal(pixels.shape[:2]), (0, 0), 0.7)
    light = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) / 255.0
    return _levels(pixels + (grains / grains.std() * (3 + 6 * light))[..., None])


def _moving(pixels: RGB, number: int, frames: int) -> RGB:
    matrix = np.array([[1, 0, _shift(number, frames)], [0, 1, 0]])
    there = cv2.warpAffine(pixels, matrix, pixels.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return smeared(np.asarray(there, np.uint8), (STEP_PX, 0.0), OPEN if number >= STILL else 0.0)


def _shift(number: int, frames: int) -> float:
    return STEP_PX * (max(0, number - STILL + 1) - (frames - STILL) / 2)


def _coded(pixels: RGB, quality: int) -> RGB:
    _, data = cv2.imencode(
        ".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)


def _levels(values: NDArray[Any]) -> RGB:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
