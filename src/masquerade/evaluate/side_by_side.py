"""A file before and after, read side by side: frames shot by shot, and where a face was changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np

from masquerade.errors import UsageError
from masquerade.media.probe import probe
from masquerade.media.read import read_frames, read_image
from masquerade.media.shots import cuts
from masquerade.types import RGB, Face, Frame

_CHANGED: Final = 4.0  # mean difference in levels, inside a face, above which it was changed
_AROUND: Final = 2  # frames on each side by which that is steadied
_HELD_BYTES: Final = 768 * 2**20

Pair: TypeAlias = tuple[Frame, Frame, Face]
"""A frame before and after, and the face in the first."""


def shots(target: Path, output: Path, most: int) -> Iterator[list[tuple[Frame, Frame]]]:
    """Frames before and after, shot by shot; long shots in parts, so that they fit into memory.

    Args:
        target: The file before.
        output: The file after.
        most: Only so many frames from the beginning.

    Raises:
        UsageError: Sizes or numbers of frames differ.
    """
    waiting: deque[Frame] = deque()

    def firsts() -> Iterator[Frame]:
        for one, other in _pairs(target, output, most):
            waiting.append(other)
            yield one

    shot: list[tuple[Frame, Frame]] = []
    for frame, begins in cuts(firsts()):
        held = 2 * len(shot) * frame.pixels.nbytes
        if shot and (begins or held > _HELD_BYTES):
            yield shot
            shot = []
        shot.append((frame, waiting.popleft()))
    if shot:
        yield shot


def _pairs(target: Path, output: Path, most: int) -> Iterator[tuple[Frame, Frame]]:
    kinds = [probe(path) for path in (target, output)]
    if kinds[0].size_wh != kinds[1].size_wh:
        raise UsageError(
            f"{target.name} has {kinds[0].size_wh} pixels, {output.name} {kinds[1].size_wh}",
            "one file before and after the swap",
        )
    streams = [
        iter((read_image(info.path),)) if info.kind == "still" else read_frames(info.path)
        for info in kinds
    ]
    for number, one in enumerate(streams[0]):
        other = next(streams[1], None)
        if number == most:
            return
        if other is None:
            raise UsageError(
                f"{output.name} ends after {number} frames, {target.name} goes on",
                "as many frames after the swap as before",
            )
        yield replace(one, planes=None), replace(other, planes=None)


def changed(
    pairs: Sequence[Pair],
) -> list[list[Pair]]:
    """The stretches in which a face was changed; shots that were skipped are none."""
    apart = np.array([_difference(b.pixels, a.pixels, f) for b, a, f in pairs])
    around = np.pad(apart, _AROUND, mode="edge")
    steady = np.median(np.lib.stride_tricks.sliding_window_view(around, 2 * _AROUND + 1), axis=1)
    found: list[list[Pair]] = []
    before = False
    for pair, is_changed in zip(pairs, steady >= _CHANGED, strict=True):
        if is_changed and not before:
            found.append([])
        if is_changed:
            found[-1].append(pair)
        before = is_changed
    return found


def _difference(before: RGB, after: RGB, face: Face) -> float:
    """Mean difference in levels inside a face's box."""
    height, width = before.shape[:2]
    x0, y0 = (max(0, int(edge)) for edge in face.box[:2])
    x1, y1 = min(width, int(face.box[2]) + 1), min(height, int(face.box[3]) + 1)
    if x1 <= x0 or y1 <= y0:
        return 0.0
    return float(cv2.absdiff(before[y0:y1, x0:x1], after[y0:y1, x0:x1]).mean())
