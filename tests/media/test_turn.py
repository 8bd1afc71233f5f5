import struct

import numpy as np
import pytest

from masquerade.media.turn import (
    EXIF_TURNS,
    Turn,
    turn_from_exif,
    turn_from_matrix,
    turned,
    turned_format,
)

ONE = 1 << 16


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((ONE, 0, 0, ONE), Turn()),
        ((0, ONE, -ONE, 0), Turn(90)),
        ((-ONE, 0, 0, -ONE), Turn(180)),
        ((0, -ONE, ONE, 0), Turn(270)),
        ((-ONE, 0, 0, ONE), Turn(0, flipped=True)),
        ((ONE, 0, 0, -ONE), Turn(180, flipped=True)),
        ((65_000, 3_000, -3_000, 65_000), Turn()),
        ((0, 0, 0, 0), Turn()),
    ],
)
def test_display_matrices_are_read_to_quarter_turns(
    numbers: tuple[int, int, int, int], expected: Turn
) -> None:
    a, b, c, d = numbers
    assert turn_from_matrix(struct.pack("=9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)) == expected


def test_a_short_matrix_asks_no_turn() -> None:
    assert turn_from_matrix(b"\0" * 35) == Turn()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientations_put_the_first_row_where_the_standard_says(
    orientation: int, dtype: type
) -> None:
    stored = np.zeros((4, 6), dtype)
    stored[0], stored[1:, 0] = 1, 2  # row 0, then what is left of column 0
    upright = turned(stored, turn_from_exif(orientation))
    # EXIF 2.32, 4.6.4: which side of the scene row 0 and column 0 are.
    row = {1: "top", 2: "top", 3: "bottom", 4: "bottom"}.get(orientation)
    row = row or {5: "left", 6: "right", 7: "right", 8: "left"}[orientation]
    column = {1: "left", 2: "right", 3: "right", 4: "left"}.get(orientation)
    column = column or {5: "top", 6: "top", 7: "bottom", 8: "bottom"}[orientation]
    sides = {"top": upright[0], "bottom": upright[-1], "left": upright[:, 0]}
    sides["right"] = upright[:, -1]
    assert (sides[row] == 1).all()
    assert np.count_nonzero(sides[column] == 2) == 3


@pytest.mark.parametrize("orientation", [0, 1, 9, 1000])
def test_orientations_that_exif_does_not_know_ask_no_turn(orientation: int) -> None:
    assert turn_from_exif(orientation) == Turn()


@pytest.mark.parametrize("turn", EXIF_TURNS.values())
def test_the_size_said_is_the_size_made(turn: Turn) -> None:
    height, width = turned(np.zeros((4, 6), np.uint8), turn).shape
    assert turn.size_wh((6, 4)) == (width, height)


@pytest.mark.parametrize(
    ("name", "lying"),
    [
        ("yuv420p", "yuv420p"),
        ("yuv422p", "yuv440p"),
        ("yuv422p10le", "yuv440p10le"),
        ("yuv440p", "yuv422p"),
        ("yuv444p", "yuv444p"),
        ("yuva422p", ""),
        ("yuv411p", ""),
        ("yuv422p16le", ""),
    ],
)
def test_chroma_lies_down_with_the_picture(name: str, lying: str) -> None:
    assert turned_format(name, Turn(90)) == lying
    assert turned_format(name, Turn(180)) == name
