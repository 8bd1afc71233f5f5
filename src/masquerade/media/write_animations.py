"""Animations as files: GIF, APNG and WebP, streamed, every picture kept for its exact time.

Pillow encodes single pictures; the containers are written by our own modules, because Pillow holds
all pictures in memory, merges equal neighbours and rounds the delays of APNG to milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.media.encoding import Encoding
from masquerade.media.endings import ANIMATION_ENDINGS, whole_file
from masquerade.media.gif import write_gif
from masquerade.media.png import apng_delay, write_apng
from masquerade.media.probe import MediaInfo
from masquerade.media.still_tags import still_tags
from masquerade.media.webp import write_webp
from masquerade.types import Frame

TICKS_PER_S: Final = {".gif": 100, ".webp": 1000}
NO_DELAY_S: Final = Fraction(1, 10)
OPAQUE: Final = 255
MOST_LOOPS: Final = 0xFFFF  # what GIF and WebP can count; APNG counts further


def write_animation(
    frames: Iterable[Frame], out: Path, info: MediaInfo, encoding: Encoding, *, ending: str = ""
) -> tuple[str, ...]:
    """Writes an animation, one picture in memory at a time; gives back notes.

    Every frame is kept, and shown until the next one begins. GIF counts hundredths of a second and
    WebP thousandths: what is rounded off one picture is given to the next, so that none is late.

    Args:
        frames: Upright, in order of time, of one size.
        out: Where to write; it does not exist after a failure.
        info: The input: how often to play, transparency, colour profile.
        encoding: For the quality of WebP.
        ending: Chooses the format where the name of `out` is a temporary one.

    Returns:
        Sentences on what the output could not keep.

    Raises:
        UsageError: The ending is not one of an animation, or there is no frame.
        OutputError: No space or permission, or no such folder.
    """
    kind = (ending or out.suffix).lower()
    if kind not in ANIMATION_ENDINGS:
        raise UsageError(
            f"{kind or 'no ending'} is not an animation ending that can be written",
            f"one of {', '.join(ANIMATION_ENDINGS)}",
            "name the output with one of them",
        )
    tags = still_tags(info, keep=encoding.tags == "keep")
    notes: dict[str, None] = {}
    pictures = _timed(frames, alpha=info.has_alpha)
    loops, profile = info.loop_count, tags.icc_profile
    if kind in TICKS_PER_S and loops > MOST_LOOPS:
        notes[f"it is played {MOST_LOOPS} times and not {loops}"] = None
        loops = MOST_LOOPS
    with whole_file(out), out.open("wb") as file:
        if kind == ".gif":
            write_gif(_ticked(pictures, TICKS_PER_S[kind], notes), file, loops=loops)
        elif kind == ".webp":
            ticked = _ticked(pictures, TICKS_PER_S[kind], notes)
            quality = encoding.still_quality
            write_webp(ticked, file, loops=loops, quality=quality, icc_profile=profile)
        else:
            exact = _rounded(pictures, apng_delay, notes)
            write_apng(exact, file, loops=loops, icc_profile=profile)
    return (*notes, *_losses(info, kind), *tags.notes)


def _timed(frames: Iterable[Frame], *, alpha: bool) -> Iterator[tuple[NDArray[np.uint8], Fraction]]:
    """(H, W, 3 or 4) pixels of each frame and the seconds until the next."""
    before: Frame | None = None
    usual = NO_DELAY_S
    for frame in frames:
        if before is not None:
            usual = frame.time_s - before.time_s
            yield _pixels(before, alpha=alpha), usual
        before = frame
    if before is None:
        raise UsageError("no frames to write", "at least one")
    yield _pixels(before, alpha=alpha), before.duration * before.time_base or usual


def _pixels(frame: Frame, *, alpha: bool) -> NDArray[np.uint8]:
    if not alpha:
        return frame.pixels
    opacity = frame.alpha
    if opacity is None:
        opacity = np.full(frame.pixels.shape[:2], OPAQUE, np.uint8)
    return np.dstack((frame.pixels, opacity))


def _ticked(
    pictures: Iterable[tuple[NDArray[np.uint8], Fraction]], per_s: int, notes: dict[str, None]
) -> Iterator[tuple[NDArray[np.uint8], int]]:
    """The same with whole ticks; what was rounded off is carried on."""
    exact, shown = Fraction(0), 0
    for pixels, seconds in pictures:
        exact += seconds * per_s
        ticks = max(1, round(exact) - shown)
        shown += ticks
        if ticks != seconds * per_s:
            notes[f"times are rounded to whole 1/{per_s} s, which is as exact as the format is"] = (
                None
            )
        yield pixels, ticks


def _rounded(
    pictures: Iterable[tuple[NDArray[np.uint8], Fraction]],
    nearest: Callable[[Fraction], Fraction],
    notes: dict[str, None],
) -> Iterator[tuple[NDArray[np.uint8], Fraction]]:
    for pixels, seconds in pictures:
        delay = nearest(seconds)
        if delay != seconds:
            notes["some times are rounded to the nearest fraction of 16-bit numbers"] = None
        yield pixels, delay


def _losses(info: MediaInfo, kind: str) -> tuple[str, ...]:
    notes = []
    if kind == ".gif":
        notes.append("GIF shows at most 256 colours in one picture")
        if info.has_alpha:
            notes.append("GIF has no half-transparent pixels: each is either clear or opaque")
    if info.bit_depth > 8:
        notes.append(f"pictures of {info.bit_depth} bits are written with 8")
    if info.audio:
        notes.append("an animation has no sound")
    return tuple(notes)
