"""Flags come from Options, and errors name the flag and its range."""

import argparse
from typing import Literal

import pytest
from pydantic import Field

from masquerade.cli.flags import add_flags, read_flags
from masquerade.errors import UsageError
from masquerade.options import Options


class Mine(Options):
    strength: float = Field(0.5, ge=0, le=1, description="How much, 100 % at most.")
    kind: Literal["soft", "hard"] = Field("soft", description="Which.")
    keep_colour: bool = Field(True, description="Keep it.")
    passes: int = Field(1, ge=1, description="How often.")
    effect: tuple[str, ...] = Field((), description="What, repeatable.")


def _parse(*words: str) -> Mine:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_flags(parser, Mine, "mine")
    return read_flags(parser.parse_args(list(words)), Mine)


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ((), "strength", 0.5),
        (("--strength", "1"), "strength", 1.0),
        (("--kind", "hard"), "kind", "hard"),
        (("--no-keep-colour",), "keep_colour", False),
        (("--passes", "3"), "passes", 3),
        (("--effect", "a", "--effect", "b"), "effect", ("a", "b")),
    ],
)
def test_flags_become_options(words, field, value) -> None:
    assert getattr(_parse(*words), field) == value


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--strength", "2"), "--strength 2 is more than 1"),
        (("--passes", "0"), "--passes 0 is less than 1"),
        (("--passes", "x"), "--passes x is not a whole number"),
    ],
)
def test_a_bad_value_names_its_flag_and_range(words, named) -> None:
    with pytest.raises(UsageError, match=named):
        _parse(*words)


def test_help_holds_range_and_default() -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser, Mine, "mine")
    text = " ".join(parser.format_help().split())
    assert "How much, 100 % at most; 0 to 1; default 0.5" in text
