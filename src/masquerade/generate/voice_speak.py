"""A text in the voice of somebody who consents: read aloud by a made-up voice, then converted.

Melody and pace are those of the made-up voice, which reads like a narrator; the person's own way of
telling things is not known to it. In English only: see docs/voice.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pydantic import Field

from masquerade import options as base
from masquerade.errors import UsageError
from masquerade.generate.voice_convert import Speaking
from masquerade.models.card import card
from masquerade.models.text_to_speech import CARD
from masquerade.speech.convert import Converter
from masquerade.speech.readers import speech_models
from masquerade.types import Audio, Need, Resources, SoundGenerator


class Options(base.Options):
    """Knobs of reading a text in a voice."""

    speed: float = Field(1.0, ge=0.6, le=1.6)
    """How fast it is read; 1 is a narrator's pace."""


makes = "sound"
needs: frozenset[Need] = frozenset()
radius = 0
resources = Resources(memory_mb=900, cpus=1.0)
takes = ("source",)
SR: Final = 16_000


def models(_options: Options) -> tuple[tuple[str, str], ...]:
    """Name and SHA-256 of each network that it works with."""
    return (*speech_models(), (CARD, card(CARD).sha256))


def prepare(cast: Speaking, options: Options, *, device: str = "cpu") -> SoundGenerator:
    """The generator of one job: the text as it is read aloud in, mono at 16 kHz; the voice out.

    Args:
        cast: The voice.
        options: Knobs of the method; whoever reads the text heeds the speed.
        device: Only ``cpu``.

    Raises:
        UsageError: Another device is asked for.
    """
    del options
    if device != "cpu":
        raise UsageError(f"voice_speak on {device}", "cpu")
    convert = Converter(cast.voice, cast.reader)

    def generate(blocks: Iterator[Audio]) -> Iterator[Audio]:
        yield from convert(blocks)

    return generate
