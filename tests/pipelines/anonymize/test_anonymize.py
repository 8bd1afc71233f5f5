"""Nobody is left recognisable: the whole of anonymising, on real clips."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from masquerade.cli import main
from masquerade.errors import FaceError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.generate.anonymize import Options, unfit
from masquerade.media.probe import probe
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.anonymize.anonymize import BLENDING, Request, anonymize
from masquerade.pipelines.anonymize.survey import survey
from masquerade.pipelines.first_look import find_pieces
from masquerade.provenance.verify import verify

pytestmark = [pytest.mark.media, pytest.mark.weights]


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


def write(path: Path, pictures: list[np.ndarray]) -> Path:
    """A small clip with everything that could name somebody."""
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "12"})
        stream.height, stream.width = pictures[0].shape[:2]
        out.metadata.update({"title": "Ann Other", "location": "+48.1-011.5/"})
        for picture in pictures:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        out.mux(stream.encode(None))
    return path


def speaker(media_dir: Path, name: str, count: int) -> list[np.ndarray]:
    frames = read_frames(media_dir / "talking" / f"{name}.mpg")
    return [frame.pixels for _, frame in zip(range(count), frames, strict=False)]


def test_two_people_become_two_others_and_nothing_names_them(media_dir, tmp_path, reader) -> None:
    left, right = (speaker(media_dir, n, 6) for n in ("grid_s1/bbaf2n", "grid_others/lbax4n"))
    both = [np.hstack(pair) for pair in zip(left, right, strict=True)]
    target = write(tmp_path / "ann_other.mp4", both)
    out = tmp_path / "out.mp4"

    made = anonymize(target, out, Request())

    assert len({one.persona for one in made.hidden}) == 2
    assert all(one.known == 0 and min(one.distances) > 0.6 for one in made.hidden)
    assert made.account.swapped == made.account.frames == 6
    assert verify(out).exit_code == 0
    data = out.read_bytes()
    assert b"Ann Other" not in data
    assert b"ann_other" not in data
    assert b"48.1" not in data
    after = list(read_frames(out))[3].pixels
    assert len(find_faces(after, reader)) == 2


def test_the_same_person_is_known_again_after_a_cut(media_dir, tmp_path, reader) -> None:
    pictures = speaker(media_dir, "grid_s1/bbaf2n", 6)
    other = speaker(media_dir, "grid_others/lbax4n", 6)
    target = write(tmp_path / "in.mp4", [*pictures, *other, *pictures])
    info = probe(target)
    cut = find_pieces(info, on_damage=print)

    seen = survey(info, cut, reader, lambda face: unfit(face, Options()))

    assert sorted(one.frames for one in seen.people) == [6, 12]
    assert seen.frames == 18
    assert not seen.trouble


@pytest.fixture
def lost(media_dir: Path, tmp_path: Path) -> Path:
    """A clip in which a hand-sized board hides the face for a while."""
    pictures = speaker(media_dir, "grid_s1/bbaf2n", 24)
    for picture in pictures[5:20]:
        picture[60:230, 60:220] = (90, 120, 90)
    return write(tmp_path / "lost.mp4", pictures)


def test_where_somebody_is_lost_nothing_is_written(lost, tmp_path, capsys) -> None:
    out = tmp_path / "out.mp4"
    assert main(["anonymize", str(lost), "-o", str(out), "--json"]) == 4
    error = json.loads(capsys.readouterr().out)["error"]
    assert "person 1: not seen between two sightings" in error["found"]
    assert "0:00.08 to 0:00.88" in error["found"]
    assert "--on-failure pixelate" in error["todo"]
    assert not out.exists()


def test_where_somebody_is_lost_they_are_covered_if_so_decided(lost, tmp_path, reader) -> None:
    made = anonymize(lost, tmp_path / "out.mp4", Request(on_failure="pixelate"))

    assert made.account.covered >= 15 + 2
    assert made.account.frames == 24
    before, after = (list(read_frames(path)) for path in (lost, tmp_path / "out.mp4"))
    who = embed(before[0].pixels, find_faces(before[0].pixels, reader)[0], reader)
    for frame in after[::2]:
        for face in find_faces(frame.pixels, reader, tilts=(0.0,)):
            assert distance(embed(frame.pixels, face, reader), who) > 0.6


def test_who_is_kept_stays_bit_by_bit(media_dir, tmp_path) -> None:
    target = tmp_path / "half.png"
    with Image.open(media_dir / "personas" / "persona_b10.jpg") as picture:
        picture.resize((picture.width // 2, picture.height // 2)).save(target)
    with pytest.raises(FaceError, match="nobody is to be hidden"):
        anonymize(target, tmp_path / "out.png", Request(keep=("1",)))
    with pytest.raises(UsageError, match="both --keep and --only"):
        anonymize(target, tmp_path / "out.png", Request(keep=("1",), only=("1",)))
    made = anonymize(target, tmp_path / "out.png", Request(only=("1",)))
    assert made.hidden[0].frames == 1
    assert probe(tmp_path / "out.png").kind == "still"
    assert read_image(tmp_path / "out.png").pixels.shape == read_image(target).pixels.shape


def test_one_of_two_can_be_kept(media_dir, tmp_path, reader) -> None:
    left, right = (speaker(media_dir, n, 5) for n in ("grid_s1/bbaf2n", "grid_others/lbax4n"))
    both = [np.hstack(pair) for pair in zip(left, right, strict=True)]
    target = write(tmp_path / "in.mp4", both)

    made = anonymize(target, tmp_path / "out.mp4", Request(keep=("left",)))

    assert made.kept == (1,)
    assert [one.number for one in made.hidden] == [2]
    after = list(read_frames(tmp_path / "out.mp4"))[2].pixels
    for x in (0, 360):
        face = find_faces(both[2][:, x : x + 360], reader)[0]
        was = embed(both[2][:, x : x + 360], face, reader)
        apart = distance(embed(after[:, x : x + 360], face, reader), was)
        assert (apart < 0.3) is (x == 0)


@pytest.mark.parametrize(("knob", "value"), [("show", "mask"), ("occlusion", "auto")])
def test_nothing_may_show_who_is_to_be_hidden(knob: str, value: str, tmp_path) -> None:
    blending = BLENDING.model_copy(update={knob: value})
    with pytest.raises(UsageError, match=f"--{knob} {value}"):
        anonymize(tmp_path / "clip.mp4", tmp_path / "out.mp4", Request(blending=blending))
    assert BLENDING.occlusion == "off"
