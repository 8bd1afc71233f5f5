"""Trains the network of the signal `learned_face`: real faces against the same faces manipulated.

``python -m train.signals_face FOLDER [FOLDER ...] --work DIR [--test CLIPS --media MEDIA]
[--steps N] [--minutes N] [--seeds N] [--device cuda] [--workers N] [--ship]``

Each FOLDER holds portraits, or clips of volunteers. Every fifth person is held out. Fakes are made
anew for every batch and never stored (`train.face_forgeries`); both classes are changed as files
are on their way (`train.face_degraded`). What every step sees hangs on the seed and the step alone;
a run that was stopped goes on from its last checkpoint. CLIPS, which are never learnt from, are
volunteers' clips into which our own swaps put people who do not exist. ``--ship`` writes network
and card into the package.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from benchmarks.moving_persona import moving, photo_of
from benchmarks.swap_measured import read_clip, swap
from masquerade import personas
from masquerade.faces.align import crop, square_crop
from masquerade.faces.readers import FaceReader
from masquerade.forensics.calibration import Calibration
from masquerade.forensics.face_input import face_input
from masquerade.forensics.sample import CUT_PX, followed
from masquerade.forensics.signals.learned_face import fitting, look
from masquerade.generate import swap_appearance, swap_mesh
from masquerade.models.own_weights import OwnCard
from masquerade.models.session import OrtSession
from masquerade.train.image_features import stored
from masquerade.types import RGB, Frame
from train.face_degraded import degraded, h264, h264_clip, jpeg
from train.face_forgeries import forged
from train.face_material import CLIPS, Picture, held_out, material
from train.face_net import FaceNet, onnx_from
from train.measured import area, quality
from train.weighed import weighed_bin

PACKAGE = Path("src/masquerade")
RATE = 3e-4
AVERAGED = 0.998
SAVED_EVERY = 100
PERSONAS = ("a00", "b11", "c06", "c23")
"""Of the test media, who are put into clips to try the network on our own swaps."""


class Batches(Dataset[tuple[NDArray[np.float32], NDArray[np.float32]]]):
    """Batches by number: the same number gives the same batch.

    Args:
        pictures: Real ones.
        others: Faces that may be put into volunteers' pictures.
        size: Of a batch, half real.
        seed: Of the training.
    """

    def __init__(
        self, pictures: Sequence[Picture], others: Sequence[Picture], size: int, seed: int
    ) -> None:
        people = sorted({one.person for one in pictures})
        self._by_person = [[one for one in pictures if one.person == who] for who in people]
        self._others, self._size, self._seed = others, size, seed

    def __getitem__(self, step: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(Pictures as the network takes them, 1 for manipulated ones)."""
        rng = np.random.default_rng((self._seed, step))
        cuts, wanted = [], []
        for _ in range(self._size // 2):
            some = self._by_person[int(rng.integers(len(self._by_person)))]
            one = some[int(rng.integers(len(some)))]
            # Both go the same way to the network, so that nothing but the forgery differs.
            way = int(rng.integers(1 << 32))
            for fake, pixels in ((0.0, one.pixels), (1.0, forged(one, rng, self._others))):
                cuts.append(seen(one, pixels, np.random.default_rng(way)))
                wanted.append(fake)
        return face_input(cuts), np.array(wanted, np.float32)

    def __len__(self) -> int:
        return 1 << 30


def seen(one: Picture, pixels: RGB, rng: np.random.Generator) -> RGB:
    """(256, 256, 3) the face as an examination would cut it out of a file.

    Args:
        one: The real picture.
        pixels: It, or what was made of it.
        rng: Decides how it was changed on its way, and how exactly it is cut out.
    """
    found = degraded(pixels, rng)
    scale = found.shape[0] / pixels.shape[0]
    low, high = one.landmarks[:, :2].min(axis=0), one.landmarks[:, :2].max(axis=0)
    middle = (low + high) / 2 + rng.normal(0, 0.03 * one.face_px, 2)
    side = 1.5 * one.face_px * rng.uniform(0.88, 1.12)
    cut = crop(found, square_crop(middle * scale, side * scale, 0.0, CUT_PX), CUT_PX)
    return np.ascontiguousarray(cut[:, ::-1]) if rng.random() < 0.5 else cut


def main(arguments: Sequence[str] | None = None) -> None:
    """Gather, train, try, and ship if asked."""
    given = _given(arguments)
    torch.set_num_threads(given.threads)
    pictures = material(given.folders, given.work / "faces", most=given.files)
    known = [one for one in pictures if not held_out(one.person) or one.volunteer]
    unknown = [one for one in pictures if held_out(one.person) and not one.volunteer]
    print(f"{len(known)} faces to learn from, {len(unknown)} of others to try it on", flush=True)
    others = people_who_do_not_exist(given.work / "personas")
    found = Report()
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        net = trained(known, others, given, seed=seed)
        onnx = given.work / f"seed-{seed}.onnx"
        onnx.write_bytes(onnx_from(net))
        found = report(onnx, unknown, others, given)
    if given.ship:
        ship(given, found)


def trained(
    known: Sequence[Picture], others: Sequence[Picture], given: argparse.Namespace, *, seed: int
) -> FaceNet:
    """The network, its weights averaged over the last steps; learnt, or taken up where it stopped.

    AdamW with a cosine rate. Sharpness-aware steps would cost twice the time.
    """
    torch.manual_seed(seed)
    device = torch.device(given.device)
    net = FaceNet.begun(stored()).to(device, memory_format=torch.channels_last)
    calm = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGED)
    )
    chosen = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-3)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        chosen, RATE, total_steps=given.steps + 1, pct_start=0.05
    )
    parts = {"net": net, "calm": calm, "optimizer": chosen, "rates": rates}
    place, first = given.work / f"seed-{seed}-{given.steps}.pt", 0
    if place.is_file():
        state = torch.load(place, map_location=device, weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        first = int(state["step"])
    batches = DataLoader(
        Batches(known, others, given.batch, seed),
        batch_size=None,
        sampler=range(first, given.steps),
        num_workers=given.workers,
    )
    log = Log(given.work / f"seed-{seed}.csv", first, given.minutes)
    net.train()
    for step, (windows, wanted) in enumerate(batches, first + 1):
        pictures = windows.to(device, memory_format=torch.channels_last)
        odds = net(pictures).mean(dim=(1, 2, 3))
        goal = wanted.to(device) * 0.96 + 0.02
        loss = functional.binary_cross_entropy_with_logits(odds, goal)
        chosen.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        chosen.step()
        rates.step()
        calm.update_parameters(net)
        spent = log.after(step, float(loss.detach()), odds.detach().cpu(), wanted)
        if step % SAVED_EVERY == 0 or spent or step == given.steps:
            state = {name: part.state_dict() for name, part in parts.items()}
            torch.save({**state, "step": step}, place.with_suffix(".part"))
            place.with_suffix(".part").replace(place)
        if spent:
            break
    found: FaceNet = calm.module
    return found.cpu().eval()


class Log:
    """The curve of a training: printed, and kept as a table.

    Args:
        place: The table; added to.
        step: Where the training is.
        minutes: That it may take.
    """

    def __init__(self, place: Path, step: int, minutes: float) -> None:
        self._place, self._first, self._most = place, step, minutes
        self._begun = time.monotonic()
        self._losses: list[float] = []
        self._odds: tuple[list[float], list[float]] = ([], [])

    def after(self, step: int, loss: float, odds: torch.Tensor, wanted: torch.Tensor) -> bool:
        """Whether the minutes are spent, after a step."""
        self._losses.append(loss)
        for one, fake in zip(odds.tolist(), wanted.tolist(), strict=True):
            self._odds[bool(fake)].append(one)
        minutes = (time.monotonic() - self._begun) / 60
        spent = minutes > self._most
        if step % 20 == 0 or spent:
            auc = area(np.array(self._odds[1]), np.array(self._odds[0]))
            loss = float(np.mean(self._losses))
            each = 1000 * minutes / (step - self._first)
            print(
                f"step {step} loss {loss:.3f} AUC {auc:.3f} {minutes:.1f} min"
                f" ({each:.0f} min per 1000)",
                flush=True,
            )
            with self._place.open("a") as table:
                table.write(f"{step},{loss:.4f},{auc:.4f},{minutes:.2f}\n")
            self._losses.clear()
            self._odds[0].clear()
            self._odds[1].clear()
        return spent


def people_who_do_not_exist(work: Path) -> list[Picture]:
    """The faces that ship with the package."""
    return material([personas.load(name).picture.parent for name in personas.names()], work)


@dataclass(slots=True)
class Report:
    """What a network does on material it never saw.

    Attributes:
        lines: In words.
        figures: (manipulated, real) log odds by kind of material, for calibration.
    """

    lines: list[str] = field(default_factory=list)
    figures: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)

    def add(self, line: str) -> None:
        """Print and keep a line."""
        print(line, flush=True)
        self.lines.append(line)


