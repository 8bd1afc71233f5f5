"""A file under examination: read once, never written, faces cut out at a fixed size."""

import hashlib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import InputError
from masquerade.forensics.sample import CUT_PX, Sample, part
from masquerade.types import Audio


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


def test_a_part_of_a_sound_keeps_its_clock() -> None:
    sound = Audio(np.arange(100, dtype=np.float32)[None], 10, Fraction(5))
    inside = part(sound, Fraction(7), Fraction(9))
    assert inside.start_s == 7
    assert inside.samples[0].tolist() == list(range(20, 40))
    beyond = part(sound, Fraction(4), Fraction(99))
    assert beyond.start_s == 5
    assert beyond.samples.shape == (1, 100)
    assert part(sound, Fraction(0), Fraction(4)).samples.shape == (1, 0)


@pytest.mark.media
def test_every_stretch_of_faces_has_its_sound(media_dir: Path) -> None:
    sample = Sample(media_dir / "talking" / "grid_s1" / "bbaf2n.mpg")
    (seen,) = sample.sound_seen
    assert seen.samples.shape == sample.sound[0].samples.shape
