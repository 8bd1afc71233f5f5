"""Lips that close at m, b and p are told from lips that do not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from masquerade.forensics.sample import Cut
from masquerade.forensics.signals.bilabial_closure import LEAST, closures, too_few
from masquerade.models.phone_recogniser import Phone

COUNT = 250
STARTS = np.arange(0.5, 9.3, 0.8)  # of eleven sounds of b


@pytest.fixture
def heard() -> list[Phone]:
    found: list[Phone] = []
    for start in STARTS:
        found += [Phone("B", start, start + 0.08), Phone("AH", start + 0.08, start + 0.78)]
    return found


def _talk(cut_of: Callable[..., Cut], rng: np.random.Generator, late_s: float) -> list[Cut]:
    """Ten seconds of lips that open and close, shut at each b, or so much later."""
    times = np.arange(COUNT) / 25
    opening = 6 + 3 * np.sin(times * 9) + rng.normal(0, 0.5, COUNT)
    for start in STARTS + late_s:
        opening[np.abs(times - start) < 0.05] = 0.5
    return [cut_of(n, open_px=max(0.3, gap)) for n, gap in enumerate(opening)]


def test_closed_lips_rank_low_and_late_ones_do_not(
    cut_of: Callable[..., Cut], rng: np.random.Generator, heard: list[Phone]
) -> None:
    true = closures([_talk(cut_of, rng, 0.0)], heard)
    late = closures([_talk(cut_of, rng, 0.35)], heard)
    assert true is not None
    assert late is not None
    assert true.closed == len(true.ranks) == len(STARTS)
    assert true.chance < 0.01
    assert late.mean > true.mean + 0.1
    assert late.chance > 0.2


def test_stretches_of_one_person_are_put_together(
    cut_of: Callable[..., Cut], rng: np.random.Generator, heard: list[Phone]
) -> None:
    talk = _talk(cut_of, rng, 0.0)
    halves = [talk[:120], talk[130:]]
    found = closures(halves, heard)
    assert found is not None
    assert len(found.ranks) >= LEAST
    turned = closures(halves[::-1], heard)
    assert turned is not None
    assert turned.mean == pytest.approx(found.mean)
    np.testing.assert_array_equal(turned.times_s, found.times_s)
    np.testing.assert_array_equal(turned.opening, found.opening)
    assert closures(halves[:1], heard) is None


def test_too_few_sounds_or_no_speech_say_nothing(
    cut_of: Callable[..., Cut], rng: np.random.Generator, heard: list[Phone]
) -> None:
    talk = _talk(cut_of, rng, 0.0)
    assert closures([talk], heard[:8]) is None
    assert closures([talk], []) is None
    assert closures([], heard) is None
    silent = [replace(one, name="SIL") for one in heard]
    assert closures([talk], silent) is None


@pytest.mark.parametrize(("count", "words"), [(0, "No sound"), (1, "Only one"), (7, "Only 7")])
def test_what_is_too_little_is_told_plainly(count: int, words: str) -> None:
    assert too_few(count).startswith(words)
    assert f"{LEAST} are needed" in too_few(count)
