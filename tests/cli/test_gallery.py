"""Test gallery as a user runs it."""

from pathlib import Path

import pytest
from PIL import Image

from masquerade.cli import main
from masquerade.errors import LimitError

pytestmark = pytest.mark.weights


def test_one_sealed_sheet_of_every_style(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MASQUERADE_HOME", str(tmp_path / "home"))
    photo = tmp_path / "ada.jpg"
    assert main(["personas", "export", "ada", "-o", str(photo)]) == 0
    out = tmp_path / "styles.png"

    assert main(["gallery", str(photo), "-o", str(out)]) == 0

    with Image.open(out) as sheet:
        assert sheet.width > 1000
    assert main(["verify", str(out)]) == 0
    assert "AI MODIFIED" in capsys.readouterr().out
    assert main(["gallery", str(photo), "-o", str(out)]) == 2


def test_videos_are_no_photos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MASQUERADE_HOME", str(tmp_path / "home"))
    text = tmp_path / "photo.jpg"
    text.write_text("no picture")

    assert main(["gallery", str(text), "-o", str(tmp_path / "out.png")]) == 4
    assert "photo.jpg" in capsys.readouterr().err


def test_a_grid_shows_the_strengths_of_the_effects_that_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = {}

    def draw(photo: Path, out: Path, **asked: object) -> object:
        seen.update(asked, photo=photo, out=out)
        raise LimitError("enough is seen")

    monkeypatch.setattr("masquerade.pipelines.preview.gallery.gallery", draw)
    photo, out = tmp_path / "ada.jpg", tmp_path / "grid.png"
    words = ["edit", str(photo), "--grid", "--effect", "smile=0.3", "-o", str(out)]

    assert main(words) == 4

    assert seen["effects"] == ("smile=0.3",)
    assert (seen["photo"], seen["out"], seen["of"]) == (photo, out, "effects")
    assert main(["jobs", "submit", *words]) == 2
    assert "cannot be a job" in capsys.readouterr().err


def test_a_gallery_shows_every_style(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {}

    def draw(photo: Path, out: Path, **asked: object) -> object:
        seen.update(asked)
        raise LimitError("enough is seen")

    monkeypatch.setattr("masquerade.pipelines.preview.gallery.gallery", draw)

    assert main(["style", "ada.jpg", "--gallery", "-o", str(tmp_path / "styles.png")]) == 4
    assert (seen["of"], seen["effects"]) == ("styles", ())


@pytest.mark.parametrize(
    ("command", "more"),
    [
        (["edit", "--grid"], ["--background", "blur"]),
        (["edit", "--grid"], ["--person", "left"]),
        (["edit", "--grid"], ["--grain", "0.2"]),
        (["style", "--gallery"], ["--style", "moonlit"]),
    ],
)
def test_a_sheet_says_what_it_would_not_heed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], more: list[str]
) -> None:
    out = tmp_path / "sheet.png"

    assert main([*command, "ada.jpg", "-o", str(out), *more]) == 2

    assert more[0] in capsys.readouterr().err
