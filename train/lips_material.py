"""Talking people for `train.generic_lips`: meshes of their faces, and what is heard of them.

Each clip is kept as a file of arrays, so that a run that was stopped goes on where it was. What is
heard is heard again in other voices (smaller and larger mouths, higher and lower pitch) and through
a poorer microphone: lips move the same, whoever speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from masquerade.faces.following.track import track
from masquerade.faces.mouth.shape import on_skull
from masquerade.faces.readers import FaceReader
from masquerade.media.audio import read_audio
from masquerade.media.read import read_frames
from masquerade.models.speech_content import SR, SpeechContent
from masquerade.speech.heard import Heard, hear
from masquerade.speech.moved_pitch import moved_pitch
from masquerade.speech.moved_resonances import moved_resonances
from masquerade.types import Audio

Floats = NDArray[np.float32]

_VOICES: Final = ((1.0, 1.0), (1.7, 1.17), (1.35, 1.08), (0.85, 0.93), (1.9, 1.25), (1.0, 1.12))
"""By how much pitch and resonances are multiplied in each voice that is heard."""
_NOISE: Final = 0.003


@dataclass(frozen=True, slots=True)
class Take:
    """One clip of somebody who talks.

    Attributes:
        name: Of the clip.
        times_s: (n,) seconds of the frames in which the face was seen.
        skulls: (n, 478, 3) float32 its mesh in each, on the neutral face.
        heard: What is heard, first as it is, then in other voices.
    """

    name: str
    times_s: NDArray[np.float64]
    skulls: Floats
    heard: tuple[Heard, ...]


def takes(paths: Sequence[Path], work: Path, *, others: bool) -> list[Take]:
    """The clips, each read once and kept.

    Args:
        paths: Videos of one person each.
        work: Where what was read is kept.
        others: Whether they are heard in other voices, too.
    """
    work.mkdir(parents=True, exist_ok=True)
    reader, content = FaceReader.open(), SpeechContent.open()
    found = []
    for path in paths:
        kept = work / f"{path.stem}{'-voices' if others else ''}.safetensors"
        if not kept.exists():
            made = _read(path, reader, content, _VOICES if others else _VOICES[:1])
            if made is None:
                print(f"{path.name}: no face is seen throughout", flush=True)
                continue
            _keep(made, kept)
        found.append(_kept(path.stem, kept))
    return found


def _read(
    path: Path,
    reader: FaceReader,
    content: SpeechContent,
    voices: Sequence[tuple[float, float]],
) -> Take | None:
    frames = {frame.pts: frame for frame in read_frames(path)}
    best = max(track(frames.values(), reader), key=lambda one: len(one.faces), default=None)
    if best is None or len(best.faces) < 0.9 * len(frames):
        return None
    seen = sorted((pts, face) for pts, face in best.faces.items() if not face.interpolated)
    sound = read_audio(path, sr=SR, mono=True)
    return Take(
        path.stem,
        np.array([float(frames[pts].time_s) for pts, _ in seen]),
        np.stack([on_skull(face.landmarks) for _, face in seen]),
        tuple(hear(_voiced(sound, *voice), content) for voice in voices),
    )


def _voiced(sound: Audio, pitch: float, resonances: float) -> Audio:
    """The sound in another voice, as long as it was, and faint noise over all but the true one."""
    if pitch == resonances == 1:
        return sound
    moved = moved_pitch(iter([sound]), lambda _: pitch)  # which moves the resonances, too
    shaped = moved_resonances(moved, lambda _, hz: hz * pitch / resonances)
    samples = np.concatenate([one.samples for one in shaped], axis=1)[:, : sound.samples.shape[1]]
    noise = np.random.default_rng(0).standard_normal(samples.shape, np.float32)
    return Audio(samples + np.float32(_NOISE) * noise, sound.sr, sound.start_s)


def _keep(take: Take, path: Path) -> None:
    arrays: dict[str, NDArray[np.floating]] = {"times_s": take.times_s, "skulls": take.skulls}
    for number, one in enumerate(take.heard):
        arrays |= {f"mel{number}": one.mel, f"early{number}": one.early, f"late{number}": one.late}
    arrays["starts"] = np.array([one.start_s for one in take.heard])
    save_file({name: np.ascontiguousarray(one) for name, one in arrays.items()}, path)


def _kept(name: str, path: Path) -> Take:
    kept = load_file(path)
    heard = tuple(
        Heard(kept[f"mel{k}"], kept[f"early{k}"], kept[f"late{k}"], float(start))
        for k, start in enumerate(kept["starts"])
    )
    return Take(name, kept["times_s"], kept["skulls"], heard)
