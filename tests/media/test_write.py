"""What is known of an output before any work is done."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade.errors import OutputError, UsageError
from masquerade.media import write
from masquerade.media.encoding import Encoding
from masquerade.media.probe import probe


def test_all_writing_is_reached_through_one_module():
    assert set(write.__all__) == {
        "Encoding",
        "SoundTrack",
        "check_output",
        "check_sound_output",
        "encode_segment",
        "join",
        "write_animation",
        "write_sound",
        "write_still",
    }


@pytest.mark.parametrize(
    ("name", "encoding", "error"),
    [
        ("out.mp4", Encoding(), None),
        ("out.mov", Encoding(codec="prores"), None),
        ("out.webm", Encoding(codec="vp9", audio="opus"), None),
        ("out.webm", Encoding(codec="vp9"), OutputError),
        ("out.webm", Encoding(), UsageError),
        ("out.png", Encoding(), UsageError),
        ("missing/out.mp4", Encoding(), UsageError),
    ],
)
def test_an_output_is_refused_before_work_begins(
    tmp_path, make_clip: Callable[..., Path], name, encoding, error
):
    target = probe(make_clip("in.mp4", count=5, sound_s=0.2))
    if error is None:
        write.check_output(target, tmp_path / name, encoding)
    else:
        with pytest.raises(error):
            write.check_output(target, tmp_path / name, encoding)
    assert not (tmp_path / name).exists()


def test_losses_are_known_before_work_begins(tmp_path, make_clip: Callable[..., Path]):
    target = probe(make_clip("in.mp4", count=5))
    deep = replace(target, bit_depth=12, pixel_format="yuv422p12le")
    said = " ".join(write.check_output(deep, tmp_path / "out.mkv", Encoding(codec="av1")))
    assert "10 bits" in said
    assert "lower resolution" in said
    assert "milliseconds" in said


@pytest.mark.parametrize(
    ("name", "fits"), [("out.webp", True), ("out.gif", False), ("o.mp4", False)]
)
def test_a_still_needs_the_ending_of_a_still(tmp_path, name, fits):
    path = tmp_path / "in.png"
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(path)
    if fits:
        assert write.check_output(probe(path), tmp_path / name, Encoding()) == ()
    else:
        with pytest.raises(UsageError):
            write.check_output(probe(path), tmp_path / name, Encoding())
