"""What somebody says in the voice of another who consents, with the speaker's melody and timing.

For any speaker to any voice that `masquerade voice build` made. Pitch is moved to where the other
voice lies; pauses, loudness and emphasis stay those of the speaker. Singing and whispering are not
what it is for: see docs/voice.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from masquerade import options as base
from masquerade.errors import UsageError
from masquerade.speech.convert import Converter
from masquerade.speech.readers import SpeechReader, speech_models
from masquerade.speech.voice import Voice
from masquerade.types import Audio, Need, Resources, SoundGenerator


class Options(base.Options):
    """Knobs of speaking with another voice; none so far."""


makes = "sound"
needs = frozenset({Need.AUDIO})
radius = 0
resources = Resources(memory_mb=900, cpus=1.0)
takes = ("source", "target")
endings = frozenset({".mvoice"})
SR: Final = 16_000


@dataclass(frozen=True, slots=True)
class Speaking:
    """Whose voice is spoken with, and what hears the speaker.

    Attributes:
        voice: From `masquerade.speech.voice_file.read_voice`.
        reader: From `SpeechReader.open`.
    """

    voice: Voice
    reader: SpeechReader


def models(_options: Options) -> tuple[tuple[str, str], ...]:
    """Name and SHA-256 of each network that it works with."""
    return speech_models()


def prepare(cast: Speaking, options: Options, *, device: str = "cpu") -> SoundGenerator:
    """The generator of one job: mono sound at 16 kHz in, the same out.

    Args:
        cast: The voice.
        options: Knobs of the method.
        device: Only ``cpu``.

    Raises:
        UsageError: Another device is asked for.
    """
    del options
    if device != "cpu":
        raise UsageError(f"voice_convert on {device}", "cpu")
    convert = Converter(cast.voice, cast.reader)

    def generate(blocks: Iterator[Audio]) -> Iterator[Audio]:
        yield from convert(blocks)

    return generate
