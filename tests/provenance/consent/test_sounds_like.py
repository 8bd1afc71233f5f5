from itertools import combinations

import pytest

from masquerade.provenance.consent.sounds_like import alike, find, likeness, rough, words


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("Roth", "wrot", 1.0),
        ("Philip", "filip", 1.0),
        ("Müller", "Muller", 1.0),
        ("Ada Roth", "aida ross", 0.7),
        ("Farid Haddad", "freed had that", 0.6),
        ("Yusuf Demir", "use of the mere", 0.6),
    ],
)
def test_names_that_sound_alike_are_alike(one: str, other: str, least: float) -> None:
    assert likeness(rough(one), rough(other)) >= least


def test_names_of_other_people_are_not_alike() -> None:
    names = ["Ada Roth", "Victor Hugo", "Henry Walker", "Quinn Taylor", "Maria Rossi", "Uma Patel"]
    pairs = combinations(map(rough, names), 2)
    assert max(likeness(one, other) for one, other in pairs) < 0.45


def test_numbers_are_spelt_out() -> None:
    assert " ".join(words("On the 22nd, 7 of 90.")) == "on the twenty two seven of ninety"


def test_the_nearest_stretch_is_found() -> None:
    found = find("window", "rrrwindowkkk")
    assert (found.likeness, found.begin, found.end) == (1.0, 3, 9)
    assert 0.8 < find("window", "rrrwintowkkk").likeness < 1.0
    assert find("window", "rrrwindowkkk", start=6).likeness < 0.7
    assert find("", "abc").likeness == 1.0
    assert find("window", "").likeness == 0.0


def test_likeness_counts_the_whole_of_both() -> None:
    assert likeness("", "") == 1.0
    assert likeness("bcdf", "bcdfbcdf") == 0.5
    assert alike("window", "widow") > 0.75 > alike("window", "winter")
