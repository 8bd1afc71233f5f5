"""What a file says of itself, as written, within limits."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from masquerade.errors import MediaError
from masquerade.media.tags import LONGEST, MOST, read_tags

PICTURE = Image.fromarray(np.zeros((16, 16, 3), np.uint8))


def test_a_jpeg_tells_its_tables_and_camera(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[271], exif[305] = "Maker", "Program 1.0"
    PICTURE.save(tmp_path / "a.jpg", quality=80, exif=exif, subsampling="4:2:0")
    tags = read_tags(tmp_path / "a.jpg")
    assert (tags.get("make"), tags.get("Software")) == ("Maker", "Program 1.0")
    assert tags.subsampling == "4:2:0"
    assert [len(table) for table in tags.quantisation] == [64, 64]


def test_texts_of_a_png_are_there_and_cut_at_their_limit(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a portrait, Steps: 20" + "x" * 2 * LONGEST)
    for number in range(MOST):
        info.add_text(f"key {number}", "value")
    PICTURE.save(tmp_path / "a.png", pnginfo=info)
    tags = read_tags(tmp_path / "a.png")
    assert tags.get("parameters").startswith("a portrait, Steps: 20")
    assert len(tags.get("parameters")) == LONGEST
    assert len(tags.entries) == MOST
    assert tags.cut


def test_what_is_no_media_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no picture at all")
    with pytest.raises(MediaError):
        read_tags(tmp_path / "a.jpg")


@pytest.mark.media
def test_a_video_tells_its_container_and_codecs(media_dir: Path) -> None:
    tags = read_tags(media_dir / "exif" / "with-gps.mov")
    assert {where for where, _, _ in tags.entries} >= {"file", "stream 0"}
    assert tags.get("codec")
