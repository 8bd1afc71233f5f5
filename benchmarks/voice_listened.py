"""What one would listen for in a converted recording, as numbers: melody, timing, level, faults.

All are of the result against the recording that was converted, which lasts as long: the first
sample of one is the first of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.speech.mono import SR
from masquerade.speech.pitch import PitchNetwork, pitch
from masquerade.types import Audio

Samples = NDArray[np.float32]

_HOP: Final = SR // 100
_AROUND: Final = 5  # hops before and after, whose level a click has to stand out from
_CLICK: Final = 4.0  # times the largest change from sample to sample around it
_FAINT: Final = 2e-3  # changes that are not heard
_LATE: Final = 20  # hops by which speech may have moved
_PAUSE_DB: Final = -35.0  # below the loudest hops: nobody speaks
_HIGH_HZ: Final = 4000.0


@dataclass(frozen=True, slots=True)
class Listened:
    """What came of one recording.

    Attributes:
        melody: Correlation of the logarithms of the pitch, where both are voiced.
        voiced: Of all hops, in how many both or neither is voiced.
        loudness: Correlation of the level in decibels, hop by hop, where somebody speaks.
        moved_ms: By how much the course of the level came later.
        longer: By how many samples it lasts longer.
        level_db: How much louder it is, where somebody speaks.
        pause_db: How loud its pauses are, below where somebody speaks; and those of the recording.
        high_db: What is above 4 kHz, below what is below; and of the recording.
        clicks: Samples that stand out from those around them; and in the recording.
    """

    melody: float
    voiced: float
    loudness: float
    moved_ms: float
    longer: int
    level_db: float
    pause_db: tuple[float, float]
    high_db: tuple[float, float]
    clicks: tuple[int, int]


def listened(made: Audio, source: Audio, network: PitchNetwork) -> Listened:
    """The measures of one result.

    Args:
        made: Mono at 16 kHz.
        source: What it was made from.
        network: From `PitchNetwork.open`.
    """
    one, other = made.samples[0], source.samples[0]
    hz, known = pitch(made, network).hz, pitch(source, network).hz
    count = min(len(hz), len(known))
    both = (hz[:count] > 0) & (known[:count] > 0)
    melody = np.corrcoef(np.log(hz[:count][both]), np.log(known[:count][both]))[0, 1]
    levels = [_levels(samples[: min(len(one), len(other))]) for samples in (one, other)]
    spoken = levels[1] > _speech_db(levels[1])
    return Listened(
        melody=float(melody),
        voiced=float(((hz[:count] > 0) == (known[:count] > 0)).mean()),
        loudness=float(np.corrcoef(levels[0][spoken], levels[1][spoken])[0, 1]),
        moved_ms=_moved(levels[0], levels[1]) * 1000 * _HOP / SR,
        longer=len(one) - len(other),
        level_db=_mean_db(levels[0][spoken]) - _mean_db(levels[1][spoken]),
        pause_db=tuple(_mean_db(x[~spoken]) - _mean_db(x[spoken]) for x in levels),  # type: ignore[arg-type]
        high_db=(_high_db(one), _high_db(other)),
        clicks=(clicks(one), clicks(other)),
    )


def clicks(samples: Samples) -> int:
    """Places at which the sound jumps, far beyond how it moves in the tenth of a second around.

    Example:
        >>> tone = np.sin(np.arange(16_000) / 20).astype(np.float32) / 4
        >>> tone[8_000] += 0.5
        >>> clicks(tone)
        1
    """
    jumps = np.abs(np.diff(samples, 2))
    hops = len(jumps) // _HOP
    if not hops:
        return 0
    largest = jumps[: hops * _HOP].reshape(hops, _HOP).max(axis=1)
    padded = np.pad(largest, _AROUND)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1).copy()
    around[:, _AROUND - 1 : _AROUND + 2] = 0  # a click may lie on the border of two hops
    alone = largest > _CLICK * np.maximum(around.max(axis=1), _FAINT)
    return int((alone & ~np.roll(alone, 1)).sum())


def mean_of(several: Sequence[Listened]) -> dict[str, float | list[float]]:
    """The mean of each measure, by its name; the sum for clicks."""
    names = list(Listened.__dataclass_fields__)
    columns = zip(*(astuple(one) for one in several), strict=True)
    found: dict[str, float | list[float]] = {}
    for name, column in zip(names, columns, strict=True):
        values = np.array(column, np.float64)
        mean = values.sum(axis=0) if name == "clicks" else values.mean(axis=0)
        found[name] = np.round(mean, 3).tolist()
    return found


def _levels(samples: Samples) -> NDArray[np.float64]:
    """In decibels, a hundred times a second."""
    hops = len(samples) // _HOP
    power = (samples[: hops * _HOP].astype(np.float64).reshape(hops, _HOP) ** 2).mean(axis=1)
    return np.asarray(10 * np.log10(power + 1e-10))


def _speech_db(levels: NDArray[np.float64]) -> float:
    return float(np.percentile(levels, 95)) + _PAUSE_DB


def _mean_db(levels: NDArray[np.float64]) -> float:
    """Of the mean power; nan where there is nothing."""
    return float(10 * np.log10(np.mean(10 ** (levels / 10)))) if len(levels) else float("nan")


def _moved(made: NDArray[np.float64], source: NDArray[np.float64]) -> int:
    """Hops by which the course of the level is later."""
    inside = slice(_LATE, len(made) - _LATE)
    alike = [
        np.corrcoef(np.roll(made, -late)[inside], source[inside])[0, 1]
        for late in range(-_LATE, _LATE + 1)
    ]
    return int(np.argmax(alike)) - _LATE


def _high_db(samples: Samples) -> float:
    power = np.abs(np.fft.rfft(samples.astype(np.float64))) ** 2
    high = np.fft.rfftfreq(len(samples), 1 / SR) >= _HIGH_HZ
    return float(10 * np.log10(power[high].sum() / power[~high].sum()))
