"""Voice models remember whose voice they speak with, as models of faces remember faces.

The statement in the file's header is that of `masquerade.provenance.consent.model_consent`: signed,
over a digest of the weights. For a voice there is one rule more: what the model itself says is
measured, when it is made and each time it is loaded, and has to be the voice of its record. So the
features of another speaker do not pass under somebody's consent.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ConsentError, InputError, ModelError, UsageError
from masquerade.provenance.consent.check import check_voice
from masquerade.provenance.consent.measured_voice import voices_of
from masquerade.provenance.consent.model_consent import check_model, mark_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.voice_reader import VoiceReader
from masquerade.provenance.consent.voices_apart import MeasuredVoice
from masquerade.speech.mono import SR
from masquerade.speech.voice import said_by
from masquerade.speech.voice_file import read_voice
from masquerade.types import Audio


def mark_voice_model(
    path: Path,
    record: ConsentRecord,
    says: NDArray[np.float32],
    reader: VoiceReader,
    *,
    name: str = "",
    home: Path | None = None,
) -> float:
    """Puts the consent of a voice into its model, and gives how near the model comes to it.

    Args:
        path: A safetensors file; its other metadata is kept.
        record: Of the person whose voice it is.
        says: (n,) at 16 kHz: what the model says, five seconds of speech or more.
        reader: From `VoiceReader.open`.
        name: What the model is called; its file's name when empty.
        home: The installation's folder.

    Returns:
        Distance of the model's voice to that of the record.

    Raises:
        InputError: It is no safetensors file.
        ConsentError: The record is not in force, covers no voice, or is of another one.
        OutputError: The file cannot be written.
    """
    distance = _held(name or path.name, (record,), says, reader, home)
    mark_model(path, (record,), name=name, home=home)
    return distance


def check_voice_model(
    path: Path,
    says: NDArray[np.float32],
    reader: VoiceReader,
    *,
    sha256: str | None = None,
    home: Path | None = None,
) -> tuple[ConsentRecord, ...]:
    """The records behind a voice model, when it may be used and speaks with their voice.

    Args:
        path: The file.
        says: As in `mark_voice_model`.
        reader: From `VoiceReader.open`.
        sha256: Of the file that was loaded; None where it is not known yet.
        home: The installation's folder.

    Raises:
        InputError: It is no safetensors file.
        ConsentError: See `check_model`; or it speaks with another voice than its record's.
    """
    records = check_model(path, sha256=sha256, home=home)
    _held(path.name, records, says, reader, home)
    return records


def voices_of_model(
    path: Path, sha256: str, *, home: Path | None = None
) -> tuple[MeasuredVoice, ...]:
    """Everybody with whose voice a model speaks, as measured here and now.

    Args:
        path: An ``.mvoice`` file.
        sha256: Its hash, as the recipe names it.
        home: The installation's folder.

    Raises:
        ConsentError: Its own records do not hold, or it speaks with another voice, or it cannot be
            measured.
    """
    try:
        says = said_by(read_voice(path, sha256=sha256).voice).samples[0]
        reader = VoiceReader.open()
    except (InputError, ModelError) as error:
        raise ConsentError(
            f"the voice {path.name} cannot be measured: {error.found}", error.expected, error.todo
        ) from error
    check_voice_model(path, says, reader, sha256=sha256, home=home)
    return voices_of(reader.speech(Audio(says[None], SR)), reader)


def _held(
    name: str,
    records: Sequence[ConsentRecord],
    says: NDArray[np.float32],
    reader: VoiceReader,
    home: Path | None,
) -> float:
    """How near the voice of a model is to that of its records, each of which has to be of it."""
    voice = _one_voice(name, says, reader)
    refused: ConsentError | None = None
    distances = []
    for record in records:
        try:
            distances.append(check_voice(record, voice.embedding, home=home))
        except ConsentError as error:
            refused = error
    if refused is not None:
        raise ConsentError(
            f"the voice model {name} cannot be used: {refused.found}",
            refused.expected,
            "build it from recordings of that person alone, under their record",
        ) from refused
    if not distances:
        raise UsageError(f"no consent record for the voice model {name}", "at least one")
    return min(distances)


def _one_voice(name: str, says: NDArray[np.float32], reader: VoiceReader) -> MeasuredVoice:
    found = voices_of(says, reader)
    if not found:
        raise ConsentError(
            f"the voice of the model {name} cannot be measured", "five seconds of speech"
        )
    return found[0]
