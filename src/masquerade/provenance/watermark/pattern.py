"""The keyed pattern: which waves of a square tile say where it lies, and which carry the bits.

A tile of 128 x 128 chips is a sum of waves of whole periods, so it repeats without a seam. Which
wave has which phase, and which code bit flips it, comes from SHAKE-256 of the key: the same key
gives the same pattern on every machine, for ever. About a quarter of the waves are the same for
every id, and alike under mirroring and quarter turns: whoever looks for a mark looks for these.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.provenance.watermark.payload import CODE_BITS, Bits

Waves: TypeAlias = NDArray[np.int64]

TILE: Final = 128
BAND: Final = (0.04, 0.22)  # cycles per chip; below is visible, above is lost to JPEG and halving
SYNC_IN_GROUP: Final = (2, 7)  # of every so many orbits of waves, so many are for finding
VERSION: Final = b"masquerade picture watermark 1 "
KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Pattern:
    """The waves of one key. Waves are (n, 2) whole periods per tile in x (above 0) and in y.

    Attributes:
        sync: Waves that are the same for every id.
        sync_signs: (n,) float32 of 1 and -1.
        data: Waves that carry bits.
        data_phases: (m,) complex64 of unit size.
        data_bits: (m,) which code bit flips each.
    """

    sync: Waves
    sync_signs: NDArray[np.float32]
    data: Waves
    data_phases: NDArray[np.complex64]
    data_bits: NDArray[np.int64]


def pattern(key: bytes) -> Pattern:
    """The pattern of a key.

    Raises:
        UsageError: The key has not 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise UsageError(f"a watermark key of {len(key)} bytes", f"{KEY_BYTES} bytes")
    orbits = _orbits()
    taken, group = SYNC_IN_GROUP
    chosen = np.zeros(len(orbits), bool)
    draws = _draw(key, b"sync places", len(orbits))
    for start in range(0, len(orbits), group):
        chosen[start + np.argsort(draws[start : start + group], kind="stable")[:taken]] = True
    sync = _turned(orbits[chosen])
    signs = np.repeat(_draw(key, b"sync signs", int(chosen.sum())) & 1, 4)
    data = _by_length(_turned(orbits[~chosen]))
    phases = 1j ** (_draw(key, b"data phases", len(data)) & 3).astype(np.float64)
    return Pattern(
        sync=sync,
        sync_signs=(1.0 - 2.0 * signs).astype(np.float32),
        data=data,
        data_phases=phases.astype(np.complex64),
        data_bits=_dealt(key, len(data)),
    )


def tile(made: Pattern, bits: Bits, size: int = TILE) -> NDArray[np.float32]:
    """(size, size) float32 of mean 0 and mean square 1: the tile that carries code bits.

    Args:
        made: The key's pattern.
        bits: (127,) of 0 and 1.
        size: Pixels that the 128 chips are spread over, at least 128.
    """
    spectrum = np.zeros((size, size // 2 + 1), np.complex128)
    for waves, values in (
        (made.sync, made.sync_signs),
        (made.data, made.data_phases * (1.0 - 2.0 * bits[made.data_bits])),
    ):
        spectrum[waves[:, 1] % size, waves[:, 0]] = values
    image = np.fft.irfft2(spectrum, s=(size, size))
    return np.asarray(image / np.sqrt(np.mean(image**2)), np.float32)


def shift(key: bytes, payload: int, size: int = TILE) -> tuple[int, int]:
    """By how much, right and down, the tile of an id is rolled: each id has its own place.

    So the marks of a file that was marked, used as an input and marked again do not meet, and both
    can be read. Whoever averages the files of one key averages tiles that do not lie alike.

    Args:
        key: 32 bytes.
        payload: The id, 64 bits.
        size: Of the tile in pixels.
    """
    right, down = _draw(key, b"place of " + payload.to_bytes(8), 2) % np.uint64(size)
    return int(right), int(down)


def _orbits() -> Waves:
    """(n, 2) x > y > 1: one wave for each eight that mirrors and quarter turns make of it."""
    most = int(BAND[1] * TILE) + 1
    x, y = np.meshgrid(np.arange(2, most), np.arange(2, most))
    length = np.hypot(x, y) / TILE
    inside = (x > y) & (length >= BAND[0]) & (length <= BAND[1])
    return _by_length(np.stack([x[inside], y[inside]], axis=1))


def _turned(orbits: Waves) -> Waves:
    """(4 n, 2) all waves of the orbits that go to the right; their opposites say the same."""
    x, y = orbits[:, 0], orbits[:, 1]
    four = np.stack([x, y, x, -y, y, x, y, -x], axis=1)
    return four.reshape(-1, 2)


def _by_length(waves: Waves) -> Waves:
    order = np.lexsort((waves[:, 1], waves[:, 0], (waves**2).sum(axis=1)))
    return np.asarray(waves[order], np.int64)


def _dealt(key: bytes, count: int) -> NDArray[np.int64]:
    """(count,) bits for waves in order of length, so that each bit gets waves of every length."""
    rounds = -(-count // CODE_BITS)
    draws = _draw(key, b"data places", rounds * CODE_BITS).reshape(rounds, CODE_BITS)
    return np.argsort(draws, axis=1, kind="stable").ravel()[:count].astype(np.int64)


def _draw(key: bytes, purpose: bytes, count: int) -> NDArray[np.uint64]:
    """(count,) random words that anyone with the key draws alike."""
    stream = hashlib.shake_256(VERSION + purpose + b":" + key).digest(8 * count)
    return np.frombuffer(stream, "<u8").astype(np.uint64)
