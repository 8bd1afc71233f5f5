"""Quality of the appearance swap beside the mesh swap, on volunteers of the GRID corpus.

``python -m benchmarks.swap_appearance [--media DIR] [--out DIR] [--pairs N]``

Two tests. Pairs: one speaker's clips are the source, another's clip the target; measured as in
``benchmarks.swap_quality``, against the mean identity of the source's frames. Self-reenactment: a
speaker's other clips drive a clip that was held out, and the truth is known: PSNR and SSIM within
the face (the outline shrunk by a tenth), PSNR around the lips. The mesh swap gets the source's
sharpest calm frame. Contact sheets go to ``--out``. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from benchmarks.swap_measured import Clip, Swapped, measure, others, plain, read_clip, row, swap
from benchmarks.swap_truth import Truth, truth
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_appearance, swap_mesh
from masquerade.media.probe import probe
from masquerade.pipelines.source.material import Seen, calm, read_video
from masquerade.types import RGB, SourcePicture

FIRST = tuple(
    f"grid_s1/{name}"
    for name in ("bbwm7a", "bgit5s", "bgit6p", "brim1a", "lrar3a", "pbwx2p", "pgby4n", "swib5a")
)
HELD_OUT = "grid_s1/bbaf2n"
PAIRS = (
    (FIRST, "grid_others/lbax4n"),
    (FIRST, "grid_others/brbk7n"),
    (("grid_others/sbwe5n",), HELD_OUT),
    (("grid_others/swiz3n",), "grid_others/sbia1a"),
    (("grid_others/lbbc2a",), "grid_others/lwbsza"),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run both tests and print their JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--out", type=Path, help="folder for contact sheets")
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    asked = parser.parse_args(arguments)
    media, reader = media_dir(asked.media) / "talking", FaceReader.open()
    strangers = others(media.parent, reader)
    results: dict[str, list[Swapped]] = {"mesh": [], "appearance": []}
    for paths, target in PAIRS[: asked.pairs]:
        clip, seen = read_clip(media / f"{target}.mpg", reader), seen_of(media, paths, reader)
        shown = reference(seen)
        rows = []
        for name, pixels, missed in both_swaps(clip, seen, reader):
            results[name].append(measure(shown, clip, pixels, missed, strangers, reader))
            print(json.dumps({"method": name, **plain(results[name][-1])}), flush=True)
            rows.append(row(shown, clip, pixels))
        save_sheet(asked.out, f"{shown.input.name}_{clip.name}", rows)
    truths, took_s, count = self_test(media, reader, asked.out)
    _publish(results, truths, took_s, count)


def seen_of(media: Path, paths: Sequence[str], reader: FaceReader) -> list[Seen]:
    """Pictures of a speaker out of some clips."""
    return [one for path in paths for one in read_video(probe(media / f"{path}.mpg"), reader)]


def reference(seen: Sequence[Seen]) -> SourcePicture:
    """The source's sharpest calm frame, with the mean identity of all frames."""
    mean = np.asarray(np.mean([one.picture.embedding for one in seen], axis=0), np.float32)
    best = max(calm(seen), key=lambda one: one.measures.sharpness)
    return replace(best.picture, embedding=mean)


def both_swaps(
    clip: Clip, seen: Sequence[Seen], reader: FaceReader
) -> list[tuple[str, list[RGB], int]]:
    """(name, frames, missed) of the mesh swap and of the appearance swap."""
    pictures = tuple(one.picture for one in seen)
    return [
        ("mesh", *swap(swap_mesh, clip, (reference(seen),), reader)),
        ("appearance", *swap(swap_appearance, clip, pictures, reader)),
    ]


def self_test(
    media: Path, reader: FaceReader, out: Path | None
) -> tuple[dict[str, Truth], float, int]:
    """What both methods reach on the held-out clip; CPU seconds for a model, and its pictures."""
    clip, seen = read_clip(media / f"{HELD_OUT}.mpg", reader), seen_of(media, FIRST, reader)
    began = time.process_time()
    swap_appearance.prepare({"0": tuple(one.picture for one in seen)}, swap_appearance.Options())
    took_s = time.process_time() - began
    truths, rows = {}, []
    for name, pixels, _ in both_swaps(clip, seen, reader):
        truths[name] = truth(name, clip, pixels, reader)
        rows.append(row(reference(seen), clip, pixels))
    save_sheet(out, f"self_{clip.name}", rows)
    return truths, took_s, len(seen)


def save_sheet(out: Path | None, name: str, rows: Sequence[RGB]) -> None:
    """Rows of tiles as one picture."""
    if out:
        out.mkdir(parents=True, exist_ok=True)
        sheet = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(out / f"appearance_{name}.png"), sheet)


def _publish(
    results: dict[str, list[Swapped]], truths: dict[str, Truth], took_s: float, count: int
) -> bool:
    def mean(name: str, method: str = "appearance") -> float:
        return round(float(np.mean([getattr(one, name) for one in results[method]])), 4)

    ours, rival = truths["appearance"], truths["mesh"]
    bars = [
        Bar("identity retrieval", mean("retrieval"), 0.985, ">="),
        Bar("distance to the source", mean("distance"), 0.40),
        Bar("head pose error, degrees", mean("pose_deg"), 1.5),
        Bar("expression error, interocular distances", mean("expression"), 0.015),
        Bar("flicker against the target's", mean("flicker"), 1.08),
        Bar("missed frames", sum(one.missed for one in results["appearance"]), 0, "=="),
        Bar(
            "self-reenactment: PSNR over the mesh swap's, dB", ours.psnr_db - rival.psnr_db, 1, ">="
        ),
        Bar("self-reenactment: SSIM", ours.ssim, 0.92, ">="),
    ]
    names = ("retrieval", "distance", "pose_deg", "expression", "motion", "flicker")
    rest = {
        "mesh": {name: mean(name, "mesh") for name in names},
        "appearance": {name: mean(name) for name in names},
        "self-reenactment": {
            name: [one.psnr_db, one.ssim, one.lips_psnr_db] for name, one in truths.items()
        },
        "CPU seconds for a model": round(took_s, 2),
        "pictures in it": count,
    }
    return publish("swap_appearance", bars, rest)


if __name__ == "__main__":
    main()
