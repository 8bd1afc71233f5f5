"""How well an examination tells manipulated files from recorded ones, and how often it says so.

``python -m benchmarks.forensics [--media DIR] [--clips N] [--stills N] [--portraits N] [--grid]
[--test NAME ...] [--change NAME ...] [--model FILE] [--kept FILE]``

Every file goes through the whole of `masquerade examine`. Five tests, none on people or voices that
anything was learned on:

- ``swaps``: volunteers' clips, and our mesh and appearance swaps of them with people who do not
  exist; with ``--model`` also swaps by that trained network (`masquerade train swap`);
- ``self-blends``: portraits held out from training, and each blended with itself;
- ``generated faces``: real portraits, and pictures of people who do not exist;
- ``faces of others``: faces out of the mosaics of SFHQ, which nothing here was learnt from, and
  real portraits, all cut out alike;
- ``voices``: recorded sentences, and the same said by FastSpeech 2 with HiFi-GAN; with read
  speech for false alarms.

For each test and change on the way (``--grid``: all; ``--change``: those) it prints, for the
verdict's ratio, also among those files alone that a learned detector could examine, and for each
weighed signal, the area under the curve with its 95 % bootstrap interval over people, equal error
rate, hits at 1 % false alarms and Cllr; how many files got an answer; and how many answers were
wrong. An answer is a verdict of manipulation: of nothing found, nothing is concluded, so that a
recorded file is never called genuine. The last line is JSON.

``--kept FILE`` writes a line for each file that was examined. Started again with it, a run that was
stopped goes on: what the same program said of the same file is not asked for again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from train.calibrate_signals import cllr
from train.measured import Quality, quality

from benchmarks import forensics_cases as cases
from benchmarks.forensics_cases import Case
from benchmarks.forensics_kept import Kept, Said
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.faces.readers import FaceReader
from masquerade.forensics.evidence import Finding
from masquerade.media.read import read_frames
from masquerade.pipelines.examine.examine import Examination, examine

T = TypeVar("T")
TESTS = ("swaps", "self-blends", "generated faces", "faces of others", "voices")
NOT_TRIED = "whole faces by diffusion, real deepfakes of others, phone calls"
NEEDS_MODEL = "swaps by trained networks (--model), "
LEARNED = frozenset({"learned_face", "learned_sound"})
EXAMINABLE = "verdict where a learned detector applies"
SPEED_S = 10


@dataclass(slots=True)
class Told:
    """What was said of the files of one test and change."""

    ratios: dict[str, dict[bool, list[float]]] = field(default_factory=lambda: _sides(float))
    people: dict[str, dict[bool, list[str]]] = field(default_factory=lambda: _sides(str))
    ways: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answered: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    count: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})

    def add(self, case: Case, said: Said) -> None:
        """What was said of one file."""
        total = said.log10_lr or 0.0
        self._note("verdict", case, total)
        self.ways[case.how].append(total)
        if LEARNED.intersection(said.applied):
            self._note(EXAMINABLE, case, total)
        for signal, ratio in said.ratios.items():
            self._note(signal, case, ratio)
        self.count[case.made] += 1
        self.answered[case.made] += said.finding == Finding.MANIPULATED.value

    def _note(self, name: str, case: Case, ratio: float) -> None:
        self.ratios[name][case.made].append(ratio)
        self.people[name][case.made].append(case.person)

    def quality(self, name: str) -> Quality | None:
        """How well one signal's ratios, or the verdict's, part both; None: one kind is missing."""
        sides, people = self.ratios[name], self.people[name]
        if not sides[True] or not sides[False]:
            return None
        return quality(sides[True], sides[False], people=(people[True], people[False]))

    def area(self, name: str = "verdict") -> float:
        """Area under the curve of one signal's ratios, or of the verdict's."""
        found = self.quality(name)
        return float("nan") if found is None else found.auc

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
        for name, sides in list(self.ratios.items()):
            one = self.quality(name)
            if one is not None:
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


def _sides(_kind: type[T]) -> dict[str, dict[bool, list[T]]]:
    """Lists of manipulated (True) and of recorded (False), by name."""
    return defaultdict(lambda: {True: [], False: []})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its JSON."""
    asked = _arguments(arguments)
    media, reader = media_dir(asked.media), FaceReader.open()
    found: dict[tuple[str, str], Told] = defaultdict(Told)
    kept = Kept(asked.kept)
    with tempfile.TemporaryDirectory() as folder:
        for case in _cases(asked, media, reader):
            said = kept.said(case, lambda one: _examined(one, Path(folder), reader))
            found[case.test, case.change].add(case, said)
            words = said.finding, round(said.log10_lr or 0.0, 2)
            print(case.test, case.person, case.how, case.change, *words, sep=" | ", flush=True)
        took_s = _speed(media, Path(folder), reader) if asked.speed else float("nan")
    results: dict[str, Any] = {
        f"{test}, {change}": told.plain() for (test, change), told in found.items()
    }
    missing = NOT_TRIED if asked.model else NEEDS_MODEL + NOT_TRIED
    publish("forensics", _bars(found, took_s), results | {"not tried": missing})


