"""The benchmark of voices counts words rightly and says which bars are met."""

import math

import numpy as np
import pytest

from benchmarks.voice import Conversion, summary, word_errors
from benchmarks.voice_listened import Listened, clicks

HEARD = Listened(0.95, 0.9, 0.9, 0.0, 0, 0.2, (-40.0, -42.0), (-15.0, -16.0), (1, 1))


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [("a b c", "a b c", 0), ("a b c", "a c d", 2), ("a b", "", 2), ("", "a", 1), ("a b", "b a", 2)],
)
def test_words_put_in_left_out_and_changed_are_counted(said: str, heard: str, errors: int) -> None:
    assert word_errors(said.split(), heard.split()) == errors


def test_pairs_are_summed_up_and_what_was_not_measured_is_not_met() -> None:
    good = Conversion(("26", "27"), 100, 3, (10, 15), 0.95, 0.7, 10.0, 2.0, 0, HEARD)
    poor = Conversion(("19", "27"), 100, 9, (10, 30), 0.8, 0.6, 10.0, 2.0, 4, HEARD)
    bars, results = summary([good, poor])
    met = {bar.name: bar.met for bar in bars}
    assert not met["words changed, mean of pairs (%)"]
    assert not met["likeness to target, worst pair"]
    assert met["target minus source, one sex"]
    assert not met["target minus source, two sexes"]
    assert met["processor time per second"]
    assert not met["clipped samples"]
    assert set(results["pairs"]) == {"26-27", "19-27"}
    alone, _ = summary([good])
    assert any(math.isnan(bar.value) for bar in alone)


def test_a_jump_is_a_click_and_a_pulse_of_the_voice_is_none(rng: np.random.Generator) -> None:
    pulses = np.zeros(16_000, np.float32)
    pulses[::160] = 1.0
    ringing = np.convolve(pulses, np.hanning(60) * np.cos(np.arange(60) / 2), "same") / 4
    noisy = (ringing + rng.normal(0, 1e-3, 16_000)).astype(np.float32)
    assert clicks(noisy) == 0
    noisy[8_000:] += 0.3
    assert clicks(noisy) == 1
    assert clicks(np.zeros(10, np.float32)) == 0