def report(
    onnx: Path, unknown: Sequence[Picture], others: Sequence[Picture], given: argparse.Namespace
) -> Report:
    """What the network does on people it never saw, and on our own swaps."""
    net = OrtSession("learned_face", onnx, device="cpu", threads=given.threads)
    found, rng = Report(), np.random.default_rng(7)
    some = list(unknown[: given.tried])
    fakes = [forged(one, rng, others) for one in some]
    plain = [one.pixels for one in some]
    ways: dict[str, Callable[[RGB], RGB]] = {
        "as they are": lambda pixels: pixels,
        "JPEG 50": partial(jpeg, quality=50),
        "H.264 CRF 35": partial(h264, crf=35),
    }
    both: tuple[list[float], list[float]] = ([], [])
    for name, way in ways.items():
        scores = [
            [
                float(net(face_input([plainly(one, way(pixels))]))[0].mean())
                for one, pixels in zip(some, made, strict=True)
            ]
            for made in (fakes, plain)
        ]
        both[0].extend(scores[0])
        both[1].extend(scores[1])
        found.add(f"manipulated faces of people never seen, {name}: {quality(*scores)}")
    found.figures["still"] = both
    for line in leaks(some, fakes):
        found.add(line)
    if given.test is not None:
        own_swaps(given, net, found)
    return found


