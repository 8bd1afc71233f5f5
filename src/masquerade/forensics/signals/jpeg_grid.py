"""Areas of a still that were stored on another grid of JPEG blocks than the rest.

A part that was pasted in from another JPEG keeps the blocks it was stored in; they rarely fall on
those of the picture around it. Storing the whole as a JPEG once more, below the quality it had
before, wipes that out.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from masquerade import options as base
from masquerade.forensics.calibration import weighed
from masquerade.forensics.drawing import HEAT_CAPTION, heat
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_parts import luma
from masquerade.forensics.grid_votes import Grids, grids
from masquerade.forensics.sample import Sample
from masquerade.forensics.stored import fineness, window


class Options(base.Options):
    """This signal has no knobs."""


family = Family.IMAGE
limits = (
    "Sees only parts that came out of another JPEG and were not stored coarsely since. Text, frames"
    " and collages that people add honestly look the same; a picture made in one piece has no"
    " foreign part."
)
MOST: Final = 1.5
"""Log10 of the greatest ratio: alone, this signal never decides."""

_LEAST_PX: Final = 64
_CAP: Final = 30.0


def examine(sample: Sample, options: Options) -> Evidence:
    """Whether a part of a still lies on another grid."""
    told = options.canonical_json()
    quiet = partial(silent, "jpeg_grid", family, limits=limits, options_json=told)
    if sample.info.kind != "still":
        return quiet("Only stills are looked at in this way.")
    if min(sample.info.size_wh) < _LEAST_PX:
        return quiet(f"The picture is below {_LEAST_PX} pixels.")
    rows, columns = window(sample.info.size_wh)
    part = sample.still.pixels[rows, columns]
    found = grids(luma(part))
    if found.origin is None:
        why = "The picture has no trace of ever having been a JPEG."
        return quiet(why)
    stored = fineness(sample)
    figures = (
        Figure(
            "jpeg_grid",
            heat(part, found.foreign, box=found.box),
            f"Coloured: blocks on another grid than the rest. {HEAT_CAPTION}",
        ),
    )
    one = Evidence(
        "jpeg_grid",
        family,
        Applies.YES if stored in ("lossless", "fine") else Applies.LIMITED,
        _says(found, stored, whole=part.size == sample.still.pixels.size),
        value=figure(found),
        unit="times ten fewer than one false alarm",
        figures=figures if found.box else (),
        region=None if found.box is None else _moved(found.box, rows.start, columns.start),
        limits=limits,
        options_json=told,
    )
    return _bounded(weighed(one, stored))


def _bounded(one: Evidence) -> Evidence:
    """The evidence with at most `MOST`: no example tells a splice from an honest collage."""
    if one.log10_lr is None or one.ci95 is None:
        return one
    low, high = (min(end, MOST) for end in one.ci95)
    return replace(one, log10_lr=min(one.log10_lr, MOST), ci95=(low, high))


def figure(found: Grids) -> float:
    """How surely an area lies on another grid: minus log10 of its number of false alarms."""
    return float(min(max(-found.foreign_log10_nfa, 0.0), _CAP)) + 0.0


def _says(found: Grids, stored: str, *, whole: bool) -> str:
    assert found.origin is not None
    said = []
    alone = found.box is not None and found.foreign_origin == found.origin
    if found.box is not None:
        x0, y0, x1, y1 = found.box
        what = f"an area of {x1 - x0} x {y1 - y0} pixels lies on"
        said.append(
            f"Only {what} a grid of JPEG blocks, as parts do that were pasted in"
            if alone
            else f"A{what[1:]} another grid of JPEG blocks than the rest, as parts do that were"
            " pasted in"
        )
    else:
        said.append("All of the picture lies on one grid of JPEG blocks")
    if found.origin != (0, 0) and not alone:
        said.append("the grid does not begin at the edge: it was cropped or moved as a JPEG before")
    if stored not in ("lossless", "fine"):
        said.append("it is stored so coarsely that older grids may be wiped out")
    if not whole:
        said.append("only its middle was looked at, as it is very large")
    return "; ".join(said) + "."


def _moved(box: tuple[int, int, int, int], down: int, right: int) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = box
    return x0 + right, y0 + down, x1 + right, y1 + down