def _cases(asked: argparse.Namespace, media: Path, reader: FaceReader) -> Iterator[Case]:
    kinds = (("video", cases.VIDEO), ("still", cases.STILL), ("sound", cases.SOUND))
    video, still, sound = (_changes(asked, kind, all_of) for kind, all_of in kinds)
    every = {
        "swaps": lambda: cases.swaps(media, asked.clips, reader, video, asked.model),
        "self-blends": lambda: cases.blends(media.parent / "train", asked.stills, reader, still),
        "generated faces": lambda: cases.portraits(media, asked.portraits, still),
        "faces of others": lambda: cases.others(
            media, media.parent / "train", asked.portraits, reader, still
        ),
        "voices": lambda: cases.voices(media, sound),
    }
    return chain.from_iterable(every[name]() for name in TESTS if name in asked.test)


def _changes(asked: argparse.Namespace, kind: str, every: Iterable[str]) -> tuple[str, ...]:
    if asked.change:
        return tuple(name for name in every if name in asked.change)
    return tuple(every) if asked.grid else cases.QUICK[kind]


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


def _bars(found: dict[tuple[str, str], Told], took_s: float) -> list[Bar]:
    """The aims that this run can tell of."""
    aims: tuple[
        tuple[str, tuple[str, str], Callable[[Told], float], float, Literal["<=", ">="]], ...
    ] = (
        ("AUC, own swaps, as they are", ("swaps", "as it is"), Told.area, 0.95, ">="),
        ("AUC, own swaps, CRF 35", ("swaps", "H.264 CRF 35"), Told.area, 0.85, ">="),
        ("false alarms, real portraits", ("generated faces", "as it is"), Told.alarms, 0.05, "<="),
        ("AUC, voice pairs", ("voice pairs", "as it is"), Told.area, 0.90, ">="),
        ("false alarms, read speech", ("read speech", "as it is"), Told.alarms, 0.05, "<="),
    )
    bars = [
        Bar(name, measure(found[where]), limit, sense)
        for name, where, measure, limit, sense in aims
        if where in found
    ]
    return bars if np.isnan(took_s) else [*bars, Bar("10 s of 720p examined, s", took_s, 20.0)]


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--stills", type=int, default=60)
    parser.add_argument("--portraits", type=int, default=60, help="of each kind, drawn by chance")
    parser.add_argument("--grid", action="store_true", help="every change on the way")
    parser.add_argument("--change", nargs="+", help="some changes alone, by name")
    parser.add_argument("--model", type=Path, help="a trained swap to try as well")
    parser.add_argument("--kept", type=Path, help="a file of results, to go on from")
    parser.add_argument("--speed", action="store_true", help="time an examination as well")
    parser.add_argument("--test", nargs="+", choices=TESTS, default=TESTS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
