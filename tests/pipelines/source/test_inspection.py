"""What a source shows, from files to the report."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade import personas
from masquerade.cli import main
from masquerade.errors import InputError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.source.inspection import inspect, save_picture

BLANK = np.zeros((8, 8, 3), np.uint8)


def test_a_picture_is_saved_once_and_replaced_only_on_request(tmp_path: Path) -> None:
    out = tmp_path / "seen.png"
    save_picture(BLANK, out)
    with pytest.raises(UsageError, match="exists"):
        save_picture(BLANK, out)
    save_picture(BLANK + 7, out, overwrite=True)
    with Image.open(out) as saved:
        assert np.asarray(saved)[0, 0].tolist() == [7, 7, 7]


def test_a_picture_that_cannot_be_saved_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends in \.png"):
        save_picture(BLANK, tmp_path / "seen.jpg")
    with pytest.raises(UsageError, match="no folder"):
        save_picture(BLANK, tmp_path / "none" / "seen.png")


@pytest.mark.weights
def test_files_without_a_face_are_no_source(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), (90, 90, 90)).save(tmp_path / "grey.png")
    with pytest.raises(InputError, match=r"no usable picture: no face in grey\.png; expected"):
        inspect([tmp_path], FaceReader.open())


@pytest.mark.media
@pytest.mark.weights
def test_a_folder_is_told_in_words_in_json_and_as_a_picture(
    media_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "ada"
    folder.mkdir()
    shutil.copy(media_dir / "talking" / "grid_s1" / "bbaf2n.mpg", folder)
    shutil.copy(media_dir / "personas" / "persona_b02.jpg", folder)
    Image.new("RGB", (64, 64), (90, 90, 90)).save(folder / "grey.png")
    out = tmp_path / "seen.png"
    assert main(["source", "inspect", str(folder), "-o", str(out), "--json"]) == 4
    data = json.loads(capsys.readouterr().out)
    assert data["pictures"] > 10
    assert [one["file"] for one in data["strangers"]] == ["persona_b02.jpg"]
    assert data["left_out"] == ["no face in grey.png"]
    assert data["refused"] == [
        "two people or more are in it; take persona_b02.jpg out, or the others"
    ]
    assert np.sum(data["heat"]) == data["pictures"] == len(data["each"])
    with Image.open(out) as saved:
        assert saved.width == 1200


@pytest.mark.weights
def test_one_photo_is_told_what_it_is_good_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["source", "inspect", str(personas.load("ada").picture)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("1 picture of use")
    assert "good for: swap_mesh, which takes 1 picture as it is" in told
    assert "refuse" not in told


@pytest.mark.weights
def test_two_people_are_no_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ada, bela = (personas.load(name).picture for name in ("ada", "bela"))
    assert main(["source", "inspect", str(ada), str(bela)]) == 4
    assert "a swap would refuse this source: two people or more" in capsys.readouterr().out
    both = tmp_path / "both.png"
    pictures = [
        np.asarray(Image.open(path).convert("RGB").resize((400, 400))) for path in (ada, bela)
    ]
    Image.fromarray(np.hstack(pictures)).save(both)
    assert main(["source", "inspect", str(ada), str(both)]) == 4
    assert "a swap would refuse this source: 2 faces in both.png" in capsys.readouterr().out
    assert main(["source", "inspect", str(both)]) == 4
    assert "2 faces in both.png" in capsys.readouterr().err
