"""`masquerade faceset`, as a user gives it."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from masquerade import personas
from masquerade.cli import main

pytestmark = pytest.mark.weights


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A persona's picture and record, and the current folder."""
    ada = personas.load("ada")
    shutil.copy(ada.picture, tmp_path / "ada.jpg")
    shutil.copy(ada.consent, tmp_path / "ada.consent")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_built_looked_at_and_exported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build = ["faceset", "build", "ada.jpg", "-o", "a.faceset", "--consent", "ada.consent"]
    assert main([*build, "--size", "128", "--picture", "png"]) == 0
    assert "a.faceset: 1 face of" in capsys.readouterr().out

    assert main(["faceset", "inspect", "a.faceset", "-o", "a.png", "--contact", "c.png"]) == 0
    assert "missing: 1 face: a network learns from" in capsys.readouterr().out
    assert (folder / "a.png").exists()
    assert (folder / "c.png").exists()

    assert main(["faceset", "export", "a.faceset", "-o", "out"]) == 0
    with (folder / "out" / "faces.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["picture"] == "000000.png"
    assert row["source"] == "ada.jpg"
    assert len(row["embedding"].split()) == 128
    assert len(row["frame_from_crop"].split()) == 6
    assert {one.name for one in (folder / "out").iterdir()} == {
        "000000.png",
        "000000.mask.png",
        "000000.landmarks.csv",
        "faces.csv",
        "CONSENT.txt",
    }
    assert main(["faceset", "export", "a.faceset", "-o", "out2", "--table", "json"]) == 0
    (face,) = json.loads((folder / "out2" / "faces.json").read_text())["faces"]
    assert face["source"] == "ada.jpg"
    assert main(["faceset", "export", "a.faceset", "-o", "out"]) == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["build", "ada.jpg", "-o", "a.faceset"], 2, "no consent record"),
        (["build", "x.jpg", "-o", "a.faceset", "--consent", "ada.consent"], 4, "there is no x.jpg"),
        (
            ["build", "ada.jpg", "-o", "a.faceset", "--consent", "ada.consent", "--size", "600"],
            2,
            "--size 600 is more than 512",
        ),
        (["inspect", "ada.jpg"], 4, "is no faceset"),
        (["merge", "ada.jpg", "-o", "b.faceset"], 2, "one faceset is given"),
        (["split", "ada.jpg", "-o", "b", "--held-out", "c", "--share", "2"], 2, "no share"),
        (["filter", "ada.jpg", "-o", "b", "--without", "x"], 2, "--without x is no number"),
    ],
)
def test_mistakes_are_told(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, told: str
) -> None:
    assert main(["faceset", *words]) == code
    assert told in capsys.readouterr().err
