from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from masquerade.errors import ConsentError
from masquerade.provenance.consent import model_voice
from masquerade.provenance.consent.model_voice import check_voice_model, mark_voice_model
from masquerade.provenance.consent.revocation import revoke
from masquerade.provenance.consent.voices_apart import MeasuredVoice

safetensors = pytest.importorskip("safetensors.numpy")
SAYS = np.zeros(5, np.float32)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "ada.mvoice"
    safetensors.save_file({"frames": np.ones((4, 4), np.float32)}, path)
    return path


@pytest.fixture
def speaks(scene: ModuleType, monkeypatch: pytest.MonkeyPatch):
    """Says which voice is measured on what a model says; none for no voice."""

    def speak(seed: int | None) -> None:
        found = () if seed is None else (MeasuredVoice(scene.voice(seed).embedding, 9.0, 1.0),)
        monkeypatch.setattr(model_voice, "voices_of", lambda *_: found)

    speak(1)
    return speak


def test_a_voice_model_remembers_its_record(scene: ModuleType, model: Path, speaks) -> None:
    record = scene.make_record(embeddings=(), voices=[scene.voice()])
    assert mark_voice_model(model, record, SAYS, None) < 1e-6  # type: ignore[arg-type]
    assert check_voice_model(model, SAYS, None) == (record,)  # type: ignore[arg-type]
    assert revoke(record.id).models[0].name == "ada.mvoice"
    with pytest.raises(ConsentError, match="was revoked"):
        check_voice_model(model, SAYS, None)  # type: ignore[arg-type]


def test_a_model_speaks_with_the_voice_of_its_record(
    scene: ModuleType, model: Path, speaks
) -> None:
    record = scene.make_record(embeddings=(), voices=[scene.voice()])
    for seed, words in ((2, "is not the one of consent"), (None, "cannot be measured")):
        speaks(seed)
        with pytest.raises(ConsentError, match=words):
            mark_voice_model(model, record, SAYS, None)  # type: ignore[arg-type]
    speaks(1)
    mark_voice_model(model, record, SAYS, None)  # type: ignore[arg-type]
    speaks(2)
    with pytest.raises(ConsentError, match="is not the one of consent"):
        check_voice_model(model, SAYS, None)  # type: ignore[arg-type]


def test_a_record_of_a_face_is_no_consent_to_a_voice(
    scene: ModuleType, model: Path, speaks
) -> None:
    with pytest.raises(ConsentError, match="is bound to no voice"):
        mark_voice_model(model, scene.make_record(), SAYS, None)  # type: ignore[arg-type]
