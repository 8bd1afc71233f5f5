"""What a picture claims of its camera is held against how it is stored."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade.forensics.signals.claims import contradictions, standard_quality
from masquerade.media.tags import FileTags, read_tags


@pytest.mark.parametrize("quality", [10, 50, 75, 92])
def test_the_common_librarys_tables_are_known(tmp_path: Path, quality: int) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(path, quality=quality)
    assert standard_quality(read_tags(path).quantisation) == quality


def test_tables_of_its_own_are_not() -> None:
    assert standard_quality([tuple(range(1, 65))]) is None
    assert standard_quality([]) is None


def test_an_editor_and_impossible_times_are_told() -> None:
    tags = FileTags(
        (
            ("exif", "Software", "Adobe Photoshop 25.0"),
            ("exif", "DateTimeOriginal", "2024:05:02 10:00:00"),
            ("exif", "DateTime", "2024:05:01 10:00:00"),
        )
    )
    said = " ".join(contradictions(tags))
    assert "Photoshop" in said
    assert "before it was taken" in said


@pytest.mark.parametrize(
    ("maker", "model", "told"),
    [
        ("NIKON", "Canon EOS 5D", True),
        ("NIKON CORPORATION", "NIKON D70", False),
        ("EASTMAN KODAK COMPANY", "Kodak DC210", False),
        ("JK Imaging, Ltd.", "KODAK PIXPRO FZ53", False),
        ("RICOH IMAGING COMPANY, LTD.", "PENTAX K-1", False),
        ("", "Canon EOS 5D", False),
    ],
)
def test_a_model_of_another_maker_is_told(maker: str, model: str, told: bool) -> None:
    tags = FileTags((("exif", "Make", maker), ("exif", "Model", model)))
    assert any("another maker" in words for words in contradictions(tags)) is told


def test_what_stored_a_video_is_told_of_its_container_alone() -> None:
    tags = FileTags((("tag", "encoder", "Lavf60.3.100"),))
    assert list(contradictions(tags)) == ["it was saved by Lavf60.3.100"]
    assert not list(contradictions(tags, stills=False))


def test_an_untouched_file_has_none() -> None:
    times = (("exif", "DateTimeOriginal", "2024:05:02 10:00:00"),)
    assert not list(contradictions(FileTags((("exif", "Make", "Maker"), *times))))
