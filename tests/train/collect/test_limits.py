"""Every limit leaves out what lies beyond it, and says so."""

from dataclasses import replace

import pytest

from masquerade.train.collect.limits import Limits
from masquerade.train.facesets.faceset import Quality

GOOD = Quality(200, 12, 120, 0, 0.05, 0, 1, 0.2, 0, 0)


def test_a_good_picture_has_no_fault() -> None:
    assert Limits().fault(GOOD, 10.0) == ""


@pytest.mark.parametrize(
    ("changed", "turn", "words"),
    [
        ({"size_px": 79.0}, 0.0, "smaller than 80 px"),
        ({"sharpness": 2.9}, 0.0, "blurred"),
        ({"brightness": 20.0}, 0.0, "too dark"),
        ({"brightness": 240.0}, 0.0, "too bright"),
        ({"clipped": 0.3}, 0.0, "plain black or white"),
        ({"occluded": 0.5}, 0.0, "more than 35% covered"),
        ({"outside": 0.2}, 0.0, "beyond the picture's edge"),
        ({}, 80.0, "turned by more than 75 degrees"),
    ],
)
def test_what_lies_beyond_a_limit_is_told(
    changed: dict[str, float], turn: float, words: str
) -> None:
    assert words in Limits().fault(replace(GOOD, **changed), turn)
