"""The benchmark of swaps holds one method to the bars, not the best figures of several."""

from dataclasses import replace

from benchmarks.swap_measured import Swapped
from benchmarks.swap_quality import MEANT, METHODS, bars_of

ONE = Swapped("a00", "bbaf2n", 1.0, 0.3, 1.0, 0.01, 0.005, None, None, 0.9, 0.9, 0)


def test_bars_are_means_of_one_method() -> None:
    bars = {bar.name: bar for bar in bars_of("pairs", [ONE, replace(ONE, distance=0.6, missed=2)])}
    assert bars["pairs: distance to the source"].value == 0.45
    assert not bars["pairs: distance to the source"].met
    assert bars["pairs: missed frames"].value == 2
    assert not [name for name in bars if "blinks" in name]


def test_every_case_has_a_method_that_is_meant_for_it() -> None:
    assert set(MEANT.values()) <= set(METHODS)
