"""Fingerprints of pictures: 256 bits that stay nearly the same when a copy is recompressed.

After PDQ (Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm",
2019), written anew from its description: brightness averaged to 64 x 64, its 16 x 16 lowest
frequencies without the constant ones, each compared with their median. Two pictures are called the
same up to `MATCH_BITS` differing bits. A look-up tries a picture's eight mirrored and turned forms.
A video has one fingerprint a second. Plain pictures say nothing: `quality` tells them apart.
A crop, a large overlay and a turn by another angle than 90 degrees are beyond it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.media.probe import probe
from masquerade.media.read import read_frames, read_image
from masquerade.provenance.canonical import Json
from masquerade.provenance.model_pictures import frames_of, is_model
from masquerade.speech.voice_file import is_voice_file
from masquerade.types import RGB, Frame

SCHEME: Final = "masquerade-picture-1"
"""Name of how these bits are made; another way of making them has another name."""

MATCH_BITS: Final = 31
LEAST_QUALITY: Final = 50
"""Below it a picture is too plain to be told from other plain ones; both figures are PDQ's."""

BITS: Final = 256
_SIDE: Final = 64
_LOW: Final = 16
_STEP: Final = 90  # of 1/100 brightness, so that quality runs to 100: PDQ's


@dataclass(frozen=True, slots=True)
class Print:
    """The fingerprint of one picture.

    Attributes:
        second: Time of the picture in whole seconds; 0 of a still.
        bits: 32 bytes.
        quality: How much there is to tell in it, 0 to 100.
    """

    second: int
    bits: bytes
    quality: int

    @property
    def tells(self) -> bool:
        """Whether it is of a picture that can be told from others."""
        return self.quality >= LEAST_QUALITY


def fingerprint(pixels: RGB, *, second: int = 0) -> Print:
    """The fingerprint of a picture.

    Args:
        pixels: (H, W, 3) uint8 RGB of any size.
        second: Its time in a video.

    Example:
        >>> plain = fingerprint(np.zeros((90, 160, 3), np.uint8))
        >>> len(plain.bits), plain.quality, plain.tells
        (32, 0, False)
    """
    small = _small(pixels)
    return Print(second, _bits(_frequencies(small)), _quality(small))


def forms(pixels: RGB) -> tuple[bytes, ...]:
    """The bits of a picture's eight mirrored and turned forms, as it is first.

    Args:
        pixels: (H, W, 3) uint8 RGB of any size.
    """
    waves = _frequencies(_small(pixels))
    # Mirroring a picture changes the sign of every second wave across it; turning also swaps axes.
    odd = np.where(np.arange(_LOW) % 2, 1, -1).astype(np.float32)
    signs = (np.float32(1), odd[None, :], odd[:, None], odd[None, :] * odd[:, None])
    return tuple(_bits(np.asarray(way * sign)) for way in (waves, waves.T) for sign in signs)


