"""Sound encoded block by block, each sample at its exact time, in memory that does not grow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream

from masquerade.errors import OutputError, UsageError
from masquerade.media.encoding import Encoding
from masquerade.media.endings import VideoContainer
from masquerade.media.sound_containers import SOUND_CODECS, FileCodec, rate_for
from masquerade.types import Audio

LAYOUTS: Final = {
    1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"
}  # fmt: skip
_PORTION: Final = 1 << 15  # samples handed to the encoder at once
# Bits per second that the standards allow at most, by the highest rate they are for.
_MOST_MP3: Final = ((12_000, 64_000), (24_000, 160_000), (48_000, 320_000))
_MOST_OPUS: Final = 256_000  # for each channel


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """Sound to be written, with its place in time.

    Attributes:
        blocks: Of one rate and one number of channels, without gaps; consumed once.
        sr: Samples per second.
        channels: Of every block.
        start_s: When the first sample sounds.
    """

    blocks: Iterator[Audio]
    sr: int
    channels: int
    start_s: Fraction = Fraction(0)


def check_channels(codec: FileCodec, channels: int) -> None:
    """Passes where a codec takes so many channels.

    Raises:
        UsageError: It does not.
    """
    most = SOUND_CODECS[codec].most_channels
    if not 1 <= channels <= most:
        raise UsageError(
            f"{codec} does not hold sound of {channels} channels",
            f"1 to {most}",
            "choose another ending or codec, or mix the sound down first",
        )


def codec_for(before: str, container: VideoContainer, encoding: Encoding) -> FileCodec:
    """What new sound of a video is encoded with: what is asked for, else as the sound it had.

    Args:
        before: FFmpeg's name of the codec of the sound it had; may be empty.
        container: Of the output.
        encoding: Its `audio` names a codec, or says ``copy``.

    Raises:
        UsageError: The container does not hold it, or sound is to be left out.
    """
    if encoding.audio == "none":
        raise UsageError(
            "the video gets new sound, and its sound is to be left out", "one of the two"
        )
    if encoding.audio != "copy" and encoding.audio not in container.sounds:
        raise UsageError(
            f"{container.name} does not hold {encoding.audio} sound",
            f"audio is one of copy, {', '.join(container.sounds)}",
        )
    asked = before if encoding.audio == "copy" else encoding.audio
    same = next((codec for codec in container.sounds if codec == asked), container.sounds[0])
    found: dict[str, FileCodec] = {"aac": "aac", "opus": "opus", "flac": "flac"}
    return found[same]


def open_encoder(
    result: OutputContainer, codec: FileCodec, track: SoundTrack, *, kbps: int, bits: int = 16
) -> AudioStream:
    """A stream of sound in an output, before anything is written to it.

    Args:
        result: The output.
        codec: What it is encoded with; at the nearest rate that codec takes.
        track: What is to be encoded.
        kbps: Bit rate of a codec that has one, kept within what the standards allow.
        bits: Of each sample, 16 or 24, of a codec that keeps every bit.

    Raises:
        UsageError: The codec does not take so many channels.
    """
    check_channels(codec, track.channels)
    rate = rate_for(codec, track.sr)
    deep = bits > 16
    encoder = "pcm_s24le" if codec == "pcm" and deep else SOUND_CODECS[codec].encoder
    stream = result.add_stream(encoder, rate=rate)
    assert isinstance(stream, AudioStream)
    context = stream.codec_context
    context.layout = LAYOUTS[track.channels]
    context.time_base = Fraction(1, rate)
    if codec in ("pcm", "flac"):
        context.format = "s32" if deep else "s16"
    if SOUND_CODECS[codec].lossy:
        context.bit_rate = _bit_rate(codec, kbps * 1000, rate, track.channels)
    return stream


def encoded_sound(track: SoundTrack, stream: AudioStream) -> Iterator[Packet[Stream]]:
    """The track's packets; sample n sounds at ``start_s + n / sr``.

    Raises:
        UsageError: A block has another rate or number of channels.
        OutputError: The encoder refuses the sound.
    """
    layout, base = LAYOUTS[track.channels], Fraction(1, track.sr)
    place = round(track.start_s * track.sr)
    try:
        for samples in _portions(track):
            sound = av.AudioFrame.from_ndarray(samples.T.reshape(1, -1), "flt", layout)
            sound.sample_rate, sound.time_base, sound.pts = track.sr, base, place
            place += samples.shape[1]
            yield from stream.encode(sound)
        end = place * base
        for packet in stream.encode(None):
            yield _cut(packet, end)
    except av.FFmpegError as error:
        raise OutputError(
            f"the encoder {stream.codec_context.name} refuses sound of {track.sr} Hz and"
            f" {track.channels} channels: {error.strerror}",
            todo="choose another ending or codec",
        ) from error


def _cut(packet: Packet[Stream], end_s: Fraction) -> Packet[Stream]:
    """The packet, lasting no longer than the sound, whatever fills its codec's last block."""
    if packet.pts is not None and packet.duration:
        left = round(end_s / packet.time_base) - packet.pts
        packet.duration = max(1, min(packet.duration, left))
    return packet


def _portions(track: SoundTrack) -> Iterator[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    for block in track.blocks:
        if block.sr != track.sr or block.samples.shape[0] != track.channels:
            raise UsageError(
                f"a block of {block.sr} Hz and {block.samples.shape[0]} channels",
                f"{track.sr} Hz and {track.channels}, as the track has",
            )
        for start in range(0, block.samples.shape[1], _PORTION):
            portion = block.samples[:, start : start + _PORTION]
            yield np.ascontiguousarray(portion, np.float32)


def _bit_rate(codec: FileCodec, wanted: int, rate: int, channels: int) -> int:
    if codec == "mp3":
        return min(wanted, next(most for top, most in _MOST_MP3 if rate <= top))
    return min(wanted, _MOST_OPUS * channels) if codec == "opus" else wanted
