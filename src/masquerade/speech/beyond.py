"""What one channel of a sound has beyond another: noise, an echo, or somebody else.

What the other channel explains, at once or within a tenth of a second, is taken off by least
squares in each band of a short-time Fourier transform (Wiener, 1949).
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.float32]

_WIDTH: Final = 1024
_HOP: Final = 256
_LATE: Final = 4  # hops by which a channel may come after the other
_EARLY: Final = 1
_LOADED: Final = 1e-3  # of the other's power, so that bands in which it is silent explain nothing
_PIECE: Final = 480_000  # samples in which one relation holds, and that are held in memory


def beyond(channel: Samples, other: Samples) -> Samples:
    """(n,) float32 what a channel has that the other does not explain.

    Args:
        channel: (n,) in [-1, 1].
        other: (n,) of the same sound.

    Example:
        >>> noise = np.random.default_rng(0).normal(size=32_000).astype(np.float32)
        >>> bool(np.abs(beyond(noise / 2, noise)).mean() < 0.01 * np.abs(noise).mean())
        True
    """
    starts = range(0, max(len(channel), 1), _PIECE)
    return np.concatenate(
        [_unexplained(channel[k : k + _PIECE], other[k : k + _PIECE]) for k in starts]
    )


def _unexplained(channel: Samples, other: Samples) -> Samples:
    if not len(channel):
        return channel
    heard, known = _bands(channel), _bands(other)
    padded = np.pad(known, ((_LATE, _EARLY), (0, 0)))
    taps = [padded[k : k + len(known)] for k in range(_LATE + 1 + _EARLY)]
    around = np.stack(taps, axis=2).transpose(1, 0, 2)  # (bands, hops, taps)
    square = np.einsum("bft,bfu->btu", around.conj(), around)
    towards = np.einsum("bft,fb->bt", around.conj(), heard)
    load = _LOADED * np.trace(square, axis1=1, axis2=2).real / len(taps) + 1e-9
    square += load[:, None, None] * np.eye(len(taps))
    gains = np.linalg.solve(square, towards[..., None])
    return _samples(heard - (around @ gains)[..., 0].T, len(channel))


def _window() -> Samples:
    return np.hanning(_WIDTH + 1)[:_WIDTH].astype(np.float32)


def _bands(samples: Samples) -> NDArray[np.complex128]:
    """(hops, 513)."""
    hops = (len(samples) + 2 * _WIDTH) // _HOP + 1
    padded = np.zeros((hops - 1) * _HOP + _WIDTH, np.float32)
    padded[_WIDTH : _WIDTH + len(samples)] = samples
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WIDTH)[::_HOP]
    return np.asarray(np.fft.rfft(frames * _window()), np.complex128)


def _samples(bands: NDArray[np.complex128], count: int) -> Samples:
    """(count,) of (hops, 513)."""
    window = _window()
    made = np.zeros((len(bands) - 1) * _HOP + _WIDTH)
    for hop, frame in enumerate(np.fft.irfft(bands) * window):
        made[hop * _HOP : hop * _HOP + _WIDTH] += frame
    scale = _HOP / float((window**2).sum())
    return np.asarray(made[_WIDTH : _WIDTH + count] * scale, np.float32)
