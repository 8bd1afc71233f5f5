"""A voice: how somebody makes each sound, as heard in minutes of their speech.

A voice is the content features of its speech with the colour and breath that the person gave each,
100 times a second; statistics of both; and what made speech lacks beside the recordings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.models.pitch import PitchNetwork
from masquerade.models.speech_content import SpeechContent
from masquerade.speech.content import content_units
from masquerade.speech.finish import Finish
from masquerade.speech.mono import SR
from masquerade.speech.world import Frames, cepstra_of, f0_of, put_together
from masquerade.types import Audio, Embedding

LEVEL: Final = 0.06
"""Root mean square of speech at which everything is heard and learned."""
_FEW: Final = 1e-6
_STRETCH: Final = 300  # units of speech in one go, when a voice is measured
_STRETCHES: Final = 10


@dataclass(frozen=True, slots=True)
class Manner:
    """How a person speaks, apart from the sounds: what is taken off theirs, and put on others.

    Attributes:
        unit_mean: (384,) float32 mean of their content features.
        unit_spread: (384,) float32 spread of each.
        log_f0: Mean and spread of the logarithm of their pitch.
    """

    unit_mean: NDArray[np.float32]
    unit_spread: NDArray[np.float32]
    log_f0: tuple[float, float]

    def normal(self, units: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 384) float32 of unit length: content features without the person's own."""
        plain = (units - self.unit_mean) / self.unit_spread
        return np.asarray(plain / np.linalg.norm(plain, axis=1, keepdims=True), np.float32)


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody's voice.

    Attributes:
        units: (n, 384) float16 of unit length, from `Manner.normal`: one for each 10 ms of speech.
        cepstra: (n, 2, 60) float16: colour of its two frames.
        breath: (n, 2) float16 likewise, in dB.
        f0: (n, 2) float16 likewise, in Hz, 0 where nothing is voiced.
        manner: How the person speaks.
        middle: (60,) float32 mean of the cepstra that neighbours give.
        gain: (60,) float32: how far each is from that mean in real speech, beside in theirs.
        finish: What made speech lacks.
        embedding: (256,) float32 whose voice it is, as measured when it was built.
    """

    units: NDArray[np.float16]
    cepstra: NDArray[np.float16]
    breath: NDArray[np.float16]
    f0: NDArray[np.float16]
    manner: Manner
    middle: NDArray[np.float32]
    gain: NDArray[np.float32]
    finish: Finish
    embedding: Embedding

    @property
    def speech_s(self) -> float:
        """Seconds of speech that it knows."""
        return len(self.units) / 100


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of speech as it is heard: features and frames of the same times.

    Attributes:
        units: (n, 384) float32 content features every 10 ms.
        f0: (2 n,) float32 pitch every 5 ms.
        cepstra: (2 n, 60) float32 colour every 5 ms.
    """

    units: NDArray[np.float32]
    f0: NDArray[np.float32]
    cepstra: NDArray[np.float32]


def hear(samples: NDArray[np.float32], content: SpeechContent, network: PitchNetwork) -> Passage:
    """Content and frames of speech that has the level `LEVEL`.

    Args:
        samples: (m,) mono at 16 kHz, up to half a minute.
        content: From `SpeechContent.open`.
        network: From `PitchNetwork.open`.

    Raises:
        ModelError: The package that brings WORLD is not there.
    """
    units = content_units(Audio(samples[None], SR), content)
    f0 = f0_of(samples, network)
    cepstra = cepstra_of(samples, f0)
    count = min(len(units), len(f0) // 2)
    return Passage(units[:count], f0[: 2 * count], cepstra[: 2 * count])


def manner_of(units: NDArray[np.float32], f0: NDArray[np.float32]) -> Manner:
    """How somebody speaks.

    Args:
        units: (n, 384) content features where they speak, n at least 1.
        f0: (m,) their pitch in Hz, 0 where nothing is voiced.
    """
    voiced = np.log(f0[f0 > 0].astype(np.float64))
    middle, spread = (voiced.mean(), voiced.std()) if len(voiced) else (np.log(150.0), 0.2)
    return Manner(
        units.mean(axis=0).astype(np.float32),
        (units.std(axis=0) + _FEW).astype(np.float32),
        (float(middle), float(max(spread, 0.05))),
    )


def said_by(voice: Voice) -> Audio:
    """Speech of the person as the voice holds it, to measure whose it is.

    Half a minute, in stretches spread over all that the voice knows, so that no part of it could be
    of somebody else.

    Args:
        voice: The voice.

    Returns:
        Mono at 16 kHz.

    Raises:
        ModelError: The package that brings WORLD is not there.
    """
    count = len(voice.units)
    firsts = np.linspace(0, max(0, count - _STRETCH), _STRETCHES).astype(int)
    rows = np.concatenate([np.arange(at, min(count, at + _STRETCH)) for at in firsts])
    frames = Frames(
        voice.f0[rows].reshape(-1).astype(np.float32),
        voice.cepstra[rows].reshape(2 * len(rows), -1).astype(np.float32),
        voice.breath[rows].reshape(-1).astype(np.float32),
    )
    made = voice.finish(put_together(frames, len(rows) * SR // 100))
    return Audio(np.clip(made, -1, 1)[None], SR)
