"""What guides a painting made of patches: how light the picture is, and where in a face it lies."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.align import moved, similarity
from masquerade.faces.mesh import STABLE, topology
from masquerade.faces.warp import dense_map, widen
from masquerade.painting.patch_search import Planes
from masquerade.painting.patches import Guided, as_planes
from masquerade.types import RGB, Points

_TONE: Final = 1.0  # weight of light and dark against colours
_SMOOTH: Final = 0.3  # likewise of the same without detail
_SMOOTH_SHARE: Final = 0.008  # of the longer side, what counts as detail there
_LEVELS: Final = 256
_POSITION: Final = 0.15  # weight of a distance as long as that between the irises; from 0.3 on, the
# face of the style would take the place of the picture's
_NEAR: Final = 1.5  # such distances from the face's middle, beyond which places count less and less
_STEP_PX: Final = 2.0  # at which the mesh is drawn


def tone_guided(picture: RGB, style: RGB) -> tuple[Guided, Guided]:
    """Picture and style, guided by light and dark.

    The picture's are spread as the style's are (their histograms are matched): a dark photograph
    painted after a light drawing uses the whole of the drawing.

    Args:
        picture: (H, W, 3) uint8 RGB.
        style: Likewise, of any size.
    """
    light, like = _light(picture), _light(style)
    shares = np.linspace(0, 1, _LEVELS + 1)
    spread = np.interp(light, np.quantile(light, shares), np.quantile(like, shares))
    return _guided(picture, np.asarray(spread, np.float32)), _guided(style, like)


def face_guided(
    guided: tuple[Guided, Guided], picture_face: Points, style_face: Points
) -> tuple[Guided, Guided]:
    """The same, each guided as well by where in a face it lies.

    Args:
        guided: Of `tone_guided`.
        picture_face: (478, 3) mesh of the face in the picture, in its pixels.
        style_face: Likewise in the style.
    """
    first, second = guided
    return _placed(first, picture_face), _placed(second, style_face)


def _light(picture: RGB) -> NDArray[np.float32]:
    """(H, W) in [0, 1], even to the eye."""
    lab = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2LAB), np.float32)
    return np.asarray(lab[..., 0] / 255, np.float32)


def _guided(picture: RGB, light: NDArray[np.float32]) -> Guided:
    smooth = cv2.GaussianBlur(light, (0, 0), max(1.0, _SMOOTH_SHARE * max(light.shape)))
    guides = np.stack([_TONE * light, _SMOOTH * smooth], axis=-1)
    return Guided(as_planes(picture), np.asarray(guides, np.float32))


def _placed(guided: Guided, face: Points) -> Guided:
    height, width = guided.colours.shape[:2]
    places = _POSITION * _compressed(_places(face, height, width))
    return Guided(guided.colours, np.concatenate([guided.guides, places], axis=-1))


def _places(face: Points, height: int, width: int) -> Planes:
    """(H, W, 2) place on the neutral face, irises 1 apart; around it, as if it went on."""
    neutral = topology().neutral[:, :2]
    stable = list(STABLE)
    transform = similarity(face[stable, :2], neutral[stable])
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1)
    around = moved(grid.reshape(-1, 2).astype(np.float32), transform).reshape(height, width, 2)
    widened = widen(face)
    carried = np.column_stack(
        [
            widen(topology().neutral)[:, :2] - moved(widened[:, :2], transform),
            np.ones(len(widened), np.float32),
        ]
    )
    drawn = dense_map(widened, carried.astype(np.float32), (0, 0, width, height), step=_STEP_PX)
    soft = max(2.0, 0.1 / max(float(np.hypot(*transform[0, :2])), 1e-6))
    spread = cv2.GaussianBlur(drawn, (0, 0), soft)
    by = spread[..., :2] / np.maximum(spread[..., 2:], 1e-3) * np.minimum(spread[..., 2:] * 2, 1)
    by = np.where(drawn[..., 2:] > 0.5, drawn[..., :2], by)
    return np.asarray(around + by, np.float32)


def _compressed(places: Planes) -> Planes:
    """Places far from the face differ by less and less."""
    far = np.linalg.norm(places, axis=-1, keepdims=True)
    shorter = np.where(far > _NEAR, _NEAR * (1 + np.log(np.maximum(far, _NEAR) / _NEAR)), far)
    return np.asarray(places * shorter / np.maximum(far, 1e-6), np.float32)
