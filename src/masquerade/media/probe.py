"""What a media file is, before anything is decoded in earnest: kind, size, time, colour, sound."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

from masquerade.types import Colour

Kind: TypeAlias = Literal["video", "animation", "still", "audio"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be before it is refused, against hostile input.

    Attributes:
        max_pixels: Width times height of one picture.
        max_duration_s: Length as the header claims it, and as it is found while reading.
        max_bytes: Size of the file.
        max_frames: Pictures in one stream.
        max_streams: Streams in one container.
    """

    max_pixels: int = 1 << 27
    max_duration_s: int = 12 * 3600
    max_bytes: int = 64 << 30
    max_frames: int = 5_000_000
    max_streams: int = 64


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
        pixel_format: FFmpeg's name of the stored pixel format.
        bit_depth: Bits of one component.
        has_alpha: True where the pictures are partly transparent.
        colour: Colour tags as stored (2 = unspecified).
        video_index: The stream of pictures among all streams; -1 for sound and Pillow's formats.
        audio: Every sound stream.
        chapters: In order of time.
        metadata: Tags that may be copied to an output, such as title; never device or place.
        loop_count: How often an animation plays; 0 means for ever.
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
    damaged: str = ""
