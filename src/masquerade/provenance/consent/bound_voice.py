"""A voice bound to a consent record: its speaker embedding, and what it was measured on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    model_validator,
)

from masquerade.errors import UsageError
from masquerade.provenance.consent.bound_embedding import Kept, keep, opened
from masquerade.provenance.consent.heard_voice import HeardVoice
from masquerade.types import Embedding

DIMENSIONS = 256
_WHAT: Final = "voice"
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class BoundVoice(BaseModel):
    """A speaker embedding, in plain or encrypted by one installation, and how it was measured."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    plain: tuple[FiniteFloat, ...] | None = Field(
        default=None, min_length=DIMENSIONS, max_length=DIMENSIONS
    )
    encrypted: Annotated[str, StringConstraints(max_length=4000)] = ""
    installation: Annotated[str, StringConstraints(max_length=16)] = ""
    network: Sha256
    """SHA-256 of the network that measured it: distances between two networks mean nothing."""
    how: Literal["statement", "recording"]
    """A statement that was printed here, read aloud and understood; or any recording."""
    recording_sha256: Sha256
    speech_s: float = Field(gt=0, le=36_000)
    """Seconds of speech it was measured on."""
    recorded_on: date
    """The day the recording was taken in."""
    challenge: Annotated[str, StringConstraints(pattern=r"^(mqs-[0-9a-f]{16})?$")] = ""
    """The random words of the statement, by their id in the ledger."""
    heard: Annotated[str, StringConstraints(max_length=4000)] = ""
    """What the recogniser understood of the statement."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if bool(self.plain) == bool(self.encrypted and self.installation):
            raise ValueError("an embedding is either plain or encrypted")
        spoken = [bool(self.challenge), bool(self.heard)]
        if spoken != [self.how == "statement"] * 2:
            raise ValueError("a statement has random words and was understood, a recording not")
        return self


def bind_voice(
    voice: HeardVoice, record_id: str, *, plain: bool, day: date, home: Path | None = None
) -> BoundVoice:
    """The voice as a record keeps it.

    Args:
        voice: As it was heard.
        record_id: The record it belongs to; an encrypted one opens under that id only.
        plain: For a persona.
        day: Today.
        home: The installation's folder.

    Raises:
        UsageError: Its embedding is not a finite vector of 256.
        ProvenanceError: Keys cannot be used.
    """
    vector = np.asarray(voice.embedding, dtype="<f4")
    if not is_voice(vector):
        raise UsageError(f"an embedding of shape {vector.shape}", f"({DIMENSIONS},), finite")
    return BoundVoice(
        **asdict(keep(vector, record_id, what=_WHAT, plain=plain, home=home)),
        network=voice.network,
        how="statement" if voice.challenge else "recording",
        recording_sha256=voice.sha256,
        speech_s=round(voice.speech_s, 2),
        recorded_on=day,
        challenge=voice.challenge,
        heard=voice.heard,
    )


def open_voice(voice: BoundVoice, record_id: str, *, home: Path | None = None) -> Embedding:
    """(256,) float32, the embedding a record is bound to.

    Raises:
        ConsentError: It was encrypted by another installation, or was changed.
    """
    kept = Kept(voice.plain, voice.encrypted, voice.installation)
    return opened(kept, record_id, what=_WHAT, home=home)


def is_voice(vector: Embedding) -> bool:
    """Whether this can be a speaker embedding at all: a direction in 256 dimensions."""
    return vector.shape == (DIMENSIONS,) and bool(np.isfinite(vector).all()) and bool(vector.any())
