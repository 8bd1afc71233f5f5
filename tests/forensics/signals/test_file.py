"""What container, thumbnail, times and places say of a file."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade.forensics.signals.capture import oddities
from masquerade.forensics.signals.container import signs
from masquerade.forensics.signals.thumbnail import OTHER, compare
from masquerade.media.atoms import atoms, encoder_strings
from masquerade.media.tags import FileTags
from masquerade.media.thumbnail import read_thumbnail


def _box(name: bytes, inner: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(inner), name) + inner


def test_boxes_are_listed_with_their_parents(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(_box(b"ftyp", b"isom\0\0\0\0") + _box(b"moov", _box(b"trak")) + _box(b"mdat"))
    assert [box.path for box in atoms(path)] == ["ftyp", "moov", "moov/trak", "mdat"]


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\0\x08ftyp" * 999, b"\0\0\0\x01ftyp" + b"\xff" * 9, b"no box at all here"]
)
def test_torn_and_hostile_boxes_end_the_list(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    assert len(atoms(path)) <= 256


def test_encoders_name_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"\0" * 90 + b"x264 - core 164 r3108" + b"\0" * 10 + b"Lavf60.3.100\0")
    found = encoder_strings(path)
    assert found == ("x264 - core 164", "Lavf60.3.100")
    said = " ".join(signs((), found, FileTags()))
    assert "x264" in said


def test_a_cameras_own_encoder_is_no_sign_of_another_program() -> None:
    tags = FileTags((("stream", "encoder", "GoPro AVC encoder"),))
    assert not list(signs((), (), tags))


def _tags(**values: str) -> FileTags:
    return FileTags(tuple(("exif", name, value) for name, value in values.items()))


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (_tags(DateTimeOriginal="2024:05:01 10:00:00"), ""),
        (_tags(DateTimeOriginal="0000:00:00 00:00:00"), ""),
        (_tags(DateTimeOriginal="yesterday"), "is no time"),
        (_tags(DateTimeOriginal="1970:01:01 00:00:00"), "never set"),
        (_tags(location="+0.0000+0.0000/"), "know none"),
        (_tags(location="+99.0000+10.0000/"), "not on the Earth"),
        (_tags(location="+50.0+8.0/", OffsetTimeOriginal="+09:00"), "not one of that place"),
        (_tags(location="+50.0+8.0/", OffsetTimeOriginal="+02:00"), ""),
        (
            _tags(
                DateTimeOriginal="2024:05:01 10:00:00",
                OffsetTimeOriginal="+02:00",
                GPSDateStamp="2024:05:01",
                GPSTimeStamp="(11.0, 0.0, 0.0)",
            ),
            "satellites",
        ),
    ],
)
def test_times_and_places_are_held_against_each_other(tags: FileTags, said: str) -> None:
    found = " ".join(oddities(tags))
    assert said in found
    assert bool(found) is bool(said)


def test_a_thumbnail_of_another_picture_is_told(textured: np.ndarray) -> None:
    small = np.asarray(Image.fromarray(textured).resize((160, 128)))
    same = compare(textured, small)
    turned = compare(textured, np.ascontiguousarray(np.rot90(small)))
    changed = textured.copy()
    changed[60:160, 80:200] = textured[150:250, 200:320][:, ::-1]
    other = compare(changed, small)
    assert same is not None
    assert turned is not None
    assert other is not None
    assert max(same[0], turned[0]) < OTHER < other[0]


def test_a_thumbnail_is_read_and_a_torn_one_is_none(tmp_path: Path, textured: np.ndarray) -> None:
    small = io.BytesIO()
    Image.fromarray(textured).resize((160, 128)).save(small, "JPEG")
    for data, there in ((small.getvalue(), True), (b"torn" * 40, False)):
        head = b"MM\0*" + struct.pack(">IHI", 8, 0, 14)
        entries = struct.pack(">HHHII", 2, 0x0201, 4, 1, 44) + struct.pack(
            ">HHII", 0x0202, 4, 1, len(data)
        )
        exif = b"Exif\0\0" + head + entries + struct.pack(">I", 0) + data
        path = tmp_path / f"{there}.jpg"
        Image.fromarray(textured).save(path, exif=exif)
        assert (read_thumbnail(path) is not None) is there
