"""The words of a sound of any length, and when each is said."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from masquerade.models.voice_activity import VoiceActivity
from masquerade.models.word_recogniser import Word, WordRecogniser
from masquerade.speech.mono import SR, mono
from masquerade.speech.voice_activity import speech_spans
from masquerade.types import Audio

__all__ = ["Word", "WordRecogniser", "plain_words", "words"]

_PART_S: Final = 25.0  # stretches of speech are heard together up to this length
_MARGIN_S: Final = 0.2


def words(sound: Audio, recogniser: WordRecogniser, activity: VoiceActivity) -> list[Word]:
    """The words of a sound in order, on the clock of its file; none in music, noise and silence.

    Only stretches of speech are handed to the recogniser, which would find words in silence.

    Args:
        sound: Mono at 16 kHz, of any length.
        recogniser: From `WordRecogniser.open`.
        activity: From `VoiceActivity.open`.

    Raises:
        UsageError: The sound is of another rate, or not mono.
        ModelError: The recogniser failed.

    Example:
        >>> said = words(sound, WordRecogniser.open(), VoiceActivity.open())  # doctest: +SKIP
        >>> " ".join(word.text for word in said)  # doctest: +SKIP
        'Ask not what your country can do for you.'
    """
    samples, start_s = mono(sound), float(sound.start_s)
    found: list[Word] = []
    spans = speech_spans(sound, activity)
    for begin_s, end_s in _parts(spans):
        first = max(0, round((begin_s - start_s - _MARGIN_S) * SR))
        heard = samples[first : round((end_s - start_s + _MARGIN_S) * SR)]
        shift = start_s + first / SR
        found += [
            _in_speech(replace(one, start_s=one.start_s + shift, end_s=one.end_s + shift), spans)
            for one in recogniser(heard)
        ]
    return found


def plain_words(text: str) -> list[str]:
    """The words of a text in small letters, without punctuation, for comparing.

    Example:
        >>> plain_words("It's 9 o'clock -- really?")
        ["it's", '9', "o'clock", 'really']
    """
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower().replace("’", "'"))


def _in_speech(word: Word, spans: list[tuple[float, float]]) -> Word:
    """The word without the pauses before and after it, which the recogniser counts to it."""
    meant = [span for span in spans if span[0] < word.end_s and span[1] > word.start_s]
    if not meant:
        return word
    return replace(
        word, start_s=max(word.start_s, meant[0][0]), end_s=min(word.end_s, meant[-1][1])
    )


def _parts(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stretches joined, or cut where one is too long, to parts that are heard in one go."""
    parts: list[tuple[float, float]] = []
    for begin, end in spans:
        if parts and end - parts[-1][0] <= _PART_S:
            parts[-1] = (parts[-1][0], end)
            continue
        while end - begin > _PART_S:
            parts.append((begin, begin + _PART_S))
            begin += _PART_S
        parts.append((begin, end))
    return parts
