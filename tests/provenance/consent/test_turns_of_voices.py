"""People who take turns are told apart, down to turns that a network for voices cannot look at."""

import numpy as np
import pytest

from masquerade.models.speaker import SR
from masquerade.provenance.consent.turns_of_voices import in_turns

LEVELS = (0.2, 0.5, 0.8)


class _Levels:
    """Tells people by how loud they are: how much of a sound is of each."""

    def embedding(self, speech: np.ndarray) -> np.ndarray:
        found = np.array([(np.abs(speech - level) < 0.05).sum() for level in LEVELS], np.float32)
        return np.asarray(found / np.linalg.norm(found), np.float32)

    def looks(self, windows: np.ndarray) -> np.ndarray:
        return np.stack([self.embedding(window) for window in windows])


def _turns(turn_s: float, *levels: float, seconds: float = 18.0) -> np.ndarray:
    turn = round(turn_s * SR)
    said = [np.full(turn, levels[k % len(levels)], np.float32) for k in range(50)]
    return np.concatenate(said)[: round(seconds * SR)]


@pytest.mark.parametrize("turn_s", [0.5, 1.0, 2.0, 4.0])
def test_two_people_are_told_apart(turn_s: float) -> None:
    found = in_turns(_turns(turn_s, 0.2, 0.5), _Levels())
    assert sorted(int(voice.argmax()) for voice, _ in found) == [0, 1]
    assert min(float(voice.max()) for voice, _ in found) > 0.9
    assert sum(long_s for _, long_s in found) == pytest.approx(18)


def test_three_people_are_not_taken_for_two() -> None:
    found = in_turns(_turns(2.0, 0.2, 0.5, 0.8), _Levels())
    assert sorted(int(voice.argmax()) for voice, _ in found) == [0, 1, 2]


@pytest.mark.parametrize(
    "speech", [_turns(1.0, 0.2), _turns(1.0, 0.2, 0.5, seconds=3), _turns(1, 0.5, seconds=0)]
)
def test_one_person_and_too_little_speech_are_not_parted(speech: np.ndarray) -> None:
    assert in_turns(speech, _Levels()) == []
