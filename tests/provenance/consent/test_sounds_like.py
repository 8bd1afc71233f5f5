import pytest

from masquerade.provenance.consent.sounds_like import alike, find, likeness, rough, words


@pytest.mark.parametrize(
    ("one", "other"),
    [("Roth", "Wrath"), ("Philip", "filip"), ("Müller", "Muller"), ("Ada", "aida")],
)
def test_names_that_sound_the_same_are_spelt_the_same(one: str, other: str) -> None:
    assert rough(one) == rough(other)


def test_numbers_are_spelt_out() -> None:
    assert " ".join(words("On the 22nd, 7 of 90.")) == "on the twenty two seven of ninety"


def test_the_nearest_stretch_is_found() -> None:
    found = find("anta", "rrrantakkk")
    assert (found.likeness, found.begin, found.end) == (1.0, 3, 7)
    assert find("anta", "rrranxakkk").likeness == 0.75
    assert find("anta", "rrrantakkk", start=5).likeness <= 0.5
    assert find("", "abc").likeness == 1.0
    assert find("anta", "").likeness == 0.0


def test_likeness_counts_the_whole_of_both() -> None:
    assert likeness("", "") == 1.0
    assert likeness("abcd", "abcdabcd") == 0.5
    assert alike("window", "widow") > 0.75 > alike("window", "winter")
