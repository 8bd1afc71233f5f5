"""Whether a face carries what blending, warping and redrawing leave: a network taught on blends.

It learnt from real faces and from the same faces manipulated in memory (`train/signals_face.py`):
blended with changed copies of themselves, redrawn, bent. It never saw a deepfake of others, so that
a face in which it finds nothing is not cleared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.forensics.calibration import only_suspects, weighed
from masquerade.forensics.drawing import HEAT_CAPTION, Curve, heat, plot
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_input import TAKEN, face_input
from masquerade.forensics.face_parts import spread
from masquerade.forensics.sample import CUT_PX, Cut, Sample
from masquerade.forensics.timeline import stretches
from masquerade.models.own_weights import open_own, own_card
from masquerade.models.session import Session


class Options(base.Options):
    """This signal has no knobs."""


family = Family.FACE
limits = (
    "Beauty filters, make-up, strong compression and enlarged pictures can look alike; faces that"
    " were made whole, without blending, may pass. The map is coarse: in a face that was"
    " manipulated, untouched parts often light up too."
)
NETWORK: Final = "learned_face"
LEAST_PX: Final = 64.0
MOST: Final = 32
_MOST_YAW_DEG: Final = 60.0
_SURE: Final = 3
_SPREAD: Final = 4.0  # log odds that count as full on the time line


@dataclass(frozen=True, slots=True)
class Looked:
    """What the network made of the pictures of one face.

    Attributes:
        cuts: That were looked at, in order of time.
        odds: (n,) log odds that each was manipulated.
        maps: (n, 6, 6) of which those are the means.
    """

    cuts: tuple[Cut, ...]
    odds: NDArray[np.float64]
    maps: NDArray[np.float32]

    @property
    def figure(self) -> float:
        """Mean log odds."""
        return float(self.odds.mean())


def examine(sample: Sample, options: Options) -> Evidence:
    """How much the faces look as if they had been manipulated."""
    told = options.canonical_json()
    quiet = partial(silent, "learned_face", family, limits=limits, options_json=told)
    if sample.info.kind == "audio":
        return quiet("There are no pictures.")
    if own_card(NETWORK) is None:
        return quiet("The model is not installed.")
    chosen = [fit for line in sample.lines if (fit := fitting(line.cuts))]
    if not chosen:
        return quiet(f"No face of at least {LEAST_PX:.0f} pixels is seen from the front.")
    net = open_own(NETWORK)
    worst = max((look(cuts, net) for cuts in chosen), key=lambda one: one.figure)
    still = sample.info.kind == "still"
    one = weighed(_evidence(worst, told, still=still), "still" if still else "video")
    why = "not used, since a low figure is no sign of a recording: forgeries of other kinds pass"
    return only_suspects(one, why)


def fitting(cuts: Sequence[Cut]) -> list[Cut]:
    """Up to 32 cut-outs of a face that are large enough and not seen from the side.

    Args:
        cuts: Of one face.
    """
    front = [cut for cut in cuts if abs(cut.pose_deg[0]) <= _MOST_YAW_DEG]
    return spread(front, MOST, least_px=LEAST_PX)


def look(cuts: Sequence[Cut], net: Session) -> Looked:
    """What the network makes of the pictures of a face, one at a time.

    Args:
        cuts: At least one.
        net: Opened from `NETWORK`.
    """
    maps = np.concatenate([net(face_input([cut.pixels]))[0][:, 0] for cut in cuts])
    return Looked(tuple(cuts), maps.mean(axis=(1, 2)).astype(np.float64), maps)


def _evidence(one: Looked, told: str, *, still: bool) -> Evidence:
    share = float((one.odds > 0).mean())
    says = (
        f"The face looks more like a {'manipulated' if one.figure > 0 else 'real'} one to the"
        " network."
        if still
        else f"In {100 * share:.0f} % of the pictures that were looked at, the face looks more like"
        " a manipulated one to the network."
    )
    top = one.cuts[int(np.argmax(one.odds))]
    return Evidence(
        "learned_face",
        family,
        Applies.YES if still or len(one.cuts) >= _SURE else Applies.LIMITED,
        says,
        value=one.figure,
        unit="mean log odds of manipulated against real faces",
        limits=limits,
        options_json=told,
        region=None if not still else _whole(top),
        stretches=stretches([Fraction(cut.time_s) for cut in one.cuts], one.odds / _SPREAD),
        figures=_figures(one, still=still),
    )


def _figures(one: Looked, *, still: bool) -> tuple[Figure, ...]:
    top = int(np.argmax(one.odds))
    level = np.clip(one.maps[top] / _SPREAD, 0, 1)
    edge = (CUT_PX - TAKEN) // 2
    part = one.cuts[top].pixels[edge : edge + TAKEN, edge : edge + TAKEN]
    smooth = cv2.resize(level, (TAKEN, TAKEN), interpolation=cv2.INTER_CUBIC)
    when = "" if still else f" at {float(one.cuts[top].time_s):.2f} s"
    caption = f"Coloured: what spoke most for manipulation{when}. {HEAT_CAPTION}"
    drawn = Figure("learned_face_map", heat(np.ascontiguousarray(part), smooth), caption)
    if still or len(one.cuts) < 2:
        return (drawn,)
    times_s = np.array([float(cut.time_s) for cut in one.cuts])
    curve = Curve("manipulated rather than real", times_s, one.odds)
    over_time = plot([curve], across="seconds", level=0.0, level_name="either")
    return (drawn, Figure("learned_face", over_time, "Log odds of each picture."))


def _whole(cut: Cut) -> tuple[int, int, int, int]:
    """The face's box in whole pixels."""
    x0, y0, x1, y1 = (round(float(value)) for value in cut.box)
    return x0, y0, x1, y1
