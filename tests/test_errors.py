"""Errors: the message, the exit codes, and the tree as its docstring draws it."""

import inspect
import re

import cv2
import numpy as np
import pytest

from masquerade import errors
from masquerade.errors import MasqueradeError


def kinds() -> dict[str, type[MasqueradeError]]:
    found = inspect.getmembers(errors, inspect.isclass)
    return {name: kind for name, kind in found if issubclass(kind, MasqueradeError)}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (("no face",), "no face"),
        (("no face", "one face"), "no face; expected: one face"),
        (("no face", "", "use another photo"), "no face; to do: use another photo"),
        (("no face", "one", "retry"), "no face; expected: one; to do: retry"),
    ],
)
def test_message_gives_found_expected_and_what_to_do(parts: tuple[str, ...], message: str) -> None:
    error = MasqueradeError(*parts)

    assert str(error) == message
    assert (error.found, error.expected, error.todo) == (*parts, "", "")[:3]


def test_every_error_lies_in_the_one_tree_that_the_docstring_draws() -> None:
    drawn = re.findall(r"(\w+Error)", errors.__doc__ or "")

    assert sorted(drawn) == sorted(kinds())


@pytest.mark.parametrize("name", sorted(kinds()))
def test_exit_codes_are_those_of_the_branch(name: str) -> None:
    line = next(line for line in (errors.__doc__ or "").splitlines() if f"{name} " in line + " ")
    drawn = re.search(r"exit (\d)", line)
    kind = kinds()[name]

    assert kind.exit_code in range(1, 6)
    if drawn:
        assert kind.exit_code == int(drawn[1])
    else:
        assert kind.exit_code == kind.__mro__[1].exit_code  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("error", "short"),
    [
        (MemoryError(), True),
        (RuntimeError("std::bad_alloc"), True),
        (RuntimeError("no face"), False),
        (ValueError("Insufficient memory"), False),
    ],
)
def test_memory_that_is_short_is_known_by_what_computes(error: Exception, short: bool) -> None:
    assert errors.is_short_of_memory(error) is short


def test_opencv_says_in_its_own_way_that_memory_is_short() -> None:
    with pytest.raises(cv2.error) as raised:
        cv2.resize(np.zeros((2, 2), np.uint8), (1 << 30, 1 << 22))
    assert errors.is_short_of_memory(raised.value)
