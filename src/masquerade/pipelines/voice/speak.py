"""A text in the voice of somebody who consents, sealed as new sound.

::

    read voice -> check its consent -> read the text aloud, convert, streamed -> seal -> account
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import masquerade
from masquerade import registry
from masquerade.errors import UsageError
from masquerade.generate import voice_speak as method
from masquerade.generate.voice_convert import Speaking
from masquerade.pipelines.request import only_purpose
from masquerade.pipelines.saving import USUAL, Saving
from masquerade.pipelines.voice.make_sound import MadeSound, Progress, check_request, sealed_sound
from masquerade.pipelines.voice.spoken_with import SpokenWith, open_voice
from masquerade.speech.mono import SR
from masquerade.speech.read_aloud import MOST_LETTERS, TextToSpeech, read_aloud
from masquerade.speech.readers import SpeechReader
from masquerade.types import Draft, DraftSound, Recipe, SoundPiece

METHOD: Final = "voice_speak"
LIMITS: Final = "the result is mono at 16 kHz, read by a made-up narrator: English only"


def speak(
    text: str,
    voice: Path,
    out: Path,
    *,
    consents: Sequence[Path] = (),
    purpose: str = "",
    options: method.Options | None = None,
    saving: Saving = USUAL,
    progress: Progress | None = None,
) -> MadeSound:
    """A sealed sound file in which a voice says a text.

    Args:
        text: In English.
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
        InputError: Nothing in the text can be pronounced, or the voice cannot be used.
        ProvenanceError: A mark could not be made, or did not read back.
        OutputError: The result cannot be written.
    """
    chosen = options or method.Options()
    if not text.strip() or len(text) > MOST_LETTERS:
        raise UsageError(f"a text of {len(text)} letters", f"1 to {MOST_LETTERS} letters")
    check_request(voice, out, saving)
    spoken = open_voice(voice, consents)
    saved = sealed_sound(
        _draft(text, spoken, chosen, progress),
        out,
        consents=spoken.records,
        purpose=purpose or only_purpose(spoken.records),
        saving=saving,
        progress=progress,
    )
    return MadeSound(out, saved, (f"said with the voice {voice.name}",), (LIMITS,))


def _draft(
    text: str, spoken: SpokenWith, options: method.Options, progress: Progress | None
) -> Draft:
    """What is to be sealed."""
    reader = SpeechReader.open(threads=2, progress=progress)
    teller = TextToSpeech.open(progress=progress)
    generate = method.prepare(Speaking(spoken.file.voice, reader), options)
    blocks = generate(read_aloud(text, teller, speed=options.speed))
    return Draft(
        recipe=Recipe(
            method=METHOD,
            version=masquerade.__version__,
            options_json=options.canonical_json(),
            models=registry.models(registry.get(METHOD), options),
            inputs=(spoken.input(),),
        ),
        uses=(spoken.use(),),
        target=spoken.path,
        kind="sound",
        segments=iter(()),
        sound=DraftSound(SR, 1, iter([SoundPiece(0, "", blocks)])),
    )
