"""How a face's fine detail is spread over frequencies, against real faces.

Networks that enlarge step by step leave too much or too little of the finest detail (Durall et al.,
"Watch your up-convolution", CVPR 2020). Faces are brought to one size and stored alike first, so
that camera, size and codec tell as little as possible; the figure is the distance of the averaged
spectrum from that of real faces, in standard deviations of theirs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.errors import ProvenanceError
from masquerade.faces.align import crop, square_crop
from masquerade.faces.mesh import OVAL
from masquerade.forensics.calibration import weighed
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_parts import luma, spread
from masquerade.forensics.resaved import resaved
from masquerade.forensics.sample import Cut, Sample

Floats = NDArray[np.float64]


class Options(base.Options):
    """This signal has no knobs."""


family = Family.IMAGE
limits = (
    "Cameras, enlarging, beauty filters and codecs change the spectrum as networks do; a face that"
    " was stored coarsely or enlarged says nothing."
)
SIDE_PX: Final = 96
LEAST_PX: Final = 110.0
_QUALITY: Final = 85
_MOST: Final = 8
_LOW: Final = 4  # rings below show the face, not how it was stored
_REAL: Final = "spectrum_real.json"


@dataclass(frozen=True, slots=True)
class Real:
    """Spectra of real faces: (n,) mean and standard deviation of log10 power by ring."""

    mean: Floats
    deviation: Floats


def examine(sample: Sample, options: Options) -> Evidence:
    """How far the spectrum of the faces lies from that of real ones."""
    told = options.canonical_json()
    quiet = partial(silent, "spectrum", family, limits=limits, options_json=told)
    chosen = [spread(line.cuts, _MOST, least_px=LEAST_PX) for line in sample.lines]
    spectra = [(profile(cuts), cuts) for cuts in chosen if cuts]
    if not spectra:
        return quiet(f"There is no face of at least {LEAST_PX:.0f} pixels.")
    known = real()
    value, seen = max((figure(one, known), index) for index, (one, _) in enumerate(spectra))
    rings = np.arange(len(known.mean), dtype=np.float64) + _LOW
    curves = [
        Curve("this face", rings, spectra[seen][0]),
        Curve("real faces", rings, known.mean),
        Curve("their spread", rings, known.mean + 2 * known.deviation),
        Curve("", rings, known.mean - 2 * known.deviation),
    ]
    one = Evidence(
        "spectrum",
        family,
        Applies.YES,
        f"Fine detail of the face lies {value:.1f} standard deviations from that of real faces.",
        value=value,
        unit="standard deviations of real faces",
        limits=limits,
        options_json=told,
        figures=(
            Figure(
                "spectrum",
                plot(curves, across="frequency, waves across the face"),
                "Power of the face by frequency, beside real faces of the same size.",
            ),
        ),
    )
    return weighed(one, "still" if sample.info.kind == "still" else "video")


def profile(cuts: Sequence[Cut]) -> Floats:
    """(44,) log10 of the power of a face by frequency, the mean over cut-outs.

    Args:
        cuts: At least one.
    """
    return np.asarray(np.mean([_profile(cut) for cut in cuts], axis=0), np.float64)


def figure(one: Floats, known: Real) -> float:
    """Root mean square distance from real faces, in their standard deviations."""
    return float(np.sqrt(np.mean(((one - known.mean) / known.deviation) ** 2)))


def real() -> Real:
    """What ships of real faces.

    Raises:
        ProvenanceError: The file is not what was published.
    """
    place = files("masquerade.forensics") / "calibrations" / _REAL
    try:
        stored = json.loads(place.read_text(encoding="utf-8"))
        return Real(np.array(stored["mean"], float), np.array(stored["deviation"], float))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ProvenanceError(
            f"the spectra of real faces cannot be read ({error})",
            "the file as it was published",
            "install Masquerade again",
        ) from error


def _profile(cut: Cut) -> Floats:
    outline = cut.landmarks[list(OVAL), :2]
    middle = outline.mean(axis=0)
    side = 0.8 * float(np.ptp(outline[:, 0]))
    small = crop(cut.pixels, square_crop(middle, side, 0.0, SIDE_PX), SIDE_PX)
    grey = luma(resaved(small, _QUALITY))
    grey = (grey - grey.mean()) / max(float(grey.std()), 1.0)
    wave = np.hanning(SIDE_PX)
    power = np.abs(np.fft.fftshift(np.fft.fft2(grey * np.outer(wave, wave)))) ** 2
    flat = np.arange(SIDE_PX) - SIDE_PX // 2
    ring = np.rint(np.hypot.outer(flat, flat)).astype(int)
    sums = np.bincount(ring.ravel(), power.ravel())
    mean = sums / np.maximum(np.bincount(ring.ravel()), 1)
    return np.asarray(np.log10(mean[_LOW : SIDE_PX // 2] + 1e-6), np.float64)
