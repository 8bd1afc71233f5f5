"""Error level of a still: how much each part changes when it is stored as a JPEG once more.

Parts that were stored less often change more (Krawetz, "A picture's worth", 2007). Edges and
texture do so too, which is why this is shown and never weighed.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import cv2
import numpy as np

from masquerade import options as base
from masquerade.forensics.drawing import HEAT_CAPTION, heat
from masquerade.forensics.evidence import SHOWN_ONLY, Applies, Evidence, Family, Figure, silent
from masquerade.forensics.resaved import resaved
from masquerade.forensics.sample import Sample
from masquerade.forensics.stored import window


class Options(base.Options):
    """This signal has no knobs."""


family = Family.IMAGE
limits = "Edges, text and saturated colours light up in untouched pictures; a map to look at only."
_QUALITY: Final = 90
_BLOCK_PX: Final = 8
_LEAST_PX: Final = 32


def examine(sample: Sample, options: Options) -> Evidence:
    """A map of how much each part of a still changes when it is stored again."""
    told = options.canonical_json()
    quiet = partial(silent, "error_level", family, limits=limits, options_json=told)
    if sample.info.kind != "still":
        return quiet("Only stills are looked at in this way.")
    if min(sample.info.size_wh) < _LEAST_PX:
        return quiet(f"The picture is below {_LEAST_PX} pixels.")
    part = np.ascontiguousarray(sample.still.pixels[window(sample.info.size_wh)])
    apart = np.abs(part.astype(np.float32) - resaved(part, _QUALITY)).mean(axis=2)
    small = cv2.resize(
        apart,
        (part.shape[1] // _BLOCK_PX, part.shape[0] // _BLOCK_PX),
        interpolation=cv2.INTER_AREA,
    )
    level = np.clip(small / max(float(np.quantile(small, 0.99)), 0.5), 0, 1)
    caption = f"Coloured: parts that change most when stored again. {HEAT_CAPTION}"
    return Evidence(
        "error_level",
        family,
        Applies.YES,
        "The map shows what changes most when the picture is stored once more; it is there to look"
        " at and proves nothing.",
        value=float(apart.mean()),
        unit="mean change in levels of 255",
        calibration=f"none{SHOWN_ONLY}",
        limits=limits,
        error_rate="Not weighed: areas under the curve of .63 to .89 are published.",
        options_json=told,
        figures=(Figure("error_level", heat(part, level), caption),),
    )
