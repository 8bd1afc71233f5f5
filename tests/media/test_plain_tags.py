"""What inputs say of themselves: nothing of it steers whoever reads the output."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import ExifTags, Image

from masquerade.media.plain_tags import MOST, changed, plain
from masquerade.media.probe import probe
from masquerade.media.still_tags import still_tags
from masquerade.media.tags import read_tags
from masquerade.media.write import Encoding, encode_segment, join
from masquerade.types import Frame

EVIL = "a\u202egpj.exe\x1b[2J\x07\u2066\nb"
PLAIN = "agpj.exe[2J\nb"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (EVIL, PLAIN),
        ("ordinary, with\ttabs", "ordinary, with\ttabs"),
        ("سلام שלום 你好 é", "سلام שלום 你好 é"),
        ("x" * (MOST + 1), "x" * MOST),
        ("\x00", ""),
    ],
)
def test_letters_stay_and_what_steers_goes(text: str, wanted: str) -> None:
    assert plain(text) == wanted
    assert bool(changed([("title", text)])) is (text != wanted)


def test_texts_that_are_changed_are_named_once() -> None:
    (note,) = changed([("title", EVIL), ("artist", "Ada"), ("title", EVIL), ("date", "\x00")])
    assert note.endswith("was taken out of: title, date")


def test_a_video_takes_over_plain_titles_and_says_so(tmp_path: Path) -> None:
    path, out = tmp_path / "in.mkv", tmp_path / "out.mkv"
    grey = np.full((16, 16, 3), 90, np.uint8)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width = stream.height = 16
        container.metadata.update({"title": EVIL, "artist": "Ada"})
        for number in range(2):
            picture = av.VideoFrame.from_ndarray(grey, format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    info, encoding = probe(path), Encoding(preset="ultrafast")
    frames = iter([Frame(grey, number * 100, Fraction(1, 1000)) for number in range(2)])
    notes = join([encode_segment(frames, info, encoding)], info, out, encoding)
    assert dict(probe(out).metadata) == {"title": PLAIN, "artist": "Ada"}
    assert any(note.endswith("was taken out of: title") for note in notes)


def test_a_still_takes_over_plain_texts_and_says_so(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist], exif[ExifTags.Base.Copyright] = "a\x1b[2J\x07b", "Ada"
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=exif)
    tags = still_tags(probe(tmp_path / "a.jpg"))
    Image.new("RGB", (8, 8)).save(tmp_path / "b.jpg", exif=tags.exif)
    written = read_tags(tmp_path / "b.jpg")
    assert (written.get("Artist"), written.get("Copyright")) == ("a[2Jb", "Ada")
    assert tags.notes == changed([("Artist", "\x07")])
