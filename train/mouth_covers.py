"""Mouths covered on purpose: bars, masks, a mosaic, hands, things; beards, which cover none."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.occluders import occluder
from masquerade.faces.mesh import LIPS, interocular_px
from masquerade.types import RGB, Points

Floats = NDArray[np.float32]

_CHEEKS: Final = (50, 280, 205, 425)
_JAW: Final = (
    234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361,
    323, 454,
)  # fmt: skip
_BEARD: Final = (
    132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 411, 426, 2,
    206, 187,
)  # fmt: skip
_BARS: Final = ("black", "white", "grey", "coloured", "of skin", "of rough skin")
_MASKS: Final = {
    "blue mask": (150.0, 190.0, 215.0),
    "white mask": (225.0, 225.0, 225.0),
    "black mask": (45.0, 45.0, 50.0),
}
_THINGS: Final = {
    # middle and width of what hides the mouth, in its own picture; None: those of all of it
    "microphone": ((110.0, 110.0, 190.0), (1.0, 1.4)),
    "own hand": ((240.0, 310.0, 170.0), (1.0, 1.4)),
    "open hand": (None, (2.6, 3.4)),
    "mug": ((165.0, 215.0, 250.0), (1.05, 1.4)),
    "card": ((220.0, 150.0, 416.0), (1.05, 1.4)),
    "cloth": ((200.0, 200.0, 300.0), (1.5, 1.9)),
}
KINDS: Final = (*_BARS, *_MASKS, *_THINGS, "mosaic")
"""Ways to cover a mouth."""


def covered(image: RGB, marks: Points, kind: str, chance: np.random.Generator, media: Path) -> RGB:
    """(H, W, 3) uint8 a picture whose mouth is covered.

    Args:
        image: (H, W, 3) uint8.
        marks: (478, 3) the mesh of the face in it.
        kind: One of `KINDS`.
        chance: Decides size, turn and colour.
        media: The folder of test media, where hands are cut from.
    """
    if kind in _BARS:
        return _bar(image, marks, kind, chance)
    if kind in _MASKS:
        tone = np.array(_MASKS[kind], np.float32) * np.float32(chance.uniform(0.7, 1.05))
        return _mask(image, marks, tone, chance)
    if kind == "mosaic":
        return _mosaic(image, marks, chance)
    return _thing(image, marks, kind, chance, media)


def bearded(image: RGB, marks: Points, chance: np.random.Generator) -> RGB:
    """(H, W, 3) uint8 a picture with a beard around lips that stay seen.

    Args:
        image: (H, W, 3) uint8.
        marks: (478, 3) the mesh of the face in it.
        chance: Decides how dense it is, and its colour.
    """
    unit = interocular_px(marks)
    cheeks = _soft(_filled(image, marks[list(_BEARD), :2]), 0.05 * unit)
    alpha = cheeks * (1 - _soft(_filled(image, marks[list(LIPS), :2]), 0.02 * unit))
    grain = _soft(chance.normal(0, 1, image.shape[:2]).astype(np.float32), 0.015 * unit)
    hair = np.array([70, 52, 40], np.float32) * np.float32(chance.uniform(0.4, 1.8))
    hair = hair * (1 + 0.2 * grain[..., None] / max(float(grain.std()), 1e-6))
    share = np.float32(chance.uniform(0.4, 0.9)) * alpha
    return _laid(image, np.asarray(hair, np.float32), np.asarray(share, np.float32))


def _soft(field: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(field, (0, 0), max(0.6, sigma)), np.float32)


def _skin(image: RGB, marks: Points) -> Floats:
    places = np.clip(
        marks[list(_CHEEKS), :2].round().astype(int), 0, np.array(image.shape[1::-1]) - 1
    )
    return np.asarray(np.median(image[places[:, 1], places[:, 0]], axis=0), np.float32)


def _laid(image: RGB, pixels: Floats, alpha: Floats) -> RGB:
    mixed = image + alpha[..., None] * (pixels - image.astype(np.float32))
    return np.clip(mixed, 0, 255).astype(np.uint8)


def _filled(image: RGB, corners: Floats) -> Floats:
    alpha = np.zeros(image.shape[:2], np.float32)
    cv2.fillPoly(alpha, [np.round(corners * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return alpha


def _bar(image: RGB, marks: Points, kind: str, chance: np.random.Generator) -> RGB:
    lips = marks[list(LIPS), :2]
    low, high = lips.min(axis=0), lips.max(axis=0)
    unit = interocular_px(marks)
    beyond = unit * chance.uniform(0.06, 0.45, 2)
    top = low[1] - unit * chance.uniform(-0.06, 0.3)  # of lips that are hardly seen a mesh keeps to
    size = np.array([high[0] - low[0] + 2 * beyond[0], high[1] + beyond[1] - top])
    middle = np.array([(low[0] + high[0]) / 2, top + size[1] / 2])
    turned = float(chance.uniform(-8, 8)) * (chance.random() < 0.5)
    box = cv2.boxPoints((tuple(middle.tolist()), tuple(size.tolist()), turned))
    skin = np.clip(_skin(image, marks) * np.float32(chance.uniform(0.85, 1.1)), 0, 255)
    tones: dict[str, object] = {
        "black": 0.0,
        "white": 255.0,
        "grey": chance.uniform(40, 210),
        "coloured": chance.uniform(0, 255, 3),
    }
    pixels = np.empty(image.shape, np.float32)
    pixels[:] = np.asarray(tones.get(kind, skin), np.float32)
    if kind == "of rough skin":
        pixels += chance.normal(0, chance.uniform(2, 9), image.shape[:2])[..., None]
    return _laid(image, pixels, _filled(image, np.asarray(box, np.float32)))


def _mask(image: RGB, marks: Points, tone: Floats, chance: np.random.Generator) -> RGB:
    unit, start = interocular_px(marks), int(chance.integers(1, 4))
    rim = marks[list(_JAW[start:-start]), :2]
    nose = marks[[195 if chance.random() < 0.6 else 4], :2]
    rim = marks[1, :2] + (rim - marks[1, :2]) * np.float32(1.03)
    alpha = _filled(image, np.concatenate([rim, nose]))
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), max(0.5, 0.01 * unit)), np.float32)
    inside = cv2.distanceTransform((alpha > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    shade = 0.72 + 0.28 * np.clip(inside / (0.35 * unit), 0, 1)
    down = (np.arange(image.shape[0]) - marks[1, 1]) / unit + 0.03 * chance.random()
    pleats = 1 - 0.12 * (chance.random() < 0.8) * np.exp(-((((down % 0.22) - 0.11) / 0.015) ** 2))
    pixels = tone * (shade * pleats[:, None])[..., None]
    pixels = pixels + chance.normal(0, 3, image.shape[:2])[..., None]
    return _laid(image, np.asarray(pixels, np.float32), alpha)


def _mosaic(image: RGB, marks: Points, chance: np.random.Generator) -> RGB:
    unit, lips = interocular_px(marks), marks[list(LIPS), :2]
    x0, y0 = np.maximum(lips.min(axis=0) - 0.2 * unit, 0).astype(int)
    x1, y1 = (lips.max(axis=0) + 0.2 * unit).astype(int)
    made = image.copy()
    part = made[y0:y1, x0:x1]
    if part.size:
        side = max(2, int(chance.uniform(0.18, 0.3) * unit))
        few = (max(1, part.shape[1] // side), max(1, part.shape[0] // side))
        small = cv2.resize(part, few, interpolation=cv2.INTER_AREA)
        made[y0:y1, x0:x1] = cv2.resize(
            small, part.shape[1::-1], interpolation=cv2.INTER_NEAREST
        ).reshape(part.shape)
    return made


def _thing(image: RGB, marks: Points, kind: str, chance: np.random.Generator, media: Path) -> RGB:
    one = occluder(kind, media, _skin(image, marks))
    known, scales = _THINGS[kind]
    rows, columns = np.nonzero(one.alpha > 0.9)
    x, y, wide = known or (
        float(columns.mean()), float(rows.mean()), float(min(np.ptp(columns), np.ptp(rows)))
    )  # fmt: skip
    lips = marks[list(LIPS), :2]
    needed = float(np.ptp(lips[:, 0])) + 0.12 * interocular_px(marks)
    scale = chance.uniform(*scales) * needed / wide
    angle = np.radians(chance.uniform(-25, 25))
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = np.column_stack([turn, lips.mean(axis=0) - turn @ (x, y)])
    size = (image.shape[1], image.shape[0])
    alpha = cv2.warpAffine(one.alpha, matrix, size)
    pixels = cv2.warpAffine(one.pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return _laid(image, np.asarray(pixels, np.float32), np.clip(alpha, 0, 1).astype(np.float32))
