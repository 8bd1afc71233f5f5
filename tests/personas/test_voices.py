"""The voices of personas are far from real ones and from each other, and consented to."""

import hashlib
import json
from itertools import combinations

import pytest

from masquerade import personas
from masquerade.errors import UsageError
from masquerade.models.card import card
from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.consent.bound_voice import open_voice
from masquerade.provenance.consent.check import VOICE_THRESHOLD, check_standing, check_voice
from masquerade.provenance.consent.records import MadeVoiceProof, load
from masquerade.provenance.consent.voice_reader import apart, voice_network
from masquerade.speech.designed import Design

NAMES = personas.voices()


def test_women_and_men_have_voices() -> None:
    sounds = [personas.load_voice(name)[0].sounds for name in NAMES]
    assert any("woman" in one for one in sounds)
    assert any("a man" in one for one in sounds)


def test_somebody_without_a_voice_is_told_who_has_one() -> None:
    with pytest.raises(UsageError, match="the persona bela has no voice") as refused:
        personas.load_voice("bela")
    assert refused.value.expected == "one of " + ", ".join(NAMES)
    with pytest.raises(UsageError, match="no persona is named 'nobody'"):
        personas.load_voice("nobody")


@pytest.mark.parametrize("name", NAMES)
def test_the_recipe_is_what_the_proof_and_the_record_say(name: str) -> None:
    recipe, consent = personas.load_voice(name)
    proof = json.loads((consent.parent / "voice.json").read_text(encoding="utf-8"))
    digest = hashlib.sha256(canonical_bytes(proof["recipe"])).hexdigest()
    record = load(consent)
    assert isinstance(record.voice_proof, MadeVoiceProof)
    assert record.voice_proof.recipe_sha256 == proof["recipe_sha256"] == digest
    assert record.voice_proof.nearest_distance == pytest.approx(recipe.nearest_real_voice)
    assert recipe.text_sha256 == hashlib.sha256(recipe.text.encode()).hexdigest()
    assert recipe.narrator_sha256 == card("text_to_speech").sha256
    assert Design.model_validate(recipe.design)


@pytest.mark.parametrize("name", NAMES)
def test_its_record_stands_for_its_voice_alone(name: str) -> None:
    recipe, consent = personas.load_voice(name)
    record = load(consent)
    assert check_standing(record) == "the project's persona key"
    assert (record.modality, record.voices[0].network) == (("voice",), voice_network())
    assert check_voice(record, open_voice(record.voices[0], record.id)) < 0.001
    assert recipe.nearest_real_voice > VOICE_THRESHOLD
    assert recipe.compared_real_voices > 100


def test_no_two_personas_sound_alike() -> None:
    records = [load(personas.load_voice(name)[1]) for name in NAMES]
    found = [open_voice(one.voices[0], one.id) for one in records]
    assert min(apart(one, other) for one, other in combinations(found, 2)) > VOICE_THRESHOLD
