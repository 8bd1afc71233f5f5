"""Whether the small picture in a photo's metadata shows the same as the photo.

Cameras store it when they take the photo. Some programs change the photo and leave it as it was.
Both are brought to one size, brightness and contrast; the figure is the greatest difference of a
part of a sixth of the width, in standard deviations of the picture.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.forensics.calibration import calibration
from masquerade.forensics.drawing import HEAT_CAPTION, heat, strip
from masquerade.forensics.evidence import SHOWN_ONLY, Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_parts import Field, luma
from masquerade.forensics.sample import Sample
from masquerade.media.thumbnail import read_thumbnail
from masquerade.types import RGB


class Options(base.Options):
    """This signal has no knobs."""


family = Family.METADATA
limits = (
    "Most programs make a new thumbnail, and sharing takes it out; one that fits says nothing. It"
    " is too small to show fine changes."
)
OTHER: Final = 0.6
"""A difference from which both are said to show something else."""

_WIDE_PX: Final = 120
_LEAST_PX: Final = 32
_ASPECT: Final = 0.06
_CUT: Final = 0.15  # how much otherwise a thumbnail may be cut


def examine(sample: Sample, options: Options) -> Evidence:
    """How far a photo and its thumbnail differ."""
    told = options.canonical_json()
    quiet = partial(silent, "thumbnail", family, limits=limits, options_json=told)
    if sample.info.kind != "still":
        return quiet("Only stills carry a thumbnail.")
    small = read_thumbnail(sample.path)
    if small is None or min(small.shape[:2]) < _LEAST_PX:
        return quiet("The picture carries no thumbnail.")
    found = compare(sample.still.pixels, small)
    if found is None:
        return quiet("The thumbnail has another shape than the picture: it was cropped or turned.")
    value, level = found
    other = value > OTHER
    known = calibration("thumbnail")
    return Evidence(
        "thumbnail",
        family,
        Applies.YES,
        f"The thumbnail {'shows something else than' if other else 'shows the same as'} the"
        " picture.",
        value=value,
        unit="standard deviations of the picture",
        calibration=f"none{SHOWN_ONLY}",
        limits=limits,
        error_rate=known.error_rate if known else "",
        options_json=told,
        figures=(
            Figure(
                "thumbnail",
                strip([small, sample.still.pixels], ["thumbnail", "picture"]),
                "The thumbnail as stored, and the picture.",
            ),
            Figure(
                "thumbnail_map",
                heat(sample.still.pixels, np.clip(level / (2 * OTHER), 0, 1)),
                f"Coloured: where both differ. {HEAT_CAPTION}",
            ),
        ),
    )


def compare(picture: RGB, small: RGB) -> tuple[float, NDArray[np.float32]] | None:
    """(greatest difference, map of it) of a picture and its thumbnail.

    Args:
        picture: (H, W, 3) uint8, upright.
        small: (h, w, 3) uint8 as stored; black bars above and below are left out.

    Returns:
        None where their shapes do not fit.
    """
    kept = _without_bars(small)
    size = (_WIDE_PX, max(1, round(_WIDE_PX / _aspect(picture))))
    goal = _even(_shrunk(picture, size))
    found = [
        _apart(goal, _even(_shrunk(turned, size)))
        for turned in (np.rot90(kept, turns) for turns in range(4))
        if abs(_aspect(turned) / _aspect(picture) - 1) <= _ASPECT
    ]
    return min(found, key=lambda one: one[0]) if found else None


def _apart(goal: Field, other: Field) -> tuple[float, Field]:
    """(greatest, map of) difference, where the thumbnail is laid over the picture as it fits best.

    Cameras cut thumbnails a little otherwise: an affine transform is looked for (Evangelidis and
    Psarakis, "Parametric image alignment using enhanced correlation coefficient", 2008).
    """
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-4)
    start = np.eye(2, 3, dtype=np.float32)
    try:
        _, laid = cv2.findTransformECC(goal, other, start, cv2.MOTION_AFFINE, stop)
    except cv2.error:  # nothing in common: they are compared as they are
        laid = np.eye(2, 3, dtype=np.float32)
    if float(np.abs(np.asarray(laid)[:, :2] - np.eye(2)).max()) > _CUT:
        laid = np.eye(2, 3, dtype=np.float32)
    size = (goal.shape[1], goal.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(other, np.asarray(laid), size, flags=flags)
    there = cv2.warpAffine(np.ones_like(other), np.asarray(laid), size, flags=flags)
    part = _WIDE_PX // 6
    apart = np.where(there > 0.99, np.abs(goal - moved), 0).astype(np.float32)
    level = np.asarray(cv2.blur(apart, (part, part)), np.float32)
    return float(level.max()), level


def _shrunk(picture: RGB, size: tuple[int, int]) -> Field:
    small = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA)
    return luma(np.asarray(small, np.uint8))


def _even(grey: Field) -> Field:
    """Brightness with mean 0 and deviation 1."""
    soft = cv2.GaussianBlur(grey, (0, 0), 1.0)
    return np.asarray((soft - soft.mean()) / max(float(soft.std()), 1.0), np.float32)


def _aspect(picture: RGB) -> float:
    return float(picture.shape[1] / picture.shape[0])


def _without_bars(small: RGB) -> RGB:
    """The thumbnail without the black bars that fit it to 4:3."""
    rows = np.flatnonzero(small.max(axis=(1, 2)) > 24)
    columns = np.flatnonzero(small.max(axis=(0, 2)) > 24)
    if not len(rows) or not len(columns):
        return small
    return small[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
