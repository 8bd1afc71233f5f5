"""Places in a picture where no face is, and for how long none comes there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

from masquerade.provenance.label.plate import Plate
from masquerade.types import Box, PixelBox

CORNERS: Final = ("top right", "top left", "bottom right", "bottom left")
EDGES: Final = ("top", "bottom", "right", "left")
_ROWS = (1.0, 0.0, 0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.6, 0.4, 0.5)
_COLUMNS = (0.5, 0.0, 1.0)
_HAIR_ABOVE, _HAIR_BESIDE = 0.45, 0.15  # of the box of a face


def spot(name: str, plate: Plate, size_wh: tuple[int, int]) -> PixelBox:
    """Where a plate lies that stands in a corner, or at the middle of an edge."""
    column = 1.0 if "right" in name else 0.0 if "left" in name else 0.5
    row = 0.0 if "top" in name else 1.0 if "bottom" in name else 0.5
    return _at((column, row), plate, size_wh)


def covered(box: PixelBox, faces: Sequence[Box]) -> float:
    """Area in square pixels that a box shares with faces."""
    x0, y0, x1, y1 = box
    return sum(
        max(0.0, min(x1, face[2]) - max(x0, face[0]))
        * max(0.0, min(y1, face[3]) - max(y0, face[1]))
        for face in faces
    )


def choose(
    boxes: Sequence[PixelBox], now: int, soon: int, avoid: Mapping[int, tuple[Box, ...]]
) -> int:
    """Which of the boxes to take, listed in order of preference.

    The first that stays free until `soon`; else the one that is free now, and for longest; else
    the one that covers least of faces until `soon`.

    Args:
        boxes: Where the label could stand.
        now: Pts of the frame.
        soon: Pts up to which it should not have to move.
        avoid: Faces by pts.
    """
    ahead = sorted(pts for pts in avoid if pts >= now)
    free_until: list[float] = []
    for box in boxes:
        hits = (float(pts) for pts in ahead if covered(box, avoid[pts]) > 0)
        free_until.append(next(hits, float("inf")))
        if free_until[-1] > soon:
            return len(free_until) - 1
    longest = max(range(len(boxes)), key=lambda number: free_until[number])
    if free_until[longest] > now:
        return longest
    near = [face for pts in ahead if pts <= soon for face in avoid[pts]]
    return min(range(len(boxes)), key=lambda number: covered(boxes[number], near))


def band(
    cards: Sequence[Plate],
    size_wh: tuple[int, int],
    faces: Sequence[Box],
    taken: Sequence[PixelBox] = (),
) -> tuple[Plate, PixelBox] | None:
    """The largest card that covers no head, and where: low first, then high, then between.

    Where even the smallest would cover a head, hair may be covered, but no face; None where one
    would be.

    Args:
        cards: In falling sizes.
        size_wh: Of the picture.
        faces: Boxes of faces, without their hair.
        taken: Boxes that are covered already.
    """
    for kept in ([_head(face) for face in faces], faces):
        for card, row, column in product(cards, _ROWS, _COLUMNS):
            box = _at((column, row), card, size_wh)
            if not covered(box, [*kept, *taken]):
                return card, box
    return None


def _head(face: Box) -> Box:
    """A face's box with the hair above and beside it."""
    x0, y0, x1, y1 = face
    width, height = x1 - x0, y1 - y0
    return x0 - _HAIR_BESIDE * width, y0 - _HAIR_ABOVE * height, x1 + _HAIR_BESIDE * width, y1


def _at(share_xy: tuple[float, float], plate: Plate, size_wh: tuple[int, int]) -> PixelBox:
    """A plate at a share of the room there is for it, from the margin at left and top."""
    w, h = plate.size_wh
    margin_x = min(plate.margin_px, max(0, (size_wh[0] - w) // 2))
    margin_y = min(plate.margin_px, max(0, (size_wh[1] - h) // 2))
    x = margin_x + round(share_xy[0] * (size_wh[0] - w - 2 * margin_x))
    y = margin_y + round(share_xy[1] * (size_wh[1] - h - 2 * margin_y))
    # Even corners keep subsampled chroma planes aligned with the plate.
    return x - x % 2, y - y % 2, x - x % 2 + w, y - y % 2 + h
