"""How pictures are encoded: the options, and the pixel format that follows from an input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, Self, TypeAlias, get_args

import av
from av.codec.codec import UnknownCodecError
from pydantic import Field, model_validator

from masquerade.errors import OutputError
from masquerade.media.colour import matrix_number
from masquerade.media.probe import MediaInfo
from masquerade.options import Options
from masquerade.types import Colour

VideoCodec: TypeAlias = Literal["h264", "hevc", "vp9", "av1", "prores"]
SoundCodec: TypeAlias = Literal["copy", "aac", "opus", "flac", "none"]
Preset: TypeAlias = Literal[
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
]
_PRESETS: Final[tuple[Preset, ...]] = get_args(Preset)


class Encoding(Options):
    """How pictures and sound are stored in the output.

    Example:
        >>> Encoding(codec="hevc").quality
        20
    """

    codec: VideoCodec = "h264"
    """Codec of the pictures of a video."""
    crf: int | None = Field(None, ge=0, le=63)
    """Quality of a video, lower is better and larger; empty means 18 for h264, 20 for hevc, 24 for
    vp9, 26 for av1. h264 and hevc end at 51; prores takes none."""
    preset: Preset = "medium"
    """Slower presets make smaller files of the same quality."""
    threads: int = Field(4, ge=1, le=64)
    """Threads of the encoder. A fixed number, because the bytes that h264 gives depend on it: so
    the same job gives the same file on every machine."""
    audio: SoundCodec = "copy"
    """Copy sound bit by bit, encode it anew with this codec, or leave it out."""
    audio_kbps: int = Field(192, ge=32, le=512)
    """Bit rate of one sound stream when it is encoded anew with aac or opus."""
    tags: Literal["keep", "drop"] = "keep"
    """Keep what the input says of the work (title, maker, dates, chapters, subtitles), or drop all
    of it."""
    still_quality: int = Field(95, ge=1, le=100)
    """Quality of JPEG, WebP and AVIF pictures; 100 is lossless in WebP and AVIF."""

    @model_validator(mode="after")
    def _crf_within_codec(self) -> Self:
        if self.crf is None:
            return self
        worst = _CODECS[self.codec].max_crf
        if worst is None:
            raise ValueError(f"{self.codec} has no crf; expected: none, its quality is fixed")
        if self.crf > worst:
            raise ValueError(
                f"crf {self.crf} is out of range for {self.codec}; expected: 0 to {worst}"
            )
        return self

    @property
    def quality(self) -> int | None:
        """The constant rate factor in force; None for a codec that has none."""
        return _CODECS[self.codec].crf if self.crf is None else self.crf


@dataclass(frozen=True, slots=True)
class CodecFacts:
    """What there is to know about one video codec.

    Attributes:
        encoder: FFmpeg's name of the encoder.
        formats: Pixel formats that ordinary players show, from small to large.
        crf: The default quality; None where the codec has no such number.
        max_crf: The worst quality; None likewise.
        reorder: Upper bound of pictures between decoding and showing one; B-frames cause it.
        odd_sizes: True where a chroma sample may reach over the edge of the picture.
    """

    encoder: str
    formats: tuple[str, ...]
    crf: int | None
    max_crf: int | None
    reorder: int
    odd_sizes: bool


_PLAIN = tuple(
    f"yuv{chroma}p{depth}" for depth in ("", "10le", "12le") for chroma in ("420", "422", "444")
)
_CODECS: Final[dict[VideoCodec, CodecFacts]] = {
    "h264": CodecFacts("libx264", _PLAIN[:6], crf=18, max_crf=51, reorder=2, odd_sizes=False),
    "hevc": CodecFacts("libx265", _PLAIN, crf=20, max_crf=51, reorder=2, odd_sizes=False),
    "vp9": CodecFacts(
        "libvpx-vp9", ("yuva420p", *_PLAIN), crf=24, max_crf=63, reorder=0, odd_sizes=True
    ),
    "av1": CodecFacts(
        "libsvtav1", ("yuv420p", "yuv420p10le"), crf=26, max_crf=63, reorder=0, odd_sizes=True
    ),
    "prores": CodecFacts(
        "prores_ks",
        ("yuv422p10le", "yuv444p10le", "yuva444p10le"),
        crf=None,
        max_crf=None,
        reorder=0,
        odd_sizes=True,
    ),
}


@dataclass(frozen=True, slots=True)
class BuiltEncoder:
    """Whether the installed PyAV can write a codec: `formats` is empty where it cannot."""

    codec: VideoCodec
    encoder: str
    formats: tuple[str, ...]


def built_encoders() -> tuple[BuiltEncoder, ...]:
    """For every codec that can be chosen, its encoder and the pixel formats this build takes.

    Example:
        >>> [built.codec for built in built_encoders()]
        ['h264', 'hevc', 'vp9', 'av1', 'prores']
    """
    return tuple(
        BuiltEncoder(codec, wanted.encoder, _built_formats(wanted))
        for codec, wanted in _CODECS.items()
    )


def _built_formats(wanted: CodecFacts) -> tuple[str, ...]:
    """The formats that players show, as far as this build has an encoder that takes them."""
    try:
        built = av.Codec(wanted.encoder, "w").video_formats or []
    except UnknownCodecError:
        return ()
    names = {item.name for item in built}
    return tuple(name for name in wanted.formats if name in names)


def facts(encoding: Encoding) -> CodecFacts:
    """What there is to know about the codec of an encoding."""
    return _CODECS[encoding.codec]


def encoder_options(encoding: Encoding, pixel_format: str) -> dict[str, str]:
    """The encoder's own options: quality, speed, closed groups of pictures, no chatter."""
    crf, step = str(encoding.quality), _PRESETS.index(encoding.preset)
    match encoding.codec:
        case "h264":  # x264's routines for AVX-512 give other bytes, and other ones at every run
            same = "cpu-independent=1"
            return {"crf": crf, "preset": encoding.preset, "x264-params": same}
        case "hevc":
            quiet = f"log-level=error:info=0:open-gop=0:pools={encoding.threads}"
            return {"crf": crf, "preset": encoding.preset, "x265-params": quiet}
        case "vp9":
            speed = str(max(0, 8 - step))
            return {"crf": crf, "b": "0", "deadline": "good", "cpu-used": speed, "row-mt": "1"}
        case "av1":
            lanes = f"lp={min(encoding.threads, 6)}"
            return {"crf": crf, "preset": str(12 - step), "svtav1-params": lanes}
        case "prores":
            profile = "4444" if "444" in pixel_format else "hq"
            return {"profile": profile, "vendor": "apl0"}


