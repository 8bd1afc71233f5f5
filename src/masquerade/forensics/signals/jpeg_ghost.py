"""Whether a face was once stored at another JPEG quality than the picture around it.

Stored again at the quality it had before, a part hardly changes, which shows as a dark ghost in the
difference (Farid, "Exposing digital forgeries from JPEG ghosts", 2009). The figure is how far the
differences inside the face's outline are from those outside it, at the quality that parts them best
(Kolmogorov and Smirnov's distance, 0 to 1).
"""

from __future__ import annotations

from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.faces.mesh import OVAL
from masquerade.forensics.calibration import weighed
from masquerade.forensics.drawing import HEAT_CAPTION, Curve, heat, plot
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.resaved import resaved
from masquerade.forensics.sample import Sample
from masquerade.forensics.stored import fineness
from masquerade.types import RGB, Face

Field = NDArray[np.float32]


class Options(base.Options):
    """This signal has no knobs."""


family = Family.IMAGE
limits = (
    "Skin is smoother than what is around it and always differs a little; one more storing hides"
    " the trace."
)
QUALITIES: Final = tuple(range(50, 100, 5))
MOST_PX: Final = 900.0
_BLOCK_PX: Final = 8
_LEAST_BLOCKS: Final = 24
_AROUND: Final = 1.2


def examine(sample: Sample, options: Options) -> Evidence:
    """How a face and its surround differ over qualities."""
    told = options.canonical_json()
    quiet = partial(silent, "jpeg_ghost", family, limits=limits, options_json=told)
    if sample.info.kind != "still":
        return quiet("Only stills are looked at in this way.")
    found = [
        (seen, face) for face in sample.still_faces if (seen := ghost(sample.still.pixels, face))
    ]
    if not found:
        return quiet(f"There is no face that is large enough, and not over {MOST_PX:.0f} pixels.")
    (parted, maps), face = max(found, key=lambda item: float(item[0][0].max()))
    best = int(np.argmax(parted))
    stored = fineness(sample)
    part = around(sample.still.pixels, face)[0]
    one = Evidence(
        "jpeg_ghost",
        family,
        Applies.YES if stored in ("lossless", "fine") else Applies.LIMITED,
        f"Stored again at quality {QUALITIES[best]}, the face changes"
        f" {'otherwise than' if parted[best] > 0.5 else 'much like'} what is around it.",
        value=float(parted[best]),
        unit="distance of both parts, 0 to 1",
        limits=limits,
        options_json=told,
        figures=_figures(part, parted, maps[best], best),
    )
    return weighed(one, stored)


def _figures(part: RGB, parted: NDArray[np.float64], shown: Field, best: int) -> tuple[Figure, ...]:
    """The map at the quality that parts best, and how far both are parted at each."""
    level = np.clip((shown - shown.min()) / max(float(np.ptp(shown)), 1e-6), 0, 1)
    return (
        Figure(
            "jpeg_ghost_map",
            heat(part, level),
            f"Change when stored again at quality {QUALITIES[best]}. {HEAT_CAPTION}",
        ),
        Figure(
            "jpeg_ghost",
            plot(
                [Curve("face against surround", np.array(QUALITIES, float), parted)],
                across="quality at which it is stored again",
            ),
            "How far the face's changes lie from its surround's, by quality.",
        ),
    )


def around(pixels: RGB, face: Face) -> tuple[RGB, tuple[int, int]]:
    """The part of a picture around a face at whole blocks, and where it begins (x, y)."""
    x0, y0, x1, y1 = face.box
    half = _AROUND * face.size_px
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    left, top = (max(0, int(value - half)) // _BLOCK_PX * _BLOCK_PX for value in middle)
    return pixels[top : int(middle[1] + half), left : int(middle[0] + half)], (left, top)


def ghost(pixels: RGB, face: Face) -> tuple[NDArray[np.float64], list[Field]] | None:
    """(distance of face and surround, map of change) at each of `QUALITIES`.

    Args:
        pixels: (H, W, 3) uint8.
        face: One of its faces.

    Returns:
        (10,) and ten (h, w) maps of blocks; None where the face is too small or too large, or its
        surround too small.
    """
    if face.size_px > MOST_PX:
        return None
    part, (left, top) = around(pixels, face)
    high, wide = part.shape[0] // _BLOCK_PX, part.shape[1] // _BLOCK_PX
    if min(high, wide) < 4:
        return None
    outline = (face.landmarks[list(OVAL), :2] - (left, top)) / _BLOCK_PX
    inside = np.zeros((high, wide), np.uint8)
    cv2.fillPoly(inside, [np.rint(outline).astype(np.int32)], 1)
    if min(int(inside.sum()), int((1 - inside).sum())) < _LEAST_BLOCKS:
        return None
    part = np.ascontiguousarray(part[: high * _BLOCK_PX, : wide * _BLOCK_PX])
    changes = []
    for quality in QUALITIES:
        apart = ((part.astype(np.float32) - resaved(part, quality)) ** 2).mean(axis=2)
        changes.append(cv2.resize(apart, (wide, high), interpolation=cv2.INTER_AREA))
    stack = np.stack(changes)
    low = stack.min(axis=0)
    relative = (stack - low) / np.maximum(stack.max(axis=0) - low, 1e-3)
    distances = [_parted(one[inside > 0], one[inside == 0]) for one in relative]
    return np.array(distances), [np.asarray(one, np.float32) for one in relative]


def _parted(one: Field, other: Field) -> float:
    """Kolmogorov and Smirnov's distance of two samples."""
    places = np.sort(np.concatenate([one, other]))
    below = [np.searchsorted(np.sort(x), places, side="right") / len(x) for x in (one, other)]
    return float(np.abs(below[0] - below[1]).max())
