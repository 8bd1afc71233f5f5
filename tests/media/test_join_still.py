"""A still may be the input of a video: there is nothing to keep of it but its look."""

from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from masquerade.media.encoding import Encoding
from masquerade.media.join import join
from masquerade.media.probe import probe
from masquerade.media.read import read_frames
from masquerade.media.segment import encode_segment
from masquerade.types import Frame

BASE = Fraction(1, 1000)


@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_frames_made_of_a_still_become_a_video_at_their_times(tmp_path, ending):
    photo = tmp_path / "photo.jpg"
    Image.fromarray(np.full((48, 64, 3), 128, np.uint8)).save(photo)
    info, encoding = probe(photo), Encoding(preset="ultrafast")
    pixels = [np.full((48, 64, 3), 40 * k, np.uint8) for k in range(5)]
    made = [Frame(picture, 40 * k, BASE, 40) for k, picture in enumerate(pixels)]
    parts = [encode_segment(iter(run), info, encoding) for run in (made[:2], made[2:])]
    out = tmp_path / f"clip{ending}"
    join(parts, info, out, encoding)
    assert probe(out).pixel_format == "yuv420p"
    read = list(read_frames(out))
    assert [frame.time_s for frame in read] == [frame.time_s for frame in made]
    assert [int(frame.pixels.mean()) for frame in read] == pytest.approx(
        [40 * k for k in range(5)], abs=4
    )
