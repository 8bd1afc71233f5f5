"""Up to which frequency there is sound, against what the file could hold.

Telephones, codecs, resampling and many voice generators cut sound off at a frequency of their own.
Where a file could hold far more than is in it, it was something else before.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import SHOWN_ONLY, Applies, Evidence, Family, Figure, silent
from masquerade.forensics.hearing import Floats, decibels, loudness_db, sounding, spectrogram
from masquerade.forensics.sample import Sample
from masquerade.types import Audio


class Options(base.Options):
    """This signal has no knobs."""


family = Family.SOUND
limits = (
    "Ordinary codecs, telephones and microphones cut sound off as generators do; a voice that was"
    " generated at full bandwidth shows nothing."
)
_LEAST_S: Final = 1.0
_ABOVE_DB: Final = 12.0  # over the floor at the top of the band
_LEAST_HZ: Final = 1000.0
_BELOW_DB: Final = 60.0  # the loudest; deeper down, what changes is the loud parts' own leakage
_MOST_FRAMES: Final = 6000


def examine(sample: Sample, options: Options) -> Evidence:
    """The highest frequency in the sound, and the highest that the file could hold."""
    told = options.canonical_json()
    quiet = partial(silent, "band_limits", family, limits=limits, options_json=told)
    found = [limit(sound) for sound in sample.full_sound]
    heard = [one for one in found if one is not None]
    if not heard:
        return quiet("There is no sound that lasts a second.")
    highest, hertz, level = max(heard, key=lambda item: item[0])
    most = float(hertz[-1])
    share = highest / most
    says = f"There is sound up to {highest / 1000:.1f} kHz; the file could hold {most / 1000:.1f}"
    says += " kHz"
    if share < 0.8:
        says += ": it was stored, sent or made with less bandwidth before"
    return Evidence(
        "band_limits",
        family,
        Applies.YES,
        f"{says}.",
        value=highest,
        unit="Hz",
        calibration=f"none{SHOWN_ONLY}",
        limits=limits,
        error_rate="Not weighed: what a codec cuts off cannot be told from what a generator does.",
        options_json=told,
        figures=(
            Figure(
                "band_limits",
                plot(
                    [Curve("level, dB below full scale", hertz / 1000, level)],
                    across="kHz",
                ),
                "Level of the sound by frequency, where something sounds.",
            ),
        ),
    )


def limit(sound: Audio) -> tuple[float, Floats, Floats] | None:
    """The highest frequency with sound in Hz; frequencies, and level at each.

    Args:
        sound: Mono, at its own rate.

    Returns:
        None where it is silent or short.
    """
    if sound.samples.shape[1] < _LEAST_S * sound.sr:
        return None
    talks = sounding(loudness_db(sound))
    power, hertz = spectrogram(sound)
    count = min(len(talks), len(power))
    if talks[:count].sum() < 20:
        return None
    level = decibels(power[:count][talks[:count]].mean(axis=0))
    smooth = np.convolve(np.pad(level, 2, mode="edge"), np.ones(5) / 5, "valid")
    floor = float(np.min(smooth[hertz > _LEAST_HZ]))
    above = np.flatnonzero((smooth > floor + _ABOVE_DB) | _changing(power[:count]))
    return float(hertz[above[-1]]) if len(above) else 0.0, hertz, level


def _changing(power: Floats) -> NDArray[np.bool_]:
    """(f,) where moments differ much: speech may be as loud on the mean at the top as below it.

    Args:
        power: (t, f) of short frames.
    """
    some = power[:: -(-len(power) // _MOST_FRAMES)]
    total = np.cumsum(np.pad(some, ((0, 0), (3, 2)), mode="edge"), axis=1)
    level = decibels((total[:, 5:] - total[:, :-5]) / 5)
    soft, loud = np.quantile(level, (0.1, 0.95), axis=0)
    return np.asarray((loud > soft + _ABOVE_DB) & (loud > loud.max() - _BELOW_DB))
