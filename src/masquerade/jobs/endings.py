"""Which files are taken from others: by their endings, which their content has to agree with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from masquerade.errors import InputError

PICTURES: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".apng", ".webp", ".avif", ".heic", ".heif", ".tif", ".tiff"}
    | {".bmp", ".gif"}
)
VIDEOS: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts"}
    | {".3gp", ".wmv", ".flv"}
)
SOUNDS: Final = frozenset(
    {".wav", ".mp3", ".m4a", ".aac", ".flac", ".ogg", ".oga", ".opus", ".wma", ".aif", ".aiff"}
)
DATA_ENDINGS: Final = frozenset(
    {".mface", ".mvoice", ".faceset", ".safetensors", ".mbody", ".person"}
)
"""Of models of a person: biometric data."""
RECORD_ENDINGS: Final = frozenset({".consent", ".json"})
ENDINGS: Final = PICTURES | VIDEOS | SOUNDS | DATA_ENDINGS | RECORD_ENDINGS
"""What may be uploaded."""
_HEAD: Final = 4096
_MOST_NAME: Final = 80
_MOST_NAME_BYTES: Final = 160  # file systems take 255, with what is put around it


def plain_name(name: str) -> str:
    r"""A file's name that means the same on every system: letters, digits, dots and dashes.

    Example:
        >>> plain_name("../../etc/My clip (1).MP4")
        'My_clip_1.MP4'
    """
    last = Path(re.split(r"[/\\]", name)[-1])
    stem = re.sub(r"[^\w-]+", "_", last.stem).strip("_-")[:_MOST_NAME]
    stem = stem.encode(errors="ignore")[:_MOST_NAME_BYTES].decode(errors="ignore") or "file"
    ending = re.sub(r"[^A-Za-z0-9]", "", last.suffix)[:12]
    return f"{stem}.{ending}" if ending else stem


def check_content(place: Path) -> None:
    """Passes when content and ending agree that it is text, or that it is not.

    Text can name other files to a reader that takes it for a list of them; only records are text,
    and those are JSON.

    Raises:
        InputError: They do not.
    """
    with place.open("rb") as file:
        head = file.read(_HEAD)
    is_record = place.suffix.lower() in RECORD_ENDINGS
    if is_record != _is_text(head) or (is_record and not head.lstrip().startswith(b"{")):
        raise InputError(
            f"{place.name} holds something else than its ending says",
            "a record in JSON" if is_record else "a picture, video, sound or model",
        )


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(head) == _HEAD and error.start > _HEAD - 4
    return True
