"""What a file says of itself: every tag, table and embedded text, as written, for examination.

Nothing here is trusted or acted upon. Texts are cut at a stated length, lists at a stated number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import ExifTags, Image, JpegImagePlugin

from masquerade.media.container import check_file, open_container, picture_format
from masquerade.media.limits import DEFAULT_LIMITS, Limits
from masquerade.media.stills import opened

LONGEST: Final = 4096
MOST: Final = 512
_TEXT_KEYS: Final = ("comment", "Software", "parameters", "prompt", "workflow", "Description")
_IFDS: Final = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)


@dataclass(frozen=True, slots=True)
class FileTags:
    """What a file says of itself.

    Attributes:
        entries: (where, name, value): where is "exif", "gps", "text", "xmp", "file" or "stream N".
        quantisation: Quantisation tables of a JPEG, 64 numbers each in zigzag order as stored.
        subsampling: Chroma subsampling of a JPEG, such as ``4:2:0``; empty where not known.
        progressive: Whether a JPEG is stored progressively.
        has_profile: Whether a still carries a colour profile.
        cut: True where something was left out for its length or number.
    """

    entries: tuple[tuple[str, str, str], ...] = ()
    quantisation: tuple[tuple[int, ...], ...] = ()
    subsampling: str = ""
    progressive: bool = False
    has_profile: bool = False
    cut: bool = False

    def get(self, name: str) -> str:
        """The first value of that name, in whatever case; empty where there is none."""
        wanted = name.lower()
        return next((value for _, key, value in self.entries if key.lower() == wanted), "")


def read_tags(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> FileTags:
    """Everything a picture, video or sound file says of itself.

    Args:
        path: Any media file.
        limits: Against hostile files.

    Raises:
        MediaError: The file is of no use.
        LimitError: It is larger than the limits allow.
    """
    path = Path(path)
    check_file(path, limits)
    name = picture_format(path)
    if name:
        with opened(path, name, limits) as (image, _):
            return _of_picture(image)
    with open_container(path, limits) as container:
        found = [("file", key, value) for key, value in container.metadata.items()]
        found.append(("file", "format", container.format.name))
        for stream in container.streams:
            where = f"stream {stream.index}"
            found += [(where, key, value) for key, value in stream.metadata.items()]
            found += [(where, "kind", str(stream.type))]
            if stream.codec_context is not None:
                found.append((where, "codec", stream.codec_context.name))
                found.append((where, "codec tag", stream.codec_context.codec_tag))
        entries, cut = _bounded(iter(found))
        return FileTags(entries, cut=cut)


def _of_picture(image: Image.Image) -> FileTags:
    entries, cut = _bounded(_entries(image))
    tables: tuple[tuple[int, ...], ...] = ()
    subsampling = ""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        quantisation: dict[int, list[int]] = image.quantization
        tables = tuple(tuple(table) for _, table in sorted(quantisation.items())[:4])
        code = JpegImagePlugin.get_sampling(image)
        subsampling = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}.get(code, "")
    return FileTags(
        entries,
        tables,
        subsampling,
        bool(image.info.get("progressive")),
        bool(image.info.get("icc_profile")),
        cut,
    )


def _entries(image: Image.Image) -> Iterator[tuple[str, str, str]]:
    exif = image.getexif()
    yield from _named("exif", dict(exif), ExifTags.TAGS)
    for ifd in _IFDS:
        names = ExifTags.GPSTAGS if ifd is ExifTags.IFD.GPSInfo else ExifTags.TAGS
        where = "gps" if ifd is ExifTags.IFD.GPSInfo else "exif"
        yield from _named(where, exif.get_ifd(ifd), names)
    texts: Mapping[Any, Any] = getattr(image, "text", {})
    for key in dict.fromkeys((*texts, *_TEXT_KEYS)):
        value = texts.get(key, image.info.get(key))
        if value:
            yield "text", str(key), _as_text(value)
    if image.info.get("xmp"):
        yield "xmp", "xmp", _as_text(image.info["xmp"])


def _named(
    where: str, tags: Mapping[int, Any], names: Mapping[int, str]
) -> Iterator[tuple[str, str, str]]:
    for tag, value in tags.items():
        if not isinstance(value, dict):
            yield where, names.get(tag, f"tag {tag}"), _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, bytes):
        text = value.decode("utf-8", errors="replace")
        return text if text.isprintable() or value.lstrip()[:1] == b"<" else f"{len(value)} bytes"
    return str(value)


def _bounded(
    entries: Iterator[tuple[str, str, str]],
) -> tuple[tuple[tuple[str, str, str], ...], bool]:
    """The entries within the limits of length and number, and whether something was left out."""
    kept: list[tuple[str, str, str]] = []
    cut = False
    for where, name, value in entries:
        if len(kept) == MOST:
            return tuple(kept), True
        cut = cut or len(value) > LONGEST or len(name) > LONGEST
        kept.append((where, name[:LONGEST].strip("\x00 "), value[:LONGEST].strip("\x00 ")))
    return tuple(kept), cut
