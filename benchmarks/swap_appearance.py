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
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from benchmarks.swap_quality import Clip, Swapped, _clip, _measure, _others, _plain, _row
from masquerade.compose.blend import ComposeOptions, ShotLook, compose
from masquerade.faces.mesh import LIPS, OVAL
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_appearance, swap_mesh
from masquerade.media.probe import probe
from masquerade.pipelines.material import Seen, calm, read_video
from masquerade.pipelines.windows import windows
from masquerade.types import RGB, Miss, Patch, SourcePicture

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


@dataclass(frozen=True, slots=True)
class Truth:
    """How near a made clip is to the real one."""

    method: str
    psnr_db: float
    ssim: float
    lips_psnr_db: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run both tests and print their JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--out", type=Path, help="folder for contact sheets")
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    asked = parser.parse_args(arguments)
    media, reader = media_dir(asked.media) / "talking", FaceReader.open()
    others = _others(media.parent, reader)
    results: dict[str, list[Swapped]] = {"mesh": [], "appearance": []}
    for paths, target in PAIRS[: asked.pairs]:
        clip, seen = _clip(media / f"{target}.mpg", reader), _seen(media, paths, reader)
        reference = _reference(seen)
        rows = []
        for name, pixels, missed in _both(clip, seen):
            results[name].append(_measure(reference, clip, pixels, missed, others, reader))
            print(json.dumps({"method": name, **_plain(results[name][-1])}), flush=True)
            rows.append(_row(reference, clip, pixels))
        _save(asked.out, f"{reference.input.name}_{clip.name}", rows)
    truths, took_s, count = _self_test(media, reader, asked.out)
    _publish(results, truths, took_s, count)


def _seen(media: Path, paths: Sequence[str], reader: FaceReader) -> list[Seen]:
    return [one for path in paths for one in read_video(probe(media / f"{path}.mpg"), reader)]


def _reference(seen: Sequence[Seen]) -> SourcePicture:
    """The source's sharpest calm frame, with the mean identity of all frames."""
    mean = np.asarray(np.mean([one.picture.embedding for one in seen], axis=0), np.float32)
    best = max(calm(seen), key=lambda one: one.measures.sharpness)
    return replace(best.picture, embedding=mean)


def _both(clip: Clip, seen: Sequence[Seen]) -> list[tuple[str, list[RGB], int]]:
    """(name, frames, missed) of the mesh swap and of the appearance swap."""
    pictures = tuple(one.picture for one in seen)
    return [
        ("mesh", *_swap(swap_mesh, clip, (_reference(seen),))),
        ("appearance", *_swap(swap_appearance, clip, pictures)),
    ]


def _swap(
    module: ModuleType, clip: Clip, pictures: tuple[SourcePicture, ...]
) -> tuple[list[RGB], int]:
    method = module.prepare({"0": pictures}, module.Options())
    chosen = {frame.pts: (face,) for frame, face in zip(clip.frames, clip.faces, strict=True)}
    look, options = ShotLook(), ComposeOptions()
    pixels, missed = [], 0
    made_of = method(windows(clip.frames, chosen, module.radius))
    for frame, made in zip(clip.frames, made_of, strict=True):
        missed += sum(isinstance(item, Miss) for item in made)
        patches = [item for item in made if isinstance(item, Patch)]
        pixels.append(compose(frame, patches, options, look=look).pixels)
    return pixels, missed


def _self_test(
    media: Path, reader: FaceReader, out: Path | None
) -> tuple[dict[str, Truth], float, int]:
    """What both methods reach on the held-out clip; CPU seconds for a model, and its pictures."""
    clip, seen = _clip(media / f"{HELD_OUT}.mpg", reader), _seen(media, FIRST, reader)
    began = time.process_time()
    swap_appearance.prepare({"0": tuple(one.picture for one in seen)}, swap_appearance.Options())
    took_s = time.process_time() - began
    truths, rows = {}, []
    for name, pixels, _ in _both(clip, seen):
        truths[name] = _truth(name, clip, pixels)
        rows.append(_row(_reference(seen), clip, pixels))
    _save(out, f"self_{clip.name}", rows)
    return truths, took_s, len(seen)


def _truth(name: str, clip: Clip, pixels: Sequence[RGB]) -> Truth:
    psnr, ssim, lips = [], [], []
    for frame, face, made in zip(clip.frames, clip.faces, pixels, strict=True):
        rim = face.landmarks[list(OVAL), :2]
        inside = _within(rim.mean(axis=0) + 0.9 * (rim - rim.mean(axis=0)), made.shape[:2])
        mouth = _within(face.landmarks[list(LIPS), :2], made.shape[:2])
        mouth = cv2.dilate(mouth.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        apart = (frame.pixels.astype(np.float64) - made) ** 2
        psnr.append(10 * np.log10(255**2 / apart[inside].mean()))
        lips.append(10 * np.log10(255**2 / apart[mouth].mean()))
        ssim.append(_similar(frame.pixels, made)[inside].mean())
    return Truth(name, *(round(float(np.mean(one)), 4) for one in (psnr, ssim, lips)))


def _within(ring: NDArray[np.float32], shape_hw: tuple[int, ...]) -> NDArray[np.bool_]:
    filled = np.zeros(shape_hw, np.uint8)
    cv2.fillPoly(filled, [np.round(ring).astype(np.int32)], 1)
    return filled > 0


def _similar(one: RGB, other: RGB) -> NDArray[np.float64]:
    """(H, W) structural similarity of brightness; Wang et al. (2004), Gaussian of 1.5 pixels."""
    a, b = (cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64) for image in (one, other))

    def soft(picture: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(picture, (11, 11), 1.5), np.float64)

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = soft(a), soft(b)
    var_a, var_b = soft(a * a) - mean_a**2, soft(b * b) - mean_b**2
    both = soft(a * b) - mean_a * mean_b
    above = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return above / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))


def _save(out: Path | None, name: str, rows: Sequence[RGB]) -> None:
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
