"""What a voice is like in its fine structure, in numbers: what generators of waveforms get wrong.

Three spectrograms of the sound in its one form, each in windows of 1.28 s: one in between, whose
bands show how energy moves; one so short that single pulses of the glottis show, and with them
whether all bands are excited at once; one so long that the lines of the harmonics show, and what
noise lies between them. Of each band only spread, asymmetry and dependence on its neighbours are
kept, so that the voice itself and the microphone count for little. After the statistics of noise
and phase in Sahidullah et al. (2015) and Frank and Schönherr ("WaveFake", 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.forensics.canonical_sound import (
    BANDS,
    FRAMES,
    HOP,
    SR,
    STEP,
    canonical,
    log_bands,
    loud,
)
from masquerade.types import Audio

Floats = NDArray[np.float32]

_SHORT: Final = (64, 32)  # samples of a frame, from frame to frame
_LONG: Final = (2048, 512)
_TOP_HZ: Final = 7000
_PARTS: Final = 14  # bands of 500 Hz, of the short and the long
_SLOW: Final = 15  # short frames: slower changes are left out
_FLOOR: Final = 1e-6
_PAIRS: Final = _PARTS * (_PARTS - 1) // 2
TRACES: Final = 7 * BANDS + 4 * (BANDS - 1) + 7 * _PARTS + _PAIRS + 6 * _PARTS
"""How many numbers describe a window."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of a sound, ready for a network.

    Attributes:
        traces: (n, TRACES) float32.
        starts_s: (n,) seconds from the start of the sound.
        loud: (n,) share of each window that is not far quieter than the loud parts.
    """

    traces: Floats
    starts_s: NDArray[np.float64]
    loud: Floats


def windows(sound: Audio) -> Windows:
    """Every window of 1.28 s of a sound, half overlapping; none where it is shorter.

    Args:
        sound: Mono, 16 kHz.

    Raises:
        UsageError: It has another rate or more channels.
    """
    if sound.sr != SR or len(sound.samples) != 1:
        raise UsageError(f"sound of {sound.sr} Hz", f"{SR} Hz, mono")
    clean, first = canonical(sound.samples[0])
    found = traces(clean)
    starts = np.arange(len(found)) * STEP
    level = loud(clean).astype(np.float32) if len(found) else np.zeros(0, np.float32)
    share = np.array([level[at : at + FRAMES].mean() for at in starts], np.float32)
    return Windows(found, (starts * HOP + first) / SR, share)


def traces(clean: Floats) -> Floats:
    """(n, TRACES) of every window of a sound in its one form.

    Args:
        clean: From `masquerade.forensics.canonical_sound.canonical`.
    """
    bands = log_bands(clean)
    count = (bands.shape[1] - FRAMES) // STEP + 1 if bands.shape[1] >= FRAMES else 0
    if not count:
        return np.zeros((0, TRACES), np.float32)
    first = np.arange(count) * STEP
    middle = np.stack([bands[:, at : at + FRAMES] for at in first])
    short = _short_bands(clean)
    quick = np.stack([short[:, at : at + _frames(_SHORT)] for at in first * HOP // _SHORT[1]])
    long = _spectra(clean, *_LONG)
    fine = np.stack([long[at : at + _frames(_LONG)] for at in first * HOP // _LONG[1]])
    return np.concatenate([_moving(middle), _pulsing(quick), _lined(fine)], axis=1)


def _moving(bands: Floats) -> Floats:
    """How the energy of each band and the difference from its neighbour move."""
    level = bands - bands.mean(axis=2, keepdims=True)
    step, across = np.diff(level, axis=2), np.diff(level, axis=1)
    spread, pace = level.std(axis=2), step.std(axis=2)
    beside = across.var(axis=2) + np.float32(0.01)
    even = level / (spread[:, :, None] + np.float32(0.05))
    return np.concatenate(
        [
            _log(spread),
            _log(pace),
            _log(np.diff(step, axis=2).std(axis=2)),
            _log(across.std(axis=2)),
            (even**3).mean(axis=2),
            np.log((even**4).mean(axis=2) + np.float32(0.1)),
            (step[:, :, 1:] * step[:, :, :-1]).mean(axis=2) / (pace**2 + np.float32(0.01)),
            (step**3).mean(axis=2) / (pace**3 + np.float32(0.01)),
            (level[:, 1:] * level[:, :-1]).mean(axis=2)
            / (spread[:, 1:] * spread[:, :-1] + np.float32(0.01)),
            (across[:, :, 1:] * across[:, :, :-1]).mean(axis=2) / beside,
            (across[:, :, 2:] * across[:, :, :-2]).mean(axis=2) / beside,
        ],
        axis=1,
    )


def _pulsing(bands: Floats) -> Floats:
    """How sharply each band is excited, and whether all are at once."""
    total = np.cumsum(np.pad(bands, ((0, 0), (0, 0), (_SLOW // 2 + 1, _SLOW // 2)), "edge"), axis=2)
    level = bands - (total[:, :, _SLOW:] - total[:, :, :-_SLOW]) / np.float32(_SLOW)
    spread = level.std(axis=2)
    even = level / (spread[:, :, None] + np.float32(0.05))
    length = even.shape[2]
    together = even @ even.transpose(0, 2, 1) / np.float32(length)
    rows, columns = np.triu_indices(_PARTS, 1)
    after = [(even[:, :, lag:] * even[:, :, :-lag]).mean(axis=2) for lag in (1, 2, 4)]
    lopsided, peaked = (even**3).mean(axis=2), (even**4).mean(axis=2)
    return np.concatenate(
        [
            *(_log(spread), lopsided, _log(peaked), *after, _log(bands.std(axis=2))),
            together[:, rows, columns],
        ],
        axis=1,
    )


def _lined(spectra: Floats) -> Floats:
    """How far lines stand out of what lies between them, and how steady both are."""
    windows, frames, bins = spectra.shape
    wide = bins // _PARTS
    parts = spectra[:, :, : wide * _PARTS].reshape(windows, frames, _PARTS, wide)
    level = parts - parts.mean(axis=3, keepdims=True)
    spread = level.std(axis=3)
    even = level / (spread[..., None] + np.float32(0.05))
    return np.concatenate(
        [
            _log(spread.mean(axis=1)),
            _log(spread.std(axis=1)),
            (even**3).mean(axis=(1, 3)),
            _log((even**4).mean(axis=(1, 3))),
            (even[..., 1:] * even[..., :-1]).mean(axis=(1, 3)),
            _log(np.diff(level, axis=1).std(axis=(1, 3))),
        ],
        axis=1,
    )


def _short_bands(clean: Floats) -> Floats:
    """(parts, t) logarithms of the energy in bands of 500 Hz, every 2 ms."""
    power = np.exp(_spectra(clean, *_SHORT))
    wide = _TOP_HZ * _SHORT[0] // SR // _PARTS
    energy = power[:, 1 : 1 + wide * _PARTS].reshape(len(power), _PARTS, wide).sum(axis=2)
    return np.ascontiguousarray(np.log(energy + np.float32(_FLOOR)).T, np.float32)


def _spectra(clean: Floats, size: int, hop: int) -> Floats:
    """(t, bins) logarithms of the power up to 7 kHz; the sound goes on in silence at its end."""
    padded = np.pad(clean, (0, size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    window = np.hanning(size).astype(np.float32)
    spectra = np.fft.rfft(frames * window, axis=1)[:, : _TOP_HZ * size // SR + 1]
    return np.asarray(np.log(np.abs(spectra) ** 2 + np.float32(_FLOOR)), np.float32)


def _frames(kind: tuple[int, int]) -> int:
    return FRAMES * HOP // kind[1] - 1


def _log(values: Floats) -> Floats:
    return np.asarray(np.log(values + np.float32(0.05)), np.float32)
