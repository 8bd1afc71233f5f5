"""Whether a renderer trained on a person draws them better than their pictures alone.

``python -m benchmarks.body_trained [--media DIR] [--every N] [--iterations N] [--out SHEETS]``

For each clip of media/body a network of the preset tiny is trained on moments of the first half, by
one thread; then the person is driven by themselves through the second half, from one picture of the
first half and from its moments, each with and without the network: the picture against the real
one, how much of the real mask is covered, flicker against the clip's, frames a second.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import torch
from safetensors.torch import save_file

from benchmarks.body import (
    CLIPS,
    Clip,
    drive,
    flicker,
    moments_of,
    photo_of,
    read_clip,
    sheet,
    video_of,
)
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.bodies.figure import Figure
from masquerade.bodies.footage import Moment
from masquerade.bodies.pose import BodyReader
from masquerade.models.trained.body import KEY, BodyDescription, TrainedBody
from masquerade.train.body.material import Material
from masquerade.train.body.options import BODY_PRESETS, BodyTrainOptions
from masquerade.train.body.trainer import BodyTrainer, Found
from masquerade.train.body.work import PHASES, Pairs
from masquerade.train.schedule import phase_at
from masquerade.train.swap.file import halved
from masquerade.train.team import Team

_PRESET = BODY_PRESETS["tiny"]
_TELL_EVERY = 50


def trained(moments: Sequence[Moment], iterations: int) -> tuple[TrainedBody, Found, float]:
    """A network of the preset tiny, how good it is, and the seconds of one thread it took."""
    options = BodyTrainOptions()
    material = Material.of(moments, _PRESET.shape.side, seed=1, progress=lambda *_: None)
    trainer = BodyTrainer(_PRESET.shape, options, Team(torch.device("cpu")), "fp32")
    began = time.process_time()
    for step, batch in enumerate(Pairs(material, _PRESET.batch, 1).batches(0)):
        if step == iterations:
            break
        losses = trainer.learn(batch, phase_at(step, iterations, PHASES), seed=step)
        assert losses is not None
        if step % _TELL_EVERY == 0:
            print(f"  {step} of {iterations}: {losses.source:.3f} {losses.critic:.3f}", flush=True)
    took = time.process_time() - began
    found = trainer.check(material.check())
    about = BodyDescription(
        shape=_PRESET.shape,
        source_sha256="",
        moments=len(moments),
        consent="",
        iterations=iterations,
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.mbody"
        save_file(halved(trainer.averaged()), path, {KEY: about.model_dump_json()})
        return TrainedBody.open(path), found, took


def measure(clip: Clip, iterations: int, reader: BodyReader, out: Path | None) -> dict[str, float]:
    """All numbers of one clip."""
    count = len(clip.frames)
    early, late = range(count // 2), list(range(count // 2, count))
    network, found, took = trained(moments_of(clip, early), iterations)
    figures: dict[str, Figure] = {
        "photo": photo_of(clip, early)[1],
        "video": video_of(clip, early, late),
    }
    measured = {
        "moments": float(len(early)),
        "iterations": float(iterations),
        "train_s": took,
        "dssim_drawn": found.drawn,
        "dssim_puppet": found.puppet,
    }
    shown_in = []
    for way, figure in figures.items():
        for name, refiner in (("without", None), ("with", network)):
            made = drive(clip, figure, late, reader, refiner)
            shown_in.append(made)
            measured[f"{way}_psnr_db_{name}"] = float(made.psnr_db.mean())
            measured[f"{way}_iou_{name}"] = float(made.overlap.mean())
            measured[f"{way}_flicker_{name}"] = flicker(clip, made)
            measured[f"{way}_fps_{name}"] = 1 / made.frame_s
    if out:
        sheet(clip, shown_in, out / f"{clip.name}_trained.png")
    return measured


def main() -> None:
    """Measures both clips, prints bars and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--every", type=int, default=3, help="take every n-th frame")
    parser.add_argument("--iterations", type=int, default=_PRESET.iterations)
    parser.add_argument("--out", type=Path, help="folder for contact sheets")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    media, reader = media_dir(given.media), BodyReader.open()
    found = {}
    for name in CLIPS:
        clip = read_clip(media / "body" / f"{name}.mp4", given.every, reader)
        found[name] = measure(clip, given.iterations, reader, given.out)
        print(name, found[name], flush=True)

    def least(way: str, what: str) -> float:
        return min(
            found[name][f"{way}_{what}_with"] - found[name][f"{way}_{what}_without"]
            for name in CLIPS
        )

    bars = [
        Bar(f"{what} gained by the network, {way}", least(way, what), 0, ">=")
        for way in ("photo", "video")
        for what in ("psnr_db", "iou")
    ]
    bars += [
        Bar(
            f"flicker with the network, {way}, by the clip's",
            float(np.max([found[name][f"{way}_flicker_with"] for name in CLIPS])),
            1.2,
        )
        for way in ("photo", "video")
    ]
    publish("body_trained", bars, found)


if __name__ == "__main__":
    main()
