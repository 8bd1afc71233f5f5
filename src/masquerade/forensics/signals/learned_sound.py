"""Whether a voice carries what vocoders leave behind: a network taught on copied speech.

It learnt from real speech, from copies of the same speech that vocoders of signal processing and
one neural one made, and from what the voice of the latter said (`train/signals_sound.py`), all by
the traces of `masquerade.forensics.voice_traces`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade import options as base
from masquerade.forensics.calibration import calibration, only_suspects, weighed
from masquerade.forensics.canonical_sound import FRAMES, HOP, SR
from masquerade.forensics.drawing import Curve, plot
from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, silent
from masquerade.forensics.pitch import pitch
from masquerade.forensics.sample import Sample
from masquerade.forensics.spectrum_picture import spectrum_figures
from masquerade.forensics.timeline import stretches
from masquerade.forensics.voice_traces import windows
from masquerade.models.own_weights import open_own, own_card
from masquerade.models.session import Session
from masquerade.types import Audio


class Options(base.Options):
    """This signal has no knobs."""


family = Family.SOUND
limits = (
    "Strong compression, noise removal, telephone lines and singing can look alike; voices of"
    " synthesisers unlike any it learnt from may pass."
)
NETWORK: Final = "learned_sound"
LEAST_WINDOWS: Final = 2
MATERIAL: Final = "speech"
STRETCH: Final = 6
"""Windows of a stretch that may have been copied alone: about four and a half seconds, as long as
what the calibration was made on."""
LEAST_LOUD: Final = 0.4
"""Least share of a window that has to be loud."""
_LEAST_VOICED: Final = 0.12
_BATCH: Final = 32
_HOP_S: Final = FRAMES * HOP / SR / 2
"""From window to window: half of one."""
_SPREAD: Final = 4.0  # log odds that count as full on the time line


@dataclass(frozen=True, slots=True)
class Heard:
    """What the network made of each window in which something sounds.

    Attributes:
        times_s: (n,) middle of each window, in seconds from the start of the sound.
        odds: (n,) log odds that it was copied.
    """

    times_s: NDArray[np.float64]
    odds: NDArray[np.float64]

    @property
    def figure(self) -> float:
        """Mean log odds."""
        return float(self.odds.mean())


def examine(sample: Sample, options: Options) -> Evidence:
    """How much the voice sounds as if a vocoder had made it."""
    told = options.canonical_json()
    quiet = partial(silent, "learned_sound", family, limits=limits, options_json=told)
    if not sample.info.audio:
        return quiet("There is no sound.")
    if own_card(NETWORK) is None:
        return quiet("The model is not installed.")
    sounds = [sound for sound in sample.sound if sound.samples.shape[1]]
    if not any(voiced_share(sound) >= _LEAST_VOICED for sound in sounds):
        return quiet("No voice is heard.")
    net = open_own(NETWORK)
    parts = [listen(sound, net) for sound in sounds]
    times_s = np.concatenate(
        [float(sound.start_s) + one.times_s for sound, one in zip(sounds, parts, strict=True)]
    )
    heard = Heard(times_s, np.concatenate([one.odds for one in parts]))
    if len(heard.odds) < LEAST_WINDOWS:
        return quiet(f"Less than {_seconds(LEAST_WINDOWS):.1f} s of voice is heard.")
    why = "not used, since a low figure is no sign of a recording: other synthesisers pass"
    one = part_alone(weighed(_evidence(heard, told), MATERIAL), heard)
    if sample.info.kind != "audio":  # of which every report shows this first
        one = replace(one, figures=(*one.figures, *spectrum_figures(sounds, [one])))
    return only_suspects(one, why)


def part_alone(one: Evidence, heard: Heard) -> Evidence:
    """The same, weighing as well that one stretch alone may have been copied.

    Which stretch, nobody knows, so that the ratio of that is the mean of all stretches' ratios; it
    and the ratio of the whole count half each. A short sound has no stretches.

    Args:
        one: Weighed by the figure of the whole.
        heard: What the network made of each window.
    """
    known = calibration("learned_sound")
    found = known.bin(MATERIAL) if known is not None else None
    parts = np.array_split(heard.odds, max(1, len(heard.odds) // STRETCH))
    if one.log10_lr is None or one.ci95 is None or found is None or len(parts) < 2:
        return one
    figures = [float(some.mean()) for some in parts]
    alone, ends = found.one_of(figures)
    whole = np.array([one.log10_lr, *one.ci95])
    both = np.log10((10**whole + 10 ** np.array([alone, *ends])) / 2)
    most = int(np.argmax(figures))
    ends_s = heard.times_s[np.cumsum([0, *map(len, parts)])[[most, most + 1]] - [0, 1]]
    says = one.says
    if found.log10_lr(figures[most])[0] >= 1 > one.log10_lr:
        says += f" It stands out between {ends_s[0]:.1f} and {ends_s[1]:.1f} s."
    return replace(one, says=says, log10_lr=float(both[0]), ci95=(float(both[1]), float(both[2])))


def listen(sound: Audio, net: Session) -> Heard:
    """What the network makes of a sound.

    Args:
        sound: Mono, 16 kHz.
        net: Opened from `NETWORK`.
    """
    found = windows(sound)
    keep = found.loud >= LEAST_LOUD
    some = found.traces[keep]
    odds = [
        net(some[at : at + _BATCH])[0].reshape(len(some[at : at + _BATCH]), -1).mean(axis=1)
        for at in range(0, len(some), _BATCH)
    ]
    middle_s = found.starts_s[keep] + FRAMES * HOP / SR / 2
    return Heard(middle_s, np.concatenate([np.zeros(0), *odds]).astype(np.float64))


def voiced_share(sound: Audio) -> float:
    """Share of a sound that has a voice's pitch.

    Args:
        sound: Mono, 16 kHz.
    """
    hertz, _ = pitch(sound.samples[0], sound.sr)
    return float((hertz > 0).mean()) if len(hertz) else 0.0


def _evidence(heard: Heard, told: str) -> Evidence:
    value = heard.figure
    copied = int((heard.odds > 0).sum())
    return Evidence(
        "learned_sound",
        family,
        Applies.YES if len(heard.odds) >= 2 * LEAST_WINDOWS else Applies.LIMITED,
        f"{copied} of {len(heard.odds)} moments of the voice, of 1.28 s each, sound more like what"
        " comes out of a vocoder, the last part of a synthesiser, than like a recording.",
        value=value,
        unit="mean log odds of copied against recorded speech",
        limits=limits,
        options_json=told,
        stretches=stretches(_fractions(heard.times_s - _HOP_S / 2), heard.odds / _SPREAD),
        figures=(
            Figure(
                "learned_sound",
                plot(
                    [Curve("copied rather than recorded", heard.times_s, heard.odds)],
                    across="seconds",
                    level=0.0,
                    level_name="either",
                ),
                "Log odds of each window of 1.28 s. Not evidence alone.",
            ),
        ),
    )


def _fractions(times_s: Sequence[float] | NDArray[np.float64]) -> list[Fraction]:
    return [Fraction(float(time)).limit_denominator(1000) for time in times_s]


def _seconds(count: int) -> float:
    return (1 + (count - 1) / 2) * FRAMES * HOP / SR
