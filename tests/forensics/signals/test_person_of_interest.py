"""Whose face it is and whose movement, told apart; and what is not weighed."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from masquerade.forensics import person as persons
from masquerade.forensics.evidence import Applies, Evidence, Family
from masquerade.forensics.movement import blocks
from masquerade.forensics.person import Occasion, Person
from masquerade.forensics.sample import Cut, Line
from masquerade.forensics.signals import person_of_interest as signal

HERS = np.full(128, 0.05, np.float32)
OTHER = np.full(128, -0.05, np.float32)


def moving(rng: np.random.Generator, ways: np.ndarray, count: int) -> np.ndarray:
    """Blocks of movement that goes together in a way of its own."""
    return np.concatenate([blocks(rng.normal(size=(60, 20)) @ ways) for _ in range(count)])


@pytest.fixture
def ways() -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(4)
    return chance.normal(size=(20, 20)), chance.normal(size=(20, 20))


@pytest.fixture
def person(rng: np.random.Generator, ways: tuple[np.ndarray, np.ndarray]) -> Person:
    made = tuple(Occasion(HERS[None], moving(rng, ways[0], 20)) for _ in range(3))
    return Person("Ada", "mqc-0123456789abcdef", "0" * 64, made)


@pytest.fixture
def look(
    rng: np.random.Generator,
    cut_of: Callable[..., Cut],
    person: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[np.ndarray, np.ndarray], Evidence]:
    """Examines a face of an identity that moves in a way."""

    def examine(identity: np.ndarray, movement: np.ndarray) -> Evidence:
        line = Line(tuple(cut_of(number) for number in range(3)), identity)
        sample = SimpleNamespace(person=person, info=SimpleNamespace(kind="video"), lines=(line,))
        monkeypatch.setattr(signal, "of_cuts", lambda _cuts: [moving(rng, movement, 8)])
        return signal.examine(sample, signal.Options())

    return examine


def test_their_own_footage_is_theirs_in_face_and_movement(look, ways) -> None:
    found = look(HERS, ways[0])
    assert found.family is Family.PERSON
    assert "The face is that of Ada" in found.says
    assert "It moves as Ada does" in found.says
    assert found.log10_lr is None


def test_their_face_on_another_s_movement_is_said_to_look_like_a_swap(look, ways) -> None:
    found = look(HERS, ways[1])
    assert "The face is that of Ada" in found.says
    assert "It moves unlike Ada" in found.says
    assert "a swap that puts their face onto another's movement" in found.says
    assert found.value is not None
    assert found.value > 1


def test_another_face_is_said_to_be_another_s_and_never_weighed(look, ways) -> None:
    found = look(OTHER, ways[1])
    assert "No face in it is that of Ada" in found.says
    assert "look-alike or somebody else" in found.says
    assert "swap" not in found.says
    assert found.log10_lr is None
    assert "nothing of machines" in found.calibration


def test_without_a_person_or_pictures_it_says_so(person: Person) -> None:
    sample = SimpleNamespace(person=None)
    nobody = signal.examine(sample, signal.Options())
    assert nobody.applies is Applies.NO
    assert "--person" in nobody.says
    sound = SimpleNamespace(person=person, info=SimpleNamespace(kind="audio"))
    assert signal.examine(sound, signal.Options()).applies is Applies.NO


def test_an_enrolment_of_a_few_minutes_is_shown_and_says_what_it_lacks(look, ways) -> None:
    found = look(HERS, ways[1])
    assert found.applies is Applies.LIMITED
    assert "of 10 minutes" in found.calibration
    assert "of 20 other people" in found.calibration
    assert found.calibration.endswith(": shown, not weighed")


def test_with_enough_of_everything_a_swap_is_weighed_and_a_good_fit_is_not(
    look, ways, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = tuple(moving(rng, rng.normal(size=(20, 20)), 8) for _ in range(20))
    monkeypatch.setattr(persons, "background", lambda: crowd)
    monkeypatch.setattr(persons, "LEAST_S", 60.0)
    swapped = look(HERS, ways[1])
    assert swapped.applies is Applies.YES
    assert swapped.log10_lr is not None
    assert 0 < swapped.log10_lr <= np.log10(21) + 1e-9
    assert "20 other people" in swapped.calibration
    assert look(HERS, ways[0]).log10_lr is None
    assert look(OTHER, ways[1]).log10_lr is None
