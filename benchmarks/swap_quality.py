"""Quality of both swaps, of a photo and of a moving person, and against the truth.

``python -m benchmarks.swap_quality [--media DIR] [--out DIR] [--personas N] [--clips N]
[--pairs N]``

Three tests, each with both methods in the same run:

- personas: people who do not exist, in clips of people who speak. The mesh swap gets the photo, the
  appearance swap pictures of the same photo moved by its mesh (`masquerade.faces.puppet`);
- pairs: one speaker's clips are the source, another's clip the target; see
  `benchmarks.swap_appearance`;
- self-reenactment: a speaker's other clips drive a clip that was held out, and the truth is known.

Every frame is measured: identity (dlib's embedding, against the source and against 30 other
people), head pose and expression (our mesh, measured again on the result), the opening of the eyes
(read by the same network in target and result), flicker, and frames left out. Bars hold for the
method that is meant for such a source: the mesh swap for a photo, the appearance swap for a person
who moves. Contact sheets go to ``--out``, the mesh swap's row above the appearance swap's. The last
line is JSON.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.media import media_dir
from benchmarks.moving_persona import moving, photo_of
from benchmarks.report import Bar, publish
from benchmarks.swap_appearance import (
    PAIRS,
    both_swaps,
    reference,
    save_sheet,
    seen_of,
    self_test,
)
from benchmarks.swap_measured import Clip, Swapped, measure, others, plain, read_clip, row, swap
from benchmarks.swap_truth import Truth
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_appearance, swap_mesh
from masquerade.types import RGB, SourcePicture

PERSONAS = ("a00", "b02", "b11", "c06", "c11", "c16", "c23", "c34", "a01", "c32")
CLIPS = (
    "grid_s1/bbaf2n",
    "grid_others/lbax4n",
    "grid_others/brbk7n",
    "grid_others/lrwp9a",
    "grid_others/lwbsza",
    "grid_others/sbwe5n",
    "grid_others/swiz3n",
    "grid_others/id2_vcd_swwp2s",
    "grid_others/pwij3p",
    "grid_others/sbia1a",
)
METHODS = ("mesh", "appearance")
MEANT = {"personas": "mesh", "pairs": "appearance"}

Results = dict[str, list[Swapped]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its JSON."""
    asked = _arguments(arguments)
    media, reader = media_dir(asked.media), FaceReader.open()
    strangers = others(media, reader)
    found: dict[str, Results] = {}
    for case, cases in (
        ("personas", _personas(media, asked, reader)),
        ("pairs", _pairs(media, asked.pairs, reader)),
    ):
        results = found[case] = {name: [] for name in METHODS}
        for shown, clip, made in cases:
            rows = []
            for name, pixels, missed in made:
                results[name].append(measure(shown, clip, pixels, missed, strangers, reader))
                told = {"case": case, "method": name, **plain(results[name][-1])}
                print(json.dumps(told), flush=True)
                rows.append(row(shown, clip, pixels))
            save_sheet(asked.out, f"{case}_{shown.input.name}_{clip.name}", rows)
    truths = self_test(media / "talking", reader, asked.out)[0] if asked.pairs else {}
    _publish(found, truths)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--out", type=Path, help="folder for contact sheets")
    parser.add_argument("--personas", type=int, default=6)
    parser.add_argument("--clips", type=int, default=4)
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    return parser.parse_args(arguments)


Case = tuple[SourcePicture, Clip, list[tuple[str, list[RGB], int]]]


def _personas(media: Path, asked: argparse.Namespace, reader: FaceReader) -> Iterator[Case]:
    photos = [photo_of(media, name, reader) for name in PERSONAS[: asked.personas]]
    donors = [moving(photo, reader) for photo in photos]
    for path in CLIPS[: asked.clips]:
        clip = read_clip(media / "talking" / f"{path}.mpg", reader)
        for photo, pictures in zip(photos, donors, strict=True):
            made = [
                ("mesh", *swap(swap_mesh, clip, (photo,), reader)),
                ("appearance", *swap(swap_appearance, clip, pictures, reader)),
            ]
            yield photo, clip, made


def _pairs(media: Path, count: int, reader: FaceReader) -> Iterator[Case]:
    folder = media / "talking"
    for paths, target in PAIRS[:count]:
        seen = seen_of(folder, paths, reader)
        clip = read_clip(folder / f"{target}.mpg", reader)
        yield reference(seen), clip, both_swaps(clip, seen, reader)


def _publish(found: dict[str, Results], truths: dict[str, Truth]) -> bool:
    done = {case: results for case, results in found.items() if results["mesh"]}
    bars = [bar for case, results in done.items() for bar in bars_of(case, results[MEANT[case]])]
    if truths:
        ours = truths["appearance"]
        bars.append(Bar("self-reenactment: SSIM", ours.ssim, 0.92, ">="))
        bars.append(Bar("self-reenactment: landmarks, interocular", ours.landmarks, 0.015))
    rest = {
        "means": {
            case: {method: _means(results[method]) for method in METHODS}
            for case, results in done.items()
        },
        "self-reenactment": {
            name: [one.psnr_db, one.ssim, one.lips_psnr_db, one.landmarks]
            for name, one in truths.items()
        },
        "cases": {
            case: {method: [plain(one) for one in results[method]] for method in METHODS}
            for case, results in done.items()
        },
    }
    return publish("swap_quality", bars, rest)


def bars_of(case: str, results: Sequence[Swapped]) -> list[Bar]:
    """What one method must reach in one case."""
    bars = [
        Bar(f"{case}: identity retrieval", _mean(results, "retrieval"), 0.985, ">="),
        Bar(f"{case}: distance to the source", _mean(results, "distance"), 0.40),
        Bar(f"{case}: head pose error, degrees", _mean(results, "pose_deg"), 1.5),
        Bar(
            f"{case}: expression error, interocular distances", _mean(results, "expression"), 0.015
        ),
        Bar(f"{case}: flicker against the target's", _mean(results, "flicker"), 1.08),
        Bar(f"{case}: missed frames", sum(one.missed for one in results), 0, "=="),
    ]
    for name, words, least in (
        ("eyes", "opening of the eyes, correlation with the target's", 0.9),
        ("blinks", "frames of blinks kept", 0.95),
    ):
        if any(getattr(one, name) is not None for one in results):  # else nothing moves
            bars.append(Bar(f"{case}: {words}", _mean(results, name), least, ">="))
    return bars


def _means(results: Sequence[Swapped]) -> dict[str, float]:
    names = ("retrieval", "distance", "pose_deg", "expression", "motion", "flicker")
    return {name: _mean(results, name) for name in (*names, "flicker_pixels", "eyes", "blinks")}


def _mean(results: Sequence[Swapped], name: str) -> float:
    values = [value for one in results if (value := getattr(one, name)) is not None]
    return round(float(np.mean(values)), 4) if values else float("nan")


if __name__ == "__main__":
    main()
