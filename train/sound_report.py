"""What the network of voices does on people, vocoders and changes that it never heard, in lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.media.audio import read_audio
from train.measured import Quality, area, quality
from train.sound_degraded import coded, narrow, noisy, resampled, roomy
from train.sound_takes import SR, Take, heard, recordings
from train.voice_net import VoiceNet, odds_of

Floats = NDArray[np.float32]
Change = Callable[[Floats], Floats]

MOST_S: Final = 8
FEW: Final = 3  # recordings of one person, in leak tests


@dataclass(frozen=True, slots=True)
class Heard:
    """Figures of files.

    Attributes:
        odds: (n,) mean log odds.
        people: Who speaks in each.
    """

    odds: NDArray[np.float64]
    people: tuple[str, ...]


def _quiet_ends(samples: Floats) -> Floats:
    return np.pad(samples, SR).astype(np.float32)


def _half(samples: Floats) -> Floats:
    return samples[: len(samples) // 2]


def _softer(samples: Floats) -> Floats:
    return np.asarray(samples * np.float32(0.05))


def _stored_anew(samples: Floats, rate: int) -> Floats:
    return resampled(resampled(samples, rate / SR), SR / rate)


def _noise(samples: Floats) -> Floats:
    return noisy(samples, 20.0, np.random.default_rng(0))


def _room(samples: Floats) -> Floats:
    return roomy(samples, np.random.default_rng(0))


NOTHING: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "a twentieth as loud": _softer,
        "a second of silence at both ends": _quiet_ends,
        "through 44.1 kHz": partial(_stored_anew, rate=44_100),
        "through 22.05 kHz": partial(_stored_anew, rate=22_050),
        "MP3 of 128 kbit/s": partial(coded, container="mp3", codec="mp3", bit_rate=128_000),
        "half as long": _half,
    }
)
"""Changes that say nothing of who made a sound: leak tests."""
WAYS: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "as it is": np.asarray,
        "MP3 64k": partial(coded, container="mp3", codec="mp3", bit_rate=64_000),
        "Opus 24k": partial(coded, container="ogg", codec="libopus", bit_rate=24_000),
        "8 kHz": partial(narrow, top_hz=3700.0),
        "noise 20 dB below": _noise,
        "a room": _room,
    }
)
"""What happens to files on their way."""


def on_takes(
    nets: Sequence[VoiceNet], takes: Sequence[Take], *, vocoder: str = ""
) -> tuple[Quality, Heard, Heard]:
    """How well copies, by one vocoder or by all, are told from recordings; figures of both.

    Args:
        nets: Their mean counts.
        takes: Of people that they never heard.
        vocoder: Which; all where empty.
    """
    copies = [one for one in takes if one.vocoder and vocoder in ("", one.vocoder)]
    fakes = figures(nets, copies)
    reals = figures(nets, [one for one in takes if not one.vocoder])
    return told_apart(fakes, reals), fakes, reals


def told_apart(fakes: Heard, reals: Heard) -> Quality:
    """How well two are told apart, intervals over people."""
    people = (fakes.people, reals.people)
    return quality(fakes.odds.tolist(), reals.odds.tolist(), people=people)


def in_files(folder: Path, change: Change = np.asarray, *, most: int = 40) -> list[Take]:
    """The recordings or synthetic sentences of a folder, each after a change.

    Args:
        folder: With files.
        change: Made to the samples of each.
        most: Files of one person.
    """
    found = []
    for who, place in recordings([folder], most=most):
        sound = read_audio(place, sr=SR, mono=True).samples[0, : MOST_S * SR]
        traces = heard(np.ascontiguousarray(change(sound), np.float32))
        if len(traces):
            found.append(Take(who, place.stem, "", True, traces))
    return found


def figures(nets: Sequence[VoiceNet], some: Sequence[Take]) -> Heard:
    """Figures of takes, by the mean of networks."""
    return Heard(odds_of(nets, some), tuple(one.person for one in some))


def leaks(nets: Sequence[VoiceNet], folder: Path) -> list[str]:
    """How well a recording is told from itself after changes that mean nothing: .5 is right."""
    plain = in_files(folder, most=FEW)
    lines = []
    for name, change in NOTHING.items():
        some = in_files(folder, change, most=FEW)
        if not plain or not some:  # too short, or silent
            lines.append(f"leak test, {name}: nothing to hear")
            continue
        parted = area(figures(nets, some).odds, figures(nets, plain).odds)
        lines.append(f"leak test, {name}: {parted:.3f}")
    return lines


def alarms(nets: Sequence[VoiceNet], folder: Path, level: float) -> list[str]:
    """How many recordings raise an alarm, by what happened to them on their way."""
    lines = []
    for name, change in WAYS.items():
        some = in_files(folder, change)
        odds = figures(nets, some).odds if some else np.zeros(0)
        lines.append(f"{folder.name}, {name}: {int((odds > level).sum())} of {len(odds)} alarm")
    return lines
