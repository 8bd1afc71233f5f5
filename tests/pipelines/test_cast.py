"""The cast: people maps are read strictly, and sources are photos of one person."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade.errors import FaceError, InputError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.cast import read_people_map, read_sources


def _map(folder: Path, text: str) -> Path:
    path = folder / "who is whom ü.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_in_a_map_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "bo.jpg").write_bytes(b"")
    one, two = read_people_map(
        _map(
            tmp_path,
            '[[person]]\nwho = "bo.jpg"\nsource = ["ada.jpg", "a b.jpg"]\nconsent = "ada.consent"\n'
            '[[person]]\nwho = 2\nsource = "cy.jpg"\n',
        )
    )
    assert one.who == str(tmp_path / "bo.jpg")
    assert one.sources == (tmp_path / "ada.jpg", tmp_path / "a b.jpg")
    assert one.consent == tmp_path / "ada.consent"
    assert (two.who, two.sources, two.consent) == ("2", (tmp_path / "cy.jpg",), None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("person = 3", "holds person"),
        ("", "holds nothing"),
        ("person = []", "holds person"),
        ("[[person]", "is not TOML"),
        (f"[[person]]\nwho = {'9' * 5000}", "is not TOML"),
        ('[[person]]\nwho = "left"', "has who"),
        ('[[person]]\nwho = "left"\nsource = "a.jpg"\nconsents = "b"', "consents"),
        ('[[person]]\nwho = "left"\nsource = []', "source of a"),
        ('[[person]]\nwho = "left"\nsource = [1]', "source of a"),
        ('person = ["left"]', "has left"),
        ('other = 1\n[[person]]\nwho = "left"\nsource = "a.jpg"', "holds other, person"),
    ],
)
def test_a_map_that_says_something_else_is_refused(text: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=words):
        read_people_map(_map(tmp_path, text))


@pytest.mark.parametrize("name", ["missing.toml", ""])
def test_a_map_that_is_no_file_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read the people map"):
        read_people_map(tmp_path / name)


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


def _grey(path: Path) -> Path:
    Image.new("RGB", (64, 64), (90, 90, 90)).save(path)
    return path


@pytest.mark.weights
def test_an_empty_folder_is_no_source(tmp_path: Path, reader: FaceReader) -> None:
    with pytest.raises(InputError, match=f"no usable photo of the source in {tmp_path.name}"):
        read_sources([tmp_path], reader)


@pytest.mark.weights
def test_more_than_200_photos_are_refused_unread(tmp_path: Path, reader: FaceReader) -> None:
    for number in range(201):
        (tmp_path / f"{number}.jpg").write_bytes(b"")
    with pytest.raises(InputError, match="201 source photos"):
        read_sources([tmp_path], reader)


@pytest.mark.weights
def test_a_folder_without_a_face_says_what_was_wrong(tmp_path: Path, reader: FaceReader) -> None:
    _grey(tmp_path / "one.png")
    told: list[str] = []
    with pytest.raises(InputError, match=r"source in .*: no face in one\.png"):
        read_sources([tmp_path], reader, on_skip=told.append)
    assert told == ["left out: no face in one.png"]


@pytest.mark.weights
def test_a_photo_named_itself_is_never_left_out(tmp_path: Path, reader: FaceReader) -> None:
    with pytest.raises(FaceError, match="no face"):
        read_sources([_grey(tmp_path / "one.png")], reader, on_skip=print)


@pytest.mark.media
@pytest.mark.weights
def test_a_video_as_source_is_told_that_photos_are_needed(
    media_dir: Path, reader: FaceReader
) -> None:
    clip = media_dir / "talking" / "grid_s1" / "bbaf2n.mpg"
    with pytest.raises(InputError, match=r"bbaf2n\.mpg is a video; expected: photos"):
        read_sources([clip], reader)


@pytest.mark.media
@pytest.mark.weights
def test_photos_of_two_people_are_refused(media_dir: Path, reader: FaceReader) -> None:
    photos = [media_dir / "personas" / f"persona_{name}.jpg" for name in ("b00", "b10")]
    with pytest.raises(FaceError, match="different people"):
        read_sources(photos, reader)


@pytest.mark.media
@pytest.mark.weights
def test_of_a_large_photo_only_the_face_and_its_surroundings_are_kept(
    media_dir: Path, reader: FaceReader, tmp_path: Path
) -> None:
    with Image.open(media_dir / "personas" / "persona_b00.jpg") as small:
        large = Image.new("RGB", (2400, 1600), (90, 120, 150))
        large.paste(small.resize((500, 500)), (1500, 800))
    large.save(tmp_path / "large.png")
    (picture,) = read_sources([tmp_path / "large.png"], reader)
    height, width, _ = picture.pixels.shape
    assert max(height, width) < 1000
    (again,) = find_faces(picture.pixels, reader)
    apart = np.abs(again.landmarks[:468, :2] - picture.face.landmarks[:468, :2])
    assert apart.mean() < 2
    assert again.box == pytest.approx(picture.face.box, abs=6)


@pytest.mark.media
@pytest.mark.weights
def test_a_poor_photo_is_used_but_told(media_dir: Path, reader: FaceReader, tmp_path: Path) -> None:
    told: list[str] = []
    good = media_dir / "personas" / "persona_b02.jpg"
    read_sources([good], reader, on_fault=told.append)
    assert told == []
    with Image.open(good) as photo:
        photo.resize((photo.width // 8, photo.height // 8)).save(tmp_path / "small.png")
    (picture,) = read_sources([tmp_path / "small.png"], reader, on_fault=told.append)
    assert picture.face.size_px < 100
    assert len(told) == 1
    assert told[0].startswith("small.png: the face is small")
