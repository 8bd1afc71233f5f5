"""How well lips follow a voice: GRID's speaker 1, learned from some sentences, judged on others.

``python -m benchmarks.lips [--media DIR] [--train DIR] [--footage N] [--clips N] [--network N]``

The talker is learned from N sentences (3 s each) of the training clips. Of each held-out clip it is
told: how the opening of the lips that is said from the sound goes with the true one; of moments at
which the true lips are shut, in how many the said ones are; the clip made anew from its own sound,
against the clip (PSNR and SSIM of a crop of 64 pixels around the mouth, flicker and sharpness in
shares of the real ones); and the clip made to say another sentence, whose true lips are compared
with those that the mesh network sees in the result, at lags of up to 12 frames. How the mouth is
held besides what it says is told from the target, as in use, but for the fifth of it that is drawn.
With ``--network`` the same clips are then drawn by a network that was trained for so many
iterations on the same sentences (`masquerade train lips`), and judged again.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from masquerade.compose.blend import ComposeOptions, ShotLook, compose
from masquerade.faces.following.track import track
from masquerade.faces.mouth.shape import MouthSpace, on_skull, opening
from masquerade.faces.mouth.talker import Sight, Talker, sight
from masquerade.faces.readers import FaceReader
from masquerade.generate.lipsync import Lines, Options, prepare
from masquerade.media.audio import read_audio
from masquerade.media.read import read_frames
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.models.speech_content import SpeechContent
from masquerade.models.trained.lips import LipsDescription, LipsFile, TrainedLips
from masquerade.speech.articulation import Articulation, Lesson
from masquerade.speech.heard import Heard, hear
from masquerade.speech.phones import phones, shut_spans
from masquerade.train.lips.file import space_of
from masquerade.train.lips.material import Material
from masquerade.train.lips.options import LipsOptions
from masquerade.train.lips.trainer import LipsTrainer
from masquerade.train.lips.work import PHASES, Examples
from masquerade.train.schedule import phase_at
from masquerade.train.swap.file import halved
from masquerade.train.team import Team
from masquerade.types import RGB, Face, Frame, Patch, Window

Floats = NDArray[np.float32]
_SIDE = 64
_LAGS = 12
_FIFTHS = 5
_CHECKED = 48  # frames never trained on, that are looked at


@dataclass(frozen=True, slots=True)
class Clip:
    """One sentence: its frames, the face in each, what is heard, when lips must be shut."""

    name: str
    frames: tuple[Frame, ...]
    faces: tuple[Face, ...]
    heard: Heard
    shut_s: NDArray[np.float64]

    def times_s(self) -> NDArray[np.float64]:
        """(n,) seconds."""
        return np.array([float(frame.time_s) for frame in self.frames])

    def openings(self) -> Floats:
        """(n,) how far the lips are open, in interocular distances."""
        return np.array([opening(on_skull(face.landmarks)) for face in self.faces], np.float32)


def read_clip(path: Path, reader: FaceReader, content: SpeechContent) -> Clip | None:
    """A sentence; None where the face is not seen throughout."""
    frames = tuple(read_frames(path))
    tracks = track(frames, reader)
    best = max(tracks, key=lambda one: len(one.faces), default=None)
    if best is None or len(best.faces) < len(frames):
        return None
    sound = read_audio(path, sr=16_000, mono=True)
    shut = shut_spans(phones(sound, PhoneRecogniser.open()))
    faces = tuple(best.faces[frame.pts] for frame in frames)
    return Clip(path.stem, frames, faces, hear(sound, content), shut)


def sights_of(clips: Sequence[Clip]) -> list[Sight]:
    """All frames of clips."""
    return [
        sight(frame.pixels, face, float(frame.time_s), number)
        for number, clip in enumerate(clips)
        for frame, face in zip(clip.frames, clip.faces, strict=True)
    ]


def trained(clips: Sequence[Clip], iterations: int) -> tuple[TrainedLips, float]:
    """A network that draws the mouth, and seconds of processor time that training it took."""
    began = time.process_time()
    options, sights = LipsOptions(iterations=iterations), sights_of(clips)
    space = MouthSpace.of([one.skull for one in sights])
    material = Material.of(sights, space, unsure=options.unsure, seed=options.seed)
    trainer = LipsTrainer(options, Team(torch.device("cpu")), "bf16")
    given = Examples(material, options.batch, options.seed).batches(0)
    for step in range(iterations):
        trainer.learn(next(given), phase_at(step, iterations, PHASES), seed=step)
    checked = trainer.check(material.check(_CHECKED))
    print(f"frames not learned from: DSSIM {checked.drawn:.4f}, without it {checked.given:.4f}")
    network = trainer.averaged()
    about = LipsDescription(
        shape=network.shape, inputs=(), frames=len(material.taught), iterations=iterations
    )
    weights = {name: one.numpy() for name, one in halved(network).items()}
    file = LipsFile(Path("lips"), about, weights, space_of(space), np.zeros(128, np.float32))
    return TrainedLips(file), time.process_time() - began


def learned(clips: Sequence[Clip]) -> tuple[Talker, Articulation, float]:
    """Talker, articulation, and seconds of processor time that learning took."""
    began = time.process_time()
    talker = Talker.of(sights_of(clips))
    lessons = [lesson_of(clip, talker) for clip in clips]
    return talker, Articulation.learned(lessons), time.process_time() - began


def rendered(
    clip: Clip, talker: Talker, lines: Lines, network: TrainedLips | None = None
) -> tuple[list[RGB], float]:
    """The clip with these lines, and milliseconds of processor time a frame took."""
    drawn_by = {"": network} if network else None
    generator = prepare({"": talker}, Options(), lines={"": lines}, drawn_by=drawn_by)
    last = len(clip.frames) - 1
    windows = (
        Window(
            clip.frames[max(0, k - 1) : k + 2],
            tuple((face,) for face in clip.faces[max(0, k - 1) : k + 2]),
            min(k, 1),
        )
        for k in range(last + 1)
    )
    began, look, made = time.process_time(), ShotLook(), []
    for frame, items in zip(clip.frames, generator(windows), strict=True):
        patches = [one for one in items if isinstance(one, Patch)]
        made.append(compose(frame, patches, ComposeOptions(), look=look).pixels)
    return made, 1000 * (time.process_time() - began) / len(made)


def crops(pictures: Sequence[RGB], faces: Sequence[Face]) -> list[RGB]:
    """The mouth in each picture, 64 pixels for 1.1 interocular distances."""
    found = []
    for pixels, face in zip(pictures, faces, strict=True):
        marks = face.landmarks[:, :2]
        apart = float(
            np.linalg.norm(marks[[33, 133]].mean(axis=0) - marks[[362, 263]].mean(axis=0))
        )
        scale = _SIDE / (1.1 * apart)
        corner = _SIDE / 2 - scale * marks[[61, 291, 0, 17]].mean(axis=0)
        matrix = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]])
        found.append(np.asarray(cv2.warpAffine(pixels, matrix, (_SIDE, _SIDE)), np.uint8))
    return found


def psnr(one: RGB, other: RGB) -> float:
    """Peak signal over noise, in dB."""
    return float(10 * np.log10(255**2 / np.mean((one.astype(float) - other) ** 2)))


def ssim(one: RGB, other: RGB) -> float:
    """Of brightness (Wang et al., 2004), windows of 11 pixels."""
    a, b = (cv2.cvtColor(x, cv2.COLOR_RGB2GRAY).astype(np.float64) for x in (one, other))

    def mean(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(x, (11, 11), 1.5))

    ma, mb = mean(a), mean(b)
    va, vb, ab = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    top = (2 * ma * mb + 6.5025) * (2 * ab + 58.5225)
    return float((top / ((ma * ma + mb * mb + 6.5025) * (va + vb + 58.5225))).mean())


def flicker(pictures: Sequence[RGB]) -> float:
    """Mean of the second difference in time."""
    grey = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float64) for one in pictures]
    triples = zip(grey, grey[1:], grey[2:], strict=False)
    return float(np.mean([np.abs(a - 2 * b + c).mean() for a, b, c in triples]))


def sharpness(pictures: Sequence[RGB]) -> float:
    """Mean of the Laplacian."""
    grey = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in pictures]
    return float(np.mean([np.abs(cv2.Laplacian(one, cv2.CV_64F)).mean() for one in grey]))


def seen_openings(pictures: Sequence[RGB], clip: Clip, reader: FaceReader) -> Floats:
    """How far the lips are open in pictures, as the mesh network sees them."""
    frames = [
        Frame(pixels, frame.pts, frame.time_base)
        for pixels, frame in zip(pictures, clip.frames, strict=True)
    ]
    best = max(track(frames, reader), key=lambda one: len(one.faces))
    found = [best.faces.get(frame.pts) for frame in frames]
    return np.array([opening(on_skull(f.landmarks)) if f else np.nan for f in found], np.float32)


def best_lag(one: Floats, other: Floats) -> tuple[int, float, float]:
    """Lag in frames at which two courses go together best, and the correlation there and at 0."""
    scores = {}
    for lag in range(-_LAGS, _LAGS + 1):
        a, b = (
            one[max(0, lag) : len(one) + min(0, lag)],
            other[max(0, -lag) : len(other) - max(0, lag)],
        )
        known = np.isfinite(a) & np.isfinite(b)
        scores[lag] = float(np.corrcoef(a[known], b[known])[0, 1])
    best = max(scores, key=lambda lag: scores[lag])
    return best, scores[best], scores[0]


def lesson_of(clip: Clip, talker: Talker) -> Lesson:
    """What is heard in a clip, and the shapes of the mouth in it."""
    shapes = [talker.space.shape_of(on_skull(face.landmarks)) for face in clip.faces]
    return Lesson(clip.heard, clip.times_s(), np.stack(shapes))


def posture(clip: Clip, talker: Talker, articulation: Articulation) -> Floats:
    """(n, 10) how the mouth is held in each fifth of a clip, told by the other four alone.

    So nothing of a moment's own shape is known when it is drawn, as it would be in use.
    """
    lesson, place = lesson_of(clip, talker), np.arange(len(clip.frames)) * _FIFTHS
    made = []
    for out in np.split(np.arange(len(place)), np.flatnonzero(np.diff(place // len(place))) + 1):
        others = np.delete(np.arange(len(place)), out)
        known = Lesson(lesson.heard, lesson.times_s[others], lesson.shapes[others])
        made.append(articulation.posture(known, lesson.times_s[out]))
    return np.concatenate(made)


def lines_of(
    clip: Clip, articulation: Articulation, times_s: NDArray[np.float64], held: Floats
) -> Lines:
    """What a clip says, at these times, by a mouth that is held as in the target."""
    return Lines(times_s, articulation(clip.heard, times_s) + held, clip.shut_s)


def report(
    held: Sequence[Clip], taught: Sequence[Clip], reader: FaceReader, iterations: int = 0
) -> None:
    """Prints what was measured."""
    talker, articulation, took_s = learned(taught)
    seconds = sum(float(np.ptp(clip.times_s())) for clip in taught)
    print(f"learned from {len(taught)} sentences, {seconds:.0f} s, in {took_s:.1f} s of processor")
    judged(held, talker, articulation, reader, None)
    if iterations:
        network, took_s = trained(taught, iterations)
        print(f"network trained for {iterations} iterations, {took_s:.0f} s of processor")
        judged(held, talker, articulation, reader, network)


def judged(
    held: Sequence[Clip],
    talker: Talker,
    articulation: Articulation,
    reader: FaceReader,
    network: TrainedLips | None,
) -> None:
    """Prints how clips that were not learned from come out."""
    said, true, shut, rows = [], [], [], []
    for number, clip in enumerate(held):
        real = crops([frame.pixels for frame in clip.frames], clip.faces)
        held_so = posture(clip, talker, articulation)
        lines = lines_of(clip, articulation, clip.times_s(), held_so)
        said.append(talker.space.openings(lines.shapes - held_so))
        true.append(clip.openings())
        pictures, ms = rendered(clip, talker, lines, network)
        again = crops(pictures, clip.faces)
        seen = seen_openings(pictures, clip, reader)
        closed = clip.openings() < talker.space.closed + 0.01
        shut.append(float(np.mean(seen[closed] < talker.space.closed + 0.02)))
        other = held[(number + 1) % len(held)]
        others = lines_of(other, articulation, clip.times_s(), held_so)
        dubbed, _ = rendered(clip, talker, others, network)
        lag, peak, _ = best_lag(seen_openings(dubbed, clip, reader), other.openings())
        rows.append(
            [
                float(np.mean([psnr(a, b) for a, b in zip(real, again, strict=True)])),
                float(np.mean([ssim(a, b) for a, b in zip(real, again, strict=True)])),
                flicker(again) / flicker(real),
                sharpness(again) / sharpness(real),
                peak,
                abs(lag) <= 1,
                ms,
            ]
        )
        print(clip.name, " ".join(f"{value:.3f}" for value in rows[-1]), flush=True)
    every = [float(np.corrcoef(a, b)[0, 1]) for a, b in zip(said, true, strict=True)]
    whole = float(np.corrcoef(np.concatenate(said), np.concatenate(true))[0, 1])
    mean = np.mean(np.array(rows, float), axis=0)
    print(f"opening said from sound: correlation {whole:.3f}, mean of clips {np.mean(every):.3f}")
    print(f"shut where the true lips are: {100 * np.mean(shut):.0f} %")
    print(f"made anew: {mean[0]:.2f} dB, SSIM {mean[1]:.3f}, flicker {mean[2]:.2f},"
          f" sharpness {mean[3]:.2f} of real")  # fmt: skip
    print(f"made to say another sentence: correlation {mean[4]:.3f}, lag within a frame in"
          f" {100 * mean[5]:.0f} %; {mean[6]:.0f} ms of processor a frame")  # fmt: skip


def main() -> None:
    """Reads the clips and reports."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--media", type=Path, default=Path("../shared/media"))
    parser.add_argument("--train", type=Path, default=Path("../shared/train"))
    parser.add_argument("--footage", type=int, default=44)
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--network", type=int, default=0, metavar="ITERATIONS")
    asked = parser.parse_args()
    reader, content = FaceReader.open(), SpeechContent.open()
    folders = (asked.train / "talking" / "grid_s1", asked.media / "talking" / "grid_s1")
    taught, held = (
        [
            clip
            for path in sorted(folder.glob("*.mpg"))[:count]
            if (clip := read_clip(path, reader, content)) is not None
        ]
        for folder, count in zip(folders, (asked.footage, asked.clips), strict=True)
    )
    report(held, taught, reader, asked.network)


if __name__ == "__main__":
    main()
