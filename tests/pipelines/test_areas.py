"""Areas of settings files, held against the target."""

from fractions import Fraction
from pathlib import Path

import pytest

from masquerade.errors import UsageError
from masquerade.faces.occlusion.corrections import Correction, Unit
from masquerade.media.probe import MediaInfo
from masquerade.pipelines.areas import check_areas

INFO = MediaInfo(Path("clip.mp4"), "video", "mov", size_wh=(360, 288))


def check(box: tuple[float, float, float, float], unit: Unit, from_s: int = 0) -> None:
    one = Correction.box(box, keep="front", unit=unit, from_s=Fraction(from_s))
    check_areas("shots.toml, line 3", [one], INFO, Fraction(3))


@pytest.mark.parametrize(
    ("box", "unit"),
    [
        ((100, 100, 200, 200), "px"),
        ((-50, -50, 10, 400), "px"),
        ((0.5, 0.5, 1.5, 1.5), "frame"),
        ((-0.2, 0.4, 0.1, 0.6), "face"),
        ((1.1, 0.4, 1.4, 0.6), "face"),
    ],
)
def test_areas_that_can_be_seen_pass(box: tuple[float, float, float, float], unit: Unit) -> None:
    check(box, unit)


@pytest.mark.parametrize(
    ("box", "unit", "words"),
    [
        ((400, 10, 500, 50), "px", r"line 3: area 1 .* from 400 to 500 across"),
        ((10, 288, 50, 400), "px", "from 288 to 400 down"),
        ((100, 100, 200, 200), "frame", "shares of the picture"),
        ((2, 0, 3, 1), "face", "shares of the face's box"),
        ((0.1, 0.2, 0.9, 0.4), "px", "0.8 x 0.2 pixels large"),
    ],
)
def test_an_area_outside_the_picture_is_told(
    box: tuple[float, float, float, float], unit: Unit, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        check(box, unit)


def test_an_area_that_begins_after_the_end_is_told() -> None:
    check((0, 0, 1, 1), "frame", from_s=2)
    with pytest.raises(UsageError, match="after the end"):
        check((0, 0, 1, 1), "frame", from_s=3)
