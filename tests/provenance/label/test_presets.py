from fractions import Fraction

import pytest

from masquerade.errors import UsageError
from masquerade.provenance.label.presets import PRESETS, card_s, preset


@pytest.mark.parametrize("name", ["", "none", "EU", "off"])
def test_an_unknown_preset_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="eu, film, minimal"):
        preset(name)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_has_a_plate_or_a_notice_first(name: str) -> None:
    style = preset(name)
    assert style.notice_s is None or style.notice_s >= 3
    assert style.notice_s is None or style.end_card_s >= 3
    assert style.opacity > 0.54
    assert style.scales[0] == 1.0


@pytest.mark.parametrize(
    ("wanted_s", "length_s", "expected"),
    [
        (3, 60, 3),
        (3, 3, 3),
        (3, Fraction(27, 10), Fraction(9, 5)),
        (3, 2, 0),
        (0, 60, 0),
        (4, 0, 0),
    ],
)
def test_a_card_has_its_time_and_two_thirds_of_a_shorter_work(
    wanted_s: int, length_s: Fraction, expected: Fraction
) -> None:
    assert card_s(Fraction(wanted_s), Fraction(length_s)) == expected
