"""An enrolled person: what is theirs, what is not, and a file that is trusted in nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import InputError, LimitError
from masquerade.forensics import person_file
from masquerade.forensics.movement import MOVEMENTS, blocks
from masquerade.forensics.person import Occasion, Person, background, moved
from masquerade.forensics.person_file import About, read_person, write_person
from masquerade.models.tensor_file import write_private_tensors

SHA = "0" * 64
ABOUT = About(name="Ada", made_by="test", consent="mqc-0123456789abcdef", inputs=(SHA,))


def ways(rng: np.random.Generator, mixing: np.ndarray, count: int) -> np.ndarray:
    """Blocks of somebody whose movements go together in a way of their own."""
    return np.concatenate([blocks(rng.normal(size=(60, 20)) @ mixing) for _ in range(count)])


def occasion(rng: np.random.Generator, mixing: np.ndarray, count: int = 20) -> Occasion:
    face = np.full((2, 128), 0.1, np.float32)
    return Occasion(face, ways(rng, mixing, count))


@pytest.fixture
def mixings() -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(1)
    return chance.normal(size=(20, 20)), chance.normal(size=(20, 20))


@pytest.fixture
def person(rng: np.random.Generator, mixings: tuple[np.ndarray, np.ndarray]) -> Person:
    return Person("Ada", ABOUT.consent, SHA, tuple(occasion(rng, mixings[0]) for _ in range(3)))


def test_their_own_ways_are_nearer_than_another_s(
    person: Person, rng: np.random.Generator, mixings: tuple[np.ndarray, np.ndarray]
) -> None:
    own = moved(person, ways(rng, mixings[0], 8))
    other = moved(person, ways(rng, mixings[1], 8))
    assert own is not None
    assert other is not None
    assert own.figure < 1.1
    assert other.figure > 2
    assert own.window_s == pytest.approx(9.6)
    assert len(other.unlike) == 2


def test_too_little_is_said_to_be_too_little(
    person: Person, rng: np.random.Generator, mixings: tuple[np.ndarray, np.ndarray]
) -> None:
    assert moved(person, np.zeros((0, 210))) is None
    poor = replace(person, occasions=(occasion(rng, mixings[0], 3),))
    assert moved(poor, ways(rng, mixings[0], 1)) is None
    assert poor.lacks() == ("1 of 3 occasions", "0.1 of 10 minutes")
    assert person.lacks() == ("2.4 of 10 minutes",)


def test_the_background_holds_movement_of_several_people_and_nothing_else() -> None:
    known = background()
    assert len(known) >= 5
    assert all(one.shape[1] == len(MOVEMENTS) * 21 // 2 for one in known)
    assert all(np.isfinite(one).all() for one in known)


def test_a_person_is_read_as_they_were_written(tmp_path: Path, person: Person) -> None:
    path = tmp_path / "ada.person"
    write_person(path, ABOUT, person.occasions)
    assert path.stat().st_mode & 0o077 == 0
    again, about = read_person(path)
    assert about == ABOUT
    assert (again.name, again.consent) == ("Ada", ABOUT.consent)
    for one, other in zip(again.occasions, person.occasions, strict=True):
        assert np.array_equal(one.embeddings, other.embeddings)
        assert one.blocks == pytest.approx(other.blocks, rel=1e-6)


@pytest.mark.parametrize("change", ["missing", "more", "kind", "wide", "nan", "huge", "words"])
def test_a_file_that_was_tampered_with_is_refused(
    tmp_path: Path, person: Person, change: str
) -> None:
    tensors = {
        "about": np.frombuffer(ABOUT.model_dump_json().encode(), np.uint8),
        "0.embeddings": person.occasions[0].embeddings.copy(),
        "0.blocks": person.occasions[0].blocks.astype(np.float32),
    }
    match change:
        case "missing":
            del tensors["0.blocks"]
        case "more":
            tensors["1.other"] = np.zeros(3, np.float32)
        case "kind":
            tensors["0.blocks"] = tensors["0.blocks"].astype(np.float16)
        case "wide":
            tensors["0.embeddings"] = tensors["0.embeddings"][:, :64].copy()
        case "nan":
            tensors["0.blocks"][0, 0] = np.nan
        case "huge":
            tensors["0.embeddings"][0, 0] = 1e12
        case "words":
            tensors["about"] = np.frombuffer(b'{"name": "x"}', np.uint8)
    path = tmp_path / "ada.person"
    write_private_tensors(path, tensors)
    with pytest.raises(InputError, match="no enrolled person"):
        read_person(path)


def test_what_is_no_such_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ada.person"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(InputError, match="no enrolled person"):
        read_person(path)
    monkeypatch.setattr(person_file, "MOST_BYTES", 10)
    with pytest.raises(LimitError):
        read_person(path)
