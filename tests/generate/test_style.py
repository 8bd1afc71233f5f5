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


def test_recipes_name_pictures_without_their_folder(tmp_path: Path) -> None:
    wave = tmp_path / "secret folder" / "wave.jpg"
    wave.parent.mkdir()
    wave.write_bytes(b"waves")

    options = style.Options(style=(f"{wave}:0.5", str(wave)))

    assert options.as_recorded()["style"] == ["wave.jpg:0.5", "wave.jpg"]
    named = dict(style.models(options))
    assert len(named["style wave.jpg"]) == 64
    assert "style_any" in named
