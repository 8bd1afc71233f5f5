"""What a recording says in the voice of somebody who consents, sealed.

::

    read voice -> check its consent -> open recording -> convert, streamed -> seal -> account
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from masquerade import registry
from masquerade.errors import InputError, UsageError
from masquerade.generate import voice_convert as method
from masquerade.hashing import file_sha256
from masquerade.media.encoding import Encoding
from masquerade.pipelines.make_sound import (
    MadeSound,
    Progress,
    check_request,
    sealed_sound,
    sound_draft,
)
from masquerade.pipelines.sound_input import SoundInput, open_sound
from masquerade.provenance.consent.model_consent import check_model
from masquerade.provenance.consent.record import ANY, ConsentRecord
from masquerade.provenance.consent.records import load
from masquerade.speech.mono import SR
from masquerade.speech.readers import SpeechReader
from masquerade.speech.voice_file import ENDING, VoiceFile, is_voice_file, read_voice
from masquerade.types import Audio, Draft, IdentityUse, InputUse

METHOD: Final = "voice_convert"
LIMITS: Final = (
    "the result is mono at 16 kHz; who spoke stays in melody, timing and choice of words"
)


@dataclass(frozen=True, slots=True)
class SpokenWith:
    """A voice that may be used.

    Attributes:
        file: What it holds.
        sha256: Of the file.
        record: The first that was given, else the one it was built under.
        records: All that were given or are carried.
    """

    file: VoiceFile
    sha256: str
    record: ConsentRecord
    records: tuple[ConsentRecord, ...]


def convert_voice(
    target: Path,
    voice: Path,
    out: Path,
    *,
    consents: Sequence[Path] = (),
    purpose: str = "",
    options: method.Options | None = None,
    encoding: Encoding | None = None,
    label: str = "eu",
    label_language: str = "en",
    overwrite: bool = False,
    progress: Progress | None = None,
) -> MadeSound:
    """A sealed sound file in which another voice says what a recording says.

    Args:
        target: A sound file, or a video whose sound is used.
        voice: An ``.mvoice`` file.
        out: Where the result goes; its ending chooses the container.
        consents: Records of the voice; those that the voice carries where none is given.
        purpose: What it is for; may be empty where the record names just one.
        options: Of the method.
        encoding: How the sound is stored.
        label: Name of the spoken label.
        label_language: Code of its language.
        overwrite: Replace the output if it exists.
        progress: Told (what, done, in all).

    Raises:
        UsageError: The request makes no sense.
        RefusedError: Consent or a policy gate says no.
        InputError: Nobody speaks in the recording, or a file cannot be used.
        ProvenanceError: A mark could not be made, or did not read back.
        OutputError: The result cannot be written.
    """
    chosen = options or method.Options()
    check_request(target, out, label=label, label_language=label_language, overwrite=overwrite)
    found = open_sound(target)
    sound = replace(found, sr=SR, channels=1)
    draft, records = _draft(sound, voice, consents, chosen, progress)
    saved = sealed_sound(
        draft,
        out,
        consents=records,
        purpose=purpose or one_purpose(records),
        encoding=encoding or Encoding(),
        label=label,
        label_language=label_language,
        progress=progress,
    )
    notes = (*_notes(found), *sound.damages, LIMITS)
    return MadeSound(out, saved, (f"spoken with the voice {voice.name}",), notes)


def _draft(
    sound: SoundInput,
    voice: Path,
    consents: Sequence[Path],
    options: method.Options,
    progress: Progress | None,
) -> tuple[Draft, tuple[ConsentRecord, ...]]:
    """What is to be sealed, and the records it is to rest on."""
    spoken = open_voice(voice, consents)
    reader = SpeechReader.open(threads=2, progress=progress)
    embedding = spoken.file.voice.embedding
    generate = method.prepare(method.Speaking(spoken.file.voice, reader), options)
    draft = sound_draft(
        sound,
        generate(_mono(sound)),
        method=METHOD,
        options=options,
        uses=(IdentityUse("source", "voice", embedding, spoken.sha256, spoken.record.id),),
        inputs=(InputUse("source", voice.name, spoken.sha256, voice),),
        models=registry.models(registry.get(METHOD), options),
    )
    return draft, spoken.records


def open_voice(voice: Path, consents: Sequence[Path]) -> SpokenWith:
    """A voice, when its consent still holds.

    Args:
        voice: An ``.mvoice`` file.
        consents: Records that are given besides those it carries.

    Raises:
        UsageError: It is another file.
        ConsentError: It carries no consent that holds.
        InputError: It is damaged.
    """
    if not is_voice_file(voice):
        raise UsageError(f"{voice.name} is no voice", f"a file that ends in {ENDING}")
    try:
        digest = file_sha256(voice)
    except OSError as error:
        raise InputError(f"{voice} cannot be read: {error.strerror}") from error
    carried = check_model(voice, sha256=digest)
    file = read_voice(voice, sha256=digest)
    given = tuple(map(load, consents))
    own = next((one for one in carried if one.id == file.about.consent), carried[0])
    records = {one.id: one for one in (*given, *carried)}
    return SpokenWith(file, digest, given[0] if given else own, tuple(records.values()))


def _mono(sound: SoundInput) -> Iterator[Audio]:
    for block in sound.blocks():
        mixed = block.samples.mean(axis=0, keepdims=True, dtype=np.float32)
        yield Audio(mixed, block.sr, block.start_s)


def one_purpose(records: Sequence[ConsentRecord]) -> str:
    """The one purpose that the records name.

    Raises:
        UsageError: They name several.
    """
    named = {one for record in records for one in record.purposes if one != ANY}
    if len(named) > 1:
        raise UsageError(
            "the consent record names several purposes", "--purpose, with one of them", ""
        )
    return next(iter(named), "")


def _notes(sound: SoundInput) -> tuple[str, ...]:
    notes = [note for note in sound.notes if "worked on" not in note]
    if sound.channels > 1:
        notes.append("the channels of the recording are mixed: a voice is mono")
    return tuple(notes)
