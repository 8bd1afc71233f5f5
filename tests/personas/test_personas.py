"""The personas in the package are whole, distinct, far from real faces, and consented to."""

import hashlib
import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.personas import load, names
from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.consent import check
from masquerade.provenance.consent import records as consent
from masquerade.types import IdentityUse

NAMES = names()
RECIPES = Path(__file__).resolve().parents[2] / "scripts" / "personas.toml"


def test_there_are_at_least_six() -> None:
    assert len(NAMES) >= 6


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match=NAMES[0]):
        load("nobody")


@pytest.mark.parametrize("name", NAMES)
def test_proof_is_of_this_picture(name: str) -> None:
    persona = load(name)
    data = persona.picture.read_bytes()
    assert hashlib.sha256(data).hexdigest() == persona.picture_sha256
    assert len(data) <= 120_000


@pytest.mark.parametrize("name", NAMES)
def test_proof_names_its_recipe_and_every_donor(name: str) -> None:
    proof = load(name).proof
    recipe = proof["recipe"]
    assert hashlib.sha256(canonical_bytes(recipe)).hexdigest() == proof["recipe_sha256"]
    faces = [donor for donor in recipe["donors"] if donor["weight_in_face"] > 0]
    assert len({donor["sha256"] for donor in faces}) >= 8
    assert sum(donor["weight_in_face"] for donor in faces) == pytest.approx(1, abs=0.01)
    assert max(donor["share_of_fine_detail"] for donor in faces) < 0.25


@pytest.mark.parametrize("name", NAMES)
def test_nearest_faces_are_farther_than_one_person_reaches(name: str) -> None:
    proof = load(name).proof
    assert proof["nearest_real_face"] > SAME_PERSON
    assert set(proof["other_personas"]) == set(NAMES) - {name}
    assert min(proof["other_personas"].values()) > SAME_PERSON


@pytest.mark.parametrize("name", NAMES)
def test_consent_record_fits_picture_and_proof(name: str) -> None:
    persona = load(name)
    record = consent.load(persona.consent)
    assert record.kind == "persona"
    assert record.reference_sha256 == (persona.picture_sha256,)
    assert isinstance(record.proof, consent.MadeProof)
    assert record.proof.recipe_sha256 == persona.recipe_sha256
    assert record.proof.nearest_distance == pytest.approx(persona.nearest_real_face)


@pytest.mark.weights
@pytest.mark.parametrize("name", NAMES)
def test_the_face_in_the_picture_is_covered_and_measures_as_stated(name: str) -> None:
    persona, reader = load(name), FaceReader.open()
    pixels = read_image(persona.picture).pixels
    (face,) = find_faces(pixels, reader)
    found = embed(pixels, face, reader)
    record = consent.load(persona.consent)
    use = IdentityUse("source", "face", found, persona.picture_sha256, record.id)
    covered = check.check(
        record, use, purpose="anything", method="swap_mesh", now=datetime.now(UTC)
    )
    assert covered.distance < 0.05


@pytest.mark.weights
def test_personas_are_different_people_when_measured_anew() -> None:
    reader, found = FaceReader.open(), []
    for name in NAMES:
        pixels = read_image(load(name).picture).pixels
        found.append(embed(pixels, find_faces(pixels, reader)[0], reader))
    apart = [distance(a, b) for k, a in enumerate(found) for b in found[:k]]
    assert np.min(apart) > SAME_PERSON


def test_every_recipe_ships_and_nothing_else_does() -> None:
    listed = tomllib.loads(RECIPES.read_text(encoding="utf-8"))["persona"]
    assert sorted(one["name"] for one in listed) == NAMES
    for name in NAMES:
        stored = json.loads((load(name).picture.parent / "proof.json").read_text(encoding="utf-8"))
        assert stored["name"] == name
