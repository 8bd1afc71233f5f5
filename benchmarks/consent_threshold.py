"""How often the consent check takes one person for another, and turns the right person away.

Two photos each of people in the portraits, taken at different times: every pair of one person
should lie within the threshold, every pair of two people beyond it. Both error rates come with the
upper end of their 95 % interval (Wilson 1927), since the set is small.
"""

from __future__ import annotations

import argparse
from itertools import combinations
from math import sqrt
from pathlib import Path

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.provenance.check import FACE_THRESHOLD
from masquerade.types import Embedding

_Z = 1.96  # of a 95 % interval


def identities(folder: Path) -> dict[str, Embedding]:
    """The largest face of each portrait, by file name."""
    reader = FaceReader.open()
    found = {}
    for path in sorted(folder.glob("*.jpg")):
        pixels = read_image(path).pixels
        faces = find_faces(pixels, reader)
        if faces:
            largest = max(faces, key=lambda face: face.size_px)
            found[path.stem] = embed(pixels, largest, reader)
    return found


def upper_bound(errors: int, trials: int) -> float:
    """Upper end of Wilson's interval of an error rate."""
    rate, share = errors / trials, _Z**2 / trials
    spread = _Z * sqrt(rate * (1 - rate) / trials + share / (4 * trials))
    return (rate + share / 2 + spread) / (1 + share)


def main() -> None:
    """Measure and publish."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    found = identities(media_dir() / "portraits")
    same, other = [], []
    for (one, a), (two, b) in combinations(found.items(), 2):
        # Names end in _a or _b; what comes before is the person.
        (same if one[:-2] == two[:-2] else other).append(distance(a, b))
    rejects = sum(apart > FACE_THRESHOLD for apart in same)
    accepts = sum(apart <= FACE_THRESHOLD for apart in other)
    publish(
        "consent_threshold",
        [
            Bar("false accept rate", accepts / len(other), 0.001),
            Bar("false reject rate", rejects / len(same), 0.05),
        ],
        {
            "threshold": FACE_THRESHOLD,
            "photos": len(found),
            "pairs_of_one": len(same),
            "pairs_of_two": len(other),
            "false_accepts": accepts,
            "false_rejects": rejects,
            "false_accept_upper_95": round(upper_bound(accepts, len(other)), 5),
            "false_reject_upper_95": round(upper_bound(rejects, len(same)), 5),
            "largest_of_one": round(max(same), 4),
            "smallest_of_two": round(min(other), 4),
        },
    )


if __name__ == "__main__":
    main()
