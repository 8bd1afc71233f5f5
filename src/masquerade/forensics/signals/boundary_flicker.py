"""Whether the rim of a face flickers against the face and what is around it.

A face that is put in anew in every frame often ends a little elsewhere each time. The face is laid
over itself by the points that stay put on a skull; the figure is how much brightness jumps from
frame to frame at the rim, against inside and outside of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import islice
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.forensics.calibration import weighed
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_parts import longest, outline_through, parts_of, shown, steadied
from masquerade.forensics.sample import Cut, Sample
from masquerade.forensics.timeline import stretches


class Options(base.Options):
    """This signal has no knobs."""


family = Family.FACE
limits = (
    "Moving hair, hats, hands and steep light flicker at a real face's rim; a swap that is blended"
    " well, or ends inside the face, does not flicker."
)
LEAST_FRAMES: Final = 20
LEAST_PX: Final = 80.0
_BLUR_PX: Final = 1.5
_STANDS: Final = 0.12  # levels of 255: a still that was made a video jumps less than this
_FLOOR: Final = 0.15  # levels of 255: below, a part is as still as coding makes it


@dataclass(frozen=True, slots=True)
class Jumps:
    """(n,) how much brightness jumps at each time, in levels of 255."""

    times_s: NDArray[np.float64]
    rim: NDArray[np.float64]
    inside: NDArray[np.float64]
    around: NDArray[np.float64]

    @property
    def relative(self) -> NDArray[np.float64]:
        """(n,) log of the rim's jumps against the others'."""
        other = np.sqrt((self.inside + _FLOOR) * (self.around + _FLOOR))
        return np.asarray(np.log((self.rim + _FLOOR) / other))


def examine(sample: Sample, options: Options) -> Evidence:
    """How much the rim of the faces flickers."""
    told = options.canonical_json()
    quiet = partial(silent, "boundary_flicker", family, limits=limits, options_json=told)
    if sample.info.kind in ("still", "audio"):
        return quiet("There are no moving pictures.")
    found = [seen for line in sample.lines if (seen := jumps(line.cuts)) is not None]
    if not found:
        return quiet(
            f"No face of at least {LEAST_PX:.0f} pixels is seen to move in {LEAST_FRAMES} pictures"
            " on end."
        )
    worst = max(found, key=figure)
    value = figure(worst)
    one = Evidence(
        "boundary_flicker",
        family,
        Applies.YES,
        f"Brightness jumps {np.exp(value):.2f} times as much at the rim of the face as inside and"
        " outside of it.",
        value=value,
        unit="log of rim against inside and outside",
        limits=limits,
        options_json=told,
        stretches=stretches(
            [Fraction(float(time)).limit_denominator(1000) for time in worst.times_s],
            (worst.relative - value) / 1.5,
        ),
        figures=_figures(worst),
    )
    return weighed(one, "video")


def _figures(worst: Jumps) -> tuple[Figure, ...]:
    """Jumps of brightness over time."""
    return (
        Figure(
            "boundary_flicker",
            plot(
                [
                    Curve("rim", worst.times_s, worst.rim),
                    Curve("inside", worst.times_s, worst.inside),
                    Curve("around", worst.times_s, worst.around),
                ],
                across="seconds",
            ),
            "How much brightness jumps from frame to frame, in levels of 255.",
        ),
    )


def figure(one: Jumps) -> float:
    """How much the rim flickers, as one number."""
    return float(np.median(one.relative))


def jumps(cuts: Sequence[Cut]) -> Jumps | None:
    """How much brightness jumps in the parts of a face; None where it is brief or stands still.

    Args:
        cuts: Of one face, in order of time.
    """
    run = longest(cuts, least_px=LEAST_PX)
    if len(run) < LEAST_FRAMES:
        return None
    laid = ((cv2.GaussianBlur(grey, (0, 0), _BLUR_PX), turn) for grey, turn in steadied(run))
    near = deque(islice(laid, 2), maxlen=3)
    values = []
    for cut, newest in zip(run[1:], laid, strict=False):
        near.append(newest)
        before, (now, turn), after = near[0][0], near[1], near[2][0]
        jump = np.abs(now - (before + after) / 2)
        where = parts_of(outline_through(cut, turn), shown(cut.pixels))
        some = [where.rim, where.inside, where.around]
        values.append([float(jump[part].mean()) if part.any() else np.nan for part in some])
    table = np.nan_to_num(np.array(values))
    if float(np.median(table[:, 1:])) < _STANDS:
        return None
    times_s = np.array([float(cut.time_s) for cut in run[1:-1]])
    return Jumps(times_s, table[:, 0], table[:, 1], table[:, 2])
