"""Stretches of sound that occur twice, gaps of dead silence within speech, and clipped peaks.

Nobody says a word twice in exactly the same way: a stretch whose spectrum repeats itself was
copied. A run of equal samples in the midst of speech was put there, or lost. (Jumps of the noise
behind a voice, which are often named as signs of cuts, were measured and found no better than
chance on read speech; they are left out.)
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import Final

import numpy as np

from masquerade import options as base
from masquerade.forensics.calibration import calibration
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import (
    SHOWN_ONLY,
    Applies,
    Evidence,
    Family,
    Figure,
    Stretch,
    silent,
)
from masquerade.forensics.hearing import (
    HOP_S,
    Floats,
    decibels,
    loudness_db,
    sounding,
    spectrogram,
)
from masquerade.forensics.sample import Sample
from masquerade.types import Audio


class Options(base.Options):
    """This signal has no knobs."""


family = Family.SOUND
limits = (
    "Music and jingles repeat themselves; lost packets of a call leave gaps; cuts, clipping and"
    " repeats are ordinary in edited sound. A clean cut is not seen."
)
_LEAST_S: Final = 2.0
_MOST_S: Final = 20.0
_STEP_S: Final = 0.01
_LENGTH_S: Final = 0.4  # least length of a repeat
_BANDS: Final = 16
_ALIKE_DB: Final = 1.6  # mean difference of two stretches that are one
_GAP_S: Final = 0.01
_AROUND_S: Final = 0.15
_CLIPPED: Final = 0.999
_RUN: Final = 3


def examine(sample: Sample, options: Options) -> Evidence:
    """Repeats, gaps and clipped peaks, each with its time."""
    told = options.canonical_json()
    quiet = partial(silent, "sound_edits", family, limits=limits, options_json=told)
    heard = [sound for sound in sample.sound if sound.samples.shape[1] >= _LEAST_S * sound.sr]
    heard = [sound for sound in heard if sounding(loudness_db(sound)).sum() >= 20]
    if not heard:
        return quiet(f"There are not {_LEAST_S:.0f} seconds in which something sounds.")
    doubled = [one for sound in heard for one in repeats(sound)]
    gaps = [time for sound in sample.full_sound for time in silences(sound)]
    clips = sum(clipped(sound) for sound in sample.full_sound)
    said = [f"the sound at {a:.2f} s occurs again at {b:.2f} s" for a, b in doubled[:4]]
    if gaps:
        said.append(f"dead silence within sound at {', '.join(f'{t:.2f} s' for t in gaps[:6])}")
    if clips:
        said.append(f"{clips} peaks are clipped")
    words = "; ".join(said) if said else "nothing occurs twice, and there are no dead gaps"
    known = calibration("sound_edits")
    return Evidence(
        "sound_edits",
        family,
        Applies.YES,
        f"{words[:1].upper()}{words[1:]}.",
        value=float(len(doubled) + len(gaps)),
        unit="repeats and gaps",
        calibration=f"none, since cuts are ordinary{SHOWN_ONLY}",
        limits=limits,
        error_rate=known.error_rate if known else "",
        options_json=told,
        stretches=_stretches([time for pair in doubled for time in pair], gaps),
        figures=(
            Figure(
                "sound_edits",
                plot([nearest(heard[0])], across="seconds"),
                "How far each moment is from the most alike other one, in dB; a repeat is near 0.",
            ),
        ),
    )


def repeats(sound: Audio) -> list[tuple[float, float]]:
    """(first, second) start in seconds of stretches that occur twice.

    Args:
        sound: Mono; its first 20 seconds are looked at.
    """
    level, loud = _levels(sound)
    length = round(_LENGTH_S / _STEP_S)
    found: list[tuple[float, float, float]] = []
    for lag in range(length, len(level) - length):
        apart = _apart(level, lag, length)
        apart[~(loud[: len(apart)] & loud[lag : lag + len(apart)])] = np.inf
        best = int(np.argmin(apart))
        if apart[best] < _ALIKE_DB:
            found.append((float(apart[best]), best * _STEP_S, (best + lag) * _STEP_S))
    kept: list[tuple[float, float]] = []
    for _, first, second in sorted(found):
        if all(abs(first - a) > _LENGTH_S or abs(second - b) > _LENGTH_S for a, b in kept):
            kept.append((first, second))
    start = float(sound.start_s)
    return sorted((start + first, start + second) for first, second in kept)


def nearest(sound: Audio) -> Curve:
    """The distance in dB of each moment to the most alike other one."""
    level, loud = _levels(sound)
    length = round(_LENGTH_S / _STEP_S)
    best = np.full(max(1, len(level) - length + 1), np.inf)
    for lag in range(length, len(level) - length):
        apart = _apart(level, lag, length)
        best[: len(apart)] = np.minimum(best[: len(apart)], apart)
    there = loud[: len(best)] if len(loud) >= len(best) else np.zeros(len(best), bool)
    shown = np.where(np.isfinite(best) & there, best, np.nan)
    times_s = np.arange(len(best)) * _STEP_S + float(sound.start_s)
    return Curve("distance to the nearest moment, dB", times_s, shown)


def silences(sound: Audio) -> list[float]:
    """Times in seconds of runs of equal samples with sound shortly before and after.

    Args:
        sound: Mono, at its own rate.
    """
    samples = sound.samples[0]
    same = np.concatenate([[False], np.diff(samples) == 0, [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(same)).reshape(-1, 2)
    talks = sounding(loudness_db(sound))
    around = round(_AROUND_S / HOP_S)
    found = []
    for first, last in edges[(edges[:, 1] - edges[:, 0]) >= _GAP_S * sound.sr]:
        a, b = (int(place / sound.sr / HOP_S) for place in (first, last))
        if talks[max(0, a - around) : a].any() and talks[b : b + around].any():
            found.append(float(first) / sound.sr + float(sound.start_s))
    return found


def clipped(sound: Audio) -> int:
    """Peaks of at least three samples at full scale."""
    loud = (np.abs(sound.samples[0]) >= _CLIPPED).astype(np.int8)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud, [0]])))
    return int((edges[1::2] - edges[::2] >= _RUN).sum())


def _levels(sound: Audio) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """(t, 16) level of each band in dB, and where all of a stretch sounds."""
    some = Audio(sound.samples[:, : int(_MOST_S * sound.sr)], sound.sr, sound.start_s)
    power, hertz = spectrogram(some, hop_s=_STEP_S)
    place = np.digitize(hertz, np.geomspace(150, 0.45 * sound.sr, _BANDS + 1)) - 1
    bands = [power[:, place == band].mean(axis=1) for band in range(_BANDS)]
    level = decibels(np.stack(bands, axis=1))
    talks = sounding(loudness_db(some))[:: round(_STEP_S / HOP_S)][: len(level)]
    length = round(_LENGTH_S / _STEP_S)
    if len(talks) < length:
        return level, np.zeros(0, bool)
    share = np.convolve(talks, np.ones(length) / length, "valid")
    return np.maximum(level, float(level.max()) - 60), share > 0.7


def _apart(level: Floats, lag: int, length: int) -> Floats:
    """(n,) mean difference of the stretch from each moment and of that `lag` later, in dB."""
    each = np.abs(level[lag:] - level[:-lag]).mean(axis=1)
    total = np.concatenate([[0.0], np.cumsum(each)])
    return np.asarray((total[length:] - total[:-length]) / length)


def _stretches(doubled: list[float], gaps: list[float]) -> tuple[Stretch, ...]:
    """Where repeats and gaps are on the time line."""
    spans = [(time, _LENGTH_S, 0.8) for time in doubled] + [(time, 0.1, 0.5) for time in gaps]
    return tuple(
        Stretch(
            Fraction(time).limit_denominator(1000),
            Fraction(time + length).limit_denominator(1000),
            level,
        )
        for time, length, level in sorted(spans)
    )
