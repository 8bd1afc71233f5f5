"""The mark found again: blind, in a picture or in the frames of a clip.

A picture may hold several marks: a file that was marked, used as an input and marked again keeps
the old one under the new. Each is read for itself, since each id lies at its own place. How sure a
find is stands in `chance`: a bound, not a guess.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from masquerade.errors import UsageError
from masquerade.provenance.watermark.pattern import Pattern, pattern
from masquerade.provenance.watermark.reading import TRIES, Reading, readings
from masquerade.provenance.watermark.search import Place, best, turned, upright
from masquerade.provenance.watermark.spectrum import (
    Flat,
    Spectrum,
    flattened,
    is_readable,
    spectrum,
)
from masquerade.types import RGB, Frame

Outcome = Literal["found", "none", "too small"]

# A clip is looked at after so many pooled frames; up to there, one frame in so many is pooled.
LOOKS: Final = ((8, 2), (24, 2), (64, 4), (112, 6))
MOST_MARKS: Final = 4  # of one key that are looked for in one file

_KEPT: Final = 32
_MIDDLE_PX: Final = 640


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found.

    Attributes:
        payload: The id; None where none was found.
        score: Agreement of the whole code word in standard deviations; the best sync where no id.
        p_value: Bound on the chance that a picture made without the key gives as good a find;
            1 where no id was found.
        scale: Pixels of this picture that a chip of the pattern takes; see `embed.chip_size`.
        angle_deg: By which the marked picture was turned, clockwise.
        mirrored: True where it was mirrored.
        quarter_turns: Clockwise quarter turns on top of the angle.
        corrected: Code bits of 127 that were received wrong.
        frames: How many frames were pooled.
        key_number: Which of the keys found it.
        is_too_small: True where no mark could be read from a picture of this size, had it one.
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
    key_number: int = 0
    is_too_small: bool = False

    @property
    def is_found(self) -> bool:
        """True where an id was found."""
        return self.payload is not None

    @property
    def outcome(self) -> Outcome:
        """Whether there is a mark, none that could be read, or too little picture to say."""
        if self.is_found:
            return "found"
        return "too small" if self.is_too_small else "none"

    @property
    def words(self) -> str:
        """The outcome in plain words, with the bound on chance."""
        if self.outcome == "too small":
            return "cannot be read: the picture is too small"
        if not self.is_found:
            return "no watermark of this key can be read, which does not say that there is none"
        return (
            f"watermark read from {self.frames} frame{'s' * (self.frames != 1)}; the chance of "
            f"such a find in pictures made without the key is below {max(self.p_value, 1e-99):.0e}"
        )


def detect(picture: RGB | Iterable[Frame], key: bytes) -> Detection:
    """The id in a picture, or in the pooled frames of a clip; the surest where there are several.

    Args:
        picture: (H, W, 3) uint8 RGB; or frames, of which those of the first one's size are used.
            No more are taken than are needed; about 500 where there is no mark.
        key: The 32 bytes that it was marked with.

    Raises:
        UsageError: The key has not 32 bytes.
    """
    return _detected(picture, [key], most=1)[0]


def detect_all(picture: RGB | Iterable[Frame], keys: Sequence[bytes]) -> tuple[Detection, ...]:
    """All the marks of any of the keys, up to `MOST_MARKS` a key, in the order of the keys.

    Args:
        picture: As for `detect`.
        keys: 32 bytes each. The bound on chance counts the readings of all.

    Returns:
        At least one; where nothing was found, one that says so.

    Raises:
        UsageError: There is no key, or one has not 32 bytes.
    """
    return _detected(picture, keys, most=MOST_MARKS)


def _detected(
    picture: RGB | Iterable[Frame], keys: Sequence[bytes], *, most: int
) -> tuple[Detection, ...]:
    if not keys:
        raise UsageError("no watermark key", "at least one of 32 bytes")
    made = [pattern(key) for key in keys]
    looks = _still(picture) if isinstance(picture, np.ndarray) else _pooled(picture)
    marks: tuple[Detection, ...] = (Detection(),)
    for look in looks:
        if look.flat is None:
            return (Detection(frames=look.frames, is_too_small=True),)
        found = spectrum(look.flat, look.width)
        seen = []
        for number, key in enumerate(made):
            results = _marks(look, found, key, tries=TRIES * len(made), most=most)
            seen += [replace(one, key_number=number, frames=look.frames) for one in results]
        marks = tuple(one for one in seen if one.is_found)
        if marks:
            return marks
        marks = (max(seen, key=lambda one: one.score),)
    return marks


@dataclass(frozen=True, slots=True)
class _Look:
    """A sum of flattened frames to look at; none where they are too small.

    Attributes:
        flat: (h, w) float32.
        width: Of the frames as they are.
        frames: How many were summed up.
        is_last: True where there are no more.
    """

    flat: Flat | None
    width: int
    frames: int
    is_last: bool


def _still(pixels: RGB) -> Iterator[_Look]:
    height, width = pixels.shape[:2]
    flat = flattened(pixels) if is_readable((width, height)) else None
    yield _Look(flat, width, 1, True)


def _pooled(frames: Iterable[Frame]) -> Iterator[_Look]:
    """Sums of ever more frames."""
    total: Flat | None = None
    size_wh = (0, 0)
    count = look = due = skipped = 0
    for number, frame in enumerate(frames):
        if total is None and not is_readable(frame.size_wh):
            skipped += 1
            if skipped > LOOKS[-1][0]:
                break
            continue
        if number < due or (total is not None and frame.size_wh != size_wh):
            continue
        flat = flattened(frame.pixels)
        total = flat if total is None else total + flat
        size_wh = frame.size_wh
        count += 1
        due = number + LOOKS[look][1]
        if count == LOOKS[look][0]:
            look += 1
            yield _Look(total, size_wh[0], count, look == len(LOOKS))
            if look == len(LOOKS):
                return
    if total is not None or skipped:
        yield _Look(total, size_wh[0], count or skipped, True)


def _marks(look: _Look, found: Spectrum, key: Pattern, *, tries: int, most: int) -> list[Detection]:
    """The marks of one key, or one that says that there is none."""
    seen: list[Reading] = []
    top = Place(1.0)
    for places in _candidates(look, found, key):
        top = max(top, *places, key=lambda one: one.score)
        seen = _first(found, key, places, tries)
        if seen:
            break
    while seen and len(seen) < most:
        # Under a mark that was used as an input: not turned otherwise, nor in the same place.
        guesses = [replace(one, angle_deg=seen[0].place.angle_deg) for one in upright(found)]
        places = best(found, key, guesses, _KEPT, but=[one.place.origin for one in seen])
        more = _first(found, key, places, tries)
        if not more or more[0].payload in {one.payload for one in seen}:
            break
        seen += more
    return [_of(one, found) for one in seen] or [_at(top, found)]


def _first(found: Spectrum, key: Pattern, places: Sequence[Place], tries: int) -> list[Reading]:
    """The first id that stands; none, or one."""
    every = (one for place in places for one in readings(found, key, place, tries))
    return list(itertools.islice(every, 1))


def _candidates(look: _Look, found: Spectrum, key: Pattern) -> Iterator[list[Place]]:
    """Places worth reading, the likely ones first: upright, then, at the last, a little turned."""
    yield best(found, key, upright(found), _KEPT)
    if not look.is_last or look.flat is None:
        return
    # The middle is enough to see the turn, and takes far fewer guesses.
    if max(look.flat.shape) <= _MIDDLE_PX:
        yield best(found, key, turned(found), _KEPT)
        return
    middle = spectrum(_middle(look.flat), look.flat.shape[1])
    seen = best(middle, key, turned(middle), _KEPT)
    yield best(found, key, seen, len(seen))


def _middle(flat: Flat) -> Flat:
    """The middle of a picture, its own centre kept as centre."""
    height, width = flat.shape
    top, left = max(0, height // 2 - _MIDDLE_PX // 2), max(0, width // 2 - _MIDDLE_PX // 2)
    return flat[top : top + min(height, _MIDDLE_PX), left : left + min(width, _MIDDLE_PX)]


def _of(reading: Reading, found: Spectrum) -> Detection:
    return replace(
        _at(reading.place, found),
        payload=reading.payload,
        score=reading.score,
        p_value=reading.p_value,
        mirrored=reading.mirrored,
        quarter_turns=reading.quarter_turns,
        corrected=reading.corrected,
    )


def _at(place: Place, found: Spectrum) -> Detection:
    """What can be said of a place without an id."""
    return Detection(
        score=place.score, scale=place.chip_px * found.shrunk, angle_deg=place.angle_deg
    )
