"""Which files hold a manifest themselves, and where it lies for those that cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from masquerade.errors import UsageError

UNKNOWN_MIME: Final = "application/octet-stream"
_EMBEDDED: Final = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".apng": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".avi": "video/x-msvideo",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
}
_BESIDE: Final = {
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".ogg": "application/ogg",
    ".ogv": "video/ogg",
    ".opus": "audio/ogg",
}
_BY_CONTENT: Final = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVEfmt ", "audio/wav"),
    (8, b"AVI LIST", "video/x-msvideo"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (4, b"ftypavi", "image/avif"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftyp", "video/mp4"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
)


def mime_of_content(path: Path) -> str:
    """The media type of a file by its first bytes, whatever its name; else by its ending.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(32)
    for offset, magic, mime in _BY_CONTENT:
        if head[offset : offset + len(magic)] == magic:
            return mime
    return mime_of(path)


def mime_of(path: Path) -> str:
    """The media type of a file by its ending."""
    ending = path.suffix.lower()
    return _EMBEDDED.get(ending) or _BESIDE.get(ending, UNKNOWN_MIME)


def sidecar_of(path: Path) -> Path:
    """Where a manifest lies that its file cannot hold, as other C2PA tools look for it."""
    return path.with_suffix(".c2pa")


def can_embed(path: Path) -> bool:
    """Whether files of this ending can hold a manifest."""
    return path.suffix.lower() in _EMBEDDED


def is_embedded(out: Path) -> bool:
    """Whether a file of this ending holds its manifest itself, or has it beside.

    Raises:
        UsageError: Files of this ending cannot be sealed at all.
    """
    ending = out.suffix.lower()
    if ending in _EMBEDDED or ending in _BESIDE:
        return can_embed(out)
    raise UsageError(
        f"a file ending in {ending or 'nothing'!r} cannot be sealed",
        "one of " + " ".join(sorted({*_EMBEDDED, *_BESIDE})),
        "choose another ending",
    )
