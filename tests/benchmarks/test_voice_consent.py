from datetime import date

import numpy as np

from benchmarks.voice_consent import Person, halves
from benchmarks.voice_statements import GRANTEES, NAMES, PURPOSES, names_taken


def _person(name: str, seed: int) -> Person:
    vector = np.random.default_rng(seed).normal(size=(3, 256)).astype(np.float32)
    return Person(name, np.zeros(10, np.float32), *vector)


def test_every_person_is_held_against_every_other() -> None:
    same, other = halves([_person("a", 1), _person("b", 2), _person("c", 3)])
    assert (same.shape, other.shape) == ((3,), (6 + 3,))


def test_hardly_a_wrong_name_is_taken() -> None:
    found = names_taken(date(2026, 11, 22), NAMES[:4])
    pairs = sum(len(one) * (len(one) - 1) for one in (NAMES[:4], GRANTEES, PURPOSES))
    assert (found.wrong, found.wrong_taken) == (pairs, 0)
