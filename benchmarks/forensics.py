"""How well an examination tells manipulated files from recorded ones, and how often it says so.

``python -m benchmarks.forensics [--media DIR] [--clips N] [--stills N] [--grid] [--test NAME ...]``

Every file goes through the whole of `masquerade examine`. Four tests, none on people or voices that
anything was learned on:

- ``swaps``: volunteers' clips, and our mesh and appearance swaps of them with people who do not
  exist;
- ``self-blends``: portraits held out from training, and each blended with itself;
- ``generated faces``: real portraits, and pictures of people who do not exist;
- ``voices``: recorded sentences, and the same said by FastSpeech 2 with HiFi-GAN; with read
  speech for false alarms.

For each test and change on the way (``--grid``: all changes) it prints, for the verdict's ratio and
for each weighed signal, the area under the curve with its 95 % bootstrap interval, equal error
rate, hits at 1 % false alarms and Cllr; how many files got an answer; and how many answers were
wrong. An answer is a verdict of manipulation: of nothing found, nothing is concluded, so that a
recorded file is never called genuine. The last line is JSON.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from train.calibrate_signals import cllr
from train.measured import quality

from benchmarks import forensics_cases as cases
from benchmarks.forensics_cases import Case
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.faces.readers import FaceReader
from masquerade.forensics.evidence import Finding
from masquerade.media.read import read_frames
from masquerade.pipelines.examine import Examination, examine

TESTS = ("swaps", "self-blends", "generated faces", "voices")
NOT_TRIED = (
    "swaps by trained networks (each needs a model of its own), whole faces by diffusion, real"
    " deepfakes of others, phone calls"
)
SPEED_S = 10


@dataclass(slots=True)
class Told:
    """What was said of the files of one test and change."""

    ratios: dict[str, dict[bool, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: {True: [], False: []})
    )
    ways: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answered: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    count: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def add(self, case: Case, found: Examination) -> None:
        """One file's examination."""
        total = found.verdict.log10_lr or 0.0
        self.ratios["verdict"][case.made].append(total)
        self.ways[case.how].append(total)
        for one in found.evidence:
            if one.log10_lr is not None:
                self.ratios[one.signal][case.made].append(one.log10_lr)
        self.count[case.made] += 1
        self.answered[case.made] += found.verdict.finding is Finding.MANIPULATED

    def area(self, name: str = "verdict") -> float:
        """Area under the curve of one signal's ratios, or of the verdict's."""
        made, recorded = self.ratios[name][True], self.ratios[name][False]
        return quality(made, recorded).auc if made and recorded else float("nan")

    def alarms(self) -> float:
        """Share of recorded files that were called manipulated."""
        return self.answered[False] / self.count[False] if self.count[False] else float("nan")

    def plain(self) -> dict[str, Any]:
        """All of it for the line of JSON."""
        every = sum(self.count.values())
        answers = sum(self.answered.values())
        told: dict[str, Any] = {
            "manipulated": self.count[True],
            "recorded": self.count[False],
            "answered": round(answers / max(every, 1), 4),
            "wrong_of_answered": round(self.answered[False] / max(answers, 1), 4),
            "false_alarms": round(self.alarms(), 4) if self.count[False] else None,
            "found": round(self.answered[True] / max(self.count[True], 1), 4),
        }
        for name, sides in self.ratios.items():
            if sides[True] and sides[False]:
                one = quality(sides[True], sides[False])
                told[name] = {
                    "auc": round(one.auc, 4),
                    "ci95": [round(one.low, 4), round(one.high, 4)],
                    "eer": round(one.eer, 4),
                    "tpr_at_1": round(one.tpr_at_1, 4),
                    "cllr": round(cllr(np.array(sides[True]), np.array(sides[False])), 4),
                    "files": [one.fakes, one.reals],
                }
        recorded = self.ways.get("recorded", [])
        for how, some in self.ways.items():
            if how != "recorded" and recorded:
                told[f"auc of {how}"] = round(quality(some, recorded).auc, 4)
        return told


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its JSON."""
    asked = _arguments(arguments)
    media, reader = media_dir(asked.media), FaceReader.open()
    found: dict[tuple[str, str], Told] = defaultdict(Told)
    with tempfile.TemporaryDirectory() as folder:
        for case in _cases(asked, media, reader):
            said = _examined(case, Path(folder), reader)
            found[case.test, case.change].add(case, said)
            words = said.verdict.finding.value, round(said.verdict.log10_lr or 0.0, 2)
            print(case.test, case.person, case.how, case.change, *words, sep=" | ", flush=True)
        took_s = _speed(media, Path(folder), reader) if "swaps" in asked.test else float("nan")
    results: dict[str, Any] = {
        f"{test}, {change}": told.plain() for (test, change), told in found.items()
    }
    publish("forensics", _bars(found, took_s, asked.test), results | {"not tried": NOT_TRIED})


def _cases(asked: argparse.Namespace, media: Path, reader: FaceReader) -> Iterator[Case]:
    video, still, sound = (
        tuple(all_of) if asked.grid else cases.QUICK[kind]
        for kind, all_of in (("video", cases.VIDEO), ("still", cases.STILL), ("sound", cases.SOUND))
    )
    every = {
        "swaps": lambda: cases.swaps(media, asked.clips, reader, video),
        "self-blends": lambda: cases.blends(media.parent / "train", asked.stills, reader, still),
        "generated faces": lambda: cases.portraits(media, still),
        "voices": lambda: cases.voices(media, sound),
    }
    return chain.from_iterable(every[name]() for name in TESTS if name in asked.test)


def _examined(case: Case, folder: Path, reader: FaceReader) -> Examination:
    """The case examined as a file; it is there for that long only."""
    place = folder / f"case{case.ending}"
    place.write_bytes(case.data)
    try:
        return examine(place, reader=reader, home=folder / "home")
    finally:
        place.unlink()


def _speed(media: Path, folder: Path, reader: FaceReader) -> float:
    """Seconds to examine ten seconds of 1280 x 720, after a first time."""
    place = sorted((media / "talking" / "grid_others").glob("*.mpg"))[0]
    pixels = [frame.pixels for frame in read_frames(place)]
    large = cases.Change(crf=23, scale=720 / pixels[0].shape[0])
    there = (pixels + pixels[::-1]) * SPEED_S
    data = cases.video(there[: SPEED_S * cases.RATE], large)
    case = Case("speed", False, "recorded", "720p", place.stem, data, ".mp4")
    began = time.perf_counter()
    _examined(case, folder, reader)
    return time.perf_counter() - began


def _bars(found: dict[tuple[str, str], Told], took_s: float, tests: Sequence[str]) -> list[Bar]:
    bars: list[Bar] = []
    if "swaps" in tests:
        bars += [
            Bar("AUC, own swaps, as they are", found["swaps", "as it is"].area(), 0.95, ">="),
            Bar("AUC, own swaps, CRF 35", found["swaps", "H.264 CRF 35"].area(), 0.85, ">="),
            Bar("10 s of 720p examined, s", took_s, 20.0),
        ]
    if "generated faces" in tests:
        alarms = found["generated faces", "as it is"].alarms()
        bars.append(Bar("false alarms, real portraits", alarms, 0.05))
    if "voices" in tests:
        pairs, read = found["voice pairs", "as it is"], found["read speech", "as it is"]
        bars += [
            Bar("AUC, voice pairs", pairs.area(), 0.90, ">="),
            Bar("false alarms, read speech", read.alarms(), 0.05),
        ]
    return bars


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--stills", type=int, default=60)
    parser.add_argument("--grid", action="store_true", help="every change on the way")
    parser.add_argument("--test", nargs="+", choices=TESTS, default=TESTS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
