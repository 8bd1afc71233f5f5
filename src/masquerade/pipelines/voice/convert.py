"""What a recording says in the voice of somebody who consents, sealed.

::

    read voice -> check its consent -> open recording -> convert, streamed -> seal -> account
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from masquerade import registry
from masquerade.generate import voice_convert as method
from masquerade.models.voice_activity import VoiceActivity
from masquerade.pipelines.request import only_purpose
from masquerade.pipelines.saving import USUAL, Saving
from masquerade.pipelines.voice.make_sound import (
    MadeSound,
    Progress,
    check_request,
    sealed_sound,
    sound_draft,
)
from masquerade.pipelines.voice.sound_input import SoundInput, find_speech, open_sound
from masquerade.pipelines.voice.spoken_with import SpokenWith, open_voice
from masquerade.speech.convert import LEAST_S
from masquerade.speech.mono import SR
from masquerade.speech.readers import SpeechReader
from masquerade.telling import no_progress
from masquerade.types import Draft

METHOD: Final = "voice_convert"
LIMITS: Final = (
    "the result is mono at 16 kHz; who spoke stays in melody, timing and choice of words"
)


def convert_voice(
    target: Path,
    voice: Path,
    out: Path,
    *,
    consents: Sequence[Path] = (),
    purpose: str = "",
    options: method.Options | None = None,
    saving: Saving = USUAL,
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
        saving: How the result is marked and stored.
        progress: Told (what, done, in all).

    Raises:
        UsageError: The request makes no sense.
        RefusedError: Consent or a policy gate says no.
        InputError: Nobody speaks in the recording, or a file cannot be used.
        ProvenanceError: A mark could not be made, or did not read back.
        OutputError: The result cannot be written.
    """
    chosen = options or method.Options()
    check_request(target, out, saving)
    found = open_sound(target)
    sound = replace(found, sr=SR, channels=1)
    spoken = open_voice(voice, consents)
    speech = find_speech(
        found,
        VoiceActivity.open(progress=progress),
        least_s=LEAST_S,
        progress=progress or no_progress,
    )
    saved = sealed_sound(
        _draft(sound, spoken, chosen, progress),
        out,
        consents=spoken.records,
        purpose=purpose or only_purpose(spoken.records),
        saving=saving,
        progress=progress,
    )
    notes = (*_notes(found), *speech.notes, *sound.damages, LIMITS)
    return MadeSound(out, saved, (f"spoken with the voice {voice.name}",), notes)


def _draft(
    sound: SoundInput, spoken: SpokenWith, options: method.Options, progress: Progress | None
) -> Draft:
    """What is to be sealed."""
    reader = SpeechReader.open(threads=2, progress=progress)
    generate = method.prepare(method.Speaking(spoken.file.voice, reader), options)
    return sound_draft(
        sound,
        generate(sound.speech()),
        method=METHOD,
        options=options,
        uses=(spoken.use(),),
        inputs=(spoken.input(),),
        models=registry.models(registry.get(METHOD), options),
    )


def _notes(sound: SoundInput) -> tuple[str, ...]:
    notes = [note for note in sound.notes if "worked on" not in note]
    if sound.channels > 1:
        notes.append("the channels of the recording are mixed: a voice is mono")
    return tuple(notes)