@dataclass(frozen=True, slots=True)
class PixelChoice:
    """The pixel format and colour tags of the output, and what it cannot hold of the input."""

    pixel_format: str
    colour: Colour
    notes: tuple[str, ...] = ()


def choose_pixels(info: MediaInfo, encoding: Encoding) -> PixelChoice:
    """The smallest pixel format of the codec that keeps the input's alpha, bit depth and chroma.

    Where none keeps all three, the first of them that can be kept wins, and a note says what goes.

    Raises:
        OutputError: The encoder is not part of the installed PyAV, or takes no such pictures.
    """
    wanted = _traits(info.pixel_format or "rgb24", alpha=info.has_alpha)
    if info.kind == "still":  # a video made of a photo: as every player shows it
        wanted = _traits("yuv420p", alpha=info.has_alpha)
    if info.rotation_deg in (90, 270):
        wanted = replace(wanted, step_wh=wanted.step_wh[::-1])
    codec = facts(encoding)
    fitting = [
        name for name in _built_formats(codec) if codec.odd_sizes or _divides(name, info.size_wh)
    ]
    if not fitting:
        raise OutputError(
            f"the installed PyAV has no {codec.encoder} for such pictures",
            f"an encoder for {encoding.codec}",
            "choose another codec, or install PyAV from the package index",
        )
    best = min(fitting, key=lambda name: _cost(_traits(name), wanted))
    return PixelChoice(best, _output_colour(info, encoding), _losses(encoding, best, wanted))


def _output_colour(info: MediaInfo, encoding: Encoding) -> Colour:
    """The input's tags; where pictures must be converted, those they are converted to.

    RGB gets a matrix, and limited range. ProRes has limited range only.
    """
    source = av.VideoFormat(info.pixel_format or "rgb24")
    if source.is_rgb or source.has_palette:
        matrix = matrix_number(info.colour, info.size_wh)
        return replace(info.colour, matrix=matrix, full_range=False)
    return replace(info.colour, full_range=info.colour.full_range and encoding.codec != "prores")


@dataclass(frozen=True, slots=True)
class _Traits:
    """`step_wh` is how many pixels one chroma sample covers: 4:2:0 has (2, 2)."""

    alpha: bool
    bits: int
    step_wh: tuple[int, int]


def _traits(name: str, *, alpha: bool = False) -> _Traits:
    pixel = av.VideoFormat(name, 64, 64)
    parts = pixel.components
    step_wh = 64 // pixel.chroma_width(), 64 // pixel.chroma_height()
    grey = len(parts) - sum(part.is_alpha for part in parts) == 1 and not pixel.has_palette
    return _Traits(
        alpha=alpha or any(part.is_alpha for part in parts),
        bits=max(part.bits for part in parts) if not pixel.has_palette else 8,
        step_wh=(2, 2) if grey else step_wh,
    )


def _cost(have: _Traits, wanted: _Traits) -> tuple[int, ...]:
    """Losses first, then waste; the smaller the better."""
    return (
        wanted.alpha and not have.alpha,
        max(0, wanted.bits - have.bits),
        _coarser(have, wanted),
        have.alpha and not wanted.alpha,
        max(0, have.bits - wanted.bits),
        _coarser(wanted, have),
    )


def _coarser(one: _Traits, other: _Traits) -> int:
    """By how much the chroma of `one` is coarser, over both axes."""
    return sum(max(0, a - b) for a, b in zip(one.step_wh, other.step_wh, strict=True))


def _losses(encoding: Encoding, name: str, wanted: _Traits) -> tuple[str, ...]:
    have, notes = _traits(name), []
    if wanted.alpha and not have.alpha:
        notes.append(f"{encoding.codec} holds no transparency: the pictures are written opaque")
    if wanted.bits > have.bits:
        notes.append(f"{wanted.bits}-bit pictures are written with {have.bits} bits ({name})")
    if _coarser(have, wanted):
        notes.append(f"colour is written at a lower resolution than the input has it ({name})")
    if encoding.codec == "h264" and name != "yuv420p":
        notes.append(f"h264 in {name} is not shown by every browser and phone")
    return tuple(notes)


def _divides(name: str, size_wh: tuple[int, int]) -> bool:
    """True where every chroma sample lies inside the picture."""
    pixel = av.VideoFormat(name, 64, 64)
    return not size_wh[0] % (64 // pixel.chroma_width()) and not size_wh[1] % (
        64 // pixel.chroma_height()
    )
