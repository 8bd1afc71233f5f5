"""Measures how well closed lips at m, b and p tell a recorded clip from a dubbed one.

``python -m train.calibrate_closures CLIPS [CLIPS ...] [--clips-each N]``

CLIPS are folders of short clips in which one person speaks. As each is too short to hold enough of
these sounds, several are laid one after another, in memory: once each with its own sound, once
with the sound of another of them. Of one speaker there are many clips, of the others one each: what
is fitted on the one is tried on the others, and the other way round. Examples are counted as
people, so that a ratio never says more than so few people can.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.readers import FaceReader
from masquerade.forensics.calibration import Bin, Calibration, fit
from masquerade.forensics.sample import Cut, followed
from masquerade.forensics.signals.bilabial_closure import closures
from masquerade.media.audio import read_audio
from masquerade.media.read import read_frames
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.speech.phones import Phone, phones
from train import calibrate_signals

OUT = Path("src/masquerade/forensics/calibrations/bilabial_closure.json")
ONE = "1"  # the speaker of whom there are many clips
APART_S = 60  # from the beginning of a clip to that of the next
DRAWS = 400
DATA = "clips of volunteers who read sentences of one grammar (GRID), laid one after another"

Floats = NDArray[np.float64]


class Rows(NamedTuple):
    """(n,) figures of rows of clips with their own sound, with another's; how many sounds each."""

    own: Floats
    dubbed: Floats
    counts: Floats


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
    sides = [[clip for clip in clips if (clip.person == ONE) is first] for first in (True, False)]
    chance = np.random.default_rng(3)
    first, second = (compared(side, given.clips_each, chance) for side in sides)
    every = Rows(*(np.concatenate(some) for some in zip(first, second, strict=True)))
    held = [_ratios(first, on=second), _ratios(second, on=first)]
    own, dubbed = (np.concatenate(some) for some in zip(*held, strict=True))
    area, (low, high) = calibrate_signals.area(dubbed, own)
    cost = calibrate_signals.cllr(dubbed, own)
    limit = float(np.quantile(own, 0.95, method="higher"))
    people = len({clip.person for clip in clips})
    words = (
        f"On people held out ({len(clips)} clips of {people} speakers, {given.clips_each} laid one"
        f" after another, {np.median(every.counts):.0f} such sounds), area under the curve"
        f" {area:.2f} for those with another's sound, {100 * np.mean(dubbed > limit):.0f} in 100"
        f" found at 5 in 100 false alarms, Cllr {cost:.2f}."
    )
    print(words, f"({low:.2f} to {high:.2f}, were the rows independent)")
    bins: tuple[Bin, ...] = ()
    if area > calibrate_signals.LEAST_AUC and cost < calibrate_signals.MOST_COST:
        found = fit("speech", every.dubbed.tolist(), every.own.tolist())
        weight = round(max(0.0, 1 - cost), 4)
        bins = (replace(found, weight=weight, manipulated=people, recorded=people),)
    made = f"{date.today().isoformat()} python -m train.calibrate_closures"
    OUT.write_text(
        Calibration("bilabial_closure", made, DATA, words, bins).as_json(), encoding="utf-8"
    )


def read(folders: Iterable[Path]) -> list[Clip]:
    """Every clip in which a face and speech are found."""
    reader, recogniser = FaceReader.open(), PhoneRecogniser.open()
    found: list[Clip] = []
    for path in sorted(path for folder in folders for path in folder.rglob("*.mpg")):
        heard = phones(read_audio(path, sr=16_000, mono=True), recogniser)
        lines = followed(partial(read_frames, path), reader)
        if lines and heard:
            person = ONE if "_s1" in path.parent.name else path.stem
            found.append(Clip(person, lines[0].cuts, tuple(heard)))
        print(f"{len(found)} {path.name}", flush=True)
    return found


def compared(clips: Sequence[Clip], each: int, chance: np.random.Generator) -> Rows:
    """Figures of rows of clips, with their own sound and with another's."""
    found: list[tuple[float, float, int]] = []
    for _ in range(DRAWS):
        row = [clips[k] for k in chance.choice(len(clips), each, replace=False)]
        true, false = (_figure(row, voices) for voices in (row, [*row[1:], row[0]]))
        if true and false:
            found.append((true[0], false[0], true[1]))
    return Rows(*np.array(found, np.float64).T)


def _ratios(fitted: Rows, *, on: Rows) -> tuple[Floats, Floats]:
    """What a fit on some rows says of others: log10 of ratios of their own and of other sound."""
    trained = fit("speech", fitted.dubbed.tolist(), fitted.own.tolist())
    own, dubbed = (
        np.array([trained.log10_lr(value)[0] for value in some]) for some in (on.own, on.dubbed)
    )
    return own, dubbed


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
