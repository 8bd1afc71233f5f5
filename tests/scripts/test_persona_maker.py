"""The maker of personas: recipes are checked, shapes are at rest, portraits are cut out."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from masquerade.faces.mesh import topology
from masquerade.provenance.consent.trust import PERSONA_KEYS_FILE
from scripts.persona_maker.blend import PARTS
from scripts.persona_maker.keys import write_keys
from scripts.persona_maker.matte import cut_out
from scripts.persona_maker.proof import too_near
from scripts.persona_maker.recipes import PersonaRecipe, read_recipes
from scripts.persona_maker.shape import CORNERS, group_shape, learn

RECIPES = Path(__file__).resolve().parents[2] / "scripts" / "personas.toml"
FACES = tuple(f"set/person{k}" for k in range(8))


def people(rng: np.random.Generator, count: int = 30) -> list[np.ndarray]:
    """Meshes of different people, mouths opened by different amounts."""
    neutral = topology().neutral
    made = []
    for _ in range(count):
        mesh = neutral * (60 * rng.normal([1, 1, 1], [0.03, 0.04, 0.03]))
        mesh[[14, 17, 152], 1] += rng.uniform(0, 8)
        made.append((mesh + np.array([150, 160, 0])).astype(np.float32))
    return made


@pytest.mark.parametrize(
    ("faces", "lead", "words"),
    [
        (FACES, FACES[0], ""),
        (FACES[:7], FACES[0], "at least 8"),
        ((*FACES[:7], "-set/person0"), FACES[1], "7 different people"),
        (FACES, "set/stranger", "not among the faces"),
    ],
)
def test_recipe_needs_eight_people_who_lead_their_own_detail(faces, lead, words):
    given = {
        "name": "x", "looks": "x", "faces": faces, "frame": ("set/hair",), "body": "set/body",
        "detail": dict.fromkeys(PARTS, lead),
    }  # fmt: skip
    if not words:
        assert PersonaRecipe.model_validate(given).donors == (*FACES, "set/hair", "set/body")
        return
    with pytest.raises(ValidationError, match=words):
        PersonaRecipe.model_validate(given)


def test_shipped_recipes_are_complete():
    assert len(read_recipes(RECIPES)) >= 6


def test_group_shape_is_level_at_rest_and_moved_by_its_coefficients(rng):
    meshes = people(rng)
    population = learn(meshes, components=4)
    plain = group_shape(meshes[:8], population, exaggeration=1.0, coefficients=())
    moved = group_shape(meshes[:8], population, exaggeration=1.0, coefficients=(1.5,))
    assert plain[list(CORNERS)] == pytest.approx(np.array([[-0.5, 0], [0.5, 0]]), abs=1e-6)
    assert abs(plain[14, 1] - plain[13, 1]) < 0.01
    assert np.abs(moved - plain).max() > 0.003


def test_cut_out_takes_the_backdrop_away_and_keeps_the_person(rng):
    height, width = 260, 220
    mesh = (topology().neutral * 42 + [110, 100, 0]).astype(np.float32)
    y, x = np.mgrid[0:height, 0:width]
    picture = np.stack([50 + 0 * x, 80 + x // 20, 200 - y // 10], axis=-1).astype(np.float32)
    head = np.hypot((x - 110) / 52, (y - 105) / 75) < 1
    picture[head | ((y > 190) & (np.abs(x - 110) < 80))] = (190, 140, 115)
    picture += rng.normal(0, 2, picture.shape)
    cutout = cut_out(picture.clip(0, 255).astype(np.uint8), mesh)
    assert cutout.alpha[105, 110] > 0.99
    assert cutout.alpha[10:60, :30].max() < 0.01
    assert (cutout.alpha > 0.5)[:180].sum() == pytest.approx(head[:180].sum(), rel=0.03)


@pytest.mark.parametrize(
    ("real", "persona", "near"), [(0.61, 0.7, False), (0.6, 0.7, True), (0.7, 0.59, True)]
)
def test_near_to_anyone_is_too_near(real, persona, near):
    assert too_near(real, persona) is near


def test_the_keys_of_all_records_stay_whichever_were_made_anew(tmp_path: Path) -> None:
    package = RECIPES.parents[1] / "src" / "masquerade"
    shipped = package / "provenance" / "consent" / PERSONA_KEYS_FILE
    records = shutil.ignore_patterns("*.jpg", "*.json", "*.py", "__pycache__")
    shutil.copytree(package / "personas", tmp_path / "personas", ignore=records)
    written = tmp_path / "provenance" / "consent" / PERSONA_KEYS_FILE
    written.parent.mkdir(parents=True)

    write_keys(tmp_path)
    assert written.read_bytes() == shipped.read_bytes()

    for voice in (tmp_path / "personas").glob("*/voice.consent"):
        voice.unlink()
    write_keys(tmp_path)
    assert shipped.read_bytes().startswith(written.read_bytes())
    assert written.read_text(encoding="utf-8").count("ed25519:") == 1
