"""Hears which phones of English are spoken, and when, with nothing known of the words.

PocketSphinx (Huggins-Daines et al., "PocketSphinx: a free, real-time continuous speech recognition
system for hand-held devices", 2006) with the acoustic model and the model of phone sequences that
its package brings. Phones of other languages are heard as the English ones nearest to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError

SR: Final = 16_000
"""Samples a second that it takes."""
MOST_S: Final = 60.0
"""Longest stretch that is heard in one go: the search keeps all of it."""
_FRAME_S: Final = 0.01
_PEAK: Final = 20_000  # of 32768: loud, and never clipped
_SILENT: Final = 1e-4  # loudest sample below which nothing is heard
_LEAST_S: Final = 0.25  # stretch below which nothing is heard


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone, or a pause.

    Attributes:
        name: In ARPAbet, such as ``B`` or ``IY``; ``SIL`` and names in ``+`` are no speech.
        start_s: Seconds from the first sample.
        end_s: Likewise, where it ends.
    """

    name: str
    start_s: float
    end_s: float

    @property
    def spoken(self) -> bool:
        """Whether it is a phone, and neither a pause nor a noise."""
        return self.name != "SIL" and not self.name.startswith("+")


class PhoneRecogniser:
    """The recogniser, ready to listen.

    Args:
        decoder: PocketSphinx's, set up for phones.
    """

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder

    @classmethod
    def open(cls) -> Self:
        """The recogniser with the model of its package.

        Raises:
            ModelError: The package is not there, or cannot be used.
        """
        try:
            from pocketsphinx import Decoder, get_model_path

            models = Path(get_model_path("en-us"))
            decoder = Decoder(
                hmm=str(models / "en-us"),
                allphone=str(models / "en-us-phone.lm.bin"),
                lw=2.0,
                pip=0.3,
                beam=1e-20,
                pbeam=1e-10,
                loglevel="FATAL",
            )
        except (ImportError, OSError, RuntimeError, ValueError) as error:
            raise ModelError(
                f"phones cannot be recognised here ({error})",
                "the package pocketsphinx with its model en-us",
                "install it with `pip install pocketsphinx`",
            ) from error
        return cls(decoder)

    def __call__(self, samples: NDArray[np.float32]) -> list[Phone]:
        """The phones of a stretch of sound, in order, pauses included; none in silence.

        Args:
            samples: (n,) mono at 16 kHz, at most 60 s; any level. What is no finite number is
                heard as silence, and so is all of less than a quarter of a second.

        Raises:
            ModelError: It is longer than a minute, or the recogniser failed.
        """
        if len(samples) > MOST_S * SR:
            raise ModelError(
                f"{len(samples) / SR:.0f} s of sound at once", f"at most {MOST_S:.0f} s"
            )
        whole = np.where(np.isfinite(samples), samples, np.float32(0))
        peak = float(np.abs(whole).max(initial=0.0))
        if peak < _SILENT or len(whole) < _LEAST_S * SR:
            return []
        loud = np.asarray(whole * (_PEAK / peak), np.int16)
        try:
            self._decoder.start_utt()
            self._decoder.process_raw(loud.tobytes(), full_utt=True)
            self._decoder.end_utt()
            heard = list(self._decoder.seg() or ())
        except RuntimeError as error:
            raise ModelError(f"phones were not recognised: {error}") from error
        return [
            Phone(one.word, one.start_frame * _FRAME_S, (one.end_frame + 1) * _FRAME_S)
            for one in heard
        ]
