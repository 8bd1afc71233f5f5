"""How loud and how even the noise in the pauses of a sound is.

A microphone in a room is never silent, and its noise changes little by little. Generated speech may
pause in digital silence, or in a noise that is far too even.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from masquerade import options as base
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import SHOWN_ONLY, Applies, Evidence, Family, Figure, silent
from masquerade.forensics.hearing import FLOOR_DB, HOP_S, loudness_db, sounding
from masquerade.forensics.sample import Sample
from masquerade.types import Audio


class Options(base.Options):
    """This signal has no knobs."""


family = Family.SOUND
limits = (
    "Noise gates, telephones and studio rooms silence pauses too; noise is easily added. How loud a"
    " file is and how it pauses tells collections apart rather than true from false."
)
_LEAST_S: Final = 2.0
_LEAST_FRAMES: Final = 20
_SILENT_DB: Final = -110.0
_TOLD: Final = 0.005  # share of digital silence from which it is told


def examine(sample: Sample, options: Options) -> Evidence:
    """The level of the pauses, and how much of the sound is digital silence."""
    told = options.canonical_json()
    quiet = partial(silent, "noise_floor", family, limits=limits, options_json=told)
    found = [pauses(sound) for sound in sample.sound]
    heard = [one for one in found if one is not None]
    if not heard:
        return quiet("There are not two seconds of sound with pauses in it.")
    under, spread_db, empty = heard[int(np.argmin([one[2] for one in heard]))]
    says = f"Pauses lie {under:.0f} dB below what sounds and vary by {spread_db:.1f} dB"
    if empty >= _TOLD:
        says += f"; {100 * empty:.0f} in 100 moments are digital silence, which no microphone gives"
    level = loudness_db(sample.sound[0])
    times_s = np.arange(len(level)) * HOP_S + float(sample.sound[0].start_s)
    drawn = [Curve("level, dB below full scale", times_s, level)]
    return Evidence(
        "noise_floor",
        family,
        Applies.YES,
        f"{says}.",
        value=under,
        unit="dB between what sounds and pauses",
        calibration=f"none{SHOWN_ONLY}",
        limits=limits,
        error_rate="Not weighed: it tells collections of recordings apart, whoever speaks in them.",
        options_json=told,
        figures=(
            Figure("noise_floor", plot(drawn, across="seconds"), "Level of the sound over time."),
        ),
    )


def pauses(sound: Audio) -> tuple[float, float, float] | None:
    """How far pauses lie below what sounds (dB), how much they vary (dB), share of dead silence.

    Args:
        sound: Mono.

    Returns:
        None where the sound is silent, short, or has no pauses.
    """
    if sound.samples.shape[1] < _LEAST_S * sound.sr:
        return None
    level = loudness_db(sound)
    talks = sounding(level)
    rest = level[~talks]
    if talks.sum() < _LEAST_FRAMES or len(rest) < _LEAST_FRAMES:
        return None
    loud = float(np.median(level[talks]))
    live = rest[rest > _SILENT_DB]
    under = loud - (float(np.median(live)) if len(live) else FLOOR_DB)
    spread_db = float(live.std()) if len(live) else 0.0
    return under, spread_db, float(np.mean(level <= _SILENT_DB))
