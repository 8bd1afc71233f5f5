"""Speech under another's is counted where its speaker is never heard alone."""

from pathlib import Path

import numpy as np
import pytest

from masquerade.media.audio import read_audio
from masquerade.models.talkers import FRAMES, PEOPLE, SAMPLES, SR
from masquerade.speech.talkers import Talkers, beneath_s


class _Says:
    """Hears what it is told: for each of three people the share of ten seconds they speak in."""

    def __init__(self, *spans: tuple[float, float]) -> None:
        self.speaks = np.zeros((FRAMES, PEOPLE), np.float32)
        for person, (first, last) in enumerate(spans):
            self.speaks[int(first * FRAMES) : int(last * FRAMES), person] = 0.9

    def __call__(self, window: np.ndarray) -> np.ndarray:
        assert window.shape == (SAMPLES,)
        return self.speaks


@pytest.mark.parametrize(
    ("spans", "seconds", "beneath"),
    [
        ([(0, 1)], 10, 0.0),
        ([(0, 0.5), (0.5, 1)], 10, 0.0),  # in turn
        ([(0, 1), (0.2, 0.5)], 10, 3.0),  # one is never alone
        ([(0, 0.6), (0.4, 1)], 10, 0.0),  # they interrupt each other: both can be measured
        ([(0, 1), (0.2, 0.5)], 20, 6.0),
        ([(0, 1), (0, 1)], 0.5, 0.0),  # too short to say
    ],
)
def test_only_who_is_never_heard_alone_is_beneath(
    spans: list[tuple[float, float]], seconds: float, beneath: float
) -> None:
    speech = np.zeros(int(seconds * SR), np.float32)
    assert beneath_s(speech, _Says(*spans)) == pytest.approx(beneath, abs=0.1)  # type: ignore[arg-type]


@pytest.mark.media
@pytest.mark.weights
def test_a_voice_under_another_is_heard_at_half_its_level(media_dir: Path) -> None:
    talkers = Talkers.open()
    one, other = (
        read_audio(media_dir / f"speech/libri_{name}.flac", sr=SR, mono=True).samples[0][: 8 * SR]
        for name in ("19/19-198-0002", "26/26-495-0002")
    )
    softer = other * np.float32(0.5 * one.std() / other.std())
    assert beneath_s(one, talkers) < 0.3
    assert beneath_s(one + softer, talkers) > 1.5
