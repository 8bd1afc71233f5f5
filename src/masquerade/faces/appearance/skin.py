"""How a person's skin looks when the face does this or that.

A mean and a few ways to differ from it, which follow the expression; detail comes from the real
picture that is nearest. No network is trained; after the active appearance models of Cootes,
Edwards and Taylor (2001). `masquerade.faces.appearance.build` makes one from pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.expression import ExpressionBasis
from masquerade.faces.living.eye_look import EyeLook
from masquerade.faces.proportion import Proportion
from masquerade.faces.staging import height_px
from masquerade.faces.unrolled import SIDE, layout
from masquerade.types import RGB

Maps: TypeAlias = NDArray[np.float32]

PARTS_SIDE: Final = 128
MOST_PARTS: Final = 40
MOST_EXAMPLES: Final = 64  # real pictures kept for detail
POSE_DEG: Final = 12.0  # a turn of the head that counts as much as an expression
_REST: Final = 0.3  # what the whole face counts beside the lips where a real picture is chosen


@dataclass(frozen=True, slots=True)
class Example:
    """A real picture on the map.

    Attributes:
        pixels: (256, 256, 3) uint8, in the model's usual light.
        said: (m,) its expression in the model's basis.
        parts: (k,) the part of it that the model explains.
    """

    pixels: RGB
    said: NDArray[np.float32]
    parts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Appearance:
    """A person's looks as a function of expression.

    Attributes:
        mean: (256, 256, 3) float32 in [0, 255], without eyes.
        parts: (k, 128 * 128 * 3) float32 ways to differ from the mean, on a smaller map: what is
            finer comes from real pictures.
        follows: (m + 3, k) float32: expression, yaw, pitch and 1 to the weight of each part.
        turns: (2, 2) least and greatest (yaw, pitch) seen, in degrees.
        eyes: The right and the left eye of a clear picture.
        examples: Real pictures, all different.
        expression: What the face is known to do.
        proportion: The face's mean proportions.
        widest: How far the mouth opens in the pictures, in interocular distances.
        face_px: Height of the face in the pictures.
        count: Pictures the model was made from.
        explained: Share of the variance that the parts explain.
    """

    mean: Maps
    parts: Maps
    follows: NDArray[np.float32]
    turns: NDArray[np.float32]
    eyes: tuple[EyeLook, EyeLook]
    examples: tuple[Example, ...]
    expression: ExpressionBasis
    proportion: Proportion
    widest: float
    face_px: float
    count: int
    explained: float

    def weights(
        self, said: NDArray[np.float32], pose_deg: tuple[float, float, float]
    ) -> NDArray[np.float32]:
        """(k,) how much there is of each part.

        Args:
            said: (m,) the expression, in the model's basis.
            pose_deg: Of the head; kept within what was seen.
        """
        yaw, pitch = np.clip(pose_deg[:2], self.turns[0], self.turns[1])
        known = np.array([yaw / POSE_DEG, pitch / POSE_DEG, 1.0], np.float32)
        return np.asarray(np.concatenate([said, known]) @ self.follows, np.float32)

    def change(self, weights: NDArray[np.float32]) -> Maps:
        """(256, 256, 3) float32 what so much of each part adds.

        Args:
            weights: (k,).
        """
        small = (weights @ self.parts).reshape(PARTS_SIDE, PARTS_SIDE, 3)
        return np.asarray(cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))

    def nearest(self, said: NDArray[np.float32]) -> NDArray[np.float32]:
        """(examples,) how far each real picture's lips are from those of an expression."""
        apart = np.stack([one.said for one in self.examples]) - said
        lips = np.linalg.norm(apart @ self.expression.lips(), axis=1)
        return np.asarray(lips + _REST * np.linalg.norm(apart, axis=1), np.float32)


def map_face_px() -> float:
    """Height of a face on the map, in its pixels."""
    return height_px(layout().points)
