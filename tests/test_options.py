"""Options: frozen, strict about names, and the same text for the same choices."""

from typing import Literal

import pytest
from pydantic import Field, ValidationError

from masquerade.options import Options


class Knobs(Options):
    """An example."""

    strength: float = Field(1.0, ge=0, le=1, description="How much.")
    way: Literal["soft", "hard"] = "soft"
    """How the edge looks."""


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        ({}, True),
        ({"strength": 0.5, "way": "hard"}, True),
        ({"strength": 1.5}, False),
        ({"strength": "much"}, False),
        ({"way": "other"}, False),
        ({"strenght": 0.5}, False),
    ],
)
def test_only_known_names_and_values_in_range_are_taken(
    given: dict[str, object], fits: bool
) -> None:
    if fits:
        assert Knobs.model_validate(given)
    else:
        with pytest.raises(ValidationError):
            Knobs.model_validate(given)


def test_options_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Knobs().strength = 0.1  # type: ignore[misc]


def test_the_sentence_under_a_field_is_its_description() -> None:
    assert Knobs.model_fields["way"].description == "How the edge looks."


def test_canonical_json_does_not_depend_on_order() -> None:
    one = Knobs.model_validate({"way": "hard", "strength": 0.5})
    other = Knobs.model_validate({"strength": 0.5, "way": "hard"})

    assert one.canonical_json() == other.canonical_json() == '{"strength":0.5,"way":"hard"}'
