"""A few pictures spread over a file, for a first look: cheap where seeking is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from masquerade.media.container import decoder, open_container, video_stream
from masquerade.media.decode import decoded, timed
from masquerade.media.limits import DEFAULT_LIMITS, Limits
from masquerade.media.planes import PictureReader
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames, read_image
from masquerade.telling import no_words
from masquerade.types import Frame

_ENOUGH: Final = 4
_SHORT_FRAMES: Final = 1500


def glances(info: MediaInfo, count: int, *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Frame]:
    """Up to `count` pictures spread evenly over a file, in order of time.

    Pictures that decode by themselves are taken where there are enough of them; a short file
    without is read through; of a long one without, those few must do.

    Args:
        info: What `probe` said of the file.
        count: How many pictures, at most; at least 1.
        limits: Against hostile files.

    Raises:
        MediaError: The file is of no use.
        LimitError: It is larger or longer than the limits allow.
    """
    if info.kind == "still":
        yield read_image(info.path, limits=limits)
        return
    if info.kind == "animation":
        frames = enumerate(read_frames(info.path, limits=limits))
        places = {0, *_spread(info.frame_count or 1, count)[1:]}
        yield from (frame for number, frame in frames if number in places)
        return
    ticks = _ticks(info)
    wanted = spread(info, count)
    found = list(_key_frames(info.path, wanted, limits))
    if len(found) < min(count, _ENOUGH) and (info.frame_count or ticks) <= _SHORT_FRAMES:
        found = list(_read_through(info.path, wanted[1:], limits))
    yield from found


def spread(info: MediaInfo, count: int) -> list[int]:
    """Presentation times of the middles of `count` equal parts of a video, rising."""
    return [info.start_pts + tick for tick in _spread(_ticks(info), count)]


def _ticks(info: MediaInfo) -> int:
    """Length of a video in units of its time base; 0 where it is not known."""
    return int(info.duration_s / info.time_base) if info.duration_s else 0


def _spread(length: int, count: int) -> list[int]:
    """The middles of `count` equal parts of a length."""
    return [length * (2 * place + 1) // (2 * count) for place in range(count)]


def _key_frames(path: Path, wanted: Sequence[int], limits: Limits) -> Iterator[Frame]:
    """The last picture before each time that decodes by itself, each once."""
    reader, seen = PictureReader(), set()
    with open_container(path, limits) as container:
        stream = video_stream(container)
        if stream is None:
            return
        context = decoder(stream, limits)
        for pts in wanted:
            try:
                container.seek(pts, stream=stream)
            except av.FFmpegError:
                return
            context.flush_buffers()
            raw = decoded(container, stream, context, no_words)
            picture, at = next(timed(raw, stream, limits, no_words), (None, 0))
            if picture is not None and picture.key_frame and at not in seen:
                seen.add(at)
                yield _frame(reader, picture, at, stream)


def _read_through(path: Path, wanted: Sequence[int], limits: Limits) -> Iterator[Frame]:
    """The very first picture, and the first at or after each time; only those become RGB."""
    reader, left = PictureReader(), sorted(wanted)
    with open_container(path, limits) as container:
        stream = video_stream(container)
        if stream is None:
            return
        raw = decoded(container, stream, decoder(stream, limits), no_words)
        for number, (picture, pts) in enumerate(timed(raw, stream, limits, no_words)):
            if number == 0 or (left and pts >= left[0]):
                left = [time for time in left if time > pts]
                yield _frame(reader, picture, pts, stream)


def _frame(reader: PictureReader, picture: VideoFrame, pts: int, stream: VideoStream) -> Frame:
    pixels, alpha, planes = reader.read(picture)
    return Frame(pixels, pts, stream.time_base or Fraction(1, 90_000), 0, alpha, planes)
