"""A voice that nobody has: speech with another pitch, another throat and another breath.

Speech is taken apart (`masquerade.speech.world`), what tells a voice from others is set anew, and
it is put together again; the words and their timing stay. The map of the resonances follows Eide
and Gish ("A parametric approach to vocal tract length normalization", 1996), with a factor for each
of three places instead of one for all.
"""

from __future__ import annotations

from typing import Annotated, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from masquerade.models.pitch import PitchNetwork
from masquerade.speech.mono import SR
from masquerade.speech.world import (
    BINS,
    Frames,
    breath_of,
    cepstra_of,
    cepstra_with,
    colour,
    f0_of,
    put_together,
)

_PLACES_HZ: Final = (500.0, 1500.0, 3500.0)
"""Where the throat is set: about the first, the second and the higher resonances."""
_OCTAVES_FROM_HZ: Final = 200.0
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 400.0
_DB: Final = np.log(10) / 10  # of the logarithm of a power
_LEVEL: Final = 0.06
_LOUDEST: Final = 0.95

Factor = Annotated[float, Field(ge=0.75, le=1.3)]


class Design(BaseModel):
    """What makes a voice, beside what it says."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    pitch_hz: float = Field(ge=75, le=260)
    """Where the melody lies: its geometric mean."""
    liveliness: float = Field(1.0, ge=0.5, le=1.6)
    """How far the melody moves, times what it moves in the speech."""
    throat: tuple[Factor, Factor, Factor] = (1.0, 1.0, 1.0)
    """Factors of the resonances near 500, 1500 and 3500 Hz; below 1 a longer throat."""
    slope_db: float = Field(0.0, ge=-4, le=4)
    """Decibels an octave by which the treble is raised."""
    breath_db: float = Field(0.0, ge=-12, le=12)
    """How much breathier it is."""


def designed(
    samples: NDArray[np.float32], design: Design, network: PitchNetwork
) -> NDArray[np.float32]:
    """Speech as somebody of this voice would say it.

    Args:
        samples: (n,) mono at 16 kHz, not longer than a minute or so.
        design: The voice.
        network: From `PitchNetwork.open`.

    Returns:
        (n,) float32, no sample beyond .95.

    Raises:
        ModelError: The package that brings WORLD is not there.
    """
    f0 = f0_of(samples, network)
    cepstra, breath = cepstra_of(samples, f0), breath_of(samples, f0)
    frames = Frames(_melody(f0, design), _throat(cepstra, design), _breath(breath, design))
    made = put_together(frames, len(samples))
    level = np.sqrt(np.mean(made[made != 0].astype(np.float64) ** 2)) if made.any() else 1.0
    loud = made * np.float32(_LEVEL / level)
    return loud * np.float32(min(1.0, _LOUDEST / max(float(np.abs(loud).max(initial=0)), 1e-9)))


def _melody(f0: NDArray[np.float32], design: Design) -> NDArray[np.float32]:
    voiced = f0 > 0
    if not voiced.any():
        return f0
    logs = np.log(np.maximum(f0, 1.0))
    moved = np.exp(np.log(design.pitch_hz) + design.liveliness * (logs - logs[voiced].mean()))
    return np.where(voiced, np.clip(moved, _LOWEST_HZ, _HIGHEST_HZ), 0).astype(np.float32)


def _throat(cepstra: NDArray[np.float32], design: Design) -> NDArray[np.float32]:
    """Cepstra of the colours, each read at other frequencies and tilted, as loud as before."""
    hz = np.linspace(0, SR / 2, BINS)
    places = [0.0, *(at * by for at, by in zip(_PLACES_HZ, design.throat, strict=True))]
    ends = [*places, places[-1] + (SR / 2 - _PLACES_HZ[-1]) * design.throat[-1]]
    read = np.interp(hz, ends, [0.0, *_PLACES_HZ, SR / 2])
    bins = np.clip(read / (SR / 2) * (BINS - 1), 0, BINS - 1)
    low = np.minimum(bins.astype(np.intp), BINS - 2)
    share = (bins - low).astype(np.float32)
    logs = colour(cepstra)
    moved = logs[:, low] * (1 - share) + logs[:, low + 1] * share
    octaves = np.log2(np.maximum(hz, _OCTAVES_FROM_HZ) / _OCTAVES_FROM_HZ)
    moved = moved + (design.slope_db * _DB * octaves).astype(np.float32)
    power = [np.log(np.exp(some).mean(axis=1, keepdims=True)) for some in (logs, moved)]
    return cepstra_with(np.asarray(moved + power[0] - power[1], np.float32))


def _breath(breath: NDArray[np.float32], design: Design) -> NDArray[np.float32]:
    return np.asarray(np.minimum(breath + np.float32(design.breath_db), 0), np.float32)
