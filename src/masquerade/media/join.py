"""Encoded segments put together: one video with the input's sound, subtitles, chapters and tags."""

from __future__ import annotations

import heapq
import io
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from math import lcm
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from masquerade.errors import OutputError, UsageError
from masquerade.media import alongside
from masquerade.media.container import open_container
from masquerade.media.encoding import Encoding, choose_pixels
from masquerade.media.endings import VideoContainer, video_container, whole_file
from masquerade.media.limits import DEFAULT_LIMITS, Limits
from masquerade.media.plain_tags import changed, plain
from masquerade.media.probe import MediaInfo
from masquerade.media.segment import Look, Segment, open_segment, segment_packets
from masquerade.media.sound_containers import FileCodec
from masquerade.media.sound_encoder import SoundTrack, codec_for, encoded_sound, open_encoder
from masquerade.media.still_tags import ALL_DROPPED

if TYPE_CHECKING:
    from av.container.core import Chapter

_CLOCK_WITHOUT_ZERO = frozenset(("mpeg", "mpegts"))
_MILLISECOND = Fraction(1, 1000)
_CHAPTER_BASE = Fraction(1, 1_000_000)
_LARGEST_TIMESCALE = 2**31 - 1
_DATE_TAGS = ("creation_time",)
_TECHNICAL_TAGS = (
    "major_brand", "minor_version", "compatible_brands", "encoder", "duration", "handler_name",
    "vendor_id",
)  # fmt: skip


