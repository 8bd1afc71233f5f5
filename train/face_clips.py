"""Short videos made of portraits: many people's faces under the codecs of videos.

Clips of people whose faces may be used are few; portraits are many. Each is moved, turned and
brought nearer a little and stored as a video, the real one and the same manipulated alike. That
tells what codecs and sizes do to many faces. It tells nothing of blurred movement, of expressions,
or of the cameras of videos: for these there are volunteers' clips, which are few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.align import crop, square_crop
from masquerade.forensics.sample import CUT_PX
from masquerade.types import RGB
from train.face_degraded import h264_clip, mpeg_clip
from train.face_forgeries import forged
from train.face_material import Picture
from train.face_neural import Redrawer
from train.face_seen import as_before, smaller

Cuts = NDArray[np.uint8]

PICTURES: Final = 6
LOOKED_AT: Final = (1, 3, 5)
"""Pictures of a clip that are cut out: none of them is coded by itself alone."""
_BEFORE: Final = 0.6
_AROUND: Final = 1.5


@dataclass(frozen=True, slots=True)
class Stored:
    """How a clip is stored.

    Attributes:
        crf: Of H.264; None for MPEG-1.
        scale: Of both sides beside the portrait.
    """

    crf: int | None
    scale: float = 1.0


WAYS: Final[Mapping[str, Stored]] = {
    "H.264 CRF 20": Stored(20),
    "H.264 CRF 28, three quarters of the size": Stored(28, 0.75),
    "H.264 CRF 35": Stored(35),
    "MPEG-1, three fifths of the size": Stored(None, 0.6),
}


def clips(
    some: Sequence[Picture], way: Stored, redrawer: Redrawer | None, *, seed: int = 17
) -> dict[str, Cuts]:
    """``fake`` and ``real``: (n, 3, 256, 256, 3) faces cut out of clips of everybody.

    Args:
        some: n real pictures of people who are held out.
        way: How their clips are stored.
        redrawer: As in `train.face_forgeries.forged`.
        seed: Decides what is done to them; the same manipulations for the same seed.
    """
    found: dict[str, list[Cuts]] = {"fake": [], "real": []}
    for number, one in enumerate(some):
        rng = np.random.default_rng((seed, number))
        given = as_before(one, rng) if rng.random() < _BEFORE else one
        fake = forged(given, rng, redrawer=redrawer)
        moves = int(rng.integers(1 << 32))
        for kind, pixels in (("fake", fake), ("real", given.pixels)):
            found[kind].append(clip(given, pixels, way, np.random.default_rng(moves)))
    return {kind: np.stack(cuts) for kind, cuts in found.items()}


def clip(one: Picture, pixels: RGB, way: Stored, rng: np.random.Generator) -> Cuts:
    """(3, 256, 256, 3) the face as an examination would cut it out of some pictures of a clip.

    Args:
        one: The real picture.
        pixels: (S, S, 3) uint8, it or what was made of it.
        way: How the clip is stored.
        rng: Decides how the face moves.
    """
    still = smaller(pixels, way.scale) if way.scale != 1 else pixels
    size = (still.shape[1] // 2 * 2, still.shape[0] // 2 * 2)
    places = _places(size[0], rng)
    pictures = [_laid(still, place, size) for place in places]
    shown = (
        mpeg_clip(pictures, "mpeg1video", 4) if way.crf is None else h264_clip(pictures, way.crf)
    )
    scale = still.shape[0] / one.pixels.shape[0]
    outline = one.landmarks[:, :2] * np.float32(scale)
    found = []
    for number in LOOKED_AT:
        turn, shift = places[number][:, :2], places[number][:, 2]
        found.append(_cut(shown[number], outline @ turn.T + shift, one.face_px * scale))
    return np.stack(found)


def _laid(still: RGB, place: NDArray[np.float32], size: tuple[int, int]) -> RGB:
    made = cv2.warpAffine(still, place, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(made, np.uint8)


def _places(side: int, rng: np.random.Generator) -> list[NDArray[np.float32]]:
    """Where the picture lies in each picture of the clip: it sways, turns and comes nearer."""
    slow, phase = rng.uniform(0.3, 0.9), rng.uniform(0, 6.28, 4)
    far = rng.uniform(0, [0.02 * side, 0.015 * side, 2.5, 0.02])
    found = []
    for number in range(PICTURES):
        right, down, turn, near = far * np.sin(slow * number + phase)
        place = cv2.getRotationMatrix2D((side / 2, side / 2), turn, 1 + near)
        place[:, 2] += (right, down)
        found.append(place.astype(np.float32))
    return found


def _cut(pixels: RGB, outline: NDArray[np.floating], face_px: float) -> RGB:
    middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
    return crop(pixels, square_crop(middle, _AROUND * face_px, 0.0, CUT_PX), CUT_PX)
