"""A preview of real pictures: sealed, as the whole would look, nothing of it without consent."""

import base64
import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade import personas
from masquerade.cli import main
from masquerade.errors import ConsentError, FaceError, OutputError, UsageError
from masquerade.generate import swap_mesh
from masquerade.media.read import read_frames
from masquerade.pipelines.make import make
from masquerade.pipelines.preview import preview as module
from masquerade.pipelines.preview.moments import Which
from masquerade.pipelines.preview.page import write_page
from masquerade.pipelines.preview.preview import Wish, preview
from masquerade.pipelines.request import Request
from masquerade.provenance.ledger import rows
from masquerade.provenance.verify import verify

pytestmark = [pytest.mark.media, pytest.mark.weights]

ADA = personas.load("ada")


@pytest.fixture
def request_of(media_dir: Path):
    """A request to put Ada into a clip."""

    def make_request(**changes: object) -> Request:
        values: dict[str, object] = {
            "method": "swap_mesh",
            "target": media_dir / "talking" / "grid_s1" / "bbaf2n.mpg",
            "sources": (ADA.picture,),
            "consents": (ADA.consent,),
        }
        return Request(**(values | changes))  # type: ignore[arg-type]

    return make_request


@pytest.fixture
def photo(media_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portrait of half its size."""
    path = tmp_path_factory.mktemp("photo") / "b10.jpg"
    with Image.open(media_dir / "personas" / "persona_b10.jpg") as picture:
        picture.resize((picture.width // 2, picture.height // 2)).save(path)
    return path


@pytest.fixture
def no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is rehearsed; that takes seconds, and one test does it."""
    monkeypatch.setattr(module, "_pace", lambda *_: None)


def _at(*times: float) -> Which:
    return Which(tuple(Fraction(str(one)) for one in times))


def test_a_sheet_is_sealed_and_says_what_it_is(request_of, tmp_path) -> None:
    out = tmp_path / "sheet.png"
    made = preview(request_of(), Wish(_at(0, 1.5), ("light=0,1",)), out=out, with_settings=True)
    found = verify(out)
    assert (found.exit_code, found.ledger_state) == (0, "found")
    assert made.drawn is not None
    assert made.drawn.saved.covered_frames == 0
    captions = [[one.caption for one in row.shown] for row in made.drawn.layout.rows]
    assert captions == [["", "1: AI MODIFIED", "2: AI MODIFIED"]] * 2
    told = made.drawn.estimate
    assert told is not None
    assert 70 <= told.frames <= 76
    assert 1 < told.seconds < 300
    assert told.memory_mb > 100
    (row,) = rows(kind="output")
    options = json.loads(json.loads(row.body)["options"])
    assert options["preview"]["alternatives"] == [[["light", "0"]], [["light", "1"]]]
    assert "[[shot]]\nnumber = 1" in made.settings


def test_a_picture_looks_as_it_will_in_the_whole(request_of, tmp_path, no_estimate) -> None:
    asked = request_of()
    made = preview(asked, Wish(_at(1.5)), out=tmp_path / "sheet.png")
    whole = tmp_path / "out.mp4"
    make(
        "swap_mesh",
        target=asked.target,
        out=whole,
        sources=asked.sources,
        consents=asked.consents,
    )
    before, after = list(read_frames(asked.target)), list(read_frames(whole))
    times = [float(frame.time_s - before[0].time_s) for frame in before]
    number = max(n for n, one in enumerate(times) if one <= 1.5)
    assert made.drawn is not None
    (row,) = made.drawn.layout.rows
    x0, y0, x1, y1 = row.crop
    target, shown = (one.picture.astype(float) for one in row.shown)
    size = target.shape[:2]
    assert size == (y1 - y0, x1 - x0)
    assert np.abs(target - before[number].pixels[y0:y1, x0:x1]).mean() < 1
    changed = np.abs(shown - target).sum(axis=-1) > 20
    assert changed.any()
    apart = np.abs(shown - after[number].pixels[y0:y1, x0:x1])[changed].mean()
    moved = np.abs(shown - target)[changed].mean()
    assert apart < 0.3 * moved  # what is left is the encoding, the watermark, a longer run-up


def test_without_consent_no_picture_is_made(request_of, tmp_path, monkeypatch) -> None:
    from masquerade.pipelines.preview import draft as preview_draft

    monkeypatch.setattr(preview_draft, "rows_of", lambda *_: pytest.fail("a picture was made"))
    stranger = personas.load("bela").picture
    with pytest.raises(ConsentError, match="is not the one of consent"):
        preview(
            request_of(sources=(stranger,)),
            Wish(_at(1)),
            out=tmp_path / "sheet.png",
        )
    assert not list(tmp_path.iterdir())


def test_settings_alone_need_no_picture(request_of, tmp_path) -> None:
    wish = Wish(_at(1), ("colour=rct,mkl",), choose="2")
    made = preview(request_of(), wish, out=None, with_settings=True)
    assert made.drawn is None
    assert '\ncolour = "mkl"' in made.settings
    assert not rows(kind="output")


def test_settings_by_shot_are_seen_in_a_preview(request_of, tmp_path, no_estimate) -> None:
    path = tmp_path / "shots.toml"
    path.write_text('[[shot]]\nto = "0:01"\nskip = true\n')
    made = preview(request_of(settings=path), Wish(_at(0.5, 1.5)), out=tmp_path / "sheet.png")
    assert made.drawn is not None
    captions = [row.shown[1].caption for row in made.drawn.layout.rows]
    assert captions == ["left as it is", "1: AI MODIFIED"]


def test_where_nobody_is_changed_no_sheet_is_written(request_of, tmp_path) -> None:
    asked = request_of(options=swap_mesh.Options(min_face_px=512))
    with pytest.raises(FaceError, match="nothing was changed at any of 1 moments: not changed"):
        preview(replace(asked), Wish(_at(1)), out=tmp_path / "sheet.png")
    assert not list(tmp_path.iterdir())


def test_a_still_can_be_previewed(request_of, photo, tmp_path) -> None:
    asked = request_of(target=photo)
    made = preview(asked, Wish(compare=("colour=none,mkl",)), out=tmp_path / "s.png")
    assert made.drawn is not None
    assert made.drawn.estimate is None
    assert verify(tmp_path / "s.png").exit_code == 0
    with pytest.raises(UsageError, match="the target is a still picture"):
        preview(asked, Wish(_at(5)), out=tmp_path / "t.png")


def test_the_command_writes_sheet_page_and_settings(
    media_dir, tmp_path, monkeypatch, capsys, no_estimate
) -> None:
    monkeypatch.chdir(tmp_path)
    clip = media_dir / "talking" / "grid_s1" / "bbaf2n.mpg"
    words = ["preview", str(ADA.picture), str(clip), "--consent", str(ADA.consent), "--at", "0:01"]
    words += ["--compare", "colour=none,mkl", "--write-settings", "shots.toml", "--json"]
    assert main(words) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["alternatives"] == [{"colour": "none"}, {"colour": "mkl"}]
    page = (tmp_path / "bbaf2n.preview.html").read_text(encoding="utf-8")
    (packed,) = re.findall(r"base64,([A-Za-z0-9+/=]+)", page)
    assert base64.b64decode(packed) == (tmp_path / "bbaf2n.preview.png").read_bytes()
    assert re.search(r"\.part \{ background-image: url\(\"data:image/png;base64,", page)
    assert not re.search(r"(?:src|href)=|https?://", page)
    assert "AI MODIFIED" in page
    assert main(words) == 2  # all three are there now
    assert "exists" in json.loads(capsys.readouterr().out)["error"]["found"]
    shots = (tmp_path / "shots.toml").read_text(encoding="utf-8")
    assert 'colour = "none"' in shots


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--at", "soon"], "'soon' is no time"),
        (["--count", "0"], "--count 0"),
        (["--count", "2", "--shots"], "--count beside --at or --shots"),
        (["-o", "sheet.mp4"], "is to hold the sheet"),
        (["--compare", "color=none"], "no such option"),
        (["--at", "1:00"], "after the end"),
        (["-o", "s.png", "--write-settings", "s.png"], "s.png is to be written, and is s.png"),
        (["-o", "s.png", "--write-settings", "s.html"], "s.html is to be written, and is s.html"),
        (["--overwrite", "--write-settings", str(ADA.consent)], "is to be written, and is"),
        (["--overwrite", "--write-settings", str(ADA.picture)], "is to be written, and is"),
    ],
)
def test_what_makes_no_sense_is_told_before_any_picture(
    more, words, media_dir, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    clip = media_dir / "talking" / "grid_s1" / "bbaf2n.mpg"
    given = ["preview", str(ADA.picture), str(clip), "--consent", str(ADA.consent), "--json", *more]
    assert main(given) == 2
    assert words in json.loads(capsys.readouterr().out)["error"]["found"]
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_no_utf8_is_shown_as_far_as_it_can_be(photo, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "b\udcff.jpg"
    try:
        target.write_bytes(photo.read_bytes())
    except OSError:
        pytest.skip("this system has no such names")
    words = ["preview", str(ADA.picture), str(target), "--consent", str(ADA.consent)]
    assert main([*words, "-o", "s.png", "--write-settings", "s.toml"]) == 0
    assert "Preview of b?.jpg" in (tmp_path / "s.html").read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_leaves_nothing(tmp_path) -> None:
    with pytest.raises(OutputError, match="no UTF-8"):
        write_page("b\udcff", tmp_path / "s.toml")
    assert not list(tmp_path.iterdir())