def plainly(one: Picture, pixels: RGB) -> RGB:
    """The face cut out as it is."""
    low, high = one.landmarks[:, :2].min(axis=0), one.landmarks[:, :2].max(axis=0)
    scale = pixels.shape[0] / one.pixels.shape[0]
    side = 1.5 * one.face_px * scale
    return crop(pixels, square_crop((low + high) / 2 * scale, side, 0.0, CUT_PX), CUT_PX)


def leaks(some: Sequence[Picture], fakes: Sequence[RGB]) -> Iterator[str]:
    """How well what should tell nothing parts batches as they are trained on: near .5 is right."""
    rng = np.random.default_rng(3)
    cuts: tuple[list[RGB], list[RGB]] = ([], [])
    for one, fake in zip(some, fakes, strict=True):
        for kind, pixels in enumerate((one.pixels, fake)):
            cuts[kind].append(seen(one, pixels, np.random.default_rng(int(rng.integers(1 << 32)))))
    tests = {
        "mean colour": lambda cut: float(cut.mean()),
        "bytes as JPEG": lambda cut: float(len(_jpeg_bytes(cut))),
        "border": lambda cut: float(np.concatenate([cut[:8].ravel(), cut[-8:].ravel()]).std()),
        "blocks": lambda cut: float(np.abs(np.diff(cut.astype(int), axis=1)[:, 7::8]).mean()),
    }  # fmt: skip
    for name, test in tests.items():
        value = area(np.array([test(cut) for cut in cuts[1]]),
                     np.array([test(cut) for cut in cuts[0]]))  # fmt: skip
        yield f"leak test, {name}: AUC {value:.3f}"


