"""Whether a face has as much grain as what is around it.

Sensors and codecs put noise on all of a picture; a face that was drawn has none, or another's. The
noise is estimated in the calmest blocks of each part (after Immerkaer, "Fast noise variance
estimation", 1996), so that hair and eyes hardly count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.forensics.calibration import weighed
from masquerade.forensics.evidence import Applies, Evidence, Family, silent
from masquerade.forensics.face_parts import Part, luma, most_apart, parts, through_time
from masquerade.forensics.sample import Cut, Sample


class Options(base.Options):
    """This signal has no knobs."""


family = Family.FACE
limits = (
    "Codecs take grain out of smooth parts first, and plain backgrounds have less than skin; a swap"
    " whose grain is matched does not show."
)
LEAST_PX: Final = 80.0
_MOST: Final = 12
_BLOCK_PX: Final = 8
_LEAST_BLOCKS: Final = 20
_CALM: Final = 0.3  # share of the calmest blocks
_FLOOR: Final = 0.1  # levels of 255
_IMMERKAER: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6


def examine(sample: Sample, options: Options) -> Evidence:
    """How much grain the faces have against their surround."""
    told = options.canonical_json()
    quiet = partial(silent, "face_grain", family, limits=limits, options_json=told)
    found = most_apart(sample.lines, figures, most=_MOST, least_px=LEAST_PX)
    if found is None:
        return quiet(f"There is no face of at least {LEAST_PX:.0f} pixels with some surround.")
    values, cuts = found
    value = float(np.median(values))
    one = Evidence(
        "face_grain",
        family,
        Applies.YES,
        f"The face has {np.exp(value):.2f} times the grain of what is around it.",
        value=value,
        unit="log of grain in the face against around it",
        limits=limits,
        options_json=told,
        figures=through_time("face_grain", "grain, face against surround", values, cuts),
    )
    return weighed(one, "still" if sample.info.kind == "still" else "video")


def figures(cuts: Sequence[Cut]) -> list[float]:
    """The figure of each cut-out that shows enough of the face and of what is around it.

    Args:
        cuts: Of one face.
    """
    found = []
    for cut in cuts:
        noise = np.abs(cv2.filter2D(luma(cut.pixels), cv2.CV_32F, _IMMERKAER))
        where = parts(cut)
        grains = [_grain(np.asarray(noise), part) for part in (where.inside, where.around)]
        if None not in grains:
            inside, around = (np.log(float(grain or 0) + _FLOOR) for grain in grains)
            found.append(float(inside - around))
    return found


def _grain(noise: NDArray[np.float32], part: Part) -> float | None:
    """Standard deviation of the noise in the calmest whole blocks of a part."""
    high, wide = (side // _BLOCK_PX for side in noise.shape)
    size = (wide, high)
    level = cv2.resize(noise, size, interpolation=cv2.INTER_AREA)
    whole = cv2.resize(part.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    if int(whole.sum()) < _LEAST_BLOCKS:
        return None
    calm = np.sort(level[whole])[: max(4, int(_CALM * whole.sum()))]
    return float(np.mean(calm) * np.sqrt(np.pi / 2))
