"""Speech taken apart into pitch, colour and breath, and put together again.

WORLD (Morise, Yokomori and Ozawa, "WORLD: a vocoder-based high-quality speech synthesis system for
real-time applications", 2016) every 5 ms. The colour (spectral envelope) is kept as cepstra on a
scale bent as the ear's is (alpha .42 at 16 kHz), in which the mean of several is their mean in
decibels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.pitch import PitchNetwork
from masquerade.speech.mono import SR
from masquerade.speech.pitch import pitch
from masquerade.types import Audio

STEP: Final = SR // 200
"""Samples from one frame to the next: 5 ms."""
ORDER: Final = 60
"""Cepstra of a frame."""
BINS: Final = 513
_STEP_MS: Final = 5.0
_N_FFT: Final = 1024
_ALPHA: Final = 0.42
_FLOOR: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Frames:
    """Speech taken apart, every 5 ms.

    Attributes:
        f0: (n,) float32 pitch in Hz, 0 where nothing is voiced.
        cepstra: (n, 60) float32 of the logarithm of the power spectrum.
        breath: (n,) float32 aperiodicity in dB, 0 where all of it is noise.
    """

    f0: NDArray[np.float32]
    cepstra: NDArray[np.float32]
    breath: NDArray[np.float32]


def f0_of(samples: NDArray[np.float32], network: PitchNetwork) -> NDArray[np.float32]:
    """The pitch of speech every 5 ms, refined by the phase of its first partials.

    Args:
        samples: (m,) mono at 16 kHz, not longer than a minute or so.
        network: From `PitchNetwork.open`.

    Returns:
        (m // 80,) float32 in Hz, 0 where nothing is voiced; number n is centred on sample 80 n.

    Raises:
        ModelError: The package that brings WORLD is not there.
    """
    times_s = _times_s(len(samples))
    heard = pitch(Audio(samples[None], SR), network).at(times_s).astype(np.float64)
    found = _world().stonemask(samples.astype(np.float64), heard, times_s, SR)
    return np.asarray(found, np.float32)


def cepstra_of(samples: NDArray[np.float32], f0: NDArray[np.float32]) -> NDArray[np.float32]:
    """The colour of speech every 5 ms (CheapTrick), as cepstra of the logarithm of its power.

    Args:
        samples: (m,) mono at 16 kHz.
        f0: (m // 80,) from `f0_of`.

    Returns:
        (m // 80, 60) float32.

    Raises:
        ModelError: The package that brings WORLD is not there.
    """
    envelope = _world().cheaptrick(*_as_world_takes(samples, f0), SR, fft_size=_N_FFT)
    logs = np.log(np.maximum(envelope, _FLOOR)).astype(np.float32)
    return cepstra_with(logs)


def breath_of(samples: NDArray[np.float32], f0: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of speech is noise every 5 ms (D4C), in dB; 0 where all of it is.

    Args:
        samples: (m,) mono at 16 kHz.
        f0: (m // 80,) from `f0_of`.

    Returns:
        (m // 80,) float32.

    Raises:
        ModelError: The package that brings WORLD is not there.
    """
    world = _world()
    noise = world.d4c(*_as_world_takes(samples, f0), SR, fft_size=_N_FFT)
    return np.asarray(world.code_aperiodicity(noise, SR)[:, 0], np.float32)


def put_together(frames: Frames, count: int) -> NDArray[np.float32]:
    """The speech that frames stand for.

    Args:
        frames: At least one.
        count: Samples wanted.

    Returns:
        (count,) float32; silence where the frames end before.

    Raises:
        ModelError: The package that brings WORLD is not there.
    """
    world = _world()
    f0 = frames.f0.astype(np.float64)
    envelope = np.exp(colour(frames.cepstra).astype(np.float64))
    coded = np.ascontiguousarray(frames.breath[:, None], np.float64)
    noise = np.clip(world.decode_aperiodicity(coded, SR, _N_FFT), 0.001, 1.0)
    noise[f0 == 0] = 1.0
    made = world.synthesize(f0, envelope, noise, SR, _STEP_MS)[:count].astype(np.float32)
    return np.pad(made, (0, count - len(made)))


def colour(cepstra: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 513) float32: the logarithm of the power spectrum that cepstra stand for."""
    return cepstra @ _from_cepstra()


def cepstra_with(logs: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 60) float32: cepstra that stand for the logarithms (n, 513) of power spectra."""
    return np.asarray(logs @ _to_cepstra(), np.float32)


def with_power_of(cepstra: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cepstra, each frame made as loud as the other's of the same time.

    Args:
        cepstra: (n, 60).
        other: (n, 60).

    Returns:
        (n, 60) float32.
    """
    louder = cepstra.copy()
    louder[:, 0] += log_power(other) - log_power(cepstra)
    return louder


def log_power(cepstra: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) float32: the logarithm of the mean power of frames (n, 60)."""
    return np.asarray(np.log(np.exp(colour(cepstra)).mean(axis=1)), np.float32)


def _times_s(count: int) -> NDArray[np.float64]:
    return np.asarray(np.arange(count // STEP) * (STEP / SR), np.float64)


def _as_world_takes(
    samples: NDArray[np.float32], f0: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    return samples.astype(np.float64), f0.astype(np.float64), _times_s(len(samples))


@cache
def _from_cepstra() -> NDArray[np.float32]:
    """(60, 513): cosines on the bent scale."""
    straight = np.linspace(0, np.pi, BINS)
    turn = np.arctan2(_ALPHA * np.sin(straight), 1 - _ALPHA * np.cos(straight))
    cosines = np.cos(np.outer(np.arange(ORDER), straight + 2 * turn))
    cosines[1:] *= 2
    return np.asarray(cosines, np.float32)


@cache
def _to_cepstra() -> NDArray[np.float32]:
    """(513, 60): the least squares fit, each part of the bent scale weighing the same."""
    straight = np.linspace(0, np.pi, BINS)
    stretch = (1 - _ALPHA**2) / (1 + _ALPHA**2 - 2 * _ALPHA * np.cos(straight))
    basis = _from_cepstra().T.astype(np.float64)
    weighed = (basis * (stretch / stretch.sum())[:, None]).T
    return np.asarray(np.linalg.solve(weighed @ basis, weighed).T, np.float32)


def _world() -> ModuleType:
    try:
        import pyworld
    except ImportError as error:
        raise ModelError(
            f"speech cannot be put together here ({error})",
            "the package pyworld-prebuilt",
            "install it with `pip install 'masquerade[speech]'`",
        ) from error
    return pyworld
