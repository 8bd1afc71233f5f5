import hashlib
from pathlib import Path

import numpy as np
import pytest
from tests.models.tiny_style import tiny_style

from masquerade.errors import UsageError
from masquerade.generate import style
from masquerade.types import Frame, Patch, Window


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("masquerade.painting.painter.preset_styles", lambda **_: tiny_style())


def windows(count: int = 2) -> list[Window]:
    rng = np.random.default_rng(8)
    frames = [Frame(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8), pts) for pts in range(count)]
    return [Window((frame,), ((),)) for frame in frames]


@pytest.mark.usefixtures("tiny")
def test_the_whole_picture_is_one_patch() -> None:
    options = style.Options(style=("ink",), steady=0)

    made = list(style.prepare({}, options)(iter(windows())))

    for items in made:
        (patch,) = items
        assert isinstance(patch, Patch)
        assert patch.box == (0, 0, 64, 48)
        assert patch.mask.min() == 1


def test_a_style_must_be_named() -> None:
    with pytest.raises(UsageError, match="no style is named"):
        style.prepare({}, style.Options())


@pytest.mark.usefixtures("tiny")
def test_faces_are_kept_only_where_they_can_be_found() -> None:
    with pytest.raises(UsageError, match="faces are to be kept"):
        style.prepare({}, style.Options(style=("ink",), keep_face=1))


def test_recipes_name_pictures_without_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wave = tmp_path / "secret folder" / "wave.jpg"
    wave.parent.mkdir()
    wave.write_bytes(b"waves")

    options = style.Options(style=(f"{wave}:0.5", "./secret folder//./wave.jpg", f"{wave}:.25"))

    assert options.as_recorded()["style"] == ["wave.jpg:0.5", "wave.jpg", "wave.jpg:0.25"]


def test_recipes_name_pictures_by_hash(tmp_path: Path) -> None:
    wave = tmp_path / "wave.jpg"
    wave.write_bytes(b"waves")
    options = style.Options(style=(str(wave),), only="person")

    named = dict(style.models(options))

    assert named.pop("style wave.jpg") == hashlib.sha256(b"waves").hexdigest()
    assert set(named) == {"style_any", "style_reader", "person_mask"}


def test_a_style_that_vanished_is_told(tmp_path: Path) -> None:
    options = style.Options(style=(str(tmp_path / "gone.jpg"),))

    with pytest.raises(UsageError, match="no file is named"):
        options.as_recorded()
    with pytest.raises(UsageError, match="no file is named"):
        style.models(options)
