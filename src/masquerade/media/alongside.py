"""What goes along with the pictures of a file: its sound and subtitles, packet by packet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Discard, Stream
from av.subtitles.stream import SubtitleStream

from masquerade.errors import MediaError, OutputError, UsageError
from masquerade.media.container import video_stream
from masquerade.media.encoding import Encoding, SoundCodec
from masquerade.media.endings import VIDEO_CONTAINERS, VideoContainer
from masquerade.media.plain_tags import plain

_ENCODERS: Final[Mapping[SoundCodec, str]] = {"aac": "aac", "opus": "libopus", "flac": "flac"}
_OPUS_RATE = 48000
_CHAPTER_TEXT = "bin_data"  # QuickTime keeps the names of chapters in a stream of their own
_USUAL_LAYOUTS: Final = {1: "mono", 2: "stereo", 3: "2.1", 4: "quad", 5: "5.0", 6: "5.1", 8: "7.1"}
# Subtitles of other kinds place shapes and pictures anywhere, over the visible label too.
_PLAIN_TEXT = frozenset({"subrip", "srt", "webvtt", "mov_text", "text"})


@dataclass(frozen=True, slots=True)
class Lane:
    """A stream of the input and where its packets go; `encoder` where sound is encoded anew."""

    source: Stream
    result: Stream
    encoder: AudioStream | None = None


@dataclass(frozen=True, slots=True)
class Alongside:
    """All lanes, by the number of the input's stream, and notes on what was left out."""

    lanes: dict[int, Lane] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def open_alongside(
    source: InputContainer,
    result: OutputContainer,
    container: VideoContainer,
    encoding: Encoding,
    *,
    sound: bool = True,
) -> Alongside:
    """Makes a stream in `result` for all of `source` that fits: sound, subtitles.

    Args:
        source: The input.
        result: The output, before anything is written to it.
        container: What kind of file `result` is.
        encoding: Whether sound is copied.
        sound: False where other sound takes the place of the input's.

    Raises:
        OutputError: The container does not hold a sound stream's codec, and it is to be copied.
        UsageError: The container does not hold the codec that sound is to be encoded with.
    """
    lanes: dict[int, Lane] = {}
    notes: list[str] = []
    pictures = video_stream(source)
    for stream in source.streams:
        stream.discard = Discard.all
        name = getattr(stream, "name", "")  # it has none where there is no decoder
        if stream is pictures or (name == _CHAPTER_TEXT and source.chapters()):
            continue
        if isinstance(stream, AudioStream) and not sound:
            continue
        lane = None if _unwanted(stream, encoding) else _lane(stream, result, container, encoding)
        if lane is None:
            why = f"has no place in {container.name}"
            if isinstance(stream, SubtitleStream) and _codec_name(stream) not in _PLAIN_TEXT:
                why = "can draw over the picture and its label"
            if _unwanted(stream, encoding):
                why = "is not wanted"
            what = f"stream {stream.index} ({stream.type}, {_codec_name(stream)})"
            notes.append(f"{what} {why} and is left out")
            continue
        stream.discard = Discard.default
        lanes[stream.index] = lane
    return Alongside(lanes, tuple(notes))


def packets(
    source: InputContainer, alongside: Alongside, shift_s: Fraction
) -> Iterator[Packet[Stream]]:
    """The packets of all lanes, ready to be written, in the order of the file.

    Args:
        source: Just opened.
        alongside: Its lanes.
        shift_s: Added to every time.

    Yields:
        Packets with pts, dts, duration and stream of the output.
    """
    streams = [lane.source for lane in alongside.lanes.values()]
    if not streams:
        return
    expected: dict[int, int] = {}
    for packet in _demuxed(source, streams):
        lane = alongside.lanes[packet.stream.index]
        if lane.encoder is not None:
            yield from _encoded(source, lane, packet, shift_s)
        elif packet.size:
            _complete(packet, expected)
            yield _moved(packet, lane.result, shift_s)


def _demuxed(source: InputContainer, streams: list[Stream]) -> Iterator[Packet[Stream]]:
    """Packets as they come.

    Raises:
        MediaError: The input breaks off; errors of the output go by another way.
    """
    packets = source.demux(streams)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError as error:
            raise _unreadable(source, error) from error
        if packet is None:
            return
        yield packet


def _unreadable(source: InputContainer, error: av.FFmpegError) -> MediaError:
    return MediaError(
        f"the sound of {Path(source.name).name} cannot be read: {error.strerror}",
        "the input as it was when the job began, its sound undamaged",
        "check that the file is still there and whole; damaged sound can be kept with audio=copy",
    )


def start_s(source: InputContainer) -> Fraction:
    """When the earliest sound or picture of a file begins, on the file's own clock."""
    starts = [
        stream.start_time * stream.time_base
        for stream in source.streams
        if stream.start_time is not None and stream.time_base and stream.type in ("audio", "video")
    ]
    return min(starts, default=Fraction(0))


def fits(stream: Stream, container: VideoContainer) -> bool:
    """True where a copy of the stream can be put into the container, found by trying a header."""
    try:
        with av.open(io.BytesIO(), "w", format=container.muxer) as trial:
            copy = trial.add_stream_from_template(stream, opaque=True)
            copy.time_base = stream.time_base
            trial.start_encoding()
    except (av.FFmpegError, ValueError):
        return False
    return True


