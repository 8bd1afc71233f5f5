"""A recording that goes in is held against the records given for it, whatever a draft states."""

import wave
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from masquerade.errors import ConsentError, ModelError
from masquerade.hashing import file_sha256
from masquerade.provenance.consent import measured_voice, voice_reader
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.consent.revocation import revoke
from masquerade.provenance.consent.voices_apart import MeasuredVoice
from masquerade.provenance.gates import consent_voices
from masquerade.provenance.gates.gate import Request
from masquerade.types import Draft, IdentityUse, InputUse, Recipe

Ask = Callable[..., Request]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "speech.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.zeros(16_000, "<i2").tobytes())
    return path


@pytest.fixture
def request_of(sound: Path, scene: ModuleType) -> Ask:
    """A request to give a target a recording's speech, under a record that the draft names."""

    def ask(record: ConsentRecord, *, named: bool = True, purpose: str = "test") -> Request:
        item = InputUse("driving", sound.name, file_sha256(sound), sound)
        use = IdentityUse("driving", "voice", scene.voice().embedding, item.sha256, record.id)
        recipe = Recipe("lipsync", "0.1.0", "{}", (), (item,))
        draft = Draft(recipe, (use,) if named else (), sound, "sound", iter(()))
        return Request(draft, (record,), purpose)

    return ask


@pytest.fixture
def heard(scene: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Says whose voices are measured in the recording, by their seeds."""

    def hear(*seeds: int) -> None:
        found = tuple(MeasuredVoice(scene.voice(seed).embedding, 9.0, 0.5) for seed in seeds)
        monkeypatch.setattr(consent_voices, "voices_in", lambda *_: found)

    hear(1)
    return hear


def test_the_voice_of_the_record_passes(scene: ModuleType, request_of: Ask, heard) -> None:
    record = scene.make_record(embeddings=(), voices=[scene.voice()])
    covered = consent_voices.check(request_of(record))
    assert [one.record.id for one in covered] == [record.id, record.id]


@pytest.mark.parametrize(
    ("seeds", "words"),
    [((2,), "is not the one of consent"), ((1, 2), "is not the one of"), ((), "no voice can be")],
)
def test_what_is_measured_counts_and_not_what_is_stated(
    seeds: tuple[int, ...], words: str, scene: ModuleType, request_of: Ask, heard
) -> None:
    heard(*seeds)
    record = scene.make_record(embeddings=(), voices=[scene.voice()])
    with pytest.raises(ConsentError, match=words):
        consent_voices.check(request_of(record))


@pytest.mark.parametrize(
    ("changes", "asked", "words"),
    [
        ({}, {"named": False}, "has no consent record"),
        ({}, {"purpose": "film"}, "does not cover the purpose"),
        ({"media": ["video"]}, {}, "does not cover audio"),
        ({"methods": ["voice"]}, {}, "does not cover the method lipsync"),
    ],
)
def test_a_record_of_another_use_does_not_cover(
    changes: dict[str, object],
    asked: dict[str, object],
    words: str,
    scene: ModuleType,
    request_of: Ask,
    heard,
) -> None:
    record = scene.make_record(embeddings=(), voices=[scene.voice()], **changes)
    with pytest.raises(ConsentError, match=words):
        consent_voices.check(request_of(record, **asked))


def test_a_record_of_a_face_or_a_revoked_one_does_not_cover(
    scene: ModuleType, request_of: Ask, heard
) -> None:
    with pytest.raises(ConsentError, match=r"does not cover (audio|the voice)"):
        consent_voices.check(request_of(scene.make_record()))
    record = scene.make_record(embeddings=(), voices=[scene.voice()])
    changed = replace(request_of(record), consents=(record.model_copy(update={"media": ()}),))
    with pytest.raises(ConsentError):
        consent_voices.check(changed)
    revoke(record.id)
    with pytest.raises(ConsentError, match="was revoked"):
        consent_voices.check(request_of(record))


def test_without_the_network_the_gate_closes(
    scene: ModuleType, request_of: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_args: object, **_keys: object) -> None:
        raise ModelError("the weights are not there")

    monkeypatch.setattr(voice_reader.Speaker, "open", missing)
    measured_voice._reader.cache_clear()
    measured_voice._voices_in.cache_clear()
    record = scene.make_record(embeddings=(), voices=[scene.voice()])
    with pytest.raises(ConsentError, match="the weights are not there"):
        consent_voices.check(request_of(record))
    measured_voice._reader.cache_clear()
