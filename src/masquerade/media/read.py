"""Pictures out of files: streamed from video and animations, one at once from stills."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream

from masquerade.errors import MediaError
from masquerade.media.container import (
    check_file,
    decoder,
    open_container,
    picture_format,
    video_stream,
)
from masquerade.media.decode import decoded, last_duration, pictures, stamp, timed, usual_step
from masquerade.media.limits import DEFAULT_LIMITS, Limits
from masquerade.media.planes import PictureReader
from masquerade.media.stills import read_animation, read_still
from masquerade.telling import no_words
from masquerade.types import RGB, Frame

# How far before the wanted time to look for a picture that decodes by itself, in turn.
STEPS_BACK_S: Final = (0, 2, 10, 60)
# A header may promise so many pictures more than there are before that counts as damage.
SPARE_PICTURES: Final = 1.5
THUMBNAIL_PX: Final = 160 * 90


def read_frames(
    path: Path,
    *,
    start_pts: int | None = None,
    stop_pts: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_damage: Callable[[str], None] | None = None,
) -> Iterator[Frame]:
    """The upright pictures of a file in order of time, decoded as they are asked for.

    Each lasts until the next one begins; the last as long as the file says. Pictures of a video
    carry their stored planes. A still gives one picture.

    Args:
        path: A video, animation or still.
        start_pts: The first pts wanted; reading starts there without decoding all before it.
        stop_pts: The first pts not wanted.
        limits: Against hostile files.
        on_damage: Called with a sentence for each part that could not be read as it should.

    Raises:
        MediaError: The file is of no use: missing, of another type, or without one good picture.
        LimitError: It is larger or longer than the limits allow.
    """
    path = Path(path)
    report = on_damage or no_words
    check_file(path, limits)
    name = picture_format(path)
    if name:
        for frame in read_animation(path, name, limits, report):
            if stop_pts is not None and frame.pts >= stop_pts:
                return
            if start_pts is None or frame.pts >= start_pts:
                yield frame
        return
    yield from _read_video(path, start_pts, stop_pts, limits, report)


def read_thumbnails(
    path: Path,
    *,
    wanted: Sequence[int] = (),
    limits: Limits = DEFAULT_LIMITS,
    on_damage: Callable[[str], None] | None = None,
) -> Iterator[tuple[Frame, Frame | None]]:
    """Every picture of a video, tiny and as stored, cheaper than `read_frames` by far.

    Args:
        path: A video.
        wanted: Rising pts; the first picture at or after each comes in full too, upright, and so
            does the very first picture.
        limits: Against hostile files.
        on_damage: As for `read_frames`.

    Returns:
        Pairs of a picture of about 160 x 90 pixels, not turned, and the full one where wanted.

    Raises:
        MediaError: The file is of no use.
        LimitError: It is larger or longer than the limits allow.
    """
    report = on_damage or no_words
    check_file(path, limits)
    reader, shrink, left = PictureReader(), VideoReformatter(), list(wanted)
    with open_container(path, limits) as container:
        stream = _pictures_of(container, path)
        base = stream.time_base or Fraction(1, 90_000)
        raw = decoded(container, stream, decoder(stream, limits), report)
        counted = _counted(timed(raw, stream, limits, report), path, container, stream, report)
        for number, (picture, pts) in enumerate(counted):
            full = None
            if wanted and (number == 0 or (left and pts >= left[0])):
                left = [time for time in left if time > pts]
                pixels, alpha, planes = reader.read(picture)
                full = Frame(pixels, pts, base, 0, alpha, planes)
            yield Frame(_tiny(picture, shrink), pts, base), full


def _tiny(picture: VideoFrame, shrink: VideoReformatter) -> RGB:
    """(h, w, 3) of about `THUMBNAIL_PX` pixels."""
    factor = min(1.0, (THUMBNAIL_PX / (picture.width * picture.height)) ** 0.5)
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    small = shrink.reformat(
        picture, *size, format="rgb24", interpolation=Interpolation.FAST_BILINEAR, threads=1
    )
    return np.asarray(small.to_ndarray(format="rgb24"), np.uint8)


def read_image(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> Frame:
    """The picture of a still, upright; the first one of an animation or of several pages.

    Returns:
        Alpha where the file has it; planes only above 8 bits, where RGB holds less than the file.

    Raises:
        MediaError: It is not a still picture, or cannot be decoded.
        LimitError: It has too many pixels or bytes.
    """
    path = Path(path)
    check_file(path, limits)
    name = picture_format(path)
    if not name:
        raise MediaError(
            f"{path} is not a still picture",
            "JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP",
            "give a photo, or save one frame of the video as PNG",
        )
    return read_still(path, name, limits)


def _read_video(
    path: Path,
    start_pts: int | None,
    stop_pts: int | None,
    limits: Limits,
    report: Callable[[str], None],
) -> Iterator[Frame]:
    if start_pts is not None:
        with open_container(path, limits) as container:
            stream = _pictures_of(container, path)
            entered = _entered(start_pts, container, stream, limits, report)
            if entered is not None:
                yield from _frames(entered, stream, start_pts, stop_pts, report)
                return
    with open_container(path, limits) as container:
        stream = _pictures_of(container, path)
        raw = decoded(container, stream, decoder(stream, limits), report)
        counted = _counted(timed(raw, stream, limits, report), path, container, stream, report)
        yield from _frames(counted, stream, start_pts, stop_pts, report)


def _frames(
    stamped: Iterator[tuple[VideoFrame, int]],
    stream: VideoStream,
    start_pts: int | None,
    stop_pts: int | None,
    report: Callable[[str], None],
) -> Iterator[Frame]:
    """The wanted pictures, each held back until the next one tells how long it lasts."""
    reader = PictureReader()
    base = stream.time_base or Fraction(1, 90_000)
    held: Frame | None = None
    last: int | None = None
    for raw, pts in stamped:
        gap, last = 0 if last is None else pts - last, pts
        if held is not None:
            yield replace(held, duration=pts - held.pts)
            held = None
        if stop_pts is not None and pts >= stop_pts:
            break
        if start_pts is None or pts >= start_pts:
            pixels, alpha, planes = reader.read(raw)
            held = Frame(pixels, pts, base, last_duration(raw, gap, stream), alpha, planes)
    if held is not None:
        yield held
    if reader.odd:
        report(f"{pictures(reader.odd)} of another size scaled to that of the first")


def _entered(
    start_pts: int,
    container: InputContainer,
    stream: VideoStream,
    limits: Limits,
    report: Callable[[str], None],
) -> Iterator[tuple[VideoFrame, int]] | None:
    """Pictures from one at or before `start_pts` that decodes by itself; None if none is found."""
    context = decoder(stream, limits)
    said: list[str] = []
    for back_s in STEPS_BACK_S:
        back = round(back_s / (stream.time_base or Fraction(1, 90_000)))
        try:
            container.seek(start_pts - back, stream=stream)
        except av.FFmpegError:
            return None
        context.flush_buffers()
        raw = decoded(container, stream, context, said.append)
        stamped = timed(raw, stream, limits, said.append)
        first = next(stamped, None)
        if first is None:
            continue
        picture, pts = first
        if picture.key_frame and stamp(picture, stream) == pts <= start_pts:
            said.clear()
            return _reporting(chain([first], stamped), said, report)
    return None


def _reporting(
    stamped: Iterator[tuple[VideoFrame, int]], said: list[str], report: Callable[[str], None]
) -> Iterator[tuple[VideoFrame, int]]:
    """The same pictures; what was said while decoding them is passed on."""
    for picture in stamped:
        yield picture
        while said:
            report(said.pop(0))
    for text in said:
        report(text)


def _counted(
    stamped: Iterator[tuple[VideoFrame, int]],
    path: Path,
    container: InputContainer,
    stream: VideoStream,
    report: Callable[[str], None],
) -> Iterator[tuple[VideoFrame, int]]:
    """The same pictures; at their end it is checked that the header promised no more."""
    count = end = 0
    for count, (picture, pts) in enumerate(stamped, 1):  # noqa: B007
        end = pts + max(picture.duration or 0, pts - end, usual_step(stream))
        yield picture, pts
    if not count:
        raise MediaError(
            f"no picture of {path} can be decoded",
            "a video that plays",
            "check that the file was copied in full",
        )
    step_s = usual_step(stream) * (stream.time_base or Fraction(1, 90_000))
    end_s = end * (stream.time_base or Fraction(1, 90_000))
    promised_s = _promised_s(container, stream)
    if promised_s is not None and promised_s - end_s > SPARE_PICTURES * step_s:
        lost = max(stream.frames - count, round((promised_s - end_s) / step_s))
        report(
            f"about {pictures(lost)} lost at the end: they stop at {float(end_s):.3f} s, "
            f"the file states {float(promised_s):.3f} s"
        )


def _promised_s(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """When the last picture ends by the header; None where that is not said or not of pictures."""
    if stream.duration is not None and stream.time_base is not None:
        if stream.frames or len(container.streams) == 1:
            return ((stream.start_time or 0) + stream.duration) * stream.time_base
        return None
    if container.duration is None or len(container.streams) > 1:
        return None
    return Fraction(container.duration, av.time_base)


def _pictures_of(container: InputContainer, path: Path) -> VideoStream:
    stream = video_stream(container)
    if stream is None:
        raise MediaError(f"{path} has no pictures", "a video, animation or still picture")
    return stream
