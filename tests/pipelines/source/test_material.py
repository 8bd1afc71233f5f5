"""Pictures of a person out of videos: different ones, boundedly many."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from masquerade.faces.coverage import Measures
from masquerade.faces.landmarks import face_of
from masquerade.faces.mesh import topology
from masquerade.faces.readers import FaceReader
from masquerade.media.probe import probe
from masquerade.pipelines.cast import read_sources
from masquerade.pipelines.source.material import Seen, Spread, calm, cut_out, read_video
from masquerade.types import InputUse, SourcePicture

PLAIN = Measures(0, 0, 200, 12, 0.02, 0.3, 0.0, (0.0, 0.0), 128)


def _seen(measures: Measures) -> Seen:
    marks = (topology().neutral * 20 + np.float32(40)).astype(np.float32)
    use = InputUse("source", "clip.mp4", "0" * 64)
    pixels = np.zeros((80, 80, 3), np.uint8)
    return Seen(
        SourcePicture(pixels, face_of(marks, 1.0), np.zeros(128, np.float32), use), measures
    )


def test_alike_pictures_are_kept_once_and_the_sharper_one() -> None:
    spread = Spread(10)
    for sharpness in (10, 10, 15, 11):
        one = replace(PLAIN, sharpness=sharpness)
        if spread.wants(one):
            spread.add(_seen(one))
    assert [one.measures.sharpness for one in spread.kept] == [15]


def test_a_spread_never_grows_beyond_its_limit_and_keeps_the_extremes() -> None:
    spread = Spread(12)
    for k in range(300):
        one = replace(PLAIN, yaw_deg=60 * np.sin(k / 40), mouth=0.2 + 0.2 * np.sin(k / 7))
        if spread.wants(one):
            spread.add(_seen(one))
        assert len(spread.kept) <= 12
    yaws = [one.measures.yaw_deg for one in spread.kept]
    assert min(yaws) < -40
    assert max(yaws) > 40


def test_a_blurred_picture_is_not_wanted() -> None:
    spread = Spread(5)
    spread.add(_seen(PLAIN))
    assert not spread.wants(replace(PLAIN, yaw_deg=40, sharpness=4))
    assert spread.wants(replace(PLAIN, yaw_deg=40))


def test_calm_pictures_have_open_eyes_and_lips_together() -> None:
    wild = [replace(PLAIN, mouth=0.3), replace(PLAIN, eyes=0.1), replace(PLAIN, yaw_deg=20)]
    found = calm([_seen(one) for one in (PLAIN, *wild)])
    assert {one.measures.yaw_deg for one in found} == {0, 20}
    assert all(one.measures.mouth < 0.05 and one.measures.eyes > 0.2 for one in found)
    assert calm([]) == []


def test_a_large_face_is_cut_out_smaller_with_its_mesh() -> None:
    marks = (topology().neutral * 400 + np.array([900, 800, 0])).astype(np.float32)
    face = face_of(marks, 1.0)
    image = np.zeros((1600, 1900, 3), np.uint8)
    x, y = marks[4, :2].astype(int)
    image[y - 9 : y + 10, x - 9 : x + 10] = 255
    part, moved = cut_out(image, face)
    assert moved.size_px == pytest.approx(320, abs=2)
    x, y = moved.landmarks[4, :2].round().astype(int)
    assert part[y, x].min() > 200


@pytest.mark.media
@pytest.mark.weights
def test_a_video_gives_different_frames_of_its_person(media_dir: Path) -> None:
    reader = FaceReader.open()
    clip = media_dir / "talking" / "grid_s1" / "bbaf2n.mpg"
    seen = read_video(probe(clip), reader, most=12)
    assert 6 <= len(seen) <= 12
    assert {one.picture.input.name for one in seen} == {"bbaf2n.mpg"}
    mouths = [one.measures.mouth for one in seen]
    assert max(mouths) - min(mouths) > 0.05
    few = read_sources([clip], reader, videos=True)
    assert 1 <= len(few) <= 8
    both = read_sources([clip], reader, videos=True, most=6)
    assert len(both) <= 6
