"""When a stream of pictures is looked at."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from types import ModuleType

import numpy as np
import pytest

from masquerade.errors import PolicyError
from masquerade.provenance.gates.takedown import BlockList
from masquerade.provenance.gates.watch import Stream
from masquerade.types import Frame

RATE = Fraction(1, 25)


def _frames(count: int, *, odd: int | None = None, cut: int | None = None) -> Iterator[Frame]:
    grid = np.add.outer(np.arange(90), np.arange(160)).astype(np.uint8)
    still = np.stack([grid] * 3, axis=-1)
    for number in range(count):
        pixels = still if cut is None or number < cut else 255 - still
        yield Frame(255 - pixels if number == odd else pixels, number, RATE)


def _stream(draw: float = 1.0) -> Stream:
    return Stream("the output", BlockList.read(), lambda _number: draw)


def _looks(frames: Iterator[Frame], stream: Stream) -> list[float]:
    for frame in frames:
        stream.see(frame)
    return stream.looks


@pytest.mark.parametrize("draw", [1 / 256, 0.5, 1.0])
def test_a_picture_that_stays_is_looked_at_every_two_seconds_at_most(draw: float) -> None:
    looks = _looks(_frames(500), _stream(draw))
    assert looks[0] == 0
    assert all(1 <= later - one <= 2 + float(RATE) for one, later in pairwise([*looks, 20.0][:-1]))
    assert 20 - looks[-1] <= 2 + float(RATE)


def test_a_new_shot_is_looked_at_where_it_begins() -> None:
    assert 37 / 25 in _looks(_frames(80, cut=37), _stream())


@pytest.mark.parametrize("odd", [1, 13, 49, 98])
def test_one_odd_picture_is_looked_at(odd: int) -> None:
    assert odd / 25 in _looks(_frames(100, odd=odd), _stream())


def test_slow_change_is_looked_at_twice_a_second_at_most() -> None:
    def drifting() -> Iterator[Frame]:
        for number in range(250):
            pixels = np.full((90, 160, 3), number, np.uint8)
            yield Frame(pixels, number, RATE)

    looks = _looks(drifting(), _stream())
    assert all(later - one >= 0.5 for one, later in pairwise(looks))
    assert len(looks) > 10


def test_time_that_runs_backwards_is_looked_at() -> None:
    frames = [replace(frame, pts=10 - number) for number, frame in enumerate(_frames(10))]
    assert len(_looks(iter(frames), _stream())) == 10


def test_the_message_says_which_shot(scene: ModuleType) -> None:
    scene.judge_by(scene.Judge(lambda picture: 0.9 if picture[0, 0, 0] > 0 else 0.0))
    with pytest.raises(PolicyError, match=r"the output at 0:01\.48 \(shot 2\)"):
        _looks(_frames(80, cut=37), _stream())


def test_a_still_has_neither_time_nor_shot(scene: ModuleType) -> None:
    scene.judge_by(scene.Judge(lambda _picture: 0.9))
    with pytest.raises(PolicyError, match=r"the output(?! at)"):
        _looks(_frames(1), Stream("the output", BlockList.read(), lambda _number: 1.0, still=True))


def test_the_same_job_looks_at_the_same_pictures_and_another_home_at_others(
    make_draft: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from masquerade.provenance.gates.watch import Watch
    from masquerade.provenance.policy import Request

    def waits(home: object) -> list[float]:
        draw = Watch(Request(make_draft(), (), "test", home))._draw("target")  # type: ignore
        return [draw(number) for number in range(8)]

    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    assert waits(one) == waits(one)
    assert waits(one) != waits(other)
    assert len(set(waits(one))) > 4
