"""What a media file is, before anything is decoded in earnest: kind, size, time, colour, sound."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from masquerade.errors import MediaError
from masquerade.hashing import BlockHashes
from masquerade.media.container import (
    WANTED,
    check_file,
    check_size,
    decoder,
    open_container,
    picture_format,
    video_stream,
)
from masquerade.media.decode import decoded
from masquerade.media.layout import layout
from masquerade.media.limits import DEFAULT_LIMITS
from masquerade.media.limits import Limits as Limits
from masquerade.media.planes import colour_of, planar_name
from masquerade.media.planes import turn_of as turn_of_frame
from masquerade.media.stills import (
    MILLISECONDS,
    TIME_BASES,
    bits_of,
    frames_of,
    has_alpha,
    opened,
    read_still,
    turn_of,
)
from masquerade.media.turn import turned_format
from masquerade.media.wave_length import wave_length_s
from masquerade.types import Colour, Film

if TYPE_CHECKING:
    from av.container.core import Chapter

Kind: TypeAlias = Literal["video", "animation", "still", "audio"]


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """One sound stream of a file.

    Attributes:
        index: Its number among all streams of the file.
        codec: FFmpeg's name of the codec, such as ``aac``.
        sr: Samples per second.
        channels: How many.
        layout: FFmpeg's name of their arrangement, such as ``stereo``.
        start_s: When its first sample sounds, on the clock of the file.
        duration_s: Its length; None where the file does not say.
        language: As tagged in the file; may be empty.
    """

    index: int
    codec: str
    sr: int
    channels: int
    layout: str
    start_s: Fraction
    duration_s: Fraction | None
    language: str = ""


@dataclass(frozen=True, slots=True)
class ChapterInfo:
    """A named stretch of a file."""

    start_s: Fraction
    end_s: Fraction
    title: str = ""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What `probe` found in a file.

    Attributes:
        path: The file.
        kind: "video", "animation" (GIF, APNG, animated WebP or AVIF), "still" or "audio".
        container: FFmpeg's short name of the format ("mov,mp4,m4a,3gp,3g2,mj2"), or Pillow's in
            lower case for stills and animations ("jpeg", "gif").
        size_wh: Size of the upright picture in pixels; (0, 0) for sound.
        rotation_deg: Clockwise turn in {0, 90, 180, 270} that was needed to make it upright.
        flipped: True where it had to be mirrored left to right before that turn.
        pixel_aspect: Width over height of one upright pixel.
        frame_count: Pictures, as the header says; None where it does not.
        duration_s: Length of the pictures (of the sound in a sound file); None where not said.
        time_base: Seconds per unit of pts in the stream of pictures.
        start_pts: First pts, as the header says; 0 where it does not.
        frame_rate: Average pictures per second; None where unknown. Never used for timing.
        codec: FFmpeg's name of the codec of the pictures (of the first sound in a sound file).
        pixel_format: FFmpeg's name of the planar format that frames come in; packed formats are
            unpacked to it without loss.
        bit_depth: Bits of one component.
        has_alpha: True where the pictures are partly transparent.
        colour: Colour tags as stored (2 = unspecified).
        video_index: The stream of pictures among all streams; -1 for sound and Pillow's formats.
        audio: Every sound stream.
        chapters: In order of time.
        metadata: Tags that may be copied to an output, such as title; never device or place.
        loop_count: How often an animation plays; 0 means for ever.
        icc_profile: Colour profile of a still, to be kept with its pixels; may be empty.
        damaged: What was wrong with the file though it could be opened; empty when nothing.
    """

    path: Path
    kind: Kind
    container: str
    size_wh: tuple[int, int] = (0, 0)
    rotation_deg: int = 0
    flipped: bool = False
    pixel_aspect: Fraction = Fraction(1)
    frame_count: int | None = None
    duration_s: Fraction | None = None
    time_base: Fraction = Fraction(1)
    start_pts: int = 0
    frame_rate: Fraction | None = None
    codec: str = ""
    pixel_format: str = ""
    bit_depth: int = 8
    has_alpha: bool = False
    colour: Colour = field(default_factory=Colour)
    video_index: int = -1
    audio: tuple[AudioInfo, ...] = ()
    chapters: tuple[ChapterInfo, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    loop_count: int = 0
    icc_profile: bytes = b""
    damaged: str = ""

    @property
    def frames_told(self) -> int | None:
        """Pictures, as the header says or as length and rate tell, for showing what is left."""
        if self.frame_count is not None or not (self.duration_s and self.frame_rate):
            return self.frame_count
        return ceil(self.duration_s * self.frame_rate)


# Tags that say something of the work and whom it names; none of the place or device it comes from.
SAFE_TAGS: Final = (
    "title", "artist", "album", "album_artist", "author", "comment", "composer", "copyright",
    "date", "description", "disc", "genre", "network", "performer", "publisher", "show",
    "synopsis", "track",
)  # fmt: skip
STILL_FORMATS: Final = {"L": "gray", "1": "gray", "LA": "gbrap", "RGBA": "gbrap", "PA": "gbrap"}


def probe(
    path: Path, *, limits: Limits = DEFAULT_LIMITS, known: BlockHashes | None = None
) -> MediaInfo:
    """What the file is, from its header and its first picture.

    Args:
        path: The file.
        limits: Against hostile files.
        known: What a video or sound has to hold still; None where that was not asked before.

    Raises:
        MediaError: It is missing, not a media file, or its first picture cannot be decoded.
        LimitError: It is larger, longer or has more streams than the limits allow.
        PolicyError: It does not hold any more what it held.

    Example:
        >>> from pathlib import Path
        >>> probe(Path("clip.mp4")).size_wh  # doctest: +SKIP
        (1280, 720)
    """
    path = Path(path)
    check_file(path, limits)
    name = picture_format(path)
    if name:
        return _probe_picture(path, name, limits)
    with open_container(path, limits, known=known) as container:
        stream = video_stream(container)
        common = MediaInfo(
            path=path,
            kind="video",
            container=container.format.name,
            audio=tuple(map(_audio, _decodable(container))),
            chapters=tuple(_chapter(chapter) for chapter in container.chapters()),
            metadata=_safe(container.metadata),
        )
        if stream is not None:
            return _probe_video(container, stream, common, limits)
        return _as_header_says(_probe_sound(container, common), known)


def filmed(still: MediaInfo, film: Film | None) -> MediaInfo:
    """A still as the video that is made of it; as it is where none is made.

    Args:
        still: What `probe` said of it.
        film: What the video's pictures are like.
    """
    if film is None:
        return still
    return replace(
        still,
        size_wh=film.size_wh,
        pixel_aspect=Fraction(1),
        time_base=1 / film.frame_rate,
        frame_rate=film.frame_rate,
        frame_count=None,
        rotation_deg=0,
        flipped=False,
        has_alpha=False,
    )


def _probe_picture(path: Path, name: str, limits: Limits) -> MediaInfo:
    with opened(path, name, limits) as (image, said):
        turn, bits, count = turn_of(image), bits_of(path, image), frames_of(image, limits, said)
        info = MediaInfo(
            path=path,
            kind="animation" if count > 1 else "still",
            container=(image.format or name).lower(),
            # Pillow states the size of a TIFF as it will be when turned.
            size_wh=image.size if name == "TIFF" else turn.size_wh(image.size),
            rotation_deg=turn.rotation_deg,
            flipped=turn.flipped,
            frame_count=count,
            time_base=TIME_BASES.get(name, MILLISECONDS),
            codec=(image.format or name).lower(),
            pixel_format=STILL_FORMATS.get(image.mode, "gbrp"),
            bit_depth=bits,
            has_alpha=has_alpha(image),
            colour=Colour(matrix=0, full_range=True),
            loop_count=int(image.info.get("loop", 1 if name == "GIF" else 0)),
            icc_profile=image.info.get("icc_profile") or b"",
        )
    info = replace(info, damaged="; ".join(said))
    if bits <= 8 or count > 1:
        return info
    planes = read_still(path, name, limits).planes
    if planes is None:
        return info
    return replace(info, pixel_format=planes.format, colour=planes.colour)


def _probe_video(
    container: InputContainer, stream: VideoStream, common: MediaInfo, limits: Limits
) -> MediaInfo:
    said: list[str] = []
    context = decoder(stream, limits)
    check_size(common.path, (context.width, context.height), limits)
    first = next(decoded(container, stream, context, said.append), None)
    if first is None:
        raise MediaError(
            f"no picture of {common.path} can be decoded",
            "a video that plays",
            "check that the file was copied in full",
        )
    turn = turn_of_frame(first)
    name = planar_name(first.format, turn)
    aspect = Fraction(stream.sample_aspect_ratio or 1)
    base = stream.time_base or Fraction(1, 90_000)
    return replace(
        common,
        size_wh=turn.size_wh((first.width, first.height)),
        rotation_deg=turn.rotation_deg,
        flipped=turn.flipped,
        pixel_aspect=1 / aspect if turn.swaps_sides else aspect,
        frame_count=stream.frames or None,
        duration_s=_duration(container, stream),
        time_base=base,
        start_pts=stream.start_time or 0,
        frame_rate=stream.average_rate or stream.guessed_rate,
        codec=stream.codec_context.name,
        pixel_format=turned_format(name, turn),
        bit_depth=layout(name).bits,
        has_alpha=layout(name).alpha,
        colour=colour_of(first),
        video_index=stream.index,
        damaged="; ".join(said),
    )


def _probe_sound(container: InputContainer, common: MediaInfo) -> MediaInfo:
    if not common.audio:
        raise MediaError(
            f"{common.path} holds neither pictures nor sound that can be decoded", WANTED
        )
    sound = common.audio[0]
    stream = _decodable(container)[0]
    return replace(
        common,
        kind="audio",
        metadata=_safe({**stream.metadata, **container.metadata}),  # Ogg has its tags in streams
        codec=sound.codec,
        duration_s=sound.duration_s or _duration(container, stream),
        time_base=Fraction(1, sound.sr),
    )


def _as_header_says(info: MediaInfo, known: BlockHashes | None) -> MediaInfo:
    """The same; of a WAV file that was cut off, with the length it had before."""
    said_s = wave_length_s(info.path, known) if info.container == "wav" else None
    sound = info.audio[0]
    if said_s is None or said_s <= (sound.duration_s or 0):
        return info
    whole = replace(sound, duration_s=said_s)
    return replace(info, audio=(whole, *info.audio[1:]), duration_s=said_s)


def _decodable(container: InputContainer) -> list[AudioStream]:
    """The streams of sound for which there is a decoder."""
    return [one for one in container.streams.audio if one.codec_context is not None]


def _audio(stream: AudioStream) -> AudioInfo:
    base = stream.time_base or Fraction(1)
    return AudioInfo(
        index=stream.index,
        codec=stream.codec_context.name,
        sr=stream.sample_rate,
        channels=stream.channels,
        layout=stream.layout.name,
        start_s=(stream.start_time or 0) * base,
        duration_s=None if stream.duration is None else stream.duration * base,
        language=stream.language or "",
    )


def _chapter(chapter: Chapter) -> ChapterInfo:
    base = chapter["time_base"] or Fraction(1)
    return ChapterInfo(
        start_s=chapter["start"] * base,
        end_s=chapter["end"] * base,
        title=chapter["metadata"].get("title", ""),
    )


def _safe(metadata: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """The tags that may go into an output, names in lower case."""
    lower = {key.lower(): value for key, value in metadata.items()}
    return tuple((key, lower[key]) for key in SAFE_TAGS if lower.get(key))


def _duration(container: InputContainer, stream: Stream) -> Fraction | None:
    """Length of the stream, else of the file; None where neither is stated."""
    if stream.duration is not None and stream.time_base is not None:
        return stream.duration * stream.time_base
    return None if container.duration is None else Fraction(container.duration, av.time_base)
