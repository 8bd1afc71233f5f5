"""Trains the network of the signal `learned_sound`: recorded voices against copies of them.

``python -m train.signals_sound SPEECH [SPEECH ...] --work DIR [--voice WHEEL] [--learn FOLDER ...]
[--test PAIRS] [--recorded FOLDER ...] [--said FOLDER ...] [--seeds N] [--leave-one-out] [--ship]``

Each SPEECH is a folder of recordings. They are copied by vocoders of signal processing
(`train.vocoders`) and by the decoder of a neural voice (`train.decoded`: WHEEL), all are changed as
files are on their way (`train.sound_degraded`), and what comes of it is kept in DIR, so that a run
that was stopped goes on where it was. ``--learn`` adds what others said, a folder each.
People are parted by the SHA-256 of their name: every fifth is held out. What is never learnt from:
PAIRS of recorded and synthetic speech, told apart by ``ground-truth`` in the name; recordings,
whose speakers are left out of training too; what the synthesisers of ``--said`` said.
``--leave-one-out`` also trains without each vocoder in turn and tries the network on that one;
``--ship`` does that too, calibrates on it, and writes network, card and calibration into the
package. Needs the package `onnx` with ``--voice``.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import torch

from masquerade.forensics.calibration import Calibration
from masquerade.models.own_weights import OwnCard
from train.decoded import WHEEL
from train.measured import Quality
from train.sound_report import Heard, alarms, figures, in_files, leaks, on_takes, told_apart
from train.sound_takes import (
    DECODED,
    HELD_OUT,
    SAID,
    Take,
    fifth,
    held_out,
    person,
    recordings,
    synthetic,
    takes,
)
from train.voice_net import VoiceNet, learnt, onnx_from
from train.weighed import weighed_bin

PACKAGE: Final = Path("src/masquerade")
LEAST_SHIPPED: Final = 0.9
MOST_ALARMS: Final = 0.025  # of people held out: half of what is allowed on others
STEPS: Final = 400
QUARTERS: Final = 4


def main(arguments: Sequence[str] | None = None) -> None:
    """Copy, train, try, and ship if asked."""
    given = _given(arguments)
    torch.set_num_threads(1)
    files = recordings(given.speech)[: given.files]
    wheel = given.voice
    everyone = list(takes(files, given.work, wheel, workers=given.workers))
    everyone += [take for folder in given.learn for take in synthetic(folder, given.work)]
    strangers = {person(place) for folder in given.recorded for place in folder.rglob("*.*")}
    voices = {SAID, *(folder.name for folder in given.learn)}
    everyone = [one for one in everyone if one.person not in strangers]
    unknown = [one for one in everyone if one.vocoder not in voices and held_out(one.person)]
    known = [one for one in everyone if one.vocoder in voices or not held_out(one.person)]
    print(f"{len(known)} takes to learn from, {len(unknown)} of others to try it on", flush=True)
    nets = _taught([(known, seed) for seed in range(given.seeds)], given)
    level = _level(nets, unknown)
    others = {folder.name: in_files(folder) for folder in given.said}
    test = in_files(given.test) if given.test is not None else []
    for number, some in enumerate([*([net] for net in nets), nets]):
        name = f"seed {number}" if number < len(nets) else f"mean of {len(nets)}"
        for line in _tried(some, unknown, others, test):
            print(f"{name}: {line}", flush=True)
    parted = _parted(everyone, voices, given) if given.leave_one_out or given.ship else Parted()
    if given.ship:
        tests = Tests(unknown, others, test)
        ship(nets, level, parted, tests, given)
    for folder in given.recorded:
        print("\n".join([*alarms(nets, folder, level), *leaks(nets, folder)]), flush=True)


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--voice", type=Path, help=f"the wheel {WHEEL}")
    parser.add_argument("--learn", type=Path, nargs="*", default=[])
    parser.add_argument("--test", type=Path)
    parser.add_argument("--recorded", type=Path, nargs="*", default=[])
    parser.add_argument("--said", type=Path, nargs="*", default=[])
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--leave-one-out", action="store_true")
    parser.add_argument("--ship", action="store_true")
    return parser.parse_args(arguments)


def _taught(
    lessons: Sequence[tuple[Sequence[Take], int]], given: argparse.Namespace
) -> list[VoiceNet]:
    """A network for each (takes, seed), taught side by side."""
    with ProcessPoolExecutor(given.workers) as pool:
        found = [pool.submit(learnt, some, steps=given.steps, seed=seed) for some, seed in lessons]
        return [one.result() for one in found]


def _level(nets: Sequence[VoiceNet], unknown: Sequence[Take]) -> float:
    """Log odds above which few recordings of people held out lie, changed or not."""
    return float(np.quantile(on_takes(nets, unknown)[2].odds, 1 - MOST_ALARMS))


def _tried(
    nets: Sequence[VoiceNet],
    unknown: Sequence[Take],
    others: Mapping[str, Sequence[Take]],
    test: Sequence[Take],
) -> list[str]:
    """What networks do on what they never heard, in lines."""
    good, _, reals = on_takes(nets, unknown)
    changed = [take for take in unknown if not take.plain]
    lines = [
        f"copies of people never heard: {good}",
        f"the same, changed on their way: {on_takes(nets, changed)[0]}",
    ]
    names = sorted({take.vocoder for take in unknown} - {""})
    lines += [f"  by {name}: {on_takes(nets, unknown, vocoder=name)[0]}" for name in names]
    lines += [
        f"said by {name}: {told_apart(figures(nets, some), reals)}" for name, some in others.items()
    ]
    if test:
        lines.append(f"pairs of others: {told_apart(*pairs(nets, test))}")
    return lines


def pairs(nets: Sequence[VoiceNet], test: Sequence[Take]) -> tuple[Heard, Heard]:
    """Figures of the (synthetic, recorded) files of a folder of pairs; speakers are grouped.

    Args:
        nets: Their mean counts.
        test: From `in_files`.
    """
    sides = []
    for recorded in (False, True):
        some = [one for one in test if ("ground-truth" in one.recording) == recorded]
        sides.append(Heard(figures(nets, some).odds, tuple(_speaker(one) for one in some)))
    return sides[0], sides[1]


def _speaker(one: Take) -> str:
    """LJSpeech is one speaker; AISHELL-3 and LibriTTS say who in the name."""
    name = one.recording.partition("_")[0]
    return "LJ" if name.startswith("LJ") else name[:7]


def _parted(everyone: Sequence[Take], voices: Set[str], given: argparse.Namespace) -> Parted:
    """Figures of copies and recordings, each by a network that heard neither person nor vocoder.

    There is a network for each fifth of the people and each quarter of the vocoders.
    """
    names = sorted({one.vocoder for one in everyone} - {"", *voices})
    folds = [
        (turn, names[part::QUARTERS])
        for part in range(min(QUARTERS, len(names)))
        for turn in range(HELD_OUT)
    ]
    lessons = []
    for turn, some in folds:
        unheard = {*some, SAID} if DECODED in some else set(some)
        lessons.append(
            [
                one
                for one in everyone
                if one.vocoder not in unheard
                and (one.vocoder in voices or fifth(one.person) != turn)
            ]
        )
    found = Parted()
    for (turn, some), net in zip(folds, _taught([(one, 0) for one in lessons], given), strict=True):
        tried = [
            one for one in everyone if one.vocoder in ("", *some) and fifth(one.person) == turn
        ]
        good, fakes, reals = on_takes([net], tried)
        found.add(fakes, reals)
        print(f"never heard {', '.join(some)}, nor fifth {turn}: {good}", flush=True)
    return found


@dataclass(slots=True)
class Parted:
    """Figures of those who were held out, from several networks.

    Attributes:
        fakes: Of copies, and whose they are.
        reals: Of recordings, and whose they are.
    """

    fakes: tuple[list[float], list[str]] = field(default_factory=lambda: ([], []))
    reals: tuple[list[float], list[str]] = field(default_factory=lambda: ([], []))

    def add(self, fakes: Heard, reals: Heard) -> None:
        """What one of the networks made of those who were held out from it."""
        for side, some in ((self.fakes, fakes), (self.reals, reals)):
            side[0].extend(some.odds.tolist())
            side[1].extend(some.people)


@dataclass(frozen=True, slots=True)
class Tests:
    """What networks are tried on.

    Attributes:
        unknown: Takes of people held out.
        others: What synthesisers said, by their names.
        pairs: Files of recorded and synthetic speech.
    """

    unknown: Sequence[Take]
    others: Mapping[str, Sequence[Take]]
    pairs: Sequence[Take]


def ship(
    nets: Sequence[VoiceNet],
    level: float,
    parted: Parted,
    tests: Tests,
    given: argparse.Namespace,
) -> None:
    """Network, card and calibration into the package, if it is good enough on the pairs."""
    if not tests.pairs or given.voice is None:
        raise SystemExit("--ship needs --test and --voice")
    good = told_apart(*pairs(nets, tests.pairs))
    if good.auc < LEAST_SHIPPED:
        raise SystemExit(f"not shipped: {good}, and {LEAST_SHIPPED} is asked for")
    data = onnx_from(nets, level)
    own = PACKAGE / "models" / "own"
    (own / "learned_sound.onnx").write_bytes(data)
    command = (
        f"python -m train.signals_sound SPEECH --voice WHEEL --files {given.files}"
        f"{_learnt_too(given)} --steps {given.steps} --seeds {given.seeds} --ship"
    )
    voices = " and ".join(["that voice", *(folder.name for folder in given.learn)])
    copies, _, reals = on_takes(nets, tests.unknown)
    card = _card(data, command, voices, copies, good)
    (own / "learned_sound.toml").write_text(card.as_toml(), encoding="utf-8")
    place = PACKAGE / "forensics" / "calibrations" / "learned_sound.json"
    said = [
        f"Said by {name}: {told_apart(figures(nets, some), reals)}."
        for name, some in tests.others.items()
    ]
    errs = " ".join([f"On FastSpeech 2 with HiFi-GAN, never heard: {good}.", *said])
    place.write_text(_calibrated(parted, level, command, errs).as_json(), encoding="utf-8")


def _learnt_too(given: argparse.Namespace) -> str:
    """The part of the command that names what synthesisers said."""
    return "".join(f" --learn {folder.name.upper()}" for folder in given.learn)


def _card(data: bytes, command: str, voices: str, copies: Quality, good: Quality) -> OwnCard:
    return OwnCard(
        task="Tells voices that a vocoder or synthesiser made from voices that were recorded.",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence="Apache-2.0",
        data="LibriSpeech (CC BY 4.0), with GRID (CC BY 4.0) held out; copies by seven vocoders of"
        " signal processing and by the HiFi-GAN of the Piper voice en_US-joe-medium (recordings"
        f" CC0), and what {voices} said. No part of it is in the file.",
        command=command,
        made=date.today().isoformat(),
        quality=f"Copies of people never heard: {copies}."
        f" FastSpeech 2 with HiFi-GAN, never heard: {good}.",
        limits="Few neural synthesisers were learnt from; others may pass.",
        paper="Wang and Yamagishi, 2023, arXiv:2210.10570",
        input="(N, 1149) traces, as forensics.voice_traces gives them",
        output="(N, 1) log odds; above 0 lie 2.5 in 100 recordings of people held out",
    )


def _calibrated(parted: Parted, level: float, command: str, errs: str) -> Calibration:
    """On people held out, each copy by a vocoder that the network had not heard.

    Several forms and recordings of one person count as one example.
    """
    fakes, reals = ([odds - level for odds in side[0]] for side in (parted.fakes, parted.reals))
    people = (parted.fakes[1], parted.reals[1])
    found = weighed_bin("speech", fakes, reals, people=people)
    count = tuple(len(set(some)) for some in people)
    return Calibration(
        "learned_sound",
        f"{date.today().isoformat()}, {command}",
        "copies of recordings of people held out, each by a vocoder never heard",
        errs,
        (replace(found, manipulated=count[0], recorded=count[1]),),
    )


if __name__ == "__main__":
    main()
