"""Files that are exchanged while they are read."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade.errors import MediaError, PolicyError
from masquerade.hashing import file_sha256
from masquerade.media.as_it_is import as_it_is, sha256_as_held
from masquerade.media.read import read_image


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "a.png", tmp_path / "b.png"
    for path, grey in zip(paths, (10, 200), strict=True):
        Image.new("L", (8, 8), grey).save(path)
    return paths


def test_a_file_that_is_exchanged_is_not_read_under_the_name_of_what_it_was(
    pictures: tuple[Path, Path],
) -> None:
    path, other = pictures
    with as_it_is(path) as known:
        assert known.sha256 == file_sha256(path)
        assert np.unique(read_image(path).pixels).tolist() == [10]
        shutil.copy(other, path)
        with pytest.raises(PolicyError, match="changed while it was worked on"):
            read_image(path)
    assert np.unique(read_image(path).pixels).tolist() == [200]


def test_a_file_that_is_held_stays_what_it_was_to_whoever_holds_it_again(
    pictures: tuple[Path, Path],
) -> None:
    path, other = pictures
    with as_it_is(path) as known:
        shutil.copy(other, path)
        with as_it_is(path) as again, pytest.raises(PolicyError):
            read_image(path)
        assert again == known
        assert sha256_as_held(path) == known.sha256 != file_sha256(path)
    assert sha256_as_held(path) == file_sha256(path)


def test_a_file_that_is_another_one_already_is_refused(pictures: tuple[Path, Path]) -> None:
    with (
        pytest.raises(PolicyError, match="was changed"),
        as_it_is(pictures[0], sha256=file_sha256(pictures[1])),
    ):
        pass


@pytest.mark.parametrize("name", ["none.png", "."])
def test_what_is_no_file_is_told_in_words(tmp_path: Path, name: str) -> None:
    with (
        pytest.raises(MediaError, match=r"there is no file|is a folder"),
        as_it_is(tmp_path / name),
    ):
        pass
