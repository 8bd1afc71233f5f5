"""Reads English aloud in one made-up voice, sentence by sentence.

hibari, distilled from Kokoro-82M. The network's file comes like all weights by its hash; what turns
text into phonemes (numbers, abbreviations, a lexicon, unknown words) is the package's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.quiet import quiet
from masquerade.models.store import Progress, locate

CARD: Final = "text_to_speech"
SR: Final = 24_000
_SEED: Final = 7  # of the breath in it, so that the same text gives the same sound


class TextToSpeech:
    """The reader.

    Args:
        engine: hibari's.
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    @classmethod
    def open(cls, *, progress: Progress | None = None) -> Self:
        """The reader with its weights loaded, fetched on first use as `progress` is told.

        Raises:
            ModelError: The weights cannot be had, or the package is not there.
        """
        weights = locate(CARD, progress=progress)
        try:
            with quiet():
                from hibari import Hibari

                engine = Hibari(model=str(weights))
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise ModelError(
                f"text cannot be read aloud here ({error})",
                "the package hibari-tts",
                "install it with `pip install 'masquerade[speech]'`",
            ) from error
        return cls(engine)

    def __call__(self, text: str, *, speed: float = 1.0) -> Iterator[NDArray[np.float32]]:
        """The sound of each sentence.

        Args:
            text: In English; what cannot be pronounced is left out.
            speed: 1 for the usual pace, 0.5 to 2.

        Yields:
            (n,) float32 at 24 kHz.
        """
        for sentence in self._engine.stream(text, speed=speed, seed=_SEED):
            yield np.asarray(sentence, np.float32)
