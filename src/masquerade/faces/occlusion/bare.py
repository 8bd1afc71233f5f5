"""Which pixels inside a face's outline are the face itself, and not hair or what lies behind.

A mesh's outline is never quite that of the face: a fringe, the background or an ear-ring lies
inside it. Around the outline and on the forehead, pixels are compared with the skin they should
continue.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import LEFT_BROW, NOSE_BASE, RIGHT_BROW, interocular_px, topology
from masquerade.faces.warp import dense_map, sheet, widen
from masquerade.types import RGB, Mask, PixelBox, Points

_DOUBT: Final = 0.32  # interocular distances from the outline within which pixels are doubted
_EYES_PX: Final = 60.0  # interocular distance at which pixels are compared
_NEAR: Final = 14.0  # difference in Lab that is still the same skin
_FAR: Final = 30.0  # difference in Lab that is surely something else
_REACH: Final = 0.45  # interocular distances over which skin is continued


def bare_face(image: RGB, landmarks: Points) -> Mask:
    """(H, W) float32 in [0, 1]: 1 where the face's skin lies bare, 0 where hair or else covers it.

    Beyond the outline and deep inside it the answer is 1: only the band around the outline and
    the forehead are doubted.

    Args:
        image: (H, W, 3) uint8.
        landmarks: (478, 3) in pixels.
    """
    height, width = image.shape[:2]
    scale = min(1.0, _EYES_PX / max(interocular_px(landmarks), 1.0))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    points = widen(landmarks)
    points = np.column_stack([(points[:, :2] + 0.5) * scale - 0.5, points[:, 2] * scale])
    carried = np.stack([sheet().inward, sheet().skin, *_regions()], axis=1)
    box: PixelBox = (0, 0, size[0], size[1])
    drawn = dense_map(points.astype(np.float32), carried, box, step=1.0)
    inward, skin, forehead = (drawn[..., k] for k in range(3))
    doubted = np.maximum(np.clip((_DOUBT - inward) / 0.1, 0, 1), forehead) * (inward > 0)
    lab = cv2.cvtColor(np.asarray(small, np.float32) / 255, cv2.COLOR_RGB2LAB)
    apart = _apart(np.asarray(lab, np.float32), skin * (doubted < 0.5) * (inward > 0))
    apart *= 1 - 0.4 * np.clip(drawn[..., 3], 0, 1)  # beards change colour within a face
    other = np.clip((apart - _NEAR) / (_FAR - _NEAR), 0, 1)
    bare = (1 - other * doubted).astype(np.float32)
    edge = 0.05 * _EYES_PX * min(1.0, scale * interocular_px(landmarks) / _EYES_PX)
    bare = np.asarray(cv2.erode(bare, np.ones((3, 3), np.uint8)), np.float32)
    bare = np.asarray(cv2.GaussianBlur(bare, (0, 0), max(0.6, edge)), np.float32)
    return np.asarray(cv2.resize(bare, (width, height), interpolation=cv2.INTER_LINEAR))


def _apart(lab: NDArray[np.float32], known: Mask) -> NDArray[np.float32]:
    """(h, w) distance in Lab of each pixel from the skin it should continue.

    Args:
        lab: (h, w, 3).
        known: (h, w) 1 where skin is sure.
    """
    if known.sum() < 16:
        return np.zeros(known.shape, np.float32)
    usual = np.median(lab[known > 0.5], axis=0)
    off = np.abs(lab - usual).sum(axis=2)
    spread = float(np.median(off[known > 0.5]))
    weight = known * (off < 3 * spread + 6)
    sums = np.concatenate([lab * weight[..., None], weight[..., None]], axis=2)
    sigma = _REACH * _EYES_PX
    near = np.asarray(cv2.GaussianBlur(sums, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT))
    near = near + 1e-3 * sums.mean(axis=(0, 1))
    expected = near[..., :3] / np.maximum(near[..., 3:], 1e-9)
    difference = np.abs(lab - expected)
    return np.asarray(0.7 * difference[..., 0] + difference[..., 1] + difference[..., 2])


def _regions() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(550,) twice: 1 well above the brows, 0 below them; 1 below the nose, 0 above."""
    neutral = topology().neutral
    height = np.concatenate([neutral[:, 1], np.zeros(len(sheet().inward) - len(neutral))])
    brows = float(neutral[[*RIGHT_BROW, *LEFT_BROW], 1].min())
    nose = float(neutral[list(NOSE_BASE), 1].mean())
    above = np.clip((brows - 0.1 - height) / 0.12, 0, 1)
    below = np.clip((height - nose) / 0.2, 0, 1)
    return above.astype(np.float32), below.astype(np.float32)
