"""A text becomes sound at 16 kHz, a sentence at a time."""

from fractions import Fraction

import numpy as np
import pytest

from masquerade.errors import InputError, UsageError
from masquerade.models.text_to_speech import TextToSpeech
from masquerade.speech.read_aloud import MOST_LETTERS, read_aloud


def _teller(text: str, *, speed: float = 1.0):
    """Says each word as a second of a tone of 1 kHz."""
    for _ in text.split():
        yield np.sin(2 * np.pi * 1000 * np.arange(24_000) / 24_000).astype(np.float32)


def test_sentences_follow_each_other_without_gaps() -> None:
    blocks = list(read_aloud("one two", _teller))  # type: ignore[arg-type]
    assert [block.sr for block in blocks] == [16_000] * 2
    assert blocks[1].start_s == Fraction(blocks[0].samples.shape[1], 16_000)
    tone = blocks[0].samples[0, :16_000]
    assert np.abs(np.fft.rfft(tone)).argmax() == 1000
    assert np.abs(tone).max() == pytest.approx(1, abs=0.02)
    assert not blocks[0].samples[0, 16_100:].any()


def test_no_text_and_too_much_are_refused() -> None:
    with pytest.raises(UsageError, match="no text"):
        list(read_aloud(" ", _teller))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="letters"):
        list(read_aloud("x" * (MOST_LETTERS + 1), _teller))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="pronounced"):
        list(read_aloud("%", lambda *_, **__: iter([])))  # type: ignore[arg-type]


@pytest.mark.weights
def test_the_same_text_gives_the_same_sound() -> None:
    pytest.importorskip("hibari")
    teller = TextToSpeech.open()
    first, again = (np.concatenate(list(teller("Read 3 pages."))) for _ in range(2))
    assert np.array_equal(first, again)
    assert 0.5 < len(first) / 24_000 < 4
    faster = np.concatenate(list(teller("Read 3 pages.", speed=1.5)))
    assert len(faster) < 0.85 * len(first)
