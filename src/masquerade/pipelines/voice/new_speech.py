"""What somebody in a video is to say: a recording, a recording in another voice, a text in one.

Lips follow what was recorded, or read aloud; what is heard is that, or the same in another voice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

from masquerade import registry
from masquerade.errors import UsageError
from masquerade.generate import voice_convert, voice_speak
from masquerade.models.store import Progress
from masquerade.pipelines.voice.sound_input import SoundInput, open_sound
from masquerade.pipelines.voice.spoken_with import SpokenWith, open_voice
from masquerade.pipelines.voice.unmarked import check_unmarked_speech
from masquerade.pipelines.whose_record import covering
from masquerade.provenance.canonical import Json
from masquerade.provenance.consent.first_heard import check_beginning
from masquerade.provenance.consent.measured_voice import voices_in
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.speech.mono import SR
from masquerade.speech.read_aloud import TextToSpeech, read_aloud
from masquerade.speech.readers import SpeechReader
from masquerade.telling import no_progress
from masquerade.types import Audio, IdentityUse, InputUse

MOST_LETTERS: Final = 5000
"""Of a text that is said in a video: about six minutes."""


@dataclass(frozen=True, slots=True)
class NewSpeech:
    """Speech that takes the place of a video's sound.

    Attributes:
        sr: Samples per second of what is heard.
        channels: Of what is heard.
        heard: Gives what is heard from 0 s on, anew each time.
        followed: Likewise what lips follow, mono at 16 kHz, as long.
        inputs: Files that go in.
        also: Methods that make what is heard.
        models: Name and SHA-256 of each network that these work with.
        said: What is recorded of it besides.
        voice: The voice that is spoken with.
        damages: What of it could not be read as it should, filled while it is heard.
    """

    sr: int
    channels: int
    heard: Callable[[], Iterator[Audio]]
    followed: Callable[[], Iterator[Audio]]
    inputs: tuple[InputUse, ...]
    also: tuple[str, ...] = ()
    models: tuple[tuple[str, str], ...] = ()
    said: dict[str, Json] = field(default_factory=dict)
    voice: SpokenWith | None = None
    damages: Sequence[str] = ()

    @property
    def name(self) -> str:
        """What it is called where something is wrong with it."""
        return next((one.name for one in self.inputs if one.role == "driving"), "the text")

    @property
    def is_recorded(self) -> bool:
        """Whether it is a recording; else a text is read aloud."""
        return any(one.role == "driving" for one in self.inputs)

    @property
    def records(self) -> tuple[ConsentRecord, ...]:
        """Records that the voice carries."""
        return self.voice.records if self.voice else ()

    def uses(
        self, records: Sequence[ConsentRecord], progress: Progress = no_progress
    ) -> Iterator[IdentityUse]:
        """Whose voices go in: who speaks in recordings, each with the record that seems theirs.

        Raises:
            ConsentError: A voice cannot be measured, or the beginning of a long recording is of
                nobody who has a record.
        """
        for one in self.inputs:
            if one.role == "driving" and one.path is not None:
                check_beginning(one.path, records, progress)
                for voice in voices_in(one.path, one.sha256, progress):
                    use = IdentityUse("driving", "voice", voice.embedding, one.sha256)
                    yield replace(use, consent=covering(records, use))
        if self.voice is not None:
            yield self.voice.use()


def new_speech(
    recording: Path | None, text: str, voice: Path | None, progress: Progress
) -> NewSpeech:
    """What is asked for, opened; nothing of it is made yet.

    Args:
        recording: Of somebody who speaks.
        text: In English, in place of a recording.
        voice: An ``.mvoice`` file; may be None where there is a recording.
        progress: Told how far the networks are.

    Raises:
        UsageError: There is a recording and a text, or neither; a text without a voice; or a
            recording that carries this program's watermark.
        ConsentError: The voice carries no consent that holds.
        InputError: A file cannot be used.
    """
    if (recording is None) == (not text.strip()):
        found = "nothing to be said" if recording is None else "a recording and a text"
        raise UsageError(found, "a recording (--speech), or a text (--text)")
    spoken = open_voice(voice, ()) if voice else None
    if recording is not None:
        sound = open_sound(recording)
        plain = _recorded(sound)
        if spoken:
            return _converted(plain, spoken, progress)
        check_unmarked_speech(recording, sound.known)
        return plain
    if spoken is None:
        raise UsageError("a text, and no voice that says it", "--as NAME.mvoice", "")
    if len(text) > MOST_LETTERS:
        raise UsageError(f"a text of {len(text)} letters", f"at most {MOST_LETTERS}", "cut it")
    return _read_out(text, spoken, progress)


def _recorded(sound: SoundInput) -> NewSpeech:
    """A recording as it is."""
    driving = InputUse("driving", sound.path.name, sound.sha256, sound.path)
    return NewSpeech(
        sound.sr, sound.channels, sound.blocks, sound.speech, (driving,), damages=sound.damages
    )


def _converted(plain: NewSpeech, voice: SpokenWith, progress: Progress) -> NewSpeech:
    """A recording in another voice, which keeps its timing."""
    options = voice_convert.Options()
    reader = SpeechReader.open(threads=2, progress=progress)
    generate = voice_convert.prepare(voice_convert.Speaking(voice.file.voice, reader), options)
    return NewSpeech(
        SR,
        1,
        lambda: generate(plain.followed()),
        plain.followed,
        (*plain.inputs, voice.input()),
        ("voice_convert",),
        registry.models(registry.get("voice_convert"), options),
        voice=voice,
        damages=plain.damages,
    )


def _read_out(text: str, voice: SpokenWith, progress: Progress) -> NewSpeech:
    """A text in a voice: read aloud once, and held, since it is heard several times."""
    options = voice_speak.Options()
    reader = SpeechReader.open(threads=2, progress=progress)
    generate = voice_speak.prepare(voice_convert.Speaking(voice.file.voice, reader), options)
    told = tuple(read_aloud(text, TextToSpeech.open(progress=progress), speed=options.speed))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return NewSpeech(
        SR,
        1,
        lambda: generate(iter(told)),
        partial(iter, told),
        (voice.input(),),
        ("voice_speak",),
        registry.models(registry.get("voice_speak"), options),
        {"text_sha256": digest, "speed": options.speed},
        voice,
    )


def first_of(blocks: Iterator[Audio], most_s: Fraction | None) -> Iterator[Audio]:
    """The sound up to a time; all of it where there is none."""
    for block in blocks:
        done = block.start_s + Fraction(block.samples.shape[1], block.sr)
        if most_s is None or done <= most_s:
            yield block
            continue
        left = int((most_s - block.start_s) * block.sr)
        if left > 0:
            yield Audio(block.samples[:, :left], block.sr, block.start_s)
        return
