"""Parts of a cut-out face: within its outline, the rim where a swap would end, what is around."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.align import Affine, moved, similarity
from masquerade.faces.mesh import OVAL, STABLE
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import Figure
from masquerade.forensics.sample import CUT_PX, Cut, Line
from masquerade.types import RGB

Field = NDArray[np.float32]
Part = NDArray[np.bool_]

LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_RIM: Final = 0.07  # half of its width, in widths of the face
_EDGE_PX: Final = 4  # of the cut-out, where pixels may lie outside the frame


@dataclass(frozen=True, slots=True)
class Parts:
    """(256, 256) bool parts of a cut-out that do not overlap.

    Attributes:
        inside: The face without its rim.
        rim: On both sides of the outline.
        around: What is beyond, as far as the cut-out shows the frame.
    """

    inside: Part
    rim: Part
    around: Part


def parts(cut: Cut) -> Parts:
    """The parts of a cut-out.

    Args:
        cut: From `Sample.lines`.
    """
    return parts_of(cut.landmarks[list(OVAL), :2], shown(cut.pixels))


def parts_of(outline: NDArray[np.floating], frame: Part) -> Parts:
    """The parts that an outline makes.

    Args:
        outline: (n, 2) in pixels.
        frame: (256, 256) where the frame is, and not beyond its edge.
    """
    face = np.zeros((CUT_PX, CUT_PX), np.uint8)
    cv2.fillPoly(face, [np.rint(outline).astype(np.int32)], 1)
    half = max(3, round(_RIM * float(np.ptp(outline[:, 0]))))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * half + 1, 2 * half + 1))
    grown, shrunk = cv2.dilate(face, kernel) > 0, cv2.erode(face, kernel) > 0
    return Parts(shrunk & frame, grown & ~shrunk & frame, ~grown & frame)


def shown(pixels: RGB) -> Part:
    """(256, 256) where a cut-out shows the frame: beyond its edge, cut-outs are black."""
    lit = ((pixels[..., 0] | pixels[..., 1] | pixels[..., 2]) > 0).astype(np.uint8)
    there = cv2.morphologyEx(lit, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    there[:1] = there[-1:] = 0
    there[:, :1] = there[:, -1:] = 0
    return np.asarray(cv2.erode(there, np.ones((2 * _EDGE_PX + 1,) * 2, np.uint8)) > 0)


def luma(pixels: RGB) -> Field:
    """(H, W) float32 brightness, 0 to 255 (ITU-R BT.601)."""
    return np.asarray(pixels.astype(np.float32) @ LUMA)


def steadied(cuts: Sequence[Cut]) -> Iterator[tuple[Field, Affine]]:
    """(256, 256) brightness of each cut-out laid over the first by what stays put on a skull.

    Args:
        cuts: Of one face, in order of time.

    Yields:
        The brightness, and first_from_cut.
    """
    stable = list(STABLE)
    goal = cuts[0].landmarks[stable, :2]
    for cut in cuts:
        first_from_cut = similarity(cut.landmarks[stable, :2], goal)
        size = (CUT_PX, CUT_PX)
        laid = cv2.warpAffine(luma(cut.pixels), first_from_cut, size, flags=cv2.INTER_LINEAR)
        yield np.asarray(laid, np.float32), first_from_cut


def outline_through(cut: Cut, first_from_cut: Affine) -> NDArray[np.float32]:
    """(36, 2) the outline of a cut-out where `steadied` laid it."""
    return moved(cut.landmarks[list(OVAL), :2], first_from_cut)


def longest(cuts: Sequence[Cut], *, least_px: float) -> list[Cut]:
    """The longest stretch of cut-outs in which a network saw the face, large enough, without gaps.

    Args:
        cuts: Of one face, in order of time.
        least_px: Size of the face in the frame, below which it is left out.
    """
    best: list[Cut] = []
    run: list[Cut] = []
    steps = np.diff([float(cut.time_s) for cut in cuts])
    step = float(np.median(steps)) if len(steps) else 0.0
    for cut in cuts:
        good = not cut.interpolated and cut.face_px >= least_px
        if run and (not good or float(cut.time_s - run[-1].time_s) > 1.6 * step):
            run = []
        if good:
            run.append(cut)
        if len(run) > len(best):
            best = list(run)
    return best


def spread(cuts: Sequence[Cut], count: int, *, least_px: float) -> list[Cut]:
    """Up to `count` cut-outs at even distances, of those that a network saw, large enough."""
    good = [cut for cut in cuts if not cut.interpolated and cut.face_px >= least_px]
    if len(good) <= count:
        return good
    return [good[len(good) * (2 * place + 1) // (2 * count)] for place in range(count)]


def most_apart(
    lines: Iterable[Line],
    figures: Callable[[Sequence[Cut]], list[float]],
    *,
    most: int,
    least_px: float,
) -> tuple[list[float], list[Cut]] | None:
    """Figures of the face that is farthest from its surround, with the cut-outs they are of.

    Args:
        lines: The faces of a file.
        figures: How far cut-outs are from their surround, 0 where they are alike; it may leave out
            those that show too little.
        most: How many cut-outs of a face are looked at.
        least_px: Least size of a face.

    Returns:
        None where no cut-out has a figure.
    """
    spreads = (spread(line.cuts, most, least_px=least_px) for line in lines)
    found = [(values, cuts) for cuts in spreads if (values := figures(cuts))]
    return max(found, key=lambda one: abs(float(np.median(one[0]))), default=None)


def through_time(
    name: str, drawn: str, values: Sequence[float], cuts: Sequence[Cut]
) -> tuple[Figure, ...]:
    """A curve of what `most_apart` gave; none of a single value.

    Args:
        name: Of the signal.
        drawn: What the curve shows.
        values: One for each of the first cut-outs.
        cuts: In order of time.
    """
    if len(values) < 2:
        return ()
    times_s = np.array([float(cut.time_s) for cut in cuts[: len(values)]])
    curve = Curve(drawn, times_s, np.array(values))
    return (Figure(name, plot([curve], across="seconds", level=0.0), f"{drawn}."),)
