"""What a sound file can hold, by the ending of its name, and what its codec can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from masquerade.errors import UsageError

FileCodec: TypeAlias = Literal["pcm", "flac", "mp3", "aac", "opus"]


@dataclass(frozen=True, slots=True)
class SoundCodecFacts:
    """What there is to know about one sound codec.

    Attributes:
        encoder: FFmpeg's name of the encoder; of pcm, that for 16 bits.
        rates: Samples per second that it takes, rising; empty where it takes any.
        most_channels: How many it takes.
        lossy: Whether it has a bit rate.
    """

    encoder: str
    rates: tuple[int, ...]
    most_channels: int
    lossy: bool


SOUND_CODECS: Final[Mapping[FileCodec, SoundCodecFacts]] = {
    "pcm": SoundCodecFacts("pcm_s16le", (), 8, lossy=False),
    "flac": SoundCodecFacts("flac", (), 8, lossy=False),
    "mp3": SoundCodecFacts(
        "libmp3lame",
        (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
        2,
        lossy=True,
    ),
    "aac": SoundCodecFacts(
        "aac",
        (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000),
        8,
        lossy=True,
    ),
    "opus": SoundCodecFacts("libopus", (8000, 12000, 16000, 24000, 48000), 8, lossy=True),
}


@dataclass(frozen=True, slots=True)
class SoundContainer:
    """A kind of sound file that can be written.

    Attributes:
        name: Its ordinary name.
        endings: File endings that mean it, with their dot.
        muxer: FFmpeg's name.
        codec: What its sound is encoded with.
        chapters: Whether it names stretches of the sound.
        most_bytes: How large such a file can be; 0 where there is no bound.
    """

    name: str
    endings: tuple[str, ...]
    muxer: str
    codec: FileCodec
    chapters: bool
    most_bytes: int = 0


_MOST_WAV: Final = (1 << 32) - (1 << 20)  # its sizes have 32 bits; a manifest comes on top
SOUND_CONTAINERS: Final = (
    SoundContainer(
        "WAV", (".wav",), "wav", "pcm", chapters=False, most_bytes=(1 << 32) - (1 << 20)
    ),
    SoundContainer("FLAC", (".flac",), "flac", "flac", chapters=False),
    SoundContainer("MP3", (".mp3",), "mp3", "mp3", chapters=True),
    SoundContainer("M4A", (".m4a",), "ipod", "aac", chapters=True),
    SoundContainer("Ogg", (".opus", ".ogg"), "ogg", "opus", chapters=False),
)
SOUND_ENDINGS: Final = tuple(end for item in SOUND_CONTAINERS for end in item.endings)


def sound_container(ending: str) -> SoundContainer:
    """The kind of sound file that a file ending means.

    Raises:
        UsageError: No ending of a sound file that can be written.

    Example:
        >>> sound_container(".OGG").codec
        'opus'
    """
    for container in SOUND_CONTAINERS:
        if ending.lower() in container.endings:
            return container
    raise UsageError(
        f"{ending or 'no ending'} is not the ending of a sound file that can be written",
        f"one of {', '.join(SOUND_ENDINGS)}",
        "name the output with one of them",
    )


def rate_for(codec: FileCodec, sr: int) -> int:
    """The rate at which a codec keeps sound of `sr`: the least that is not lower, else the top.

    Example:
        >>> rate_for("opus", 44_100), rate_for("mp3", 96_000), rate_for("flac", 44_100)
        (48000, 48000, 44100)
    """
    rates = SOUND_CODECS[codec].rates
    if not rates:
        return sr
    return next((rate for rate in rates if rate >= sr), rates[-1])
