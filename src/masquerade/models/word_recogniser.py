"""Writes down what is said in English, and when each word is.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022), Whisper
tiny.en in CTranslate2. Words are placed in time by the attention of the decoder to the sound
(dynamic time warping over the heads that the model names for it). Of another language it writes
what the sounds are nearest to in English, without being sure.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError, UsageError
from masquerade.models.quiet import quiet
from masquerade.models.speech_content import HOP, LONGEST_S, SR, log_mel
from masquerade.models.store import Progress, locate

WEIGHTS: Final = "speech_content"
_PIECES: Final = "speech_words"
_SETTINGS: Final = "speech_words_settings"

_END: Final = 50_256  # pieces from here on are signs and no words
_START: Final = 50_257
_NO_TIMES: Final = 50_362
_BEAM: Final = 5
_MOST_PIECES: Final = 220
_NO_SPEECH: Final = 0.6
_UNSURE: Final = -1.0  # mean logarithm of a piece's probability
_LOOPED: Final = 2.4  # times that zlib shortens a text that goes round in circles
_UNIT_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was heard.

    Attributes:
        text: With its punctuation, without spaces around it.
        start_s: Seconds from the first sample.
        end_s: Likewise, where it ends.
        probability: How sure the recogniser is, in [0, 1].
    """

    text: str
    start_s: float
    end_s: float
    probability: float


class WordRecogniser:
    """The recogniser, ready to listen.

    Args:
        model: CTranslate2's.
        pieces: The text of each piece of a word, as bytes.
    """

    def __init__(self, model: Any, pieces: tuple[bytes, ...]) -> None:
        self._model, self._pieces = model, pieces

    @classmethod
    def open(cls, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """The recogniser with its weights loaded, fetched on first use as `progress` is told.

        Raises:
            ModelError: The weights cannot be had, or CTranslate2 is not there or cannot open them.
        """
        files = {
            "model.bin": locate(WEIGHTS, progress=progress),
            "vocabulary.txt": locate(_PIECES, progress=progress),
            "config.json": locate(_SETTINGS, progress=progress),
        }
        pieces = files["vocabulary.txt"].read_text(encoding="utf-8").splitlines()
        try:
            with quiet():
                from ctranslate2 import models

                model = models.Whisper(
                    "speech",
                    device="cpu",
                    compute_type="int8",
                    inter_threads=1,
                    intra_threads=threads,
                    files={name: io.BytesIO(path.read_bytes()) for name, path in files.items()},
                )
        except (ImportError, RuntimeError, ValueError) as error:
            raise ModelError(
                f"words cannot be recognised here ({error})",
                "the package ctranslate2",
                "install it with `pip install ctranslate2`",
            ) from error
        return cls(model, tuple(map(_piece_bytes, pieces)))

    def __call__(self, samples: NDArray[np.float32]) -> list[Word]:
        """The words of a stretch of sound, in order; none where nothing is said.

        Args:
            samples: (n,) mono at 16 kHz, in [-1, 1], at most 30 s.

        Raises:
            UsageError: The sound is longer.
            ModelError: The recogniser failed.
        """
        if len(samples) > LONGEST_S * SR:
            raise UsageError(f"{len(samples) / SR:.1f} s of sound", f"at most {LONGEST_S:.0f} s")
        if len(samples) < 2 * HOP:
            return []
        try:
            return self._heard(samples)
        except RuntimeError as error:
            raise ModelError(f"words were not recognised: {error}") from error

    def _heard(self, samples: NDArray[np.float32]) -> list[Word]:
        from ctranslate2 import StorageView

        whole = np.zeros(int(LONGEST_S * SR), np.float32)
        whole[: len(samples)] = samples
        encoded = self._model.encode(StorageView.from_array(log_mel(whole)[None]))
        numbers = self._pieces_of(encoded)
        if not numbers:
            return []
        frames = len(samples) // HOP
        (aligned,) = self._model.align(encoded, [_START], [numbers], [frames])
        return self._words(numbers, aligned)

    def _pieces_of(self, encoded: Any) -> list[int]:
        """The numbers of the pieces that are heard; none in what is no speech.

        A text that goes round in circles is written again without repetitions.
        """
        numbers: list[int] = []
        for no_repeat in (0, 3):
            (found,) = self._model.generate(
                encoded,
                [[_START, _NO_TIMES]],
                beam_size=_BEAM,
                max_length=_MOST_PIECES,
                no_repeat_ngram_size=no_repeat,
                return_scores=True,
                return_no_speech_prob=True,
            )
            if found.no_speech_prob > _NO_SPEECH and found.scores[0] < _UNSURE:
                return []
            numbers = [number for number in found.sequences_ids[0] if number < _END]
            text = b"".join(self._pieces[number] for number in numbers)
            if len(text) <= _LOOPED * len(zlib.compress(text)):
                break
        return numbers

    def _words(self, numbers: list[int], aligned: Any) -> list[Word]:
        """The words, each from the first of its pieces to the first of the next word's."""
        steps = np.array(aligned.alignments)  # (k, 2): piece, unit of 20 ms
        first = np.searchsorted(steps[:, 0], np.arange(len(numbers) + 1))
        times_s = steps[np.minimum(first, len(steps) - 1), 1] * _UNIT_S
        sure = np.array(aligned.text_token_probs)
        begins = [k for k, number in enumerate(numbers) if k == 0 or self._opens(number)]
        words = []
        for begin, end in zip(begins, [*begins[1:], len(numbers)], strict=True):
            text = b"".join(self._pieces[number] for number in numbers[begin:end])
            word = text.decode(errors="replace").strip()
            if word:
                span = float(times_s[begin]), float(times_s[end])
                words.append(Word(word, *span, float(sure[begin:end].mean())))
        return words

    def _opens(self, number: int) -> bool:
        return self._pieces[number].startswith(b" ")


def _piece_bytes(piece: str) -> bytes:
    """The bytes that a piece stands for: GPT-2 writes those that are no print as other letters."""
    return bytes(_LETTERS.get(letter, ord("?")) for letter in piece)


def _letters() -> dict[str, int]:
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {
        chr(256 + place): byte for place, byte in enumerate(others)
    }


_LETTERS: Final = _letters()
