"""What is known of the 478-point mesh in general: its triangles, its parts, its neutral shape.

Points 0-467 are the surface of the face, 468-472 the right iris and 473-477 the left one (centre,
nose side, top, temple side, bottom; right and left of the person shown). The numbering is that of
MediaPipe's face mesh (Apache-2.0); shapes and map were averaged from public-domain portraits by
``scripts/make_face_topology.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.types import Points

SURFACE: Final = 468
COUNT: Final = 478

# Rings, in order; the person's right is at the picture's left.
OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
LIPS: Final = (
    61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146,
)  # fmt: skip
INNER_LIPS: Final = (
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
)  # fmt: skip
RIGHT_EYE: Final = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
LEFT_EYE: Final = (
    263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249,
)  # fmt: skip
RIGHT_BROW: Final = (46, 53, 52, 65, 55, 107, 66, 105, 63, 70)
LEFT_BROW: Final = (276, 283, 282, 295, 285, 336, 296, 334, 293, 300)
RIGHT_IRIS: Final = (468, 469, 470, 471, 472)
LEFT_IRIS: Final = (473, 474, 475, 476, 477)
NOSE_BASE: Final = (98, 97, 2, 326, 327)

# Points that stay put on the skull when the face speaks, blinks or frowns: ridge and root of the
# nose, corners of the eyes, temples, upper forehead, cheekbones.
STABLE: Final = (
    168, 6, 197, 195, 5, 4, 1, 122, 351, 196, 419, 3, 248, 236, 456, 198, 420,
    33, 133, 362, 263, 130, 359, 243, 463,
    10, 109, 338, 67, 297, 103, 332, 54, 284, 21, 251, 162, 389, 127, 356, 234, 454,
    116, 345, 117, 346, 227, 447, 34, 264, 143, 372,
)  # fmt: skip

_SKIN_TRIANGLES: Final = 852
_MOUTH_TRIANGLES: Final = 18


@dataclass(frozen=True, slots=True)
class Topology:
    """The mesh in general.

    Attributes:
        triangles: (898, 3) int32 corners of the closed surface, all wound the same way: first the
            skin (852), then the inside of the mouth (18) and of the right and left eye (14 each).
        neutral: (478, 3) float32 an average face at rest that looks at the camera: x to the
            picture's right, y down, z away; 0 between the irises, whose distance is 1.
        uv: (478, 2) float32 in [0, 1]: the surface unrolled, mouth open, nothing folded over.
        mirror: (478,) int32 the point on the face's other side.
    """

    triangles: NDArray[np.int32]
    neutral: Points
    uv: Points
    mirror: NDArray[np.int32]

    @property
    def skin(self) -> NDArray[np.int32]:
        """(852, 3) triangles without mouth and eyes."""
        return self.triangles[:_SKIN_TRIANGLES]

    @property
    def mouth(self) -> NDArray[np.int32]:
        """(18, 3) triangles between the inner lips."""
        return self.triangles[_SKIN_TRIANGLES : _SKIN_TRIANGLES + _MOUTH_TRIANGLES]

    @property
    def eyes(self) -> NDArray[np.int32]:
        """(28, 3) triangles between the lids, the right eye's first."""
        return self.triangles[_SKIN_TRIANGLES + _MOUTH_TRIANGLES :]


@cache
def topology() -> Topology:
    """The mesh's triangles, neutral shape, map and mirror; read once, arrays are read-only.

    Example:
        >>> topology().triangles.shape
        (898, 3)
    """
    with files("masquerade.faces").joinpath("topology.npz").open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        made = Topology(
            triangles=stored["triangles"].astype(np.int32),
            neutral=stored["neutral"].astype(np.float32),
            uv=stored["uv"].astype(np.float32),
            mirror=stored["mirror"].astype(np.int32),
        )
    for array in (made.triangles, made.neutral, made.uv, made.mirror):
        array.flags.writeable = False
    return made


def interocular_px(landmarks: Points) -> float:
    """Distance of the eyes' middles in pixels (in 3D), the unit for errors of a mesh.

    Args:
        landmarks: (478, 3) in pixels.
    """
    right = (landmarks[RIGHT_EYE[0]] + landmarks[RIGHT_EYE[8]]) / 2
    left = (landmarks[LEFT_EYE[0]] + landmarks[LEFT_EYE[8]]) / 2
    return float(np.linalg.norm(right - left))


def mirrored(landmarks: Points, width: int) -> Points:
    """(478, 3) the mesh of the picture flipped left to right.

    Args:
        landmarks: (478, 3) in pixels.
        width: The picture's width in pixels.
    """
    flipped = landmarks[topology().mirror].copy()
    flipped[:, 0] = width - 1 - flipped[:, 0]
    return flipped