def apart(one: bytes, others: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many bits differ from each of the others.

    Args:
        one: 32 bytes.
        others: (N, 32) uint8.

    Returns:
        (N,) int64 in 0 to 256.

    Example:
        >>> apart(bytes(32), np.full((1, 32), 255, np.uint8)).tolist()
        [256]
    """
    words = np.ascontiguousarray(others).view(np.uint64)
    differing = np.zeros(len(words), np.uint16)
    for column, word in zip(words.T, np.frombuffer(one, np.uint64), strict=True):
        differing += np.bitwise_count(column ^ word)
    return differing.astype(np.int64)


def stack(prints: Iterable[bytes]) -> NDArray[np.uint8]:
    """(N, 32) uint8: fingerprints one below the other, for `apart`."""
    return np.frombuffer(b"".join(prints), np.uint8).reshape(-1, BITS // 8)


class EachSecond:
    """Takes the fingerprint of the first picture of every second that goes by; state over a stream.

    Args:
        prints: Where they go, in order of time; a new list when not given.
    """

    def __init__(self, prints: list[Print] | None = None) -> None:
        self.prints: list[Print] = [] if prints is None else prints
        self._last: int | None = None

    def see(self, frame: Frame) -> Print | None:
        """The fingerprint of this picture, if it is the first of its second."""
        second = int(frame.time_s // 1)
        if second == self._last:
            return None
        self._last = second
        self.prints.append(fingerprint(frame.pixels, second=second))
        return self.prints[-1]


def pictures_of(path: Path, a_second: int) -> Iterator[Frame]:
    """So many pictures of each second of a file; the one of a still, none of sound or a voice.

    Of a trained model, those that its network draws of the source.

    Raises:
        InputError: The file cannot be read.
    """
    if is_model(path):
        yield from frames_of(path)
        return
    if is_voice_file(path):
        return
    kind = probe(path).kind
    if kind == "still":
        yield read_image(path)
    if kind not in ("video", "animation"):
        return
    last: int | None = None
    for frame in read_frames(path):
        slot = int(frame.time_s * a_second // 1)
        if slot != last:
            last = slot
            yield frame


def looked_up(path: Path, *, a_second: int = 4) -> tuple[tuple[int, tuple[bytes, ...]], ...]:
    """A file's pictures as a look-up needs them: second, and the bits of all eight forms.

    Pictures that are too plain are left out.

    Args:
        path: A still, an animation or a video.
        a_second: How many pictures of each second are taken, so that a copy that begins at another
            moment is found too.

    Raises:
        InputError: The file cannot be read.
    """
    return tuple(
        (int(frame.time_s // 1), forms(frame.pixels))
        for frame in pictures_of(path, a_second)
        if fingerprint(frame.pixels).tells
    )


def fingerprints(path: Path) -> tuple[Print, ...]:
    """A file's fingerprints: one of a still, one a second of anything that moves.

    Raises:
        InputError: The file cannot be read.
    """
    taken = EachSecond()
    for frame in pictures_of(path, 1):
        taken.see(frame)
    return tuple(taken.prints)


def as_text(prints: Sequence[Print]) -> list[Json]:
    """Fingerprints as a ledger keeps them: second, quality, bits in hexadecimal.

    Example:
        >>> as_text([Print(2, bytes(2), 70)])
        [[2, 70, '0000']]
    """
    return [[one.second, one.quality, one.bits.hex()] for one in prints]


def from_text(rows: object) -> tuple[Print, ...]:
    """What `as_text` was given.

    Raises:
        ValueError: It is nothing of that kind.
    """
    if not isinstance(rows, list):
        raise ValueError("fingerprints are a list")
    prints = []
    for row in rows:
        second, quality, bits = row
        prints.append(Print(int(second), bytes.fromhex(bits), int(quality)))
        if len(prints[-1].bits) != BITS // 8:
            raise ValueError(f"a fingerprint of {len(prints[-1].bits)} bytes")
    return tuple(prints)


def _small(pixels: RGB) -> NDArray[np.float32]:
    """(64, 64) float32 brightness in [0, 255]: the mean of each cell."""
    brightness = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(brightness, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _frequencies(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """(16, 16) float32: a cosine transform without its constant row and column."""
    waves = _waves()
    return np.asarray(waves @ small @ waves.T, np.float32)


@cache
def _waves() -> NDArray[np.float32]:
    """(16, 64) float32: the cosines of a DCT-II, frequencies 1 to 16."""
    angle = np.outer(np.arange(1, _LOW + 1), 2 * np.arange(_SIDE) + 1) * (np.pi / (2 * _SIDE))
    return np.asarray(np.cos(angle) * np.sqrt(2 / _SIDE), np.float32)


def _bits(waves: NDArray[np.float32]) -> bytes:
    return np.packbits(waves > np.median(waves)).tobytes()


def _quality(small: NDArray[np.float32]) -> int:
    steps = [np.trunc(np.diff(small, axis=axis) * (100 / 255)) for axis in (0, 1)]
    return min(100, int(sum(float(np.abs(step).sum()) for step in steps) / _STEP))
