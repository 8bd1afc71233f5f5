from dataclasses import replace
from datetime import date
from types import ModuleType

import numpy as np
import pytest
from pydantic import ValidationError

from masquerade.errors import ConsentError, UsageError
from masquerade.provenance.consent.bound_voice import BoundVoice, bind_voice, is_voice, open_voice

DAY = date(2026, 11, 22)
RECORDING = {"network": "a" * 64, "how": "recording", "recording_sha256": "b" * 64}
RECORDING |= {"speech_s": 9.0, "recorded_on": DAY, "plain": [1.0] * 256}


@pytest.mark.parametrize("plain", [True, False])
def test_a_bound_voice_is_the_voice(scene: ModuleType, plain: bool) -> None:
    bound = bind_voice(scene.voice(), "mqc-1", plain=plain, day=DAY)
    assert np.allclose(open_voice(bound, "mqc-1"), scene.voice().embedding, atol=1e-6)
    assert (bound.how, bound.speech_s, bound.recorded_on) == ("statement", 12.0, DAY)
    assert bind_voice(scene.voice(challenge=""), "mqc-1", plain=plain, day=DAY).how == "recording"


def test_an_encrypted_voice_opens_under_its_own_record_only(scene: ModuleType) -> None:
    bound = bind_voice(scene.voice(), "mqc-1", plain=False, day=DAY)
    with pytest.raises(ConsentError, match="cannot be opened"):
        open_voice(bound, "mqc-2")
    with pytest.raises(ConsentError, match="was encrypted by installation"):
        open_voice(bound.model_copy(update={"installation": "0" * 16}), "mqc-1")


@pytest.mark.parametrize("vector", [np.ones(128), np.zeros(256), np.full(256, np.nan)])
def test_only_a_speaker_embedding_can_be_bound(scene: ModuleType, vector: np.ndarray) -> None:
    assert not is_voice(vector.astype(np.float32))
    with pytest.raises(UsageError, match=r"\(256,\), finite"):
        bind_voice(replace(scene.voice(), embedding=vector), "mqc-1", plain=True, day=DAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"plain": None},
        {"encrypted": "AA", "installation": "0" * 16},
        {"how": "statement"},
        {"challenge": "mqs-0123456789abcdef"},
        {"challenge": "words"},
        {"speech_s": 0},
    ],
)
def test_what_is_bound_says_how(changes: dict[str, object]) -> None:
    BoundVoice(**RECORDING)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        BoundVoice(**RECORDING | changes)  # type: ignore[arg-type]
