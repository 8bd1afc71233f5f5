"""A voice made hard to recognise: another pitch and another throat, the words as they were said.

For people who must not be known by their voice. Pitch and resonances are moved by amounts that the
caller draws, and that wander a little all the time; nothing is taken from anybody else. How words
are said, their speed and their melody stay, and so does what is said: see docs/sound.md for what
that leaves to a listener.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from masquerade import options as base
from masquerade.errors import UsageError
from masquerade.speech.moved_pitch import moved_pitch
from masquerade.speech.moved_resonances import moved_resonances
from masquerade.types import Audio, Need, Resources, SoundGenerator

_STEP_S: Final = 2.5  # between two moments at which the wandering is drawn
_KNEE: Final = 0.9
_CENTRES_HZ: Final = (500.0, 1200.0, 2400.0, 4500.0)


class Options(base.Options):
    """Knobs of disguising a voice."""

    strength: float = Field(1.2, ge=0.5, le=1.6)
    """How far from the voice it goes; above 1.2 words are lost, below it voices are known again."""
    wander: float = Field(0.03, ge=0, le=0.1)
    """By which share pitch and resonances wander while somebody speaks, so that no one number
    undoes it."""


makes = "sound"
learned = False
needs = frozenset({Need.AUDIO})
radius = 0
resources = Resources(memory_mb=300, cpus=1.0)
takes = ("target",)


@dataclass(frozen=True, slots=True)
class Guise:
    """A way to speak that a voice is given.

    Attributes:
        pitch: Factor of the pitch at a strength of 1.
        mouth: Factors of the resonances around 500, 1200, 2400 and 4500 Hz; each of its own, as no
            larger or smaller throat would have them, so that no one number undoes them.
        seed: Of the wandering.
    """

    pitch: float
    mouth: tuple[float, float, float, float]
    seed: int


def prepare(cast: Guise, options: Options, *, device: str = "cpu") -> SoundGenerator:
    """The generator of one job.

    Args:
        cast: How the voice is to become.
        options: Knobs of the method.
        device: Only ``cpu``: it works without a network.

    Raises:
        UsageError: Another device is asked for.
    """
    if device != "cpu":
        raise UsageError(f"voice_disguise on {device}", "cpu")
    pitch = _wandering(cast.pitch**options.strength, options.wander, cast.seed)
    mouth = [
        _wandering(factor**options.strength, options.wander, cast.seed + number)
        for number, factor in enumerate(cast.mouth, 1)
    ]

    def outline(second: float, hz: NDArray[np.floating]) -> NDArray[np.floating]:
        """Where the outline is read, which moving the pitch has moved already."""
        factors = [factor(second) for factor in mouth]
        factor = np.interp(np.log(np.maximum(hz, 1.0)), np.log(_CENTRES_HZ), factors)
        return np.asarray(hz * pitch(second) / factor, np.float64)

    def generate(blocks: Iterator[Audio]) -> Iterator[Audio]:
        for block in moved_resonances(moved_pitch(blocks, pitch), outline):
            yield Audio(_bounded(block.samples), block.sr, block.start_s)

    return generate


def _wandering(factor: float, share: float, seed: int) -> Callable[[float], float]:
    """A factor that wanders smoothly around another, the same for the same seed."""

    def at(second: float) -> float:
        place = second / _STEP_S
        whole = int(place)
        ends = [_drawn(seed, whole), _drawn(seed, whole + 1)]
        part = (1 - np.cos(np.pi * (place - whole))) / 2
        return float(factor * np.exp(share * (ends[0] * (1 - part) + ends[1] * part)))

    return at


@lru_cache(maxsize=64)
def _drawn(seed: int, number: int) -> float:
    """A number in [-1, 1] that seed and place decide alone."""
    return float(np.random.default_rng((seed, number)).uniform(-1, 1))


def _bounded(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The samples within [-1, 1]; only what comes near is bent."""
    above = np.abs(samples) - _KNEE
    if float(above.max(initial=-1.0)) <= 0:
        return samples
    bent = _KNEE + (1 - _KNEE) * np.tanh(above / (1 - _KNEE))
    return np.where(above > 0, np.sign(samples) * bent, samples).astype(np.float32)
