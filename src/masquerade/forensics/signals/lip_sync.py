"""Whether lips move with the voice, against how well they would by chance.

How far the inner lips are open is compared with the loudness between 300 and 3000 Hz, at shifts of
up to half a second. How well it fits is held against the same clip with its sound moved round by
far more: a clip is its own null, so that talkative faces and steady noise tell nothing. The figure
is the best fit in standard deviations of those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.faces.mouth import lips
from masquerade.forensics.calibration import only_suspects, weighed
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.face_parts import longest
from masquerade.forensics.hearing import HOP_S, decibels, loudness_db, sounding, spectrogram
from masquerade.forensics.sample import Cut, Sample
from masquerade.types import Audio

Floats = NDArray[np.float64]


class Options(base.Options):
    """This signal has no knobs."""


family = Family.SYNC
limits = (
    "Music, several voices, speakers out of the picture and dubbing fit badly and are honest; lips"
    " that were made to fit a voice fit well. A good fit never clears a video."
)
LEAST_S: Final = 2.4
LEAST_PX: Final = 60.0
_STEP_S: Final = 0.02
_LAG_S: Final = 0.5
_STEP: Final = 0.2  # seconds beyond which sound and picture are out of step to everybody
_NULL_S: Final = 0.7  # shifts beyond this are chance
_BAND_HZ: Final = (300.0, 3000.0)
_STILL: Final = 0.012  # deviation of the opening, in distances of the eyes
_TALKS: Final = 0.15  # share of the time in which something must sound
_STEADY: Final = 0.995  # share beyond which it never pauses, as speech does


@dataclass(frozen=True, slots=True)
class Fit:
    """How well lips fit a voice.

    Attributes:
        surplus: Best correlation in standard deviations over chance.
        correlation: The best one.
        lag_s: At which it is reached: positive where the sound comes late.
        chance: Share of the clip's own shifts that fit as well.
        times_s: (n,) seconds.
        opening: (n,) how far the lips are open, standardised.
        loudness: (n,) how loud it is, standardised.
    """

    surplus: float
    correlation: float
    lag_s: float
    chance: float
    times_s: Floats
    opening: Floats
    loudness: Floats


def examine(sample: Sample, options: Options) -> Evidence:
    """How well the lips of the one who fits best go with the sound."""
    told = options.canonical_json()
    quiet = partial(silent, "lip_sync", family, limits=limits, options_json=told)
    if sample.info.kind != "video" or not sample.info.audio:
        return quiet("There are not both moving pictures and sound.")
    found = [
        seen
        for line in sample.lines
        for sound in sample.sound_seen
        if (seen := fit(line.cuts, sound)) is not None
    ]
    if not found:
        return quiet(
            f"There are not {LEAST_S:.1f} s in which a face of {LEAST_PX:.0f} pixels moves its lips"
            " and something like speech is heard."
        )
    best = max(found, key=lambda one: one.surplus)
    clear = best.chance <= 0.05
    late = "late" if best.lag_s > 0 else "early"
    moved = f"with the sound {abs(best.lag_s) * 1000:.0f} ms {late}" if best.lag_s else "as it is"
    far = ", which is more than ordinary files are out of step" if abs(best.lag_s) > _STEP else ""
    says = (
        f"Lips and voice fit best {moved}{far} (correlation {best.correlation:.2f}; half a second"
        f" either way is tried); {100 * best.chance:.0f} in 100 other shifts of the same clip fit"
        f" as well, so that they {'go' if clear and not far else 'cannot be said to go'} together."
    )
    one = Evidence(
        "lip_sync",
        family,
        Applies.YES,
        says,
        value=best.surplus,
        unit="standard deviations over chance",
        limits=limits,
        options_json=told,
        figures=_figures(best),
    )
    return never_clears(weighed(one, "speech"))


def _figures(best: Fit) -> tuple[Figure, ...]:
    """What was compared, over time."""
    return (
        Figure(
            "lip_sync",
            plot(
                [
                    Curve("lips open", best.times_s, best.opening),
                    Curve("loudness of the voice", best.times_s, best.loudness),
                ],
                across="seconds",
            ),
            "How far the lips are open, and how loud it is between 300 and 3000 Hz.",
        ),
    )


def never_clears(one: Evidence) -> Evidence:
    """The evidence without a ratio where it would speak for a recording: swaps keep the lips."""
    why = "not used, since only a bad fit would count: swaps keep the target's lips"
    return only_suspects(one, why)


def fit(cuts: Sequence[Cut], sound: Audio) -> Fit | None:
    """How well a face's lips fit a sound; None where either is too short or too still.

    Args:
        cuts: Of one face, in order of time.
        sound: Mono.
    """
    run = longest(cuts, least_px=LEAST_PX)
    if len(run) < 2 or float(run[-1].time_s - run[0].time_s) < LEAST_S:
        return None
    start = max(float(run[0].time_s), float(sound.start_s))
    end = min(float(run[-1].time_s), float(sound.start_s) + sound.samples.shape[1] / sound.sr)
    if end - start < LEAST_S:
        return None
    times_s = np.arange(start, end, _STEP_S)
    seen_s = [float(cut.time_s) for cut in run]
    opening = np.interp(times_s, seen_s, [lips.opening(cut.landmarks) for cut in run])
    loudness = _loudness(sound, times_s)
    if loudness is None or float(opening.std()) < _STILL:
        return None
    one, other = _standard(opening), _standard(loudness)
    scores = np.fft.irfft(np.fft.rfft(other) * np.conj(np.fft.rfft(one)), len(one)) / len(one)
    shifts = (np.arange(len(one)) + len(one) // 2) % len(one) - len(one) // 2
    near = np.abs(shifts) * _STEP_S <= _LAG_S
    far = np.abs(shifts) * _STEP_S > _NULL_S
    if int(far.sum()) < 20:
        return None
    best = int(np.flatnonzero(near)[np.argmax(scores[near])])
    null = scores[far]
    surplus = float((scores[best] - null.mean()) / max(float(null.std()), 1e-6))
    chance = float((1 + (null >= scores[best]).sum()) / (1 + len(null)))
    lag_s = float(shifts[best]) * _STEP_S
    return Fit(surplus, float(scores[best]), lag_s, chance, times_s, one, other)


def _loudness(sound: Audio, times_s: Floats) -> Floats | None:
    """(n,) dB in the band of voices at the times; None where hardly anything sounds."""
    talks = sounding(loudness_db(sound))
    share = float(talks.mean()) if len(talks) else 0.0
    if share < _TALKS or share > _STEADY:
        return None
    power, hertz = spectrogram(sound)
    band = (hertz >= _BAND_HZ[0]) & (hertz <= _BAND_HZ[1])
    level = decibels(power[:, band].sum(axis=1))
    level = np.maximum(level, float(level.max()) - 50)
    smooth = np.convolve(np.pad(level, 3, mode="edge"), np.ones(7) / 7, "valid")
    return np.interp(times_s, np.arange(len(smooth)) * HOP_S + float(sound.start_s), smooth)


def _standard(values: Floats) -> Floats:
    spread = float(values.std()) or 1.0
    return np.asarray((values - values.mean()) / spread)
