"""Sound with the mark in it, block by block, in memory that does not grow.

Each cell of the pattern makes its band louder or softer by 0.5 to 1.5 dB: little where a sound is
steady, as a held tone is, since there the ear hears small changes; more where it is rough. Phase
stays as it is. Silence stays silence, because every change is a share of what is there. What would
leave [-1, 1] is turned down smoothly, all channels together, for a hundredth of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from masquerade.errors import UsageError
from masquerade.provenance.watermark.sound.pattern import (
    CHIPS,
    HOP_S,
    LEAST_RATE_HZ,
    SLOTS,
    Reals,
    cells,
    sound_pattern,
    spread,
)
from masquerade.types import Audio

DEPTH_DB: Final = (0.5, 1.5)
MOST_CHANNELS: Final = 64

_OVERLAP: Final = 4  # hops in a window
_CHUNK: Final = 256  # hops worked on at once
_CONTEXT: Final = 24  # hops of sound that a chunk looks at on each side
_ROUGH: Final = 10  # hops on each side over which roughness is averaged
_STEP: Final = 2  # hops on each side between which levels are compared
_DEPTH_PER_DB: Final = 0.5  # of roughness
_FAINT: Final = 1e-12  # power per bin below which nothing is measured


class SoundMarker:
    """Marks one sound, fed in blocks of any length.

    What comes out is the same whatever the blocks are, and lags behind by up to 2.3 s.

    Args:
        payload: The id, 0 to 2**64 - 1.
        key: 32 bytes; without them nobody finds the mark.
        sr: Samples per second, 8000 or more.
        channels: Of every block; each gets the same mark.

    Raises:
        UsageError: The id, the key, the rate or the channels are out of range.

    Example:
        >>> marker = SoundMarker(7, bytes(32), sr=16_000, channels=1)
        >>> parts = [marker.mark(np.zeros((1, 100), np.float32)), marker.flush()]
        >>> np.concatenate(parts, axis=1).shape
        (1, 100)
    """

    def __init__(self, payload: int, key: bytes, *, sr: int, channels: int) -> None:
        if sr < LEAST_RATE_HZ:
            raise UsageError(f"sound of {sr} Hz", f"at least {LEAST_RATE_HZ} Hz to carry a mark")
        if not 1 <= channels <= MOST_CHANNELS:
            raise UsageError(f"sound of {channels} channels", f"1 to {MOST_CHANNELS}")
        self._cells = cells(sound_pattern(key), payload)
        self._sr, self._channels = sr, channels
        self._hop = round(sr * HOP_S)
        self._shape = np.sqrt(np.hanning(_OVERLAP * self._hop + 1)[:-1]).astype(np.float32)
        spacing_hz = sr / (_OVERLAP * self._hop)
        self._spread = spread(_OVERLAP * self._hop // 2 + 1, spacing_hz)
        # Sound from _CONTEXT hops before the next chunk on; silence before the first one.
        self._held = np.zeros((channels, _CONTEXT * self._hop), np.float32)
        self._next_hop = 0
        self._owed = 0

    def mark(self, block: Reals) -> Reals:
        """Marked samples that are ready, none or many.

        Args:
            block: (channels, n) float32 in [-1, 1], the sound that follows the block before.

        Raises:
            UsageError: It has another number of channels.
        """
        if block.ndim != 2 or block.shape[0] != self._channels:
            raise UsageError(f"a block of shape {block.shape}", f"({self._channels}, samples)")
        self._held = np.concatenate([self._held, block.astype(np.float32, copy=False)], axis=1)
        self._owed += block.shape[1]
        return self._ready()

    def flush(self) -> Reals:
        """The rest of the sound; the marker has then given back as many samples as it was fed."""
        rest = self._owed
        silence = np.zeros((self._channels, (_CHUNK + _CONTEXT) * self._hop), np.float32)
        self._held = np.concatenate([self._held, silence], axis=1)
        made = self._ready()[:, :rest]
        self._owed = 0
        return made

    def _ready(self) -> Reals:
        """All whole chunks that are held with their context."""
        hop, parts = self._hop, [np.zeros((self._channels, 0), np.float32)]
        while self._held.shape[1] >= (_CHUNK + 2 * _CONTEXT) * hop:
            parts.append(self._chunk(self._held[:, : (_CHUNK + 2 * _CONTEXT) * hop]))
            self._held = self._held[:, _CHUNK * hop :]
            self._next_hop += _CHUNK
            self._owed -= _CHUNK * hop
        return np.concatenate(parts, axis=1)

    def _chunk(self, sound: Reals) -> Reals:
        """(channels, chunk) marked, of a chunk with its context around."""
        hop = self._hop
        frames = sliding_window_view(sound, _OVERLAP * hop, axis=1)[:, ::hop]
        spectra = np.fft.rfft(frames * self._shape, axis=2)  # (channels, frames, bins)
        power = (np.abs(spectra) ** 2).sum(axis=0)
        gains = self._gains(np.asarray(power, np.float32))
        changed = np.fft.irfft(spectra * gains, n=_OVERLAP * hop, axis=2) * self._shape
        made = _overlapped(np.asarray(changed, np.float32), hop)
        # A hop on each side is what the limiter looks at.
        start, end = (_CONTEXT - 1) * hop, (_CONTEXT + _CHUNK + 1) * hop
        return _limited(made[:, start:end], hop)[:, hop:-hop]

    def _gains(self, power: Reals) -> Reals:
        """(frames, bins) factors, for (frames, bins) power of all channels together."""
        hop = self._hop
        level = 10 * np.log10(power @ self._spread + _FAINT)
        depth = np.clip(_DEPTH_PER_DB * _roughness(level), *DEPTH_DB)
        numbers = np.arange(len(power)) + self._next_hop - _CONTEXT + _OVERLAP // 2
        chips = np.floor(numbers * hop / (self._sr * HOP_S * SLOTS)).astype(np.int64) % CHIPS
        decibels = (depth * self._cells[chips]) @ self._spread.T
        return np.asarray(10 ** (decibels / 20), np.float32)


def marked(blocks: Iterable[Audio], payload: int, key: bytes) -> Iterator[Audio]:
    """The sound with the mark in it: as many samples, each at the time it had.

    Args:
        blocks: One sound, block after block, of one rate and one number of channels.
        payload: The id.
        key: 32 bytes.

    Raises:
        UsageError: Id, key, rate or channels are out of range, or change between blocks.
    """
    marker: SoundMarker | None = None
    first = Audio(np.zeros((1, 0), np.float32), LEAST_RATE_HZ)
    done = 0
    for block in blocks:
        if marker is None:
            first = block
            marker = SoundMarker(payload, key, sr=block.sr, channels=block.samples.shape[0])
        if block.sr != first.sr:
            raise UsageError(f"sound that changes from {first.sr} to {block.sr} Hz", "one rate")
        made = marker.mark(block.samples)
        if made.shape[1]:
            yield replace(first, samples=made, start_s=first.start_s + Fraction(done, first.sr))
            done += made.shape[1]
    if marker is not None:
        made = marker.flush()
        yield replace(first, samples=made, start_s=first.start_s + Fraction(done, first.sr))


def _roughness(level: Reals) -> Reals:
    """(frames, bands) by how many dB a band's level changes within 32 ms, on average nearby."""
    moved = np.zeros_like(level)
    moved[_STEP:-_STEP] = np.abs(level[2 * _STEP :] - level[: -2 * _STEP])
    total = np.cumsum(np.pad(moved, ((_ROUGH + 1, _ROUGH), (0, 0))), axis=0, dtype=np.float64)
    width = 2 * _ROUGH + 1
    return np.asarray((total[width:] - total[:-width]) / width, np.float32)


def _overlapped(frames: Reals, hop: int) -> Reals:
    """(channels, samples) sum of (channels, count, window) frames a hop apart."""
    channels, count, _ = frames.shape
    total = np.zeros((channels, count + _OVERLAP - 1, hop), np.float32)
    for part in range(_OVERLAP):
        total[:, part : part + count] += frames[:, :, part * hop : (part + 1) * hop]
    return np.asarray(total.reshape(channels, -1) / (_OVERLAP / 2), np.float32)


def _limited(sound: Reals, hop: int) -> Reals:
    """The sound turned down smoothly where a sample leaves [-1, 1]; elsewhere untouched.

    Between two hops the factor runs straight from one border to the next, and at each border it
    fits the louder side, so that it is nowhere larger than what a sample needs.
    """
    peaks = np.abs(sound).max(axis=0).reshape(-1, hop).max(axis=1)
    if float(peaks.max()) <= 1:
        return sound
    need = np.pad(1 / np.maximum(peaks, 1), 1, "edge")
    borders = np.minimum(need[:-1], need[1:])
    factor = np.interp(np.arange(sound.shape[1]) / hop, np.arange(len(borders)), borders)
    return np.asarray(np.clip(sound * factor, -1, 1), np.float32)
