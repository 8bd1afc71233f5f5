"""Whether a face stays the same person through a clip.

Swaps made frame by frame can wander between two people when the head turns. Each of a few pictures
is compared with the median of the clip (dlib's embedding; two photos of one person are below 0.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.faces.align import DLIB_5_MESH, crop, dlib_template, similarity
from masquerade.faces.embed import SAME_PERSON, embed_chips
from masquerade.faces.readers import FaceReader
from masquerade.forensics.calibration import weighed
from masquerade.forensics.drawing import Curve, plot, strip
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_parts import spread
from masquerade.forensics.sample import Cut, Sample
from masquerade.forensics.timeline import stretches


class Options(base.Options):
    """This signal has no knobs."""


family = Family.FACE
limits = (
    "Turned heads, hands and changing light move a real face too; a swap of good likeness holds"
    " still. It says nothing of who it is."
)
LEAST_PX: Final = 60.0
LEAST: Final = 6
_MOST: Final = 10
_MOST_LINES: Final = 3
_CHIP_PX: Final = 150
_STILL: Final = 0.01  # drift below which nothing moves: a recorded face came to 0.12


def examine(sample: Sample, options: Options) -> Evidence:
    """How far the faces wander from their own median."""
    told = options.canonical_json()
    quiet = partial(silent, "identity_drift", family, limits=limits, options_json=told)
    if sample.info.kind in ("still", "audio"):
        return quiet("There are no moving pictures.")
    found = []
    for line in sample.lines[:_MOST_LINES]:
        cuts = spread(line.cuts, _MOST, least_px=LEAST_PX)
        if len(cuts) >= LEAST:
            found.append((distances(cuts, sample.reader), cuts))
    if not found:
        return quiet(f"No face of at least {LEAST_PX:.0f} pixels is seen in {LEAST} pictures.")
    apart, cuts = max(found, key=lambda item: figure(item[0]))
    value = figure(apart)
    if value < _STILL:
        return quiet("The face does not change at all: it may be a still that is shown as video.")
    times_s = np.array([float(cut.time_s) for cut in cuts])
    one = Evidence(
        "identity_drift",
        family,
        Applies.YES,
        f"The face wanders up to {value:.2f} from its own median"
        f" ({'as far as another person' if value > SAME_PERSON else 'within one person'}).",
        value=value,
        unit="distance of embeddings",
        limits=limits,
        options_json=told,
        stretches=stretches([Fraction(cut.time_s) for cut in cuts], apart / SAME_PERSON),
        figures=_figures(times_s, apart, cuts),
    )
    return weighed(one, "video")


def _figures(
    times_s: NDArray[np.float64], apart: NDArray[np.float64], cuts: Sequence[Cut]
) -> tuple[Figure, ...]:
    """Distances over time, and the faces that were compared."""
    return (
        Figure(
            "identity_drift",
            plot(
                [Curve("distance to the clip's median", times_s, apart)],
                across="seconds",
                level=SAME_PERSON,
                level_name="two people",
            ),
            "How far the face is from its own median.",
        ),
        Figure(
            "faces_seen",
            strip([cut.pixels for cut in cuts], [f"{time:.1f} s" for time in times_s]),
            "What was compared.",
        ),
    )


def figure(apart: NDArray[np.float64]) -> float:
    """The largest distance but the one beyond which a tenth lies."""
    return float(np.quantile(apart, 0.9))


def distances(cuts: Sequence[Cut], reader: FaceReader) -> NDArray[np.float64]:
    """(n,) distance of each cut-out's embedding to the median of all.

    Args:
        cuts: Of one face.
        reader: The loaded networks.
    """
    found = embeddings(cuts, reader).astype(np.float64)
    return np.asarray(np.linalg.norm(found - np.median(found, axis=0), axis=1))


def embeddings(cuts: Sequence[Cut], reader: FaceReader) -> NDArray[np.float32]:
    """(n, 128) identity of each cut-out.

    Args:
        cuts: At least one.
        reader: The loaded networks.
    """
    template = dlib_template(_CHIP_PX)
    return embed_chips(
        [
            crop(cut.pixels, similarity(cut.landmarks[list(DLIB_5_MESH), :2], template), _CHIP_PX)
            for cut in cuts
        ],
        reader,
    )