def join(
    segments: Iterable[bytes],
    target: MediaInfo,
    out: Path,
    encoding: Encoding,
    *,
    ending: str = "",
    metadata: Mapping[str, str] | None = None,
    sound: SoundTrack | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[str, ...]:
    """Writes one video from encoded segments and all else of the input; gives back notes.

    Pictures keep the exact pts of their frames where the container can (Matroska and WebM count
    whole milliseconds). Sound and subtitles are copied bit by bit, at their own times; where the
    clock of the input has no zero (MPEG programme and transport streams) everything is moved by
    one amount, so that the output starts at 0. Memory holds one segment at a time.

    Args:
        segments: From `masquerade.media.segment.encode_segment`, in order of time; consumed once.
        target: The input whose sound, subtitles, chapters and safe tags are kept.
        out: Where to write; it does not exist after a failure.
        encoding: The one that the segments were made with.
        ending: Chooses the container where the name of `out` is a temporary one.
        metadata: Tags to add or, with an empty value, to leave out.
        sound: What takes the place of all sound of the input, each sample at its time.
        limits: For opening the input again.

    Returns:
        Sentences on what the output could not keep.

    Raises:
        UsageError: The ending is unknown, holds no such codec, or there is no segment.
        OutputError: No space or permission, or the container does not hold the input's sound.
        MediaError: A segment is damaged, or the input cannot be read any more.
    """
    container = video_container(ending or out.suffix, encoding.codec)
    opened = _opened(segments)
    first = next(opened, None)
    if first is None:
        raise UsageError("no segments to join", "at least one")
    if target.kind == "still":
        film = _Film(target, out, encoding, container, metadata or {}, sound)
        return film.write(first, opened)
    with open_container(target.path, limits) as source, whole_file(out):
        shift_s = _shift(source)
        base = _time_base(container, first.look, shift_s)
        rates = [one.codec_context.sample_rate for one in source.streams.audio if one.codec_context]
        with _open_result(out, container, base, [sound.sr] if sound else rates) as result:
            video = _picture_stream(result, first, container, base)
            others = alongside.open_alongside(
                source, result, container, encoding, sound=sound is None
            )
            made = _new_sound(sound, source, result, container, encoding, shift_s)
            if encoding.tags == "keep":
                result.metadata.update(_tags(target, source, metadata or {}))
                result.set_chapters(_chapters(target, shift_s))
            pictures = _packets(first, opened, video, shift_s, base)
            sounds = alongside.packets(source, others, shift_s)
            for packet in heapq.merge(pictures, sounds, made, key=_when):
                result.mux_one(packet)
        told: tuple[str, ...] = (ALL_DROPPED,)
        if encoding.tags == "keep":
            told = (*_left_out(target, source), *changed(_texts(target, source)))
        return (*losses(target, encoding, container), *others.notes, *told)


def _new_sound(
    sound: SoundTrack | None,
    source: InputContainer,
    result: OutputContainer,
    container: VideoContainer,
    encoding: Encoding,
    shift_s: Fraction,
) -> Iterator[Packet[Stream]]:
    """The packets of sound that takes the place of the input's, in a stream that is named alike."""
    if sound is None:
        return iter(())
    before = next((one for one in source.streams.audio if one.codec_context), None)
    codec = codec_for(before.codec_context.name if before else "", container, encoding)
    moved = replace(sound, start_s=sound.start_s + shift_s)
    return _sound_packets(moved, codec, result, encoding, before)


def _sound_packets(
    sound: SoundTrack,
    codec: FileCodec,
    result: OutputContainer,
    encoding: Encoding,
    before: AudioStream | None = None,
) -> Iterator[Packet[Stream]]:
    stream = open_encoder(result, codec, sound, kbps=encoding.audio_kbps)
    if before is not None:
        alongside.keep_label(before, stream, encoding)
    return encoded_sound(sound, stream)


@dataclass(frozen=True, slots=True)
class _Film:
    """A video made of a still, which has neither sound nor chapters to be kept."""

    target: MediaInfo
    out: Path
    encoding: Encoding
    container: VideoContainer
    metadata: Mapping[str, str]
    sound: SoundTrack | None

    def write(self, first: Segment, others: Iterable[Segment]) -> tuple[str, ...]:
        """Writes it; gives back what it loses."""
        base = _time_base(self.container, first.look, Fraction(0))
        rates = [self.sound.sr] if self.sound else []
        own = {key: plain(value) for key, value in self.target.metadata}
        tags = own | dict(self.metadata)
        with whole_file(self.out), _open_result(self.out, self.container, base, rates) as result:
            video = _picture_stream(result, first, self.container, base)
            made: Iterator[Packet[Stream]] = iter(())
            if self.sound is not None:
                codec = codec_for("", self.container, self.encoding)
                made = _sound_packets(self.sound, codec, result, self.encoding)
            if self.encoding.tags == "keep":
                result.metadata.update({key: value for key, value in tags.items() if value})
            pictures = _packets(first, others, video, Fraction(0), base)
            for packet in heapq.merge(pictures, made, key=_when):
                result.mux_one(packet)
        return losses(self.target, self.encoding, self.container)


def losses(target: MediaInfo, encoding: Encoding, container: VideoContainer) -> tuple[str, ...]:
    """What the pictures of `target` lose in this codec and container, one sentence each."""
    choice = choose_pixels(target, encoding)
    notes = list(choice.notes)
    alpha = choice.pixel_format.startswith("yuva")
    if alpha and encoding.codec not in container.alpha_codecs:
        notes.append(f"{container.name} keeps no transparency of {encoding.codec}")
    coded = encoding.codec in ("h264", "hevc")
    if target.pixel_aspect != 1 and container.ticks == "milliseconds" and not coded:
        notes.append(
            f"pixels are not square, which {container.name} cannot be told with {encoding.codec}: "
            "choose MP4, QuickTime, h264 or hevc to keep their shape"
        )
    if container.ticks == "milliseconds" and (target.time_base / _MILLISECOND).denominator > 1:
        notes.append(f"{container.name} counts whole milliseconds: times move by up to 0.5 ms")
    return tuple(notes)


def _opened(segments: Iterable[bytes]) -> Iterator[Segment]:
    """The segments, each checked to go on where the one before ended, in the same manner."""
    look: Look | None = None
    last = 0
    for number, data in enumerate(segments):
        segment = open_segment(data)
        if look is not None and segment.look != look:
            raise UsageError(
                f"segment {number} was encoded otherwise than the first",
                "the same encoding and input for all segments",
                "start again without the kept segments",
            )
        if look is not None and segment.times[0][0] <= last:
            raise UsageError(f"segment {number} starts before the last one ends", "rising pts")
        look, last = segment.look, segment.times[-1][0]
        yield segment


def _packets(
    first: Segment, others: Iterable[Segment], video: VideoStream, shift_s: Fraction, base: Fraction
) -> Iterator[Packet[Stream]]:
    """The pictures' packets with the times of the whole video.

    The n-th packet to be decoded gets as dts the pts of the picture shown `reorder` places
    earlier. Groups of pictures are closed, so this holds across segments, is strictly rising, and
    is never later than the packet's own pts, at any frame rate, variable ones included.
    """
    unit = first.look.time_base / base
    offset = shift_s / base
    start, step = first.times[0]
    decode_pts = deque(start - step * n for n in range(first.look.reorder, 0, -1))
    header: bytes | None = None
    for number, segment in enumerate(chain((first,), others)):
        decode_pts.extend(pts for pts, _ in segment.times)
        own, packets = segment_packets(segment)
        header = own if number == 0 else header
        if own != header:
            raise OutputError(
                f"segment {number} has another stream header than the first",
                "segments of one encoder version",
                "start again without the kept segments",
            )
        for packet in packets:
            pts, duration = segment.times[packet.pts or 0]
            packet.stream, packet.time_base = video, base
            packet.pts = round(pts * unit + offset)
            packet.dts = round(decode_pts.popleft() * unit + offset)
            packet.duration = round(duration * unit)
            yield packet


def _when(packet: Packet[Stream]) -> float:
    return float((packet.dts or 0) * packet.time_base)


def _shift(source: InputContainer) -> Fraction:
    """What moves the input's clock to 0 where its zero means nothing; else 0."""
    names = source.format.name.split(",")
    return -alongside.start_s(source) if set(names) & _CLOCK_WITHOUT_ZERO else Fraction(0)


def _time_base(container: VideoContainer, look: Look, shift_s: Fraction) -> Fraction:
    """The coarsest unit of the output in which every pts is a whole number."""
    if container.ticks == "milliseconds":
        return _MILLISECOND
    exact = lcm(look.time_base.denominator, shift_s.denominator)
    fits = exact <= _LARGEST_TIMESCALE
    return Fraction(1, exact if fits else look.time_base.denominator)


def _open_result(
    out: Path, container: VideoContainer, base: Fraction, rates: Sequence[int]
) -> OutputContainer:
    options = {"fflags": "+bitexact"}
    if container.ticks == "any":
        edits = lcm(base.denominator, *(rate for rate in rates if rate))
        options["movflags"] = "+faststart"
        options["movie_timescale"] = str(edits if edits <= _LARGEST_TIMESCALE else base.denominator)
    else:  # sound of MP4 begins before 0, by what its encoder needs; nothing is moved for that
        options["avoid_negative_ts"] = "disabled"
    return av.open(f"file:{out.absolute()}", "w", format=container.muxer, options=options)


def _picture_stream(
    result: OutputContainer, first: Segment, container: VideoContainer, base: Fraction
) -> VideoStream:
    """The output's stream of pictures, described as the first segment's."""
    look = first.look
    with av.open(io.BytesIO(first.matroska), "r", format="matroska") as part:
        video = result.add_stream_from_template(part.streams.video[0], opaque=True)
    context = video.codec_context
    video.time_base = base
    video.metadata.clear()
    context.framerate = look.rate
    context.sample_aspect_ratio = look.pixel_aspect
    context.pix_fmt = look.pixel_format
    context.color_range = 2 if look.colour.full_range else 1
    context.colorspace, context.color_primaries = look.colour.matrix, look.colour.primaries
    context.color_trc = look.colour.transfer
    if look.codec == "hevc" and container.ticks == "any":
        context.codec_tag = "hvc1"
    if look.codec == "prores":
        context.codec_tag = "ap4h" if "444" in look.pixel_format else "apch"
        context.extradata = None
        context.bits_per_coded_sample = 32 if look.pixel_format.startswith("yuva") else 24
    return video


def _tags(target: MediaInfo, source: InputContainer, wanted: Mapping[str, str]) -> dict[str, str]:
    """The input's safe tags, with those of the caller put over them; empty ones are left out."""
    merged = {key: plain(value) for key, value in _stated(target, source).items()} | dict(wanted)
    return {key: value for key, value in merged.items() if value}


def _stated(target: MediaInfo, source: InputContainer) -> dict[str, str]:
    """The input's safe tags, as they are."""
    stated = {key.lower(): value for key, value in source.metadata.items()}
    dates = {key: stated[key] for key in _DATE_TAGS if key in stated}
    return dates | dict(target.metadata)


def _texts(target: MediaInfo, source: InputContainer) -> Iterator[tuple[str, str]]:
    """All that is copied of what the input says, by name."""
    yield from _stated(target, source).items()
    yield from (("titles of chapters", one.title) for one in target.chapters)
    yield from (("titles of streams", one.metadata.get("title", "")) for one in source.streams)


def _left_out(target: MediaInfo, source: InputContainer) -> tuple[str, ...]:
    """A note that names the input's tags that are not copied, if there are any."""
    kept = {key for key, _ in target.metadata} | set(_DATE_TAGS)
    dropped = [
        key
        for key in source.metadata
        if key.lower() not in kept and not key.lower().startswith(_TECHNICAL_TAGS)
    ]
    if not dropped:
        return ()
    return (f"left out, as only tags on the work and its date are kept: {', '.join(dropped)}",)


def _chapters(target: MediaInfo, shift_s: Fraction) -> list[Chapter]:
    return [
        {
            "id": number,
            "start": round((chapter.start_s + shift_s) / _CHAPTER_BASE),
            "end": round((chapter.end_s + shift_s) / _CHAPTER_BASE),
            "time_base": _CHAPTER_BASE,
            "metadata": {"title": plain(chapter.title)} if plain(chapter.title) else {},
        }
        for number, chapter in enumerate(target.chapters)
    ]
