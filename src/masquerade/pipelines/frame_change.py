"""What a frame became, told against what it was: only the region that differs, and a digest.

A face is a small part of a picture. Whoever has the picture needs no more than the difference, and
whoever has only the difference has no picture.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ProvenanceError
from masquerade.types import Frame

Samples: TypeAlias = NDArray[Any]  # uint8, or uint16 in planes
_LEVEL: Final = 1  # of zlib: a network is faster than its other levels


@dataclass(frozen=True, slots=True)
class Region:
    """The rectangle in which an array differs, and by how much.

    Attributes:
        rows: First and last-but-one row.
        columns: Likewise.
        packed: The differences modulo the range of a sample, row by row, under zlib.
    """

    rows: tuple[int, int]
    columns: tuple[int, int]
    packed: bytes


@dataclass(frozen=True, slots=True)
class FrameChange:
    """A frame as a difference.

    Attributes:
        pts: Of the frame.
        regions: Of its pixels, its alpha where it has one, and each of its planes; None where
            nothing differs.
        sha256: Digest of all of them when finished.
    """

    pts: int
    regions: tuple[Region | None, ...]
    sha256: bytes


def change_of(before: Frame, after: Frame) -> FrameChange:
    """What became of a frame.

    Args:
        before: As it was read.
        after: The same with other pixels and planes.

    Raises:
        ProvenanceError: They are two pictures of different shape, time or format.
    """
    was, now = _arrays(before), _arrays(after)
    if _kind(before, was) != _kind(after, now):
        raise ProvenanceError(
            f"the frame at {before.pts} became one of another kind", "the same size and time"
        )
    regions = tuple(_region(a, b) for a, b in zip(was, now, strict=True))
    return FrameChange(before.pts, regions, _digest(now))


def changed(before: Frame, change: FrameChange) -> Frame:
    """The finished frame, from what it was and how it differs.

    Raises:
        ProvenanceError: It is not the frame that the difference was taken of.
    """
    was = _arrays(before)
    try:
        now = [_put(a, region) for a, region in zip(was, change.regions, strict=True)]
    except (ValueError, TypeError, AttributeError):  # regions that are none
        now = []
    whole = [one for one in now if one is not None]
    if change.pts == before.pts and len(whole) == len(was) and _digest(whole) == change.sha256:
        return _frame(before, whole)
    raise ProvenanceError(
        f"what was drawn of the frame at {before.pts} does not fit the frame that is here",
        "the same picture, decoded by the same libraries, at both places",
        "nothing was written; see docs/scale.md",
    )


def _arrays(frame: Frame) -> list[Samples]:
    alpha = [] if frame.alpha is None else [frame.alpha]
    return [frame.pixels, *alpha, *(frame.planes.arrays if frame.planes else ())]


def _frame(before: Frame, arrays: list[Samples]) -> Frame:
    pixels, *rest = arrays
    alpha = None if before.alpha is None else rest.pop(0)
    planes = before.planes and replace(before.planes, arrays=tuple(rest))
    return replace(before, pixels=pixels, alpha=alpha, planes=planes)


def _kind(frame: Frame, arrays: list[Samples]) -> tuple[object, ...]:
    planes = frame.planes and (frame.planes.format, frame.planes.colour)
    shapes = [(one.shape, one.dtype) for one in arrays]
    return frame.pts, frame.time_base, frame.duration, planes, shapes


def _region(was: Samples, now: Samples) -> Region | None:
    height = len(was)
    rows = np.flatnonzero((was != now).reshape(height, -1).any(axis=1))
    if not len(rows):
        return None
    top, end = int(rows[0]), int(rows[-1]) + 1
    differs = (was[top:end] != now[top:end]).any(axis=0)
    columns = np.flatnonzero(differs.any(axis=1) if differs.ndim > 1 else differs)
    left, right = int(columns[0]), int(columns[-1]) + 1
    steps = now[top:end, left:right] - was[top:end, left:right]  # modulo 256, or 65536
    return Region((top, end), (left, right), zlib.compress(steps.tobytes(), _LEVEL))


def _put(was: Samples, region: Region | None) -> Samples | None:
    """The array with the region in it; None where the region is none of it."""
    if region is None:
        return was
    (top, end), (left, right) = region.rows, region.columns
    part = was[top:end, left:right]
    if not (0 <= top < end and 0 <= left < right) or part.shape[:2] != (end - top, right - left):
        return None
    unpacker = zlib.decompressobj()
    try:
        steps = unpacker.decompress(region.packed, part.nbytes)
    except zlib.error:
        return None
    if len(steps) != part.nbytes:
        return None
    now = was.copy()
    now[top:end, left:right] += np.frombuffer(steps, was.dtype).reshape(part.shape)
    return now


def _digest(arrays: list[Samples]) -> bytes:
    digest = hashlib.sha256()
    for one in arrays:
        digest.update(np.ascontiguousarray(one).data)
    return digest.digest()
