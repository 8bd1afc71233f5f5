"""Examining: provenance first, every signal heard, none able to stop the others."""

import json
import wave
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from masquerade import registry
from masquerade.errors import MediaError, ModelError
from masquerade.faces.readers import FaceReader
from masquerade.forensics.evidence import Applies, Family, Finding
from masquerade.options import Options
from masquerade.pipelines.examine.examine import examine


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 64), "grey").save(path)
    return path


def test_the_same_file_gives_the_same_words(picture: Path) -> None:
    one, other = (json.dumps(examine(picture).as_json()) for _ in range(2))
    assert one == other


def test_a_declared_picture_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[305] = "Stable Diffusion XL"
    Image.new("RGB", (64, 64), "grey").save(path, exif=exif)
    assert examine(path).verdict.finding is Finding.DECLARED


def test_a_signal_that_fails_says_so_and_stops_nothing(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(_sample: object, _options: object) -> None:
        raise MediaError("its sound is torn")

    signal = SimpleNamespace(Options=Options, family=Family.SOUND, limits="none", examine=torn)
    monkeypatch.setattr(registry, "get", lambda *_: signal)
    found = examine(picture, signals=["declared"])
    assert found.evidence[-1].applies is Applies.NO
    assert "its sound is torn" in found.not_tested[-1][1]


def test_a_signal_with_a_fault_of_ours_says_so(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(_sample: object, _options: object) -> None:
        raise ZeroDivisionError

    signal = SimpleNamespace(Options=Options, family=Family.SOUND, limits="none", examine=faulty)
    monkeypatch.setattr(registry, "get", lambda *_: signal)
    found = examine(picture, signals=["declared"])
    assert "a fault of ours" in found.not_tested[-1][1]


def test_face_networks_are_opened_only_for_signals_that_ask_for_faces(picture: Path) -> None:
    opened: list[str] = []

    def refused() -> FaceReader:
        opened.append("face networks")
        raise ModelError("the face networks were opened")

    found = examine(picture, signals=["claims", "declared"], reader=refused)
    assert opened == []
    assert found.seen[0].caption == "The picture that was examined."
    with pytest.raises(ModelError, match="were opened"):
        examine(picture, signals=["learned_face"], reader=refused)


@pytest.mark.parametrize("samples", [0, 10, 16_000])
def test_a_sound_that_is_empty_brief_or_silent_is_not_examinable(
    tmp_path: Path, samples: int
) -> None:
    path = tmp_path / "nothing.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * samples))
    found = examine(path, signals=["band_limits", "noise_floor", "sound_edits", "lip_sync"])
    assert found.verdict.finding is Finding.NOT_EXAMINABLE
    assert not any("fault of ours" in one.says for one in found.evidence)
