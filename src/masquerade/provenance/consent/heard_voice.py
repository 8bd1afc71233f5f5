"""A voice as it was heard in a recording, before it is bound to a record."""

from __future__ import annotations

from dataclasses import dataclass

from masquerade.types import Embedding


@dataclass(frozen=True, slots=True)
class HeardVoice:
    """Whose voice a recording is of, as measured, and what was understood of it.

    Attributes:
        embedding: (256,) float32 of unit length.
        network: SHA-256 of the network that measured it.
        sha256: Of the recording.
        speech_s: Seconds of speech in it.
        challenge: Id of the random words that were read aloud; empty where it is no statement.
        heard: What was understood of the statement; empty where it is none.
    """

    embedding: Embedding
    network: str
    sha256: str
    speech_s: float
    challenge: str = ""
    heard: str = ""
