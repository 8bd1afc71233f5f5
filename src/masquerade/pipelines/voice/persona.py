"""The voice of a persona, made on this machine: nobody has it, and its record covers it alone.

The narrator of `masquerade.models.text_to_speech`, who is no person either, reads a text of the
package; each sentence is given the persona's pitch, throat and breath (see
`masquerade.speech.designed`), and a voice is built of them as of recordings. The record was signed
when the persona was made; it holds the voice that came of the recipe, and what is made here is
measured against it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import masquerade
from masquerade.errors import ModelError
from masquerade.models.card import card
from masquerade.models.text_to_speech import CARD as NARRATOR
from masquerade.personas import VoiceRecipe, load_voice
from masquerade.pipelines.voice.build import BuiltVoice, check_new_voice, save_voice
from masquerade.provenance.canonical import sha256_hex
from masquerade.provenance.consent.records import load
from masquerade.speech.designed import Design, designed
from masquerade.speech.mono import SR
from masquerade.speech.read_aloud import TextToSpeech, read_aloud
from masquerade.speech.readers import SpeechReader
from masquerade.speech.voice import Voice
from masquerade.speech.voice_build import build_voice
from masquerade.speech.voice_file import About
from masquerade.types import Audio

Progress = Callable[[str, int, int | None], None]
NOTE: Final = "nobody has this voice: a made-up narrator with another pitch, throat and breath"


def make_persona_voice(
    name: str, out: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> BuiltVoice:
    """The voice of a persona, as a file that carries the persona's record.

    Args:
        name: Of a persona that has a voice.
        out: Where it goes; ends in ``.mvoice``.
        overwrite: Replace it if it exists.
        progress: Told (what, done, in all).

    Raises:
        UsageError: There is no such persona, or none with a voice; or no such file can be made.
        ModelError: The narrator or a network cannot be had, or the narrator is another one.
        ConsentError: What came of it is not the voice of the persona's record.
        OutputError: It cannot be written.
    """
    began = time.monotonic()
    check_new_voice(out, overwrite=overwrite)
    recipe, consent = load_voice(name)
    record = load(consent)
    reader = SpeechReader.open(progress=progress)
    voice = speak_recipe(recipe, reader, progress=progress)
    about = About(
        made_by=f"Masquerade {masquerade.__version__}",
        consent=record.id,
        inputs=(recipe.narrator_sha256, recipe.text_sha256),
    )
    file, distance = save_voice(out, voice, about, record, reader)
    made_of = "a text that was read aloud"
    return BuiltVoice(out, file, made_of, distance, (NOTE,), time.monotonic() - began)


def speak_recipe(
    recipe: VoiceRecipe, reader: SpeechReader, *, progress: Progress | None = None
) -> Voice:
    """The voice that comes of a recipe.

    Raises:
        ModelError: The narrator or a network cannot be had; or narrator or text are not those that
            the recipe was measured with.
    """
    found = (card(NARRATOR).sha256, sha256_hex(recipe.text.encode()))
    if found != (recipe.narrator_sha256, recipe.text_sha256):
        raise ModelError(
            "the narrator is another one than the persona's voice was made of",
            f"SHA-256 {recipe.narrator_sha256[:16]}",
            "install the version of masquerade that the persona came with",
        )
    design = Design.model_validate(dict(recipe.design))
    narrator = TextToSpeech.open(progress=progress)
    spoken = list(_sentences(recipe.text, design, narrator, reader, progress))
    return build_voice(spoken, reader, progress=progress)


def _sentences(
    text: str,
    design: Design,
    narrator: TextToSpeech,
    reader: SpeechReader,
    progress: Progress | None,
) -> Iterator[Audio]:
    """Each line of the text as the persona says it, without gaps from one to the next."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if progress:
            progress("reading aloud", number, len(lines))
        for block in read_aloud(line, narrator):
            yield Audio(designed(block.samples[0], design, reader.pitch)[None], SR)
