"""Hears what is said, as features: the encoder of a recogniser of English.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022), Whisper
tiny.en. The weights lie in the form of CTranslate2, which gives its last layer only; they are
turned once into ONNX, which gives an early one too.
"""

from __future__ import annotations

from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.models.mel import HOP, SR, mel
from masquerade.models.session import OrtSession, open_session
from masquerade.models.store import Progress

__all__ = ["BANDS", "CARD", "HOP", "LONGEST_S", "SIZE", "SR", "SpeechContent", "log_mel"]

CARD: Final = "speech_content"
BANDS: Final = 80
SIZE: Final = 384
LONGEST_S: Final = 30.0
"""Longest stretch that is heard in one go."""
_RANGE: Final = 8.0  # powers of ten below the loudest that are still told apart
_FLOOR: Final = 1e-10


class SpeechContent:
    """The encoder.

    Args:
        session: The loaded weights.
    """

    def __init__(self, session: OrtSession) -> None:
        self._session = session

    @classmethod
    def open(cls, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """The encoder with its weights loaded, fetched on first use as `progress` is told."""
        session = open_session(CARD, threads=threads, progress=progress)
        assert isinstance(session, OrtSession)
        return cls(session)

    def __call__(
        self, samples: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Features of each 20 ms after the second block, and after the last.

        The second block says which sound is made; the last knows the words around it.

        Args:
            samples: (n,) mono at 16 kHz, in [-1, 1], 0.02 to 30 s long.

        Returns:
            (n // 320, 384) float32 each; row t is centred on sample 320 t.

        Raises:
            UsageError: The sound is shorter or longer.
        """
        early, late = self._session(_heard(samples))
        return early[0], late[0]

    def early(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The features after the second block alone, in half the time.

        Args:
            samples: As for a call.

        Returns:
            (n // 320, 384) float32.

        Raises:
            UsageError: The sound is shorter or longer.
        """
        return np.asarray(self._session.only("early", _heard(samples))[0], np.float32)


def _heard(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """(1, 80, 2 T): what the encoder is handed."""
    count = len(samples) // (2 * HOP)
    if not 0 < count <= LONGEST_S * SR / (2 * HOP):
        raise UsageError(f"{len(samples) / SR:.2f} s of sound", f"0.02 to {LONGEST_S:.0f} s")
    return log_mel(samples)[None, :, : 2 * count]


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The spectrogram that Whisper hears, every 10 ms.

    Args:
        samples: (n,) mono at 16 kHz, at least 201.

    Returns:
        (80, n // 160) float32, about -1 to 1.5.
    """
    power = mel(samples, BANDS)[: len(samples) // HOP]
    logarithm = np.log10(np.maximum(power, _FLOOR))
    limited = np.maximum(logarithm, logarithm.max() - _RANGE)
    return np.ascontiguousarray((limited.T + 4) / 4, dtype=np.float32)
