"""Whether a face is softer or sharper than what is around it.

A face that was made at another size than the picture and fitted in carries less of the finest
detail, or more where it was sharpened. The figure is how much of the detail that is there is fine,
within the face against around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import cv2
import numpy as np

from masquerade import options as base
from masquerade.forensics.calibration import weighed
from masquerade.forensics.evidence import Applies, Evidence, Family, silent
from masquerade.forensics.face_parts import Field, Part, luma, most_apart, parts, through_time
from masquerade.forensics.sample import Cut, Sample


class Options(base.Options):
    """This signal has no knobs."""


family = Family.FACE
limits = (
    "Shallow focus, make-up, beauty filters and backgrounds of fine texture do the same; a swap"
    " whose sharpness is matched does not show."
)
LEAST_PX: Final = 80.0
_MOST: Final = 12
_LEAST_PIXELS: Final = 1500
_FLOOR: Final = 0.3  # levels of 255


def examine(sample: Sample, options: Options) -> Evidence:
    """How fine the detail of the faces is against their surround's."""
    told = options.canonical_json()
    quiet = partial(silent, "face_sharpness", family, limits=limits, options_json=told)
    found = most_apart(sample.lines, figures, most=_MOST, least_px=LEAST_PX)
    if found is None:
        return quiet(f"There is no face of at least {LEAST_PX:.0f} pixels with some surround.")
    values, cuts = found
    value = float(np.median(values))
    one = Evidence(
        "face_sharpness",
        family,
        Applies.YES,
        f"The face is {'softer' if value < 0 else 'sharper'} than what is around it"
        f" ({np.exp(value):.2f} times as much of its detail is fine).",
        value=value,
        unit="log of fine detail in the face against around it",
        limits=limits,
        options_json=told,
        figures=through_time("face_sharpness", "fine detail, face against surround", values, cuts),
    )
    return weighed(one, "still" if sample.info.kind == "still" else "video")


def figures(cuts: Sequence[Cut]) -> list[float]:
    """The figure of each cut-out that shows enough of the face and of what is around it.

    Args:
        cuts: Of one face.
    """
    found = []
    for cut in cuts:
        where = parts(cut)
        if min(int(where.inside.sum()), int(where.around.sum())) < _LEAST_PIXELS:
            continue
        grey = luma(cut.pixels)
        found.append(_fine(grey, where.inside) - _fine(grey, where.around))
    return found


def _fine(grey: Field, part: Part) -> float:
    """Log of the finest detail against that of twice to six times the size."""
    blurred = [np.asarray(cv2.GaussianBlur(grey, (0, 0), sigma)) for sigma in (1.0, 3.0)]
    fine = float(np.abs(grey - blurred[0])[part].mean())
    coarse = float(np.abs(blurred[0] - blurred[1])[part].mean())
    return float(np.log((fine + _FLOOR) / (coarse + _FLOOR)))
