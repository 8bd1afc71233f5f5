"""Phones of long sounds, on the clock of their file."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.models.phone_recogniser import SR, Phone
from masquerade.speech.phones import phones, shut_spans
from masquerade.types import Audio


class Listener:
    """Hears one phone in each part, and keeps how long the parts were."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def __call__(self, samples: NDArray[np.float32]) -> list[Phone]:
        self.lengths.append(len(samples))
        return [Phone("B", 0.5, 0.6)]


def test_a_long_sound_is_heard_in_parts_that_end_in_pauses(rng: np.random.Generator) -> None:
    samples = rng.normal(0, 0.1, 70 * SR).astype(np.float32)
    samples[27 * SR : 27 * SR + SR // 2] = 0
    listener = Listener()
    heard = phones(Audio(samples[None], SR, start_s=Fraction(2)), listener)  # type: ignore[arg-type]
    assert sum(listener.lengths) == len(samples)
    assert 27 * SR <= listener.lengths[0] <= 27.5 * SR
    assert heard[0].start_s == pytest.approx(2.5)
    assert heard[1].start_s == pytest.approx(2.5 + listener.lengths[0] / SR)


def test_no_sound_has_no_phones() -> None:
    listener = Listener()
    assert phones(Audio(np.zeros((1, 0), np.float32), SR), listener) == []  # type: ignore[arg-type]
    assert listener.lengths == []


def test_sound_at_another_rate_is_refused() -> None:
    with pytest.raises(UsageError, match="48000"):
        phones(Audio(np.zeros((1, 48_000), np.float32), 48_000), Listener())  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "spoken"), [("B", True), ("SIL", False), ("+NSN+", False)])
def test_pauses_and_noises_are_no_speech(name: str, spoken: bool) -> None:
    assert Phone(name, 0, 1).spoken is spoken


def test_lips_part_before_the_end_of_the_phone_that_shut_them() -> None:
    heard = [
        Phone("B", 1.0, 1.1),
        Phone("AA", 1.1, 1.3),
        Phone("M", 2.0, 2.05),
        Phone("P", 3, 3.02),
    ]

    spans = shut_spans(heard)

    np.testing.assert_allclose(spans, [[1.0, 1.055], [2.0, 2.04], [3.0, 3.02]])
    assert shut_spans(heard[1:2]).shape == (0, 2)
