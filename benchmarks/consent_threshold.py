"""How often the consent check takes one person for another, and turns the right person away.

Pairs of photos of one person, taken at different times: the portraits (two each of 30 people) and
the official portraits of members of Congress that are in both training sets. Two prints of one
photo tell nothing and are left out; they are found by their pixels. Every pair of photos of two
people counts against the other error. Clips of one GRID speaker stand apart: one session is easy.

Both error rates come with the two-sided 95 % interval of Clopper and Pearson (Biometrika 26, 1934).
Pairs of two people share photos, so that their interval is too narrow if anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import exp, lgamma, log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import chip, distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.media.read import read_image
from masquerade.provenance.consent.check import FACE_THRESHOLD
from masquerade.provenance.consent.measured import people_in
from masquerade.types import Embedding

_SAME_PHOTO = 0.8
"""Correlation of two faces cut out at 32 pixels from which they are taken for one photo."""
_TAIL = 0.025
_THRESHOLDS = (0.4, 0.45, 0.5, 0.55, 0.6)


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo: whose it is, the identity measured, and the face in 32 x 32 grey values."""

    person: str
    embedding: Embedding
    small: NDArray[np.float32]


def photos(paths: Sequence[Path], reader: FaceReader) -> Iterator[Photo]:
    """The largest face of each picture; the person is the name up to an underscore."""
    for path in paths:
        pixels = read_image(path).pixels
        faces = find_faces(pixels, reader)
        if faces:
            grey = chip(pixels, faces[0], side=32).mean(axis=-1, dtype=np.float32)
            small = (grey - grey.mean()) / max(float(grey.std()), 1.0)
            yield Photo(path.stem.partition("_")[0], embed(pixels, faces[0], reader), small)


def taken_twice(train: Path, known: set[str]) -> list[Path]:
    """Photos of everybody who is in both sets of portraits, and not known already."""
    one, other = (train / "faces_real" / name for name in ("gpo225", "official335"))
    if not (one.is_dir() and other.is_dir()):
        return []
    both = {path.name for path in one.iterdir()} & {path.name for path in other.iterdir()}
    names = sorted(name for name in both if Path(name).stem not in known)
    return [folder / name for name in names for folder in (one, other)]


def bounds(errors: int, trials: int) -> tuple[float, float]:
    """Both ends of the 95 % interval of Clopper and Pearson."""
    if not trials:
        return 0.0, 1.0
    low = 0.0 if not errors else _solve(lambda rate: 1 - at_most(errors - 1, trials, rate), _TAIL)
    high = 1.0 if errors == trials else _solve(lambda rate: -at_most(errors, trials, rate), -_TAIL)
    return low, high


def at_most(errors: int, trials: int, rate: float) -> float:
    """The probability of at most so many errors at a rate in (0, 1)."""
    total = lgamma(trials + 1)
    logs = (
        total - lgamma(one + 1) - lgamma(trials - one + 1)
        + one * log(rate) + (trials - one) * log(1 - rate)
        for one in range(errors + 1)
    )  # fmt: skip
    return sum(exp(value) for value in logs)


def _solve(rising: Callable[[float], float], wanted: float) -> float:
    low, high = 1e-12, 1 - 1e-12
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return (low + high) / 2


def main() -> None:
    """Measure and publish."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    reader, media = FaceReader.open(), media_dir()
    portraits = sorted((media / "portraits").glob("*.jpg"))
    known = {path.stem.partition("_")[0] for path in portraits}
    found = list(photos([*portraits, *taken_twice(media.parent / "train", known)], reader))
    same, other, prints = [], [], 0
    for one, two in combinations(found, 2):
        apart = distance(one.embedding, two.embedding)
        if one.person != two.person:
            other.append(apart)
        elif float((one.small * two.small).mean()) >= _SAME_PHOTO:
            prints += 1
        else:
            same.append(apart)
    clips = sorted((media / "talking" / "grid_s1").glob("*.mpg"))
    speaker = [people_in(clip, file_sha256(clip))[0].embedding for clip in clips]
    session = [distance(one, two) for one, two in combinations(speaker, 2)]
    _publish(np.array(same), np.array(other), np.array(session), len(found), prints)


def errors_at(
    threshold: float, same: NDArray[np.float64], other: NDArray[np.float64]
) -> dict[str, object]:
    """How often a threshold errs, with bounds of 95 %, for the JSON of a benchmark.

    Args:
        threshold: Distances up to it are of one person.
        same: Distances between recordings or photos of one person.
        other: Distances between those of two.
    """
    rejects, accepts = int((same > threshold).sum()), int((other <= threshold).sum())
    return {
        "pairs_of_one": len(same),
        "pairs_of_two": len(other),
        "false_accepts": accepts,
        "false_rejects": rejects,
        "false_accept_95": [round(one, 6) for one in bounds(accepts, len(other))],
        "false_reject_95": [round(one, 5) for one in bounds(rejects, len(same))],
        "largest_of_one": round(float(same.max()), 4),
        "smallest_of_two": round(float(other.min()), 4),
    }


def _by_threshold(same: NDArray[np.float64], other: NDArray[np.float64]) -> list[dict[str, float]]:
    """Both errors at several thresholds, printed for people and given back."""
    table: list[dict[str, float]] = []
    for limit in _THRESHOLDS:
        rejects, accepts = int((same > limit).sum()), int((other <= limit).sum())
        rejected, accepted = bounds(rejects, len(same)), bounds(accepts, len(other))
        table.append({"threshold": limit, "false_rejects": rejects, "false_accepts": accepts})
        print(
            f"{limit:.2f}: rejects the right person {rejects}/{len(same)} = "
            f"{rejects / len(same):.2%} (95 %: {rejected[0]:.2%} to {rejected[1]:.2%});"
            f" accepts another {accepts}/{len(other)} = {accepts / len(other):.4%}"
            f" (95 %: {accepted[0]:.4%} to {accepted[1]:.4%})"
        )
    return table


def _publish(
    same: NDArray[np.float64],
    other: NDArray[np.float64],
    session: NDArray[np.float64],
    count: int,
    prints: int,
) -> None:
    table = _by_threshold(same, other)
    rejects, accepts = int((same > FACE_THRESHOLD).sum()), int((other <= FACE_THRESHOLD).sum())
    publish(
        "consent_threshold",
        [
            Bar("false accept rate", accepts / len(other), 0.001),
            Bar("false accept rate, upper 95 %", bounds(accepts, len(other))[1], 0.002),
            Bar("false reject rate", rejects / len(same), 0.05),
            Bar("false reject rate, upper 95 %", bounds(rejects, len(same))[1], 0.1),
            Bar(
                "false rejects among clips of one session", int((session > FACE_THRESHOLD).sum()), 0
            ),
        ],
        {
            "threshold": FACE_THRESHOLD,
            "photos": count,
            "same_photo_twice_left_out": prints,
            "pairs_of_one_session": len(session),
            **errors_at(FACE_THRESHOLD, same, other),
            "largest_of_one_session": round(float(session.max()), 4),
            "by_threshold": table,
        },
    )


if __name__ == "__main__":
    main()
