"""The mark found again: blind, in a picture or in the frames of a clip.

What is said is bounded, not guessed. A picture that was made without the key knows nothing of the
signs that the key gives to the waves of the bits; for any such picture a sum of n values with
random signs exceeds z times its root of squares with probability at most exp(-z^2 / 2) (Hoeffding
1963). There are 2^64 ids, and some hundreds of places are tried, so the chance that any of them
agrees as well as the one found is at most tries x 2^64 x exp(-z^2 / 2). Only where that is below
`FALSE_ALARM` is an id given back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.provenance.watermark.pattern import TILE, Pattern, pattern
from masquerade.provenance.watermark.payload import CODE_BITS, ID_BITS, decode
from masquerade.provenance.watermark.search import Place, best, read, turned, upright
from masquerade.provenance.watermark.spectrum import (
    LEAST_SIDE,
    Flat,
    Spectrum,
    flattened,
    spectrum,
    working_scale,
)
from masquerade.types import RGB, Frame

Soft: TypeAlias = NDArray[np.float64]

FALSE_ALARM: Final = 1e-9
LOOKS: Final = (8, 24, 64, 144)  # pooled frames after which a clip is looked at
STRIDES: Final = (2, 2, 6, 12)  # of the frames up to there, every so many are pooled

_UPRIGHT_KEPT: Final = 12
_TURNED_KEPT: Final = 24
_RINGS: Final = 6


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found.

    Attributes:
        payload: The id; None where none was found.
        score: Agreement of the whole code word in standard deviations; the best sync where no id.
        p_value: Bound on the chance that a picture made without the key gives as good a find;
            1 where no id was found.
        scale: Size of the pattern here for its size in a picture of these pixels as we mark them.
        angle_deg: By which the marked picture was turned, clockwise.
        mirrored: True where it was mirrored.
        quarter_turns: Clockwise quarter turns on top of the angle.
        corrected: Code bits of 127 that were received wrong.
        frames: How many frames were pooled.
    """

    payload: int | None = None
    score: float = 0.0
    p_value: float = 1.0
    scale: float = 1.0
    angle_deg: float = 0.0
    mirrored: bool = False
    quarter_turns: int = 0
    corrected: int = 0
    frames: int = 0

    @property
    def is_found(self) -> bool:
        """True where an id was found."""
        return self.payload is not None


def detect(picture: RGB | Iterable[Frame], key: bytes) -> Detection:
    """The id in a picture, or in the pooled frames of a clip.

    Args:
        picture: (H, W, 3) uint8 RGB; or frames, of which only those of the first one's size are
            used. No more are taken than it needs: at most about `LOOKS` times `STRIDES`.
        key: The 32 bytes that it was marked with.

    Raises:
        UsageError: The key has not 32 bytes.
    """
    made = pattern(key)
    if isinstance(picture, np.ndarray):
        if min(picture.shape[:2]) < LEAST_SIDE:
            return Detection(frames=1)
        return _looked(_prepared(flattened(picture), picture), made, thorough=True, frames=1)
    last = Detection()
    for found, frames, thorough in _pooled(picture):
        last = _looked(found, made, thorough=thorough, frames=frames)
        if last.is_found:
            break
    return last


def _pooled(frames: Iterable[Frame]) -> Iterator[tuple[Spectrum, int, bool]]:
    """Spectra of sums of ever more frames, how many, and whether they were the last."""
    total: Flat | None = None
    shape: tuple[int, ...] = ()
    count = looked = 0
    due = 0
    look = 0
    pixels: RGB | None = None
    for number, frame in enumerate(frames):
        if number < due or look == len(LOOKS):
            if look == len(LOOKS):
                break
            continue
        if min(frame.pixels.shape[:2]) < LEAST_SIDE or (total is not None and frame.pixels.shape != shape):
            continue
        pixels, shape = frame.pixels, frame.pixels.shape
        flat = flattened(pixels)
        total = flat if total is None else total + flat
        count += 1
        due = number + STRIDES[look]
        if count == LOOKS[look]:
            look += 1
            looked = count
            yield _prepared(total, pixels), count, look == len(LOOKS)
    if total is not None and pixels is not None and look < len(LOOKS):
        yield _prepared(total, pixels), count, True


def _prepared(flat: Flat, pixels: RGB) -> Spectrum:
    return spectrum(flat, pixels.shape[1] / flat.shape[1])


def _looked(found: Spectrum, key: Pattern, *, thorough: bool, frames: int) -> Detection:
    """The first id that stands; the frames upright at first, then a little turned."""
    tries = 0
    top = Place(1.0)
    stages = [(upright(found), _UPRIGHT_KEPT)]
    if thorough:
        stages.append((turned(found), _TURNED_KEPT))
    for guesses, most in stages:
        for place in best(found, key, guesses, most):
            top = max(top, place, key=lambda one: one.score)
            for mirrored in (False, True):
                for turns in range(4):
                    tries += 1
                    read_out = _read_id(found, key, place, _orientation(mirrored, turns), tries)
                    if read_out is not None:
                        payload, score, chance, corrected = read_out
                        return Detection(
                            payload, score, chance, place.chip_px * found.shrunk,
                            place.angle_deg, mirrored, turns, corrected, frames,
                        )
    return Detection(score=top.score, scale=top.chip_px * found.shrunk, angle_deg=top.angle_deg, frames=frames)


def _orientation(mirrored: bool, turns: int) -> NDArray[np.int64]:
    """(2, 2) from chips as they lie to chips as they were put in."""
    quarter = np.array([[0, 1], [-1, 0]])
    return np.diag([-1 if mirrored else 1, 1]) @ np.linalg.matrix_power(quarter, turns)


def _read_id(found: Spectrum, key: Pattern, place: Place, orientation, tries: int):
    sync = (read(found, key.sync, place) * key.sync_signs).real
    data = (read(found, key.data @ orientation, place) * np.conj(key.data_phases)).real.astype(np.float64)
    weights = _weights(key, sync)
    weighted = data * weights
    norm = float(np.sqrt((weighted**2).sum())) + 1e-12
    soft = np.bincount(key.data_bits, weighted, CODE_BITS) / norm
    if _chance(float(np.abs(soft).sum()), tries) > FALSE_ALARM:
        return None
    word = decode(soft)
    if word is None:
        return None
    score = float(soft @ (1.0 - 2.0 * word.bits))
    chance = _chance(score, tries)
    if chance > FALSE_ALARM:
        return None
    return word.payload, score, chance, word.corrected


def _chance(score: float, tries: int) -> float:
    """Bound on the chance that any id agrees so well in any of the tries."""
    return float(min(1.0, tries * np.exp(ID_BITS * np.log(2) - score * abs(score) / 2)))


def _weights(key: Pattern, sync: NDArray[np.float32]) -> Soft:
    """How much each data wave is worth, from how well sync waves of its length came through."""
    lengths = np.hypot(*key.sync.T)
    edges = np.quantile(lengths, np.linspace(0, 1, _RINGS + 1))
    ring = np.clip(np.searchsorted(edges, lengths, side="right") - 1, 0, _RINGS - 1)
    means = np.bincount(ring, sync, _RINGS) / np.bincount(ring, minlength=_RINGS)
    means = np.convolve(np.pad(means, 1, "edge"), [0.25, 0.5, 0.25], "valid")
    centres = (edges[1:] + edges[:-1]) / 2
    worth = np.interp(np.hypot(*key.data.T), centres, np.maximum(means, 0))
    return np.asarray(worth + 0.15 * max(float(means.max()), 1e-3), np.float64)
