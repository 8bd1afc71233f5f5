"""Times as people write and read them."""

from fractions import Fraction

import pytest

from masquerade.errors import UsageError
from masquerade.pipelines.clock import clock, seconds_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0:01", Fraction(1)),
        ("62.5", Fraction(125, 2)),
        ("1:02.5", Fraction(125, 2)),
        ("1:00:02.5", Fraction(7205, 2)),
        ("90:00", Fraction(5400)),
        (".5", Fraction(1, 2)),
        ("", None),
        ("-1", None),
        ("1:75", None),
        ("1:2:3:4", None),
        ("soon", None),
        ("nan", None),
    ],
)
def test_a_time_is_read_as_people_write_it(text, expected) -> None:
    if expected is None:
        with pytest.raises(UsageError, match="is no time"):
            seconds_of(text)
    else:
        assert seconds_of(text) == expected


@pytest.mark.parametrize(
    ("time_s", "words"), [(0, "0:00.00"), (59.999, "1:00.00"), (Fraction(125, 2), "1:02.50")]
)
def test_a_time_is_written_in_minutes_and_seconds(time_s, words) -> None:
    assert clock(time_s) == words
