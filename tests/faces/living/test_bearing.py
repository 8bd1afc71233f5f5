"""Heads move slowly and little, breath is drawn in pauses, lids blink as often as people's."""

import numpy as np
import pytest

from masquerade.faces.living.bearing import Bearing, bearing

TIMES = np.arange(0, 60, 0.04)
SPANS = [(start, start + 3.2) for start in np.arange(1.0, 58.0, 4.0)]


def loudness() -> np.ndarray:
    voiced = ((TIMES - 1) % 4 < 3.2) & (TIMES > 1)
    return (voiced * (0.6 + 0.4 * np.sin(TIMES * 25))).astype(np.float32)


@pytest.fixture(scope="module")
def minute() -> Bearing:
    return bearing(TIMES, loudness(), SPANS, motion=1.0, seed=3)


def test_the_same_seed_gives_the_same_and_another_gives_another(minute: Bearing) -> None:
    again, other = (bearing(TIMES, loudness(), SPANS, motion=1.0, seed=seed) for seed in (3, 4))
    assert np.array_equal(again.turn_deg, minute.turn_deg)
    assert np.array_equal(again.blink, minute.blink)
    assert not np.array_equal(other.turn_deg, minute.turn_deg)


def test_heads_turn_little_and_slowly(minute: Bearing) -> None:
    assert 0.5 < minute.turn_deg[:, 0].std() < 5
    assert np.abs(minute.turn_deg).max() < 12
    assert np.abs(np.diff(minute.turn_deg, axis=0)).max() / 0.04 < 40
    assert np.abs(minute.shift).max() < 0.12


def test_no_motion_holds_the_head_and_the_chest_and_still_blinks(minute: Bearing) -> None:
    still = bearing(TIMES, loudness(), SPANS, motion=0.0, seed=3)
    assert not still.turn_deg.any()
    assert not still.shift.any()
    assert not still.breath.any()
    assert np.array_equal(still.blink, minute.blink)


def test_people_blink_some_ten_to_thirty_times_a_minute_mostly_between_phrases() -> None:
    near = count = 0
    for seed in range(6):
        blink = bearing(TIMES, loudness(), SPANS, motion=1.0, seed=seed).blink
        starts = TIMES[1:][(blink[1:] > 0) & (blink[:-1] == 0)]
        assert 8 <= len(starts) <= 32
        assert blink.max() > 0.9
        near += sum(min(abs(one - end) for _, end in SPANS) < 0.4 for one in starts)
        count += len(starts)
    assert near > 0.5 * count


def test_breath_rises_before_phrases(minute: Bearing) -> None:
    before, within = (
        np.mean([minute.breath[int((at + later) / 0.04)] for at, _ in SPANS[1:]])
        for later in (0.0, 2.8)
    )
    assert before > within


@pytest.mark.parametrize("count", [0, 1, 2])
def test_moments_and_silence_are_no_trouble(count: int) -> None:
    made = bearing(TIMES[:count], np.zeros(count, np.float32), [], motion=1.0, seed=0)
    assert len(made.turn_deg) == len(made.blink) == len(made.breath) == count
