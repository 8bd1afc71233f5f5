from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.pipelines.voice.test_voices import _voice

from masquerade import personas
from masquerade.errors import ConsentError, ModelError, UsageError
from masquerade.pipelines.voice import build as build_voice
from masquerade.pipelines.voice import persona as module
from masquerade.pipelines.voice.persona import make_persona_voice, speak_recipe
from masquerade.pipelines.voice.spoken_with import open_voice
from masquerade.provenance.consent import bound_voice, model_voice
from masquerade.provenance.consent.records import load
from masquerade.provenance.consent.voices_apart import MeasuredVoice
from masquerade.types import Audio, Embedding


class Reader:
    """Networks that are not needed, since the voice is made up."""

    speaker = activity = None

    @classmethod
    def open(cls, **_: object) -> "Reader":
        return cls()


@pytest.fixture
def speaks(monkeypatch: pytest.MonkeyPatch) -> list[Embedding]:
    """Whose voice is heard in what is made."""
    record = load(personas.load_voice("ada")[1])
    found = [bound_voice.open_voice(record.voices[0], record.id)]
    monkeypatch.setattr(module, "SpeechReader", Reader)
    monkeypatch.setattr(module, "speak_recipe", lambda *_, **__: _voice())
    silence = Audio(np.zeros((1, 160), np.float32), 16_000)
    monkeypatch.setattr(build_voice, "said_by", lambda _: silence)
    monkeypatch.setattr(model_voice, "voices_of", lambda *_: (MeasuredVoice(found[0], 30.0, 1.0),))
    return found


def test_a_persona_speaks_under_its_own_record(speaks: list[Embedding], tmp_path: Path) -> None:
    out = tmp_path / "ada.mvoice"
    made = make_persona_voice("ada", out)
    spoken = open_voice(out, ())
    assert made.distance < 0.001
    assert [one.id for one in spoken.records] == [load(personas.load_voice("ada")[1]).id]
    assert "nobody has this voice" in "\n".join(made.lines())
    with pytest.raises(UsageError, match="exists"):
        make_persona_voice("ada", out)


def test_another_voice_is_not_made_under_the_record_of_a_persona(
    speaks: list[Embedding], tmp_path: Path
) -> None:
    record = load(personas.load_voice("hugo")[1])
    speaks[0] = bound_voice.open_voice(record.voices[0], record.id)
    with pytest.raises(ConsentError, match="is not the one of consent"):
        make_persona_voice("ada", tmp_path / "ada.mvoice")
    assert not list(tmp_path.iterdir())


def test_a_narrator_that_was_not_measured_makes_no_voice() -> None:
    recipe, _ = personas.load_voice("ada")
    for other in (replace(recipe, narrator_sha256="0" * 64), replace(recipe, text="Good morning.")):
        with pytest.raises(ModelError, match="another one than the persona's voice was made of"):
            speak_recipe(other, Reader())  # type: ignore[arg-type]


def test_every_sentence_is_said_by_the_persona(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe, _ = personas.load_voice("ada")
    told: list[Audio] = []
    block = Audio(np.ones((1, 10), np.float32), 16_000)
    monkeypatch.setattr(module.TextToSpeech, "open", lambda **_: None)
    monkeypatch.setattr(module, "read_aloud", lambda *_: iter([block]))
    monkeypatch.setattr(module, "designed", lambda samples, *_: 2 * samples)
    monkeypatch.setattr(module, "build_voice", lambda sounds, *_, **__: told.extend(sounds))

    class Networks:
        pitch = None

    speak_recipe(recipe, Networks())  # type: ignore[arg-type]
    assert len(told) == len(recipe.text.splitlines())
    assert all((one.samples == 2).all() for one in told)
