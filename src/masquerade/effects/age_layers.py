"""What years do to a face, by place on the map: layers that ``train/age_layers.py`` learnt.

Tone is the logarithm of lightness, then a and b of CIE Lab. Fine detail is the same logarithm
between two blurs, once for each of `BANDS`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.faces.unrolled import SIDE, layout
from masquerade.faces.warp import dense_map, sheet
from masquerade.models.own_weights import own_file
from masquerade.models.tensor_file import read_tensors
from masquerade.types import RGB, Mask

NAME: Final = "age_layers"
BANDS: Final = (1.0, 2.0, 4.0)
"""Widths of fine detail, in pixels of the map."""
_BLACK: Final = 8.0  # added to lightness before the logarithm, so that the dark stays calm
_RIM: Final = (0.05, 0.17)  # distances to the outline between which the layers begin

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AgeLayers:
    """Slopes a decade and what they refer to, all (256, 256, ...) float32 on the map.

    Attributes:
        tone: (..., 3) how tone changes in ten years.
        usual: (..., 3) strength of fine detail at the middle age, by band.
        gain: (..., 3) how the logarithm of that strength changes in ten years.
        lines: (256, 256) a pattern of fine lines of spread 1, as they run in old faces.
    """

    tone: Floats
    usual: Floats
    gain: Floats
    lines: Floats

    def tensors(self) -> dict[str, NDArray[Any]]:
        """By name, in half precision, as they are stored."""
        return {one.name: getattr(self, one.name).astype(np.float16) for one in fields(self)}


@cache
def age_layers() -> AgeLayers:
    """The layers that ship, read once.

    Raises:
        ModelError: They are missing, damaged, or not what their card says.
    """
    path, card = own_file(NAME)
    tensors, _ = read_tensors(path, sha256=card.sha256)
    read = {name: value.astype(np.float32) for name, value in tensors.items()}
    try:
        made = AgeLayers(**read)
    except TypeError as error:
        raise ModelError(f"{NAME} holds other layers", "those its card names") from error
    for value in read.values():
        value.flags.writeable = False
    return made


def tones(pixels: RGB) -> Floats:
    """(h, w, 3) logarithm of lightness, and a and b of CIE Lab, of RGB pixels."""
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab[..., 0] = np.log(lab[..., 0] + _BLACK)
    return np.asarray(lab, np.float32)


def pixels_of(tone: Floats) -> Floats:
    """(h, w, 3) float32 RGB in [0, 255] of tones."""
    lab = tone.copy()
    lab[..., 0] = np.clip(np.exp(lab[..., 0]) - _BLACK, 0, 100)
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255, np.float32)


def fine_detail(picture: NDArray[Any], width: float) -> NDArray[Any]:
    """(h, w) what of a picture is about as wide as that many pixels."""
    narrow = cv2.GaussianBlur(picture, (0, 0), 0.7 * width)
    return np.asarray(narrow - cv2.GaussianBlur(picture, (0, 0), 1.4 * width))


@cache
def inside_map() -> Mask:
    """(256, 256) in [0, 1]: 1 well inside a face's outline, 0 at it; read-only."""
    inward = sheet().inward[:, None].astype(np.float32)
    drawn = dense_map(layout().points, inward, (0, 0, SIDE, SIDE), step=1.0)[..., 0]
    low, high = _RIM
    made: Mask = np.clip((drawn - low) / (high - low), 0, 1).astype(np.float32)
    made.flags.writeable = False
    return made
