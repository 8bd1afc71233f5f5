"""A file under examination: read once, never written, faces cut out at a fixed size."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import InputError
from masquerade.forensics.sample import CUT_PX, Sample


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Sample(tmp_path / "none.mp4")


@pytest.mark.media
@pytest.mark.weights
def test_a_still_gives_its_face_once(media_dir: Path) -> None:
    path = media_dir / "personas" / "persona_b00.jpg"
    sample = Sample(path)
    assert sample.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    (line,) = sample.lines
    (cut,) = line.cuts
    assert cut.pixels.shape == (CUT_PX, CUT_PX, 3)
    assert np.all((cut.landmarks[:468, :2] > 0) & (cut.landmarks[:468, :2] < CUT_PX))
    assert cut.shrunk == pytest.approx(1.5 * cut.face_px / CUT_PX, rel=0.01)
    assert sample.sound == ()


@pytest.mark.media
@pytest.mark.weights
def test_a_clip_gives_its_face_in_every_frame_and_its_sound(media_dir: Path) -> None:
    sample = Sample(media_dir / "talking" / "grid_s1" / "bbaf2n.mpg")
    (line,) = sample.lines
    assert len(line.cuts) == 75
    assert line.embedding is not None
    times = [cut.time_s for cut in line.cuts]
    assert times == sorted(times)
    (sound,) = sample.sound
    assert sound.sr == 16_000
    assert sound.samples.shape[1] == pytest.approx(3 * 16_000, rel=0.02)
