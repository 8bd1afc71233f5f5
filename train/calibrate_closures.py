"""Measures how well closed lips at m, b and p tell a recorded clip from a dubbed one.

``python -m train.calibrate_closures CLIPS [CLIPS ...] [--clips-each N]``

CLIPS are folders of short clips in which one person speaks. As each is too short to hold enough of
these sounds, several are laid one after another, in memory: once each with its own sound, once
with the sound of another of them. The signal is shown and not weighed: the people are too few.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.readers import FaceReader
from masquerade.forensics.calibration import Calibration
from masquerade.forensics.sample import Cut, followed
from masquerade.forensics.signals.bilabial_closure import closures
from masquerade.media.audio import read_audio
from masquerade.media.read import read_frames
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.speech.phones import Phone, phones

OUT = Path("src/masquerade/forensics/calibrations/bilabial_closure.json")
APART_S = 60  # from the beginning of a clip to that of the next
DRAWS = 400


@dataclass(frozen=True, slots=True)
class Clip:
    """A face that speaks, and the phones that are heard."""

    person: str
    cuts: tuple[Cut, ...]
    heard: tuple[Phone, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write the calibration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--clips-each", type=int, default=8)
    given = parser.parse_args(arguments)
    clips = read(given.folders)
    own, dubbed, counts = compared(clips, given.clips_each, np.random.default_rng(3))
    area = float(np.mean(dubbed[:, None] > own) + np.mean(dubbed[:, None] == own) / 2)
    limit = float(np.quantile(own, 0.95))
    people = len({clip.person for clip in clips})
    words = (
        f"Not weighed: {len(clips)} clips of {people} speakers, most of them one's. Of"
        f" {given.clips_each} clips one after another ({np.median(counts):.0f} such sounds), those"
        f" with another's sound stand apart with an area under the curve of {area:.2f};"
        f" {100 * np.mean(dubbed > limit):.0f} in 100 are found at 5 in 100 false alarms."
    )
    print(words)
    made = f"{date.today().isoformat()} python -m train.calibrate_closures"
    data = "clips of volunteers who read sentences of one grammar (GRID), laid one after another"
    one = Calibration("bilabial_closure", made, data, words, ())
    OUT.write_text(json.dumps(asdict(one), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read(folders: Iterable[Path]) -> list[Clip]:
    """Every clip in which a face and speech are found."""
    reader, recogniser = FaceReader.open(), PhoneRecogniser.open()
    found: list[Clip] = []
    for path in sorted(path for folder in folders for path in folder.rglob("*.mpg")):
        heard = phones(read_audio(path, sr=16_000, mono=True), recogniser)
        lines = followed(partial(read_frames, path), reader)
        if lines and heard:
            person = "1" if "_s1" in path.parent.name else path.stem
            found.append(Clip(person, lines[0].cuts, tuple(heard)))
        print(f"{len(found)} {path.name}", flush=True)
    return found


def compared(
    clips: Sequence[Clip], each: int, chance: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[int]]:
    """Figures of rows of clips with their own sound, with another's, and how many sounds each."""
    own, dubbed, counts = [], [], []
    for _ in range(DRAWS):
        row = [clips[k] for k in chance.choice(len(clips), each, replace=False)]
        true, false = (_figure(row, voices) for voices in (row, [*row[1:], row[0]]))
        if true and false:
            own.append(true[0])
            dubbed.append(false[0])
            counts.append(true[1])
    return np.array(own), np.array(dubbed), counts


def _figure(faces: Sequence[Clip], voices: Sequence[Clip]) -> tuple[float, int] | None:
    runs, heard = [], []
    for place, (face, voice) in enumerate(zip(faces, voices, strict=True)):
        by = place * APART_S
        runs.append([replace(cut, time_s=cut.time_s + Fraction(by)) for cut in face.cuts])
        heard += [
            replace(one, start_s=one.start_s + by, end_s=one.end_s + by) for one in voice.heard
        ]
    found = closures(runs, heard)
    return (found.mean, len(found.ranks)) if found else None


if __name__ == "__main__":
    main()
