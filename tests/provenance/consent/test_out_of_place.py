"""A few words of somebody else in half a minute are heard, and no one's own."""

import numpy as np
import pytest
from tests.provenance.consent.test_turns_of_voices import LEVELS, _Levels

from masquerade.models.speaker import SR
from masquerade.provenance.consent.out_of_place import out_of_place, unlike
from masquerade.provenance.consent.voices_apart import Listened, told_apart


def said(*parts: tuple[float, float]) -> np.ndarray:
    """Levels and seconds, one after the other."""
    return np.concatenate(
        [np.full(round(seconds * SR), level, np.float32) for level, seconds in parts]
    )


@pytest.mark.parametrize("at", [2, 11.3, 22])
def test_three_seconds_of_somebody_else_are_heard(at: float) -> None:
    found = out_of_place(said((0.2, at), (0.5, 3), (0.2, 25 - at)), _Levels())

    assert [int(voice.argmax()) for voice, _ in found] == [LEVELS.index(0.5)]
    assert 2.4 <= found[0][1] <= 5


@pytest.mark.parametrize("seconds", [0, 3, 10, 30])
def test_nothing_is_out_of_place_in_one_persons_speech(seconds: float) -> None:
    assert out_of_place(said((0.2, seconds)), _Levels()) == []


def test_who_is_known_is_not_told_again() -> None:
    odd = out_of_place(said((0.2, 11), (0.5, 3), (0.2, 11)), _Levels())

    assert unlike(odd, [np.eye(3, dtype=np.float32)[1]]) == []
    assert len(unlike(odd, [np.eye(3, dtype=np.float32)[0]])) == 1


class _Nobody:
    """Hears nobody under another."""

    def __call__(self, window: np.ndarray) -> np.ndarray:
        return np.zeros((589, 3), np.float32)


def test_few_words_of_another_are_a_voice_of_the_recording_and_nobodys_who_is_known() -> None:
    listened = Listened(_Levels(), _Nobody())  # type: ignore[arg-type]
    listened.take(said((0.2, 13), (0.5, 3), (0.2, 13)))
    listened.end()
    one, other, _ = np.eye(3, dtype=np.float32)

    (voice,) = listened.few_words([one])

    assert int(voice.embedding.argmax()) == 1
    assert voice.share < 0.2
    assert listened.few_words([one, other]) == []
    assert {int(each.embedding.argmax()) for each in told_apart([listened])} == {0, 1}
