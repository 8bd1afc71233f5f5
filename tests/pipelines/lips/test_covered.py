"""A mouth under a mask, a bar or a hand: refused where throughout, named where for a time."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.faces.mouth.test_shape import talking

from masquerade.errors import FaceError
from masquerade.faces.mouth.talker import Sight
from masquerade.media.probe import MediaInfo
from masquerade.pipelines.lips import covered
from masquerade.pipelines.lips.covered import check_seen, seen_alone, told_of
from masquerade.pipelines.people import Person
from masquerade.types import Frame

SKULL = talking()[0]


@pytest.fixture(autouse=True)
def judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dark maps are covered mouths."""

    class Judge:
        @classmethod
        def open(cls) -> "Judge":
            return cls()

        def __call__(self, on_map: np.ndarray) -> float:
            return float(on_map.mean()) / 100 - 1

    monkeypatch.setattr(covered, "CoveredMouth", Judge)


def sights(tones: list[int | None]) -> list[Sight]:
    maps = [None if tone is None else np.full((144, 160, 3), tone, np.uint8) for tone in tones]
    return [Sight(SKULL, one, number / 25, 0, 120.0) for number, one in enumerate(maps)]


def test_a_mouth_that_is_never_seen_is_refused() -> None:
    with pytest.raises(FaceError, match=r"covered throughout a\.mp4") as refused:
        seen_alone(sights([20] * 75), "a.mp4")

    assert "lips that are seen" in refused.value.expected
    assert "another" not in refused.value.found
    assert refused.value.todo


def test_a_moment_of_lips_is_not_enough() -> None:
    with pytest.raises(FaceError, match="covered throughout"):
        seen_alone(sights([20] * 60 + [200] * 15), "a.mp4")


def test_what_is_covered_for_a_time_is_left_out_and_named() -> None:
    left, spans = seen_alone(sights([200] * 50 + [20] * 25), "a.mp4")

    assert [one.time_s for one in left] == pytest.approx(np.arange(50) / 25, abs=1e-6)
    (words,) = told_of(spans, "a.mp4")
    assert "a.mp4 at 2.0 to 3.0 s:" in words


def test_a_short_clip_of_lips_that_are_seen_is_taken() -> None:
    left, spans = seen_alone(sights([200] * 5), "a.mp4")

    assert len(left) == 5
    assert told_of(spans, "a.mp4") == ()


def test_faces_turned_away_say_nothing() -> None:
    left, spans = seen_alone(sights([None] * 30), "a.mp4")

    assert len(left) == 30
    assert not len(spans)


SOMEONE = Person(np.zeros(128, "f4"), 3, 0.5, 100.0, 0.0)


@pytest.fixture
def filmed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clip of nine seconds; gives the list of tones that its frames have, one a second."""
    tones: list[int] = []

    def read(_path: Path, *, start_pts: int) -> Iterator[Frame]:
        yield Frame(np.full((4, 4, 3), tones[start_pts // 25], np.uint8), start_pts)

    def looked(pixels: np.ndarray, *_: object) -> Sight:
        return Sight(SKULL, np.full((144, 160, 3), pixels[0, 0, 0], np.uint8), 0.0, 0, 120.0)

    monkeypatch.setattr(covered, "read_frames", read)
    monkeypatch.setattr(covered, "find_faces", lambda *_, **__: (SimpleNamespace(),))
    monkeypatch.setattr(covered, "embed", lambda *_: np.zeros(128, "f4"))
    monkeypatch.setattr(covered, "sight", looked)
    return tones


CLIP = MediaInfo(
    Path("a.mp4"), "video", "mov", duration_s=Fraction(9), time_base=Fraction(1, 25), start_pts=0
)


def test_nothing_is_studied_where_no_look_sees_lips(filmed: list[int]) -> None:
    filmed += [20] * 9

    with pytest.raises(FaceError, match="covered throughout"):
        check_seen(CLIP, SOMEONE, SimpleNamespace())


def test_one_look_that_sees_lips_is_enough_to_go_on(filmed: list[int]) -> None:
    filmed += [20] * 8 + [200]

    check_seen(CLIP, SOMEONE, SimpleNamespace())
