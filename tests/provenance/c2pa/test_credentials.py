"""Files that are damaged, wrongly named or beside something odd are not accused of anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from masquerade.provenance.c2pa.credentials import read_credentials


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("zeros.mp4", bytes(5000)),
        ("noise.mp4", b"\x12\x34" * 4000),
        ("cut.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("cut.wav", b"RIFF\x10\0\0\0WAVEfmt "),
        ("page.pdf", b"%PDF-1.4"),
    ],
)
def test_a_damaged_file_without_a_manifest_is_not_called_broken(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = read_credentials(path)
    assert found.state in ("unreadable", "none")
    assert found.problems == ()


@pytest.mark.media
def test_a_cut_file_that_had_a_manifest_is_broken(media_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    path.write_bytes((media_dir / "c2pa" / "CA.jpg").read_bytes()[:60_000])
    assert read_credentials(path).state == "broken"


@pytest.mark.media
@pytest.mark.parametrize("name", ["C.mp4", "C", "C.txt"])
def test_a_manifest_is_found_whatever_the_file_is_called(
    media_dir: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes((media_dir / "c2pa" / "C.jpg").read_bytes())
    assert read_credentials(path).state == "intact"


def test_rubbish_beside_a_picture_says_nothing_of_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "in.png"
    Image.new("RGB", (32, 32)).save(path)
    path.with_suffix(".c2pa").write_bytes(b"rubbish" * 100)
    found = read_credentials(path)
    assert found.state == "none"
    assert "in.c2pa does not fit" in found.note


def test_a_manifest_beside_that_is_too_large_is_named(tmp_path: Path) -> None:
    path = tmp_path / "in.mkv"
    path.write_bytes(b"\x1aE\xdf\xa3")
    with path.with_suffix(".c2pa").open("wb") as file:
        file.truncate(1 << 31)
    found = read_credentials(path)
    assert found.state == "unreadable"
    assert "was not read" in found.note


def test_a_huge_jpeg_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "in.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff\xe0")
        file.truncate(1 << 31)
    assert "128 MB" in read_credentials(path).note
