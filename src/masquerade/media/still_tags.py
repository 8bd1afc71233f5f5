"""The colour profile and the harmless EXIF tags of a still, to be written with a new picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import ExifTags, Image

from masquerade.errors import MediaError
from masquerade.media.container import check_file, picture_format
from masquerade.media.limits import DEFAULT_LIMITS, Limits
from masquerade.media.plain_tags import changed, plain
from masquerade.media.probe import MediaInfo
from masquerade.media.stills import opened

# What is said of the work and when it was made; nothing of its maker's place, camera or software.
SAFE_TAGS: Final = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
    ExifTags.Base.DateTime,
    ExifTags.Base.XResolution,
    ExifTags.Base.YResolution,
    ExifTags.Base.ResolutionUnit,
)
SAFE_DETAILS: Final = (
    ExifTags.Base.DateTimeOriginal,
    ExifTags.Base.DateTimeDigitized,
    ExifTags.Base.OffsetTime,
    ExifTags.Base.OffsetTimeOriginal,
    ExifTags.Base.OffsetTimeDigitized,
    ExifTags.Base.SubsecTime,
    ExifTags.Base.SubsecTimeOriginal,
    ExifTags.Base.SubsecTimeDigitized,
)
# Technical ones that a new file states for itself; leaving them out is no loss to speak of.
OWN_TAGS: Final = frozenset(
    (
        ExifTags.Base.Orientation,
        ExifTags.Base.ExifOffset,
        ExifTags.Base.ImageWidth,
        ExifTags.Base.ImageLength,
        ExifTags.Base.YCbCrPositioning,
        ExifTags.Base.YCbCrSubSampling,
        ExifTags.Base.ExifVersion,
        ExifTags.Base.FlashPixVersion,
        ExifTags.Base.ComponentsConfiguration,
        ExifTags.Base.CompressedBitsPerPixel,
        ExifTags.Base.ColorSpace,
        ExifTags.Base.ExifImageWidth,
        ExifTags.Base.ExifImageHeight,
        ExifTags.Base.ExifInteroperabilityOffset,
        ExifTags.Base.JpegIFOffset,
        ExifTags.Base.JpegIFByteCount,
    )
)
MAKER: Final = (ExifTags.Base.Make, ExifTags.Base.Model)
ALL_DROPPED: Final = "left out, as asked: all that the input says of itself"
TIFF_LAYOUT: Final = range(254, 300)
ICC_SPACE: Final = slice(16, 20)


@dataclass(frozen=True, slots=True)
class StillTags:
    """What goes into a new file beside its pixels.

    Attributes:
        icc_profile: Colour profile of RGB pixels; may be empty.
        exif: Harmless EXIF tags as the bytes of a TIFF structure; may be empty.
        notes: What was left out.
    """

    icc_profile: bytes = b""
    exif: bytes = b""
    notes: tuple[str, ...] = ()


def still_tags(info: MediaInfo, *, keep: bool = True, limits: Limits = DEFAULT_LIMITS) -> StillTags:
    """The profile and the harmless tags of the input; empty ones where it is no still.

    The orientation tag is left out: pictures are written upright.

    Args:
        info: The input.
        keep: Whether the tags are wanted; the profile is kept without them too.
        limits: For opening the input again.

    Raises:
        MediaError: The input cannot be read any more.
    """
    profile, notes = info.icc_profile, []
    if profile and profile[ICC_SPACE] != b"RGB ":
        notes.append("the colour profile is not for RGB and is left out")
        profile = b""
    if info.kind not in ("still", "animation"):
        return StillTags(profile, b"", tuple(notes))
    if not keep:
        return StillTags(profile, b"", (*notes, ALL_DROPPED))
    check_file(info.path, limits)
    name = picture_format(info.path)
    if not name:
        raise MediaError(f"{info.path} is no longer a picture", "the input as it was probed")
    with opened(info.path, name, limits) as (image, _):
        source = image.getexif()
        kept, dropped = _sorted_out(source)
        notes += changed(_plainly(kept))
        if "xmp" in image.info:
            dropped.append("XMP")
    if dropped:
        notes.append(f"left out, as only tags on the work and its date are kept: {_few(dropped)}")
    return StillTags(profile, kept.tobytes() if len(kept) else b"", tuple(notes))


def _sorted_out(source: Image.Exif) -> tuple[Image.Exif, list[str]]:
    """The harmless tags, and the names of the others."""
    kept, dropped = Image.Exif(), []
    for tag, value in source.items():
        if tag in SAFE_TAGS:
            kept[tag] = value
        elif tag == ExifTags.Base.GPSInfo:
            dropped.append("GPS position")
        elif tag in MAKER or (tag not in OWN_TAGS and tag not in TIFF_LAYOUT):
            dropped.append(ExifTags.TAGS.get(tag, str(tag)))
    details = source.get_ifd(ExifTags.IFD.Exif)
    safe = {tag: value for tag, value in details.items() if tag in SAFE_DETAILS}
    if safe:
        kept[ExifTags.Base.ExifOffset] = safe
    others = [tag for tag in details if tag not in SAFE_DETAILS and tag not in OWN_TAGS]
    dropped += [ExifTags.TAGS.get(tag, str(tag)) for tag in others]
    return kept, dropped


def _plainly(kept: Image.Exif) -> list[tuple[str, str]]:
    """Makes the texts among tags plain; gives them as they were, by name."""
    were = []
    for tags in (kept, kept.get(ExifTags.Base.ExifOffset) or {}):
        for tag, value in list(tags.items()):
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            if isinstance(text, str):
                text = text.rstrip("\0")  # by which EXIF ends a text
                were.append((ExifTags.TAGS.get(tag, str(tag)), text))
                if plain(text) != text:
                    tags[tag] = plain(text)
    return were


def _few(names: list[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
