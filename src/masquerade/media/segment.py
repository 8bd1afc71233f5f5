"""One encoded run of pictures as bytes: what a long job keeps, and what `join` puts together.

A segment is a header and a small Matroska file. In the Matroska file a picture's time is its
rank, counted from 0; the header holds the exact pts and duration of each rank. So no rounding to
milliseconds takes place, whatever the time base, and the bytes depend on frames and options alone.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import chain, pairwise

import av
from av.codec.context import Flags, ThreadType
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from masquerade.errors import MediaError, OutputError, UsageError
from masquerade.media.encoding import (
    Encoding,
    PixelChoice,
    choose_pixels,
    encoder_options,
    facts,
)
from masquerade.media.picture import picture
from masquerade.media.probe import MediaInfo
from masquerade.media.usual_priority import usual_priority
from masquerade.types import Colour, Frame

MAGIC = b"MASQSEG1"
RANK_BASE = Fraction(1, 1000)
_DEFAULT_RATE = Fraction(25)
_SLOWEST_RATE = Fraction(1, 1001)  # a hint only; pictures may be further apart


@dataclass(frozen=True, slots=True)
class Look:
    """What all segments of one output have in common.

    Attributes:
        codec: As in `Encoding`.
        pixel_format: FFmpeg's name.
        size_wh: Upright size in pixels.
        pixel_aspect: Width over height of one pixel.
        colour: Colour tags.
        rate: Average pictures per second, a hint for players.
        time_base: Seconds per unit of every pts.
        reorder: Upper bound of pictures between decoding and showing one.
    """

    codec: str
    pixel_format: str
    size_wh: tuple[int, int]
    pixel_aspect: Fraction
    colour: Colour
    rate: Fraction
    time_base: Fraction
    reorder: int


@dataclass(frozen=True, slots=True)
class Segment:
    """An encoded run, opened: `times` holds (pts, duration) of each picture, in order of time."""

    look: Look
    times: tuple[tuple[int, int], ...]
    matroska: bytes


def encode_segment(frames: Iterable[Frame], info: MediaInfo, encoding: Encoding) -> bytes:
    """One self-contained encoded run of pictures, with the exact pts of each.

    The same frames and options give the same bytes. Durations that a frame does not state are the
    distance to the next frame; the last one's is that of the frame before.

    Args:
        frames: Upright, of one size and time base, pts strictly rising; consumed once.
        info: The input they come from: picture size, colour tags, pixel format, pixel aspect.
        encoding: Codec and quality.

    Raises:
        UsageError: There is no frame, or sizes, time bases or pts are not as above.
        OutputError: The encoder is missing, or refuses these pictures.

    Example:
        >>> import numpy as np
        >>> from pathlib import Path
        >>> info = MediaInfo(Path("made"), "video", "", size_wh=(64, 48), time_base=Fraction(1, 25))
        >>> frame = Frame(np.zeros((48, 64, 3), np.uint8), 0, Fraction(1, 25), 1)
        >>> open_segment(encode_segment([frame], info, Encoding())).times
        ((0, 1),)
    """
    choice = choose_pixels(info, encoding)
    look = _look(info, encoding, choice)
    buffer = io.BytesIO()
    try:
        times = _encode(_checked(frames, look), look, encoding, buffer)
    except av.FFmpegError as error:
        raise OutputError(
            f"the {encoding.codec} encoder refuses {look.pixel_format} pictures of "
            f"{look.size_wh[0]}x{look.size_wh[1]}: {error.strerror}",
            todo="choose another codec",
        ) from error
    return _packed(look, times, buffer.getvalue())


def open_segment(data: bytes) -> Segment:
    """The segment in these bytes.

    Raises:
        MediaError: They are not a whole segment.
    """
    try:
        start = len(MAGIC) + 4
        if not data.startswith(MAGIC):
            raise _damaged()
        length = int.from_bytes(data[len(MAGIC) : start], "little")
        header = json.loads(data[start : start + length])
        look = header["look"]
        times = tuple((pts, duration) for pts, duration in header["times"])
        if not times:
            raise _damaged()
        return Segment(
            Look(
                codec=look["codec"],
                pixel_format=look["pixel_format"],
                size_wh=(look["size_wh"][0], look["size_wh"][1]),
                pixel_aspect=Fraction(look["pixel_aspect"]),
                colour=Colour(**look["colour"]),
                rate=Fraction(look["rate"]),
                time_base=Fraction(look["time_base"]),
                reorder=look["reorder"],
            ),
            times,
            data[start + length :],
        )
    except (ValueError, LookupError, TypeError, ZeroDivisionError) as error:
        raise _damaged() from error


def segment_packets(segment: Segment) -> tuple[bytes | None, list[Packet[Stream]]]:
    """The encoder's header and all packets of a segment, with ranks as pts.

    Raises:
        MediaError: The segment is damaged.
    """
    try:
        with av.open(io.BytesIO(segment.matroska), "r", format="matroska") as part:
            stream: Stream = part.streams.video[0]
            packets = [packet for packet in part.demux(stream) if packet.pts is not None]
            header = stream.codec_context.extradata
    except (av.FFmpegError, IndexError) as error:
        raise _damaged() from error
    if sorted(packet.pts or 0 for packet in packets) != list(range(len(segment.times))):
        raise _damaged()
    return header, packets


def _damaged() -> MediaError:
    return MediaError(
        "a kept segment is damaged", "bytes made by encode_segment", "delete it and start again"
    )


def _packed(look: Look, times: list[tuple[int, int]], matroska: bytes) -> bytes:
    plain = {key: str(value) if isinstance(value, Fraction) else value
             for key, value in asdict(look).items()}  # fmt: skip
    header = json.dumps({"look": plain, "times": times}, separators=(",", ":")).encode()
    return MAGIC + len(header).to_bytes(4, "little") + header + matroska


def _look(info: MediaInfo, encoding: Encoding, choice: PixelChoice) -> Look:
    return Look(
        codec=encoding.codec,
        pixel_format=choice.pixel_format,
        size_wh=info.size_wh,
        pixel_aspect=info.pixel_aspect,
        colour=choice.colour,
        rate=(info.frame_rate or _DEFAULT_RATE).limit_denominator(1001) or _SLOWEST_RATE,
        time_base=info.time_base,
        reorder=facts(encoding).reorder,
    )


def _checked(frames: Iterable[Frame], look: Look) -> Iterator[Frame]:
    last: int | None = None
    for frame in frames:
        if frame.size_wh != look.size_wh or frame.time_base != look.time_base:
            raise UsageError(
                f"a frame of {frame.size_wh} pixels and time base {frame.time_base}",
                f"{look.size_wh} and {look.time_base}, as the input has",
            )
        if last is not None and frame.pts <= last:
            raise UsageError(f"pts {frame.pts} after {last}", "rising pts within a segment")
        last = frame.pts
        yield frame
    if last is None:
        raise UsageError("no frames to encode", "at least one frame in a segment")


def _encode(
    frames: Iterator[Frame], look: Look, encoding: Encoding, buffer: io.BytesIO
) -> list[tuple[int, int]]:
    """Writes the Matroska file; gives back (pts, duration) of each picture."""
    stamps: list[tuple[int, int]] = []
    ranks: dict[int, int] = {}
    written = 0
    with av.open(buffer, "w", format="matroska", options={"fflags": "+bitexact"}) as container:
        stream = _stream(container, look, encoding)
        with usual_priority():
            stream.codec_context.open()
        for made in chain(_pictures(frames, look, stamps, ranks), (None,)):
            for packet in stream.codec_context.encode(made):
                rank = ranks.pop(packet.pts or 0)
                if written - rank > look.reorder:
                    raise OutputError(f"the {encoding.codec} encoder reorders too many pictures")
                packet.stream, packet.time_base = stream, RANK_BASE
                packet.pts, packet.dts, packet.duration = rank, written - look.reorder, 1
                container.mux_one(packet)
                written += 1
    if written != len(stamps):
        raise OutputError(f"{written} of {len(stamps)} pictures came out of the encoder")
    return _with_durations(stamps, look)


def _pictures(
    frames: Iterator[Frame], look: Look, stamps: list[tuple[int, int]], ranks: dict[int, int]
) -> Iterator[av.VideoFrame]:
    """The encoder's pictures; on the way, `stamps` and `ranks` (rank of a pts) are filled."""
    for rank, frame in enumerate(frames):
        ranks[frame.pts] = rank
        stamps.append((frame.pts, frame.duration))
        yield picture(frame, look.pixel_format, look.colour)


