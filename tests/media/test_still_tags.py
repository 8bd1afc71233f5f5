"""Of a still, tags on the work and its date go on; place, camera and serial numbers do not."""

from pathlib import Path

import pytest
from PIL import ExifTags, Image

from masquerade.errors import MediaError
from masquerade.media.probe import probe
from masquerade.media.still_tags import still_tags

TAG = ExifTags.Base


def photo(path: Path, profile: bytes = b"") -> Path:
    exif = Image.Exif()
    exif[TAG.Artist], exif[TAG.Copyright] = "A. Painter", "CC0"
    exif[TAG.Make], exif[TAG.Model], exif[TAG.Orientation] = "Camera maker", "One", 6
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {TAG.DateTimeOriginal: "2024:05:01 10:00:00", TAG.BodySerialNumber: "1234"}
    )
    exif.get_ifd(ExifTags.IFD.GPSInfo)[1] = "N"
    Image.new("RGB", (8, 6)).save(path, exif=exif, icc_profile=profile)
    return path


def test_safe_tags_are_kept_and_the_others_named(tmp_path: Path) -> None:
    tags = still_tags(probe(photo(tmp_path / "a.jpg")))
    kept = Image.Exif()
    kept.load(tags.exif)
    assert dict(kept.get_ifd(ExifTags.IFD.Exif)) == {TAG.DateTimeOriginal: "2024:05:01 10:00:00"}
    assert {tag: kept[tag] for tag in kept if tag != TAG.ExifOffset} == {
        TAG.Artist: "A. Painter",
        TAG.Copyright: "CC0",
    }
    (note,) = tags.notes
    assert all(word in note for word in ("GPS position", "Make", "Model", "BodySerialNumber"))
    assert "Orientation" not in note
    assert b"Camera maker" not in tags.exif


def test_all_tags_are_dropped_where_none_is_wanted(tmp_path: Path) -> None:
    profile = bytes(16) + b"RGB " + bytes(108)
    tags = still_tags(probe(photo(tmp_path / "a.jpg", profile)), keep=False)
    assert tags.exif == b""
    assert tags.icc_profile == profile
    assert any("all that the input says of itself" in note for note in tags.notes)


@pytest.mark.parametrize(("space", "kept"), [(b"RGB ", True), (b"CMYK", False), (b"GRAY", False)])
def test_only_a_profile_for_rgb_is_kept(tmp_path: Path, space: bytes, kept: bool) -> None:
    profile = bytes(16) + space + bytes(108)
    tags = still_tags(probe(photo(tmp_path / "a.jpg", profile)))
    assert tags.icc_profile == (profile if kept else b"")
    assert any("profile is not for RGB" in note for note in tags.notes) is not kept


def test_an_input_that_became_something_else_is_an_error(tmp_path: Path) -> None:
    info = probe(photo(tmp_path / "a.jpg"))
    info.path.write_text("no picture any more")
    with pytest.raises(MediaError, match="no longer a picture"):
        still_tags(info)
