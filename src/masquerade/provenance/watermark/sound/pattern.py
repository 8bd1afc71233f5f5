"""The keyed pattern: which parts of the sound are made a little louder, and which a little softer.

Time is cut into chips of 40 ms, the range from 250 Hz to 7.2 kHz into bands of 4 % (at least
70 Hz). A chip of a band is a cell; 128 chips, 5.12 s, are a period, which repeats. In every band
one cell of four is the same for every id, so that the pattern can be found; the others are dealt
to the 127 code bits, each bit getting cells of every pitch, so that a copy without treble, or
without bass, still holds all of them. Everything comes from SHAKE-256 of the key: the same key
gives the same pattern on every machine, for ever.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.provenance.watermark.payload import CODE_BITS, Bits, encode

Reals: TypeAlias = NDArray[np.float32]

HOP_S: Final = 0.008  # between two spectra; a window is four hops long
SLOTS: Final = 5  # hops in a chip
CHIPS: Final = 128
LOWEST_HZ: Final = 250.0
HIGHEST_HZ: Final = 7200.0
LEAST_RATE_HZ: Final = 8000
KEY_BYTES: Final = 32
VERSION: Final = b"masquerade sound watermark 1 "

_WIDTH: Final = 0.04  # of a band, as a share of its lower edge
_LEAST_WIDTH_HZ: Final = 70.0
_SYNC_EVERY: Final = 4


@dataclass(frozen=True, slots=True)
class SoundPattern:
    """The cells of one key, as (128, bands) arrays.

    Attributes:
        signs: float32 of 1 (louder) and -1 (softer).
        sync: True for cells that are the same for every id.
        bits: Which code bit turns the sign of each other cell; 0 and of no meaning where sync.
    """

    signs: Reals
    sync: NDArray[np.bool_]
    bits: NDArray[np.int64]


def edges_hz() -> NDArray[np.float64]:
    """(bands + 1,) edges of the bands in Hz, rising."""
    edges = [LOWEST_HZ]
    while edges[-1] + max(_LEAST_WIDTH_HZ, _WIDTH * edges[-1]) <= HIGHEST_HZ:
        edges.append(edges[-1] + max(_LEAST_WIDTH_HZ, _WIDTH * edges[-1]))
    return np.array(edges)


def sound_pattern(key: bytes) -> SoundPattern:
    """The pattern of a key.

    Raises:
        UsageError: The key has not 32 bytes.

    Example:
        >>> sound_pattern(bytes(32)).signs.shape
        (128, 57)
    """
    if len(key) != KEY_BYTES:
        raise UsageError(f"a watermark key of {len(key)} bytes", f"{KEY_BYTES} bytes")
    bands = len(edges_hz()) - 1
    signs = 1.0 - 2.0 * (_draw(key, b"signs", CHIPS * bands) & 1).reshape(CHIPS, bands)
    groups = CHIPS // _SYNC_EVERY
    known = _draw(key, b"sync places", groups * bands).reshape(groups, bands) % _SYNC_EVERY
    place = np.arange(CHIPS)[:, None] % _SYNC_EVERY
    sync = np.repeat(known, _SYNC_EVERY, axis=0) == place
    bits = np.zeros((bands, CHIPS), np.int64)  # band by band, so that each bit gets every pitch
    bits[~sync.T] = _dealt(key, int((~sync).sum()))
    return SoundPattern(signs.astype(np.float32), sync, np.ascontiguousarray(bits.T))


def cells(made: SoundPattern, payload: int) -> Reals:
    """(128, bands) float32 of 1 and -1: the pattern that carries an id.

    Raises:
        UsageError: The id does not fit in 64 bits.
    """
    word: Bits = encode(payload)
    turned = np.where(made.sync, 1.0, 1.0 - 2.0 * word[made.bits])
    return np.asarray(made.signs * turned, np.float32)


def spread(bins: int, spacing_hz: float, *, scale: float = 1.0) -> Reals:
    """(bins, bands) float32 in [0, 1]: which share of each bin of a spectrum lies in each band.

    Args:
        bins: Bins from 0 Hz up.
        spacing_hz: Between two bins.
        scale: By which the sound's pitch was multiplied since it was marked.
    """
    edges = edges_hz() * scale / spacing_hz
    centre = np.arange(bins)[:, None]
    low = np.maximum(centre - 0.5, edges[:-1])
    high = np.minimum(centre + 0.5, edges[1:])
    share = np.maximum(high - low, 0.0)
    share[:, edges[1:] > bins - 1] = 0.0  # bands that reach beyond the spectrum
    return np.asarray(share, np.float32)


def _dealt(key: bytes, count: int) -> NDArray[np.int64]:
    """(count,) bits, each as often as the others, in an order that the key decides."""
    rounds = -(-count // CODE_BITS)
    draws = _draw(key, b"data places", rounds * CODE_BITS).reshape(rounds, CODE_BITS)
    return np.argsort(draws, axis=1, kind="stable").ravel()[:count].astype(np.int64)


def _draw(key: bytes, purpose: bytes, count: int) -> NDArray[np.uint64]:
    """(count,) random words that anyone with the key draws alike."""
    stream = hashlib.shake_256(VERSION + purpose + b":" + key).digest(8 * count)
    return np.frombuffer(stream, "<u8").astype(np.uint64)