def _stream(container: OutputContainer, look: Look, encoding: Encoding) -> VideoStream:
    if encoding.codec == "av1":
        os.environ.setdefault("SVT_LOG", "1")  # its log goes past FFmpeg's: keep errors only
    options = encoder_options(encoding, look.pixel_format)
    stream = container.add_stream(facts(encoding).encoder, rate=look.rate, options=options)
    assert isinstance(stream, VideoStream)
    context = stream.codec_context
    context.width, context.height = look.size_wh
    context.pix_fmt, context.sample_aspect_ratio = look.pixel_format, look.pixel_aspect
    context.color_range = 2 if look.colour.full_range else 1
    context.colorspace, context.color_primaries = look.colour.matrix, look.colour.primaries
    context.color_trc = look.colour.transfer
    context.time_base, stream.time_base = look.time_base, RANK_BASE
    context.thread_count, context.thread_type = encoding.threads, ThreadType.FRAME
    context.flags |= Flags.closed_gop | Flags.bitexact
    return stream


def _with_durations(stamps: list[tuple[int, int]], look: Look) -> list[tuple[int, int]]:
    """Every picture lasts until the next; the last as it says, else as long as the one before."""
    gaps = [after[0] - before[0] for before, after in pairwise(stamps)]
    usual = gaps[-1] if gaps else max(1, round(1 / (look.rate * look.time_base)))
    gaps.append(stamps[-1][1] or usual)
    return [(pts, gap) for (pts, _), gap in zip(stamps, gaps, strict=True)]
