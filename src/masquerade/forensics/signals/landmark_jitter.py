"""Whether the inner face trembles against the outline of the head.

Where a face was put into a head frame by frame, eyes, nose and mouth tremble otherwise than the
outline they sit in. Each landmark's path is smoothed (Savitzky and Golay 1964, seven pictures,
second order); what is left is the tremble, and the figure is that of the inner face against that
of the outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.faces.align import moved, similarity
from masquerade.faces.mesh import LEFT_EYE, NOSE_BASE, OVAL, RIGHT_EYE, STABLE, interocular_px
from masquerade.forensics.calibration import weighed
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_parts import longest
from masquerade.forensics.sample import Cut, Sample
from masquerade.forensics.timeline import stretches

Floats = NDArray[np.float64]


class Options(base.Options):
    """This signal has no knobs."""


family = Family.FACE
limits = (
    "Speech, blinks, small faces and coarse coding make landmarks tremble; a swap that follows the"
    " head closely trembles as the head does."
)
LEAST_FRAMES: Final = 20
LEAST_PX: Final = 80.0
_SIDE: Final = 3  # pictures on each side of the smoothed one
_INNER: Final = tuple(
    dict.fromkeys((RIGHT_EYE[0], RIGHT_EYE[8], LEFT_EYE[0], LEFT_EYE[8], *NOSE_BASE, 168, 6, 4, 1))
)
_FLOOR: Final = 5e-4  # of the distance of the eyes: below, a face stands still


@dataclass(frozen=True, slots=True)
class Tremble:
    """(n,) tremble at each time, as a share of the distance of the eyes."""

    times_s: Floats
    inner: Floats
    outer: Floats

    @property
    def relative(self) -> Floats:
        """(n,) log of the inner face's tremble against the outline's."""
        return np.asarray(np.log((self.inner + _FLOOR) / (self.outer + _FLOOR)))


def examine(sample: Sample, options: Options) -> Evidence:
    """How much the inner face trembles against the outline."""
    told = options.canonical_json()
    quiet = partial(silent, "landmark_jitter", family, limits=limits, options_json=told)
    if sample.info.kind in ("still", "audio"):
        return quiet("There are no moving pictures.")
    found = [seen for line in sample.lines if (seen := tremble(line.cuts)) is not None]
    if not found:
        return quiet(
            f"No face of at least {LEAST_PX:.0f} pixels is seen to move in {LEAST_FRAMES} pictures"
            " on end."
        )
    worst = max(found, key=figure)
    value = figure(worst)
    times = [Fraction(float(time)).limit_denominator(1000) for time in worst.times_s]
    curves = [
        Curve("eyes and nose", worst.times_s, 100 * worst.inner),
        Curve("outline", worst.times_s, 100 * worst.outer),
    ]
    one = Evidence(
        "landmark_jitter",
        family,
        Applies.YES,
        f"Eyes and nose tremble {np.exp(value):.2f} times as much as the outline of the face.",
        value=value,
        unit="log of the inner face's tremble against the outline's",
        limits=limits,
        options_json=told,
        stretches=stretches(times, (worst.relative - value) / 1.5),
        figures=(
            Figure(
                "landmark_jitter",
                plot(curves, across="seconds"),
                "Tremble of the landmarks, hundredths of the distance of the eyes.",
            ),
        ),
    )
    return weighed(one, "video")


def figure(one: Tremble) -> float:
    """The tremble as one number."""
    return float(np.median(one.relative))


def tremble(cuts: Sequence[Cut]) -> Tremble | None:
    """How much the parts of a face tremble; None where it is brief or stands still.

    Args:
        cuts: Of one face, in order of time.
    """
    run = [cut for cut in longest(cuts, least_px=LEAST_PX) if cut.seen is not None]
    if len(run) < LEAST_FRAMES:
        return None
    stable, paths = list(STABLE), []
    for cut in run:
        marks = cut.landmarks if cut.seen is None else cut.seen
        laid = similarity(cut.landmarks[stable, :2], run[0].landmarks[stable, :2])
        paths.append(moved(marks[:, :2], laid))
    rest = _rest(np.array(paths, np.float64)) / interocular_px(run[0].landmarks)
    size = np.linalg.norm(rest, axis=2)
    times_s = np.array([float(cut.time_s) for cut in run[_SIDE:-_SIDE]])
    inner, outer = (np.sqrt((size[:, list(part)] ** 2).mean(axis=1)) for part in (_INNER, OVAL))
    if float(np.median(outer)) < _FLOOR:
        return None
    return Tremble(times_s, inner, outer)


def _rest(paths: Floats) -> Floats:
    """(n - 6, k, 2) what smoothing takes away from (n, k, 2) paths."""
    at = np.arange(-_SIDE, _SIDE + 1, dtype=np.float64)
    weights = np.linalg.pinv(np.vander(at, 3, increasing=True))[0]
    windows = np.lib.stride_tricks.sliding_window_view(paths, 2 * _SIDE + 1, axis=0)
    return np.asarray(paths[_SIDE:-_SIDE] - windows @ weights)
