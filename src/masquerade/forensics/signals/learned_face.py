"""Whether a face carries what blending, warping and redrawing leave: a network taught on blends.

It learnt from real faces and from the same faces manipulated in memory (`train/signals_face.py`):
blended with changed copies of themselves, redrawn, bent. It never saw a deepfake of others, so that
a face in which it finds nothing is not cleared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.faces.embed import SAME_PERSON
from masquerade.forensics.calibration import calibration, only_suspects, weighed
from masquerade.forensics.drawing import HEAT_CAPTION, Curve, heat, plot
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_input import SIDE, TAKEN, face_input
from masquerade.forensics.face_parts import spread
from masquerade.forensics.sample import CUT_PX, Cut, Line, Sample
from masquerade.forensics.timeline import stretches
from masquerade.models.own_weights import open_own, own_card
from masquerade.models.session import Session
from masquerade.types import Embedding


class Options(base.Options):
    """This signal has no knobs."""


family = Family.FACE
limits = (
    "Beauty filters, make-up, strong compression, enlarged pictures and reflections in glass can"
    " look alike; faces that were made whole, without blending, may pass. The map is coarse: in a"
    " face that was manipulated, untouched parts often light up too."
)
NETWORK: Final = "learned_face"
LEAST_PX: Final = 64.0
LEAST_DETAIL: Final = 1.4
"""Below this, faces are softer than all on which figures were calibrated, and are not weighed."""
MOST: Final = 32
_MOST_YAW_DEG: Final = 60.0
_SURE: Final = 3
_INNER: Final = ((0.21, 0.78), (0.23, 0.77))  # of a cut-out, down and across: the face
_WEAK: Final = 0.3
_SPREAD: Final = 7.0  # log odds that count as full on the time line


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
        """Their middle: a few blurred or turned pictures do not decide."""
        return middle(self.odds)

    @property
    def detail(self) -> float:
        """How much fine detail the faces have, in levels; the middle of the pictures."""
        return float(np.median([_detail(cut) for cut in self.cuts]))


def middle(odds: Sequence[float] | NDArray[np.float64]) -> float:
    """What pictures of one face come to, which are no independent witnesses: their median.

    Args:
        odds: (n,) log odds of each.
    """
    return float(np.median(np.asarray(odds)))


def examine(sample: Sample, options: Options) -> Evidence:
    """How much the faces look as if they had been manipulated."""
    told = options.canonical_json()
    quiet = partial(silent, "learned_face", family, limits=limits, options_json=told)
    if sample.info.kind == "audio":
        return quiet("There are no pictures.")
    if own_card(NETWORK) is None:
        return quiet("The model is not installed.")
    people = together(sample.lines)
    chosen = [fit for cuts in people if (fit := fitting(cuts))]
    if not chosen:
        return quiet(f"No face of at least {LEAST_PX:.0f} pixels is seen from the front.")
    net = open_own(NETWORK)
    looked = [look(cuts, net) for cuts in chosen]
    worst = max(looked, key=lambda one: one.figure)
    still = sample.info.kind == "still"
    kind = ("still" if still else "video") if worst.detail >= LEAST_DETAIL else "blurred"
    one = weighed(_evidence(worst, told, still=still), kind)
    if len(looked) > 1:
        one = _one_of(one, looked, kind)
    one = replace(one, says=_says(one.log10_lr, len(looked)))
    why = "not used, since a low figure is no sign of a recording: forgeries of other kinds pass"
    return only_suspects(one, why)


def together(lines: Sequence[Line]) -> list[list[Cut]]:
    """Cut-outs by the person who is seen in them, in order of time; who is not known stays alone.

    Args:
        lines: Of one file.
    """
    people: list[tuple[Embedding | None, list[Cut]]] = []
    for line in lines:
        mine = line.embedding
        same = (
            cuts
            for theirs, cuts in people
            if mine is not None
            and theirs is not None
            and float(np.linalg.norm(theirs - mine)) < SAME_PERSON
        )
        known = next(same, None)
        if known is None:
            people.append((mine, list(line.cuts)))
        else:
            known.extend(line.cuts)
    return [sorted(cuts, key=lambda cut: cut.time_s) for _, cuts in people]


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


def _detail(cut: Cut) -> float:
    """Mean size of the Laplacian within the face, at the size at which the network sees it."""
    seen = face_input([cut.pixels])[0].transpose(1, 2, 0)
    high, wide = (slice(round(a * SIDE), round(b * SIDE)) for a, b in _INNER)
    grey = cv2.cvtColor(np.ascontiguousarray(seen[high, wide]), cv2.COLOR_RGB2GRAY)
    return float(np.abs(cv2.Laplacian(grey, cv2.CV_32F)).mean())


def _one_of(one: Evidence, looked: Sequence[Looked], kind: str) -> Evidence:
    """The same, weighed as one of several faces, of which nobody knows which may be made."""
    known = calibration(NETWORK)
    found = known.bin(kind) if known is not None else None
    if found is None:
        return one
    ratio, ci95 = found.one_of([some.figure for some in looked])
    return replace(one, log10_lr=ratio, ci95=ci95)


def _says(log10_lr: float | None, faces: int) -> str:
    """What was found, in plain words."""
    which = "in the face" if faces == 1 else f"in the most suspect of {faces} faces"
    if log10_lr is None:
        return f"What the network sees {which} cannot be weighed here."
    if log10_lr < _WEAK:
        return f"The network sees nothing {which} that real faces do not show as well."
    if log10_lr < 1:
        return f"The network sees faint traces {which}, as some real faces show them too."
    return f"The network sees traces {which} as blending, bending and redrawing leave them."


def _evidence(one: Looked, told: str, *, still: bool) -> Evidence:
    top = one.cuts[int(np.argmax(one.odds))]
    return Evidence(
        "learned_face",
        family,
        Applies.YES if still or len(one.cuts) >= _SURE else Applies.LIMITED,
        "",
        value=one.figure,
        unit="median log odds of manipulated against real faces",
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