def _lane(
    stream: Stream, result: OutputContainer, container: VideoContainer, encoding: Encoding
) -> Lane | None:
    if isinstance(stream, AudioStream) and stream.codec_context is not None:
        if encoding.audio != "copy":
            return _encoder_lane(stream, result, container, encoding)
        if not fits(stream, container):
            raise _no_place(stream, container, encoding)
        return _copy_lane(stream, result, encoding)
    if isinstance(stream, SubtitleStream) and stream.codec_context is not None:
        plain = _codec_name(stream) in _PLAIN_TEXT
        return _copy_lane(stream, result, encoding) if plain and fits(stream, container) else None
    return None


def _unwanted(stream: Stream, encoding: Encoding) -> bool:
    """Whether sound, or a text that may name people, was asked to be left out."""
    if isinstance(stream, AudioStream):
        return encoding.audio == "none"
    return encoding.tags == "drop"


def _codec_name(stream: Stream) -> str:
    context = stream.codec_context
    return "unknown codec" if context is None else context.codec.canonical_name


def _no_place(stream: AudioStream, container: VideoContainer, encoding: Encoding) -> OutputError:
    others = [
        item.endings[0]
        for item in VIDEO_CONTAINERS
        if encoding.codec in item.codecs and fits(stream, item)
    ]
    holds = f"the ending {' or '.join(others)} holds it; " if others else ""
    return OutputError(
        f"{container.name} does not hold {_codec_name(stream)} sound (stream {stream.index})",
        "a container that can take the sound as it is",
        f"{holds}or have it encoded anew with audio={container.sounds[0]}",
    )


def _copy_lane(stream: Stream, result: OutputContainer, encoding: Encoding) -> Lane:
    copy = result.add_stream_from_template(stream, opaque=True)
    assert stream.time_base is not None
    copy.time_base = stream.time_base
    keep_label(stream, copy, encoding)
    if isinstance(stream, AudioStream) and isinstance(copy, AudioStream):
        layout = _layout(stream)
        if layout != stream.codec_context.layout.name:
            copy.codec_context.layout = layout
    return Lane(stream, copy)


def _encoder_lane(
    stream: AudioStream, result: OutputContainer, container: VideoContainer, encoding: Encoding
) -> Lane:
    if encoding.audio not in container.sounds:
        raise UsageError(
            f"{container.name} does not hold {encoding.audio} sound",
            f"audio is one of copy, {', '.join(container.sounds)}",
        )
    rate = _OPUS_RATE if encoding.audio == "opus" else stream.codec_context.sample_rate
    copy = result.add_stream(_ENCODERS[encoding.audio], rate=rate)
    assert isinstance(copy, AudioStream)
    copy.codec_context.layout = _layout(stream)
    copy.codec_context.time_base = Fraction(1, rate)
    if encoding.audio != "flac":
        copy.codec_context.bit_rate = encoding.audio_kbps * 1000
    keep_label(stream, copy, encoding)
    return Lane(stream, copy, copy)


def _layout(stream: AudioStream) -> str:
    """Name of the channel layout; the usual one where the input states the number only.

    Matroska may leave open which channels there are; MP4 and the AAC encoder must know.
    """
    layout = stream.codec_context.layout
    count = layout.nb_channels
    return _USUAL_LAYOUTS.get(count, layout.name) if "channels" in layout.name else layout.name


def keep_label(stream: Stream, copy: Stream, encoding: Encoding) -> None:
    """Language, title and role of a stream; nothing else of its tags, and no title if dropped."""
    copy.disposition = stream.disposition
    copy.metadata.clear()
    for key in ("language", "title") if encoding.tags == "keep" else ("language",):
        if text := plain(stream.metadata.get(key, "")):
            copy.metadata[key] = text


def _complete(packet: Packet[Stream], expected: dict[int, int]) -> None:
    """Fills times that the input does not state from the end of the packet before."""
    index = packet.stream.index
    if packet.pts is None:
        packet.pts = packet.dts if packet.dts is not None else expected.get(index, 0)
    if packet.dts is None:
        packet.dts = packet.pts
    expected[index] = packet.pts + (packet.duration or 0)


def _moved(packet: Packet[Stream], result: Stream, shift_s: Fraction) -> Packet[Stream]:
    shift = round(shift_s / packet.time_base)
    assert packet.pts is not None
    assert packet.dts is not None
    packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
    packet.stream = result
    return packet


def _encoded(
    source: InputContainer, lane: Lane, packet: Packet[Stream], shift_s: Fraction
) -> Iterator[Packet[Stream]]:
    """Decodes one packet (an empty one drains) and yields what the encoder gives for it."""
    assert lane.encoder is not None
    try:
        sounds = packet.decode()
    except av.FFmpegError as error:
        raise _unreadable(source, error) from error
    for sound in sounds:
        if isinstance(sound, av.AudioFrame):
            yield from _restreamed(lane.encoder, lane.encoder.encode(sound), shift_s)
    if not packet.size:
        yield from _restreamed(lane.encoder, lane.encoder.encode(None), shift_s)


def _restreamed(
    encoder: AudioStream, made: list[Packet[Stream]], shift_s: Fraction
) -> Iterator[Packet[Stream]]:
    for packet in made:
        yield _moved(packet, encoder, shift_s)
