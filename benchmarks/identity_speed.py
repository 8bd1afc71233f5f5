"""How fast one identity embedding is against dlib's own network, and how far the two lie apart.

Faces of the portraits are cut out by our aligner; both networks see the same chips, one at a time
and in turns, with one thread (dlib's wheel has no setting for threads and uses one).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import chip
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.models.face_identity import FaceIdentity
from masquerade.models.store import locate
from masquerade.types import RGB

_CHIPS = 40


def portrait_chips(reader: FaceReader) -> list[RGB]:
    """(150, 150, 3) chips of the first portraits that show a face."""
    found: list[RGB] = []
    for path in sorted((media_dir() / "portraits").glob("*.jpg")):
        pixels = read_image(path).pixels
        found += [chip(pixels, face) for face in find_faces(pixels, reader)[:1]]
        if len(found) == _CHIPS:
            break
    return found


def milliseconds(call: Callable[[RGB], object], picture: RGB) -> float:
    """Time of one call."""
    began = time.perf_counter()
    call(picture)
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    """Measure and publish."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    try:
        import dlib
    except ImportError as error:
        raise SystemExit("the rival is missing: pip install dlib-bin") from error
    rival = dlib.face_recognition_model_v1(str(locate("face_identity")))
    ours = FaceIdentity.open()
    chips = portrait_chips(FaceReader.open())
    got = ours(np.stack(chips))
    want = np.asarray([rival.compute_face_descriptor(one) for one in chips], np.float32)
    ours_ms, dlib_ms = [], []
    for one in chips:  # the calls above were the warm-up
        ours_ms.append(milliseconds(lambda picture: ours(picture[None]), one))
        dlib_ms.append(milliseconds(rival.compute_face_descriptor, one))
    apart = float(np.abs(got - want).max())
    faster = statistics.median(dlib_ms) / statistics.median(ours_ms)
    publish(
        "identity_speed",
        [
            Bar("largest difference of a coordinate to dlib's", apart, 1e-3, "<="),
            Bar("times as fast as dlib, one chip, one thread", faster, 5, ">="),
        ],
        {
            "chips": len(chips),
            "largest_difference": apart,
            "ours_ms": _median_and_iqr(ours_ms),
            "dlib_ms": _median_and_iqr(dlib_ms),
        },
    )


def _median_and_iqr(times_ms: list[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles(times_ms, n=4)
    return {"median": round(middle, 2), "iqr": round(high - low, 2)}


if __name__ == "__main__":
    main()