def _jpeg_bytes(cut: RGB) -> bytes:
    return cv2.imencode(".jpg", cut[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def own_swaps(given: argparse.Namespace, net: OrtSession, found: Report) -> None:
    """How well swaps of ours are told from the volunteers' clips they were made in, by CRF."""
    reader = FaceReader.open()
    scores: dict[tuple[str, int], list[float]] = {}
    clips = sorted(place for place in given.test.rglob("*") if place.suffix in CLIPS)
    for number, place in enumerate(clips[: given.clips]):
        clip = read_clip(place, reader)
        photo = photo_of(given.media, PERSONAS[number % len(PERSONAS)], reader)
        made = {
            "recorded": [frame.pixels for frame in clip.frames],
            "mesh swap": swap(swap_mesh, clip, (photo,))[0],
            "appearance swap": swap(swap_appearance, clip, moving(photo, reader))[0],
        }
        for how, pixels in made.items():
            for crf in (18, 35):
                frames = [
                    Frame(picture, like.pts, like.time_base)
                    for picture, like in zip(h264_clip(pixels, crf), clip.frames, strict=True)
                ]
                for line in followed(partial(iter, frames), reader)[:1]:
                    scores.setdefault((how, crf), []).append(look(fitting(line.cuts), net).figure)
    both: tuple[list[float], list[float]] = ([], [])
    for (how, crf), values in scores.items():
        both[how == "recorded"].extend(values)
        if how != "recorded":
            apart = quality(values, scores["recorded", crf])
            found.add(f"our own {how}, H.264 CRF {crf}: {apart}")
    found.figures["video"] = both


def ship(given: argparse.Namespace, found: Report) -> None:
    """Network, card and calibration into the package."""
    data = (given.work / f"seed-{given.first_seed}.onnx").read_bytes()
    command = (
        f"python -m train.signals_face FOLDERS --steps {given.steps} --batch {given.batch}"
        f" --first-seed {given.first_seed}"
    )
    own = PACKAGE / "models" / "own"
    (own / "learned_face.onnx").write_bytes(data)
    card = OwnCard(
        task="Tells faces that were blended, warped or redrawn from real ones.",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence="Apache-2.0",
        data="Official portraits (public domain) and a GRID volunteer's clips (CC BY 4.0),"
        " manipulated in memory; begun from EfficientNet-lite0 (ImageNet).",
        command=command,
        made=date.today().isoformat(),
        quality="; ".join(found.lines),
        limits="Never taught on deepfakes of others; faces made whole may pass.",
        paper="Shiohara and Yamasaki, Detecting Deepfakes with Self-Blended Images, CVPR 2022",
        input="(N, 3, 192, 192) RGB in 0 to 255, as forensics.face_input gives it",
        output="(N, 1, 6, 6) log odds of each part",
    )
    (own / "learned_face.toml").write_text(card.as_toml(), encoding="utf-8")
    known = Calibration(
        "learned_face",
        f"{card.made}, {command}",
        "manipulated faces of people never seen; our own swaps of volunteers never seen",
        "On people never seen: " + "; ".join(found.lines),
        tuple(weighed_bin(kind, *both) for kind, both in found.figures.items()),
    )
    place = PACKAGE / "forensics" / "calibrations" / "learned_face.json"
    place.write_text(known.as_json(), encoding="utf-8")


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--media", type=Path, default=Path("../shared/media"))
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--tried", type=int, default=200)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--minutes", type=float, default=100_000.0)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--ship", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
