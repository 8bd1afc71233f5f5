"""Areas that people drew, held against the picture and the time they are for."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from masquerade.errors import UsageError
from masquerade.faces.occlusion.corrections import Correction
from masquerade.media.probe import MediaInfo
from masquerade.pipelines.clock import clock

_LEAST_PX: Final = 2.0
_AROUND_FACE: Final = 0.5  # widths of a face's box beside it, up to which a face may be drawn over


def check_areas(
    where: str, areas: Sequence[Correction], info: MediaInfo, length_s: Fraction
) -> None:
    """Pass where every area can be seen somewhere in the target.

    Args:
        where: The entry of a settings file that they belong to, for messages.
        areas: Of that entry; their times count from the first picture.
        info: What `probe` said of the target.
        length_s: Of the target in seconds; 0 for a still.

    Raises:
        UsageError: An area lies outside the picture, or begins after the end.
    """
    for number, one in enumerate(areas, 1):
        words = f"{where}: area {number} ([[shot.{one.keep}]])"
        _check_place(words, one, info.size_wh)
        if one.from_s and one.from_s >= length_s:
            raise UsageError(
                f"{words} begins at {clock(one.from_s)}, after the end",
                f"times from 0:00 to {clock(length_s)}, counted from the first picture",
            )


def _check_place(words: str, one: Correction, size_wh: tuple[int, int]) -> None:
    across, down = ([corner[k] for corner in one.area] for k in (0, 1))
    reach = 0.0
    if one.unit == "px":
        width, height = (float(side) for side in size_wh)
        within = f"0 to {width:g} across and 0 to {height:g} down: the picture, in pixels"
    else:
        width = height = 1.0
        reach = _AROUND_FACE if one.unit == "face" else 0.0
        of = "the face's box" if one.unit == "face" else "the picture"
        within = f"0 to 1 across and 0 to 1 down: shares of {of}"
    sides = max(across) - min(across), max(down) - min(down)
    if one.unit == "px" and min(sides) < _LEAST_PX:
        raise UsageError(
            f"{words} is {sides[0]:g} x {sides[1]:g} pixels large",
            f"at least {_LEAST_PX:g} pixels across and down",
            'if shares were meant, add unit = "face" or unit = "frame"',
        )
    if max(across) <= -reach or min(across) >= width + reach:
        found = f"lies from {min(across):g} to {max(across):g} across"
    elif max(down) <= -reach or min(down) >= height + reach:
        found = f"lies from {min(down):g} to {max(down):g} down"
    else:
        return
    raise UsageError(
        f"{words} {found}, where nothing of the face can be",
        within,
        'correct its corners, or its unit: "px", "frame" or "face"',
    )
