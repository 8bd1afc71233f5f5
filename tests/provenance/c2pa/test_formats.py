from pathlib import Path

import pytest

from masquerade.errors import UsageError
from masquerade.provenance.c2pa.formats import (
    can_embed,
    is_embedded,
    mime_of,
    mime_of_content,
    sidecar_of,
)


@pytest.mark.parametrize(
    ("name", "mime", "inside"),
    [
        ("a.JPG", "image/jpeg", True),
        ("a.mp4", "video/mp4", True),
        ("a.mkv", "video/x-matroska", False),
        ("a.b.webm", "video/webm", False),
    ],
)
def test_a_file_holds_its_manifest_or_has_it_beside(name: str, mime: str, inside: bool) -> None:
    assert mime_of(Path(name)) == mime
    assert is_embedded(Path(name)) is can_embed(Path(name)) is inside
    assert sidecar_of(Path(name)).name == f"{Path(name).stem}.c2pa"


@pytest.mark.parametrize("name", ["a.txt", "a", "a.c2pa"])
def test_what_cannot_be_sealed_is_refused_and_can_be_looked_at(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be sealed") as caught:
        is_embedded(Path(name))
    assert ".mp4" in caught.value.expected
    assert mime_of(Path(name)) == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "start", "mime"),
    [
        ("a.mp4", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a", b"\0\0\0\x18ftypisom", "video/mp4"),
        ("a.jpg", b"\0\0\0\x18ftypavif", "image/avif"),
        ("a.txt", b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        ("a.mkv", b"\x1aE\xdf\xa3", "video/x-matroska"),
        ("a.png", b"", "image/png"),
    ],
)
def test_content_says_more_than_the_name(
    tmp_path: Path, name: str, start: bytes, mime: str
) -> None:
    (tmp_path / name).write_bytes(start)
    assert mime_of_content(tmp_path / name) == mime
