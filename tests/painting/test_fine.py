from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.errors import InputError, LimitError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.painting import fine
from masquerade.painting.fine import FinePainter
from masquerade.painting.wishes import Wish, read_wishes
from masquerade.personas import load

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fine, "WORK_PX", 120)


def stripes(tmp_path: Path, side: int = 160) -> Path:
    board = np.where(np.indices((side, side))[0] // 6 % 2, 230, 20).astype(np.uint8)
    path = tmp_path / "stripes.png"
    cv2.imwrite(str(path), board)
    return path


@pytest.mark.usefixtures("quick")
def test_strokes_come_from_the_painting(tmp_path: Path, reader: FaceReader) -> None:
    shown = np.tile(np.linspace(0, 255, 200, dtype=np.uint8)[None, :, None], (140, 1, 3))

    made = FinePainter.of([Wish(None, stripes(tmp_path))], reader)(shown)

    assert made.shape == shown.shape
    assert made[:, 150:].mean() > made[:, :50].mean() + 40  # light stays light
    assert (np.abs(made.astype(int) - 128) > 60).mean() > 0.6  # in the painting's two colours


def test_a_preset_has_no_strokes(reader: FaceReader) -> None:
    with pytest.raises(UsageError, match="a preset has none"):
        FinePainter.of(read_wishes(["ink"]), reader)


def test_two_paintings_are_not_mixed(tmp_path: Path, reader: FaceReader) -> None:
    one = Wish(None, stripes(tmp_path))

    with pytest.raises(UsageError, match="2 styles are named"):
        FinePainter.of([one, one], reader)


def test_specks_are_refused(tmp_path: Path, reader: FaceReader) -> None:
    with pytest.raises(LimitError, match="40 x 40"):
        FinePainter.of([Wish(None, stripes(tmp_path, 40))], reader)
    with pytest.raises(LimitError, match="90 x 30"):
        FinePainter.of([Wish(None, stripes(tmp_path))], reader)(np.zeros((30, 90, 3), np.uint8))


@pytest.mark.usefixtures("quick")
def test_portraits_need_two_faces(tmp_path: Path, reader: FaceReader) -> None:
    painter = FinePainter.of([Wish(None, stripes(tmp_path))], reader, portrait=True)

    with pytest.raises(InputError, match="no face is found in the picture"):
        painter(np.full((150, 150, 3), 90, np.uint8))


def test_nobody_is_painted_with_a_sitters_face(
    reader: FaceReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bela = (read_image(load(name).picture).pixels for name in ("ada", "bela"))
    painter = FinePainter(bela, reader, portrait=True)
    monkeypatch.setattr(fine, "WORK_PX", 160)
    monkeypatch.setattr("masquerade.painting.guides._POSITION", 4.0)  # as if it were guided by that

    with pytest.raises(InputError, match="would take the place"):
        painter(ada)
