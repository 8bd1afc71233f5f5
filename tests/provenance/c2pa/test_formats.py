from pathlib import Path

import pytest

from masquerade.errors import UsageError
from masquerade.provenance.c2pa.formats import can_embed, is_embedded, mime_of, sidecar_of


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
