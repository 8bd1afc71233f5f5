import numpy as np
import pytest

from masquerade.provenance.label.place import CORNERS, EDGES, band, choose, covered, spot
from masquerade.provenance.label.plate import Plate
from masquerade.types import Box, PixelBox

SIZE = (200, 100)


def _plate(w: int, h: int) -> Plate:
    return Plate(np.zeros((h, w, 3), np.float32), np.ones((h, w, 1), np.float32), 2)


@pytest.mark.parametrize("name", [*CORNERS, *EDGES])
@pytest.mark.parametrize("size_wh", [(40, 20), (200, 20), (40, 100), (200, 100)])
def test_every_place_lies_inside_on_even_pixels(name: str, size_wh: tuple[int, int]) -> None:
    x0, y0, x1, y1 = spot(name, _plate(*size_wh), SIZE)
    assert x0 % 2 == y0 % 2 == 0
    assert (x1 - x0, y1 - y0) == size_wh
    assert x0 >= 0
    assert y0 >= 0
    assert x1 <= SIZE[0]
    assert y1 <= SIZE[1]


BOXES: list[PixelBox] = [(0, 0, 10, 10), (20, 0, 30, 10), (40, 0, 50, 10)]
FIRST, SECOND, THIRD = ((float(x), 0.0, x + 10.0, 10.0) for x in (0, 20, 40))


@pytest.mark.parametrize(
    ("avoid", "expected"),
    [
        ({}, 0),
        ({30: (FIRST,)}, 0),  # later than soon
        ({5: (FIRST,)}, 1),
        ({5: (FIRST,), 6: (SECOND,), 7: (THIRD,)}, 2),
        ({0: (FIRST,), 5: (SECOND,), 4: (THIRD,)}, 1),
        ({0: (FIRST, SECOND, (42, 0, 50, 10))}, 2),
        ({0: (FIRST, SECOND, THIRD), 1: (FIRST, THIRD)}, 1),
    ],
)
def test_the_choice_keeps_off_faces_for_as_long_as_it_can(
    avoid: dict[int, tuple[Box, ...]], expected: int
) -> None:
    assert choose(BOXES, 0, 20, avoid) == expected


def test_what_is_past_does_not_count() -> None:
    assert choose(BOXES, 6, 20, {5: (FIRST,)}) == 0


def test_a_card_lies_low_then_high_then_smaller() -> None:
    cards = [_plate(160, 40), _plate(60, 20)]
    low = band(cards, SIZE, ())
    assert low is not None
    assert low[0] is cards[0]
    assert low[1][3] >= 96
    high = band(cards, SIZE, [(0, 60, 200, 100)])
    assert high is not None
    assert high[1][1] <= 4
    small = band(cards, SIZE, [(60, 0, 140, 100)])
    assert small is None or small[0] is cards[1]
    assert band(cards, SIZE, [(0, 0, 200, 100)]) is None


def test_covered_is_the_shared_area() -> None:
    assert covered((0, 0, 10, 10), [(5, 5, 20, 20), (8, 0, 9, 1)]) == 26
    assert covered((0, 0, 10, 10), [(10, 0, 20, 10)]) == 0


def test_a_card_leaves_hair_free_while_there_is_another_place() -> None:
    faces = [(60.0, 42.0, 140.0, 60.0)]  # hair reaches up to 34
    found = band([_plate(120, 30)], SIZE, faces)
    assert found is not None
    assert found[1][1] >= 60
    tight = band([_plate(120, 30)], SIZE, [(0.0, 42.0, 200.0, 100.0)])
    assert tight is not None
    assert tight[1][3] <= 42
