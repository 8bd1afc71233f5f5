"""The crowd: people together, those to check with held out, and moved faces beside found ones."""

from pathlib import Path

import numpy as np
import pytest

from masquerade import personas

pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.swap_crowd import crowd

from masquerade.errors import InputError

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("people")
    for name in ("ada", "bela"):
        (made / f"{name}.jpg").write_bytes(personas.load(name).picture.read_bytes())
    return made


def test_portraits_become_faces_as_found_and_as_moved(folder: Path, tmp_path: Path) -> None:
    made = crowd([folder], 32, tmp_path)

    assert (made.people, made.found, made.held) == (2, 2, 1)
    assert made.faces.shape == (5, 5, 32, 32)  # one found and three moved, one held out
    first, moved = made.faces[0, :3].astype(int), made.faces[1:4, :3].astype(int)
    apart = np.abs(moved - first).mean(axis=(1, 2, 3))
    assert (apart > 1).all()
    assert (apart < 40).all()
    assert len((tmp_path / "files.csv").read_text().splitlines()) == 3


def test_a_second_time_they_are_taken_from_the_work_folder(folder: Path, tmp_path: Path) -> None:
    made = crowd([folder], 32, tmp_path)

    again = crowd([tmp_path / "nowhere"], 32, tmp_path)

    assert np.array_equal(made.faces, again.faces)
    assert again.held == made.held


def test_folders_without_faces_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no face"):
        crowd([tmp_path], 32, tmp_path / "work")
