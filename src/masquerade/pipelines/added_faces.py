"""Faces that a network adds: in the output, where the target has none.

A network that gives back a whole crop can show somebody beside the face that it was asked for. So
where frames are measured anyway, the area that was changed is searched for faces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.detect import SMALLEST_PX, find_faces
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Box, Face

SAME_PLACE: Final = 0.5
"""Share of the smaller of two boxes that lies in the other, from which they are one face's."""
_SMALL: Final = 0.25  # of the drawn face: nothing smaller is looked for
_DRAWN: Final = 0.1  # share of a face's box that must have changed for it to be the network's
_ROOM: Final = 0.125  # around what changed, in its longer sides


def added_faces(
    before: RGB, after: RGB, drawn: Sequence[Face], reader: FaceReader
) -> tuple[Box, ...]:
    """Boxes, in the frame's pixels, of faces in what was changed that the target does not have.

    Args:
        before: (H, W, 3) uint8 RGB, the target.
        after: (H, W, 3) uint8 RGB, the same with new faces.
        drawn: The faces that were to be changed.
        reader: The loaded face networks.
    """
    if not drawn:
        return ()
    smallest_px = max(SMALLEST_PX, _SMALL * min(face.size_px for face in drawn))
    known = [face.box for face in drawn]
    return added_boxes(before, after, known, reader, smallest_px=smallest_px)


def added_boxes(
    before: RGB,
    after: RGB,
    known: Sequence[Box],
    reader: FaceReader,
    *,
    smallest_px: float = SMALLEST_PX,
) -> tuple[Box, ...]:
    """The same, where it is known where faces are to be.

    Args:
        before: (H, W, 3) uint8 RGB, the target.
        after: (H, W, 3) uint8 RGB, the same with what was drawn.
        known: Boxes in which a face is meant to be.
        reader: The loaded face networks.
        smallest_px: Size of a face below which none is looked for.
    """
    changed = (before != after).any(axis=2)
    if not changed.any():
        return ()
    x, y, right, bottom = _around(changed)

    def found(image: RGB) -> list[Box]:
        part = np.ascontiguousarray(image[y:bottom, x:right])
        return [
            _moved(face.box, x, y) for face in find_faces(part, reader, smallest_px=smallest_px)
        ]

    news = [
        box for box in found(after) if _share(changed, box) >= _DRAWN and not _is_one_of(box, known)
    ]
    if not news:
        return ()
    there = found(before)
    return tuple(box for box in news if not _is_one_of(box, there))


def _around(changed: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """Whole xyxy around what changed, with some room."""
    height, width = changed.shape
    rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
    room = int(_ROOM * max(np.ptp(rows), np.ptp(columns))) + 1
    return (
        max(0, int(columns[0]) - room),
        max(0, int(rows[0]) - room),
        min(width, int(columns[-1]) + 1 + room),
        min(height, int(rows[-1]) + 1 + room),
    )


def _moved(box: Box, x: int, y: int) -> Box:
    return box[0] + x, box[1] + y, box[2] + x, box[3] + y


def _share(changed: NDArray[np.bool_], box: Box) -> float:
    """Share of a box that changed."""
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in box)
    inside = changed[y0:y1, x0:x1]
    return float(inside.mean()) if inside.size else 0.0


def _is_one_of(box: Box, others: Sequence[Box]) -> bool:
    return any(_shared(box, other) > SAME_PLACE for other in others)


def _shared(box: Box, other: Box) -> float:
    """Share of the smaller of two boxes that lies in the other.

    Example:
        >>> _shared((0.0, 0.0, 10.0, 10.0), (5.0, 0.0, 25.0, 20.0))
        0.5
    """
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    smaller = min((one[2] - one[0]) * (one[3] - one[1]) for one in (box, other))
    return max(0.0, width) * max(0.0, height) / max(smaller, 1e-6)
