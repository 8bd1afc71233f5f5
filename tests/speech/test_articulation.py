"""Articulation: what is heard becomes shapes, learned from lessons and held out ones checked."""

import numpy as np
import pytest

from masquerade.errors import InputError
from masquerade.speech.articulation import Articulation, Lesson, held_out
from masquerade.speech.heard import Heard
from masquerade.speech.sync import footage_lag


def said(seconds: float, seed: int) -> tuple[Heard, np.ndarray, np.ndarray]:
    """Sound, times at 25 frames a second, and shapes that follow the sound."""
    rng = np.random.default_rng(seed)
    rows = int(seconds * 50)
    hidden = np.cumsum(rng.normal(size=(rows + 20, 3)), axis=0)
    hidden = hidden - np.stack([np.convolve(c, np.ones(21) / 21, "same") for c in hidden.T], 1)
    hidden = hidden[10 : 10 + rows]
    mixing = np.random.default_rng(0).normal(size=(3, 40 + 384 + 384))
    features = np.tanh(hidden @ mixing).astype(np.float32)
    heard = Heard(features[:, :40], features[:, 40:424], features[:, 424:], 0.0)
    times_s = np.arange(int(seconds * 25)) / 25
    shapes = np.tanh(hidden[::2][: len(times_s)]).astype(np.float32)
    return heard, times_s, shapes


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_sentences_that_were_not_learned_from_are_said_right() -> None:
    lessons = [Lesson(*said(20, seed)) for seed in (1, 2)]
    heard, times_s, shapes = said(8, 3)

    assert correlation(Articulation.learned(lessons)(heard, times_s), shapes) > 0.9


def test_it_is_the_same_every_time() -> None:
    lessons = [Lesson(*said(6, 1))]
    heard, times_s, _ = said(3, 2)

    one, other = (Articulation.learned(lessons)(heard, times_s) for _ in range(2))

    np.testing.assert_array_equal(one, other)


def test_held_out_stretches_are_all_asked_once() -> None:
    lessons = [Lesson(*said(12, 4))]

    guessed, true = held_out(lessons)

    assert guessed.shape == true.shape == lessons[0].shapes.shape
    np.testing.assert_array_equal(true, lessons[0].shapes)
    assert correlation(guessed, true) > 0.6


def test_too_little_is_refused_in_words() -> None:
    heard, times_s, shapes = said(4, 1)

    with pytest.raises(InputError, match="frames of somebody talking"):
        Articulation.learned([Lesson(heard, times_s[:10], shapes[:10])])


def test_silence_gives_the_usual_shape() -> None:
    articulation = Articulation.learned([Lesson(*said(6, 1))])
    nothing = np.zeros((0, 384), np.float32)
    silence = Heard(np.zeros((0, 40), np.float32), nothing, nothing, 0.0)

    assert np.isfinite(articulation(silence, np.arange(5) / 25)).all()


@pytest.mark.parametrize("late_s", [0.0, 0.2, -0.16])
def test_sound_out_of_step_is_found(late_s: float) -> None:
    heard, times_s, shapes = said(20, 6)

    lag = footage_lag(heard, times_s - late_s, shapes[:, 0])

    assert lag is not None
    assert lag.is_clear
    assert lag.seconds == pytest.approx(late_s, abs=0.041)


def test_sound_of_something_else_is_not_taken_for_the_lips() -> None:
    _, times_s, shapes = said(20, 6)
    other, _, _ = said(20, 7)

    lag = footage_lag(other, times_s, shapes[:, 0])

    assert lag is not None
    assert not lag.is_clear


def test_nothing_is_told_of_short_footage() -> None:
    heard, times_s, shapes = said(4, 1)

    assert footage_lag(heard, times_s, shapes[:, 0]) is None


def test_how_a_mouth_is_held_is_no_part_of_what_it_says() -> None:
    def smiling(seconds: float, seed: int, smile: float) -> Lesson:
        heard, times_s, shapes = said(seconds, seed)
        return Lesson(heard, times_s, shapes + np.float32(smile))

    held = [smiling(8, seed, smile) for seed, smile in ((1, 1.0), (2, -1.0), (3, 0.6))]
    target = smiling(8, 4, 1.2)
    articulation = Articulation.learned(held)
    plain = articulation(target.heard, target.times_s)

    seen = articulation.posture(target, target.times_s)

    assert seen.mean() == pytest.approx(1.2 - 0.2, abs=0.25)  # the usual one is their mean
    assert float(np.abs(np.diff(seen, axis=0)).max()) < 0.05
    far = np.abs(plain - target.shapes).mean()
    assert np.abs(plain + seen - target.shapes).mean() < 0.6 * far
    later = articulation.posture(target, np.array([60.0]))
    np.testing.assert_array_equal(later, seen[-1:])


def test_of_no_footage_no_mouth_is_held() -> None:
    heard, times_s, shapes = said(6, 1)
    articulation = Articulation.learned([Lesson(heard, times_s, shapes)])

    held = articulation.posture(Lesson(heard, times_s[:0], shapes[:0]), times_s[:3])

    np.testing.assert_array_equal(held, np.zeros((3, 3), np.float32))
