"""What a preview compares: every combination of the values that are asked for."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, TypeVar

from pydantic import ValidationError

from masquerade import registry
from masquerade.compose.blend import ComposeOptions
from masquerade.errors import UsageError
from masquerade.options import Options
from masquerade.pipelines.shot_settings import carried
from masquerade.pipelines.takes import Take

O = TypeVar("O", bound=Options)  # noqa: E741

MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way out of several.

    Attributes:
        number: Counted from 1, what people choose by.
        changes: (option, value) in words; none for the job as it was asked for.
    """

    number: int
    changes: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """What is different, in a few words."""
        said = [value if key == "method" else f"{key} {value}" for key, value in self.changes]
        return ", ".join(said) or "as asked"

    def of(self, take: Take, usual: Take) -> Take:
        """A take with the changes made; one that leaves frames as they are gives way to them.

        Args:
            take: What holds at the moment.
            usual: What holds where no settings say otherwise.

        Raises:
            UsageError: A value does not fit its option.
        """
        if not self.changes:
            return take
        base = usual if take.skip else take
        values = dict(self.changes)
        method = values.pop("method", base.method)
        options = base.options
        if method != base.method:
            options = carried(options, registry.get(method).Options)
        return replace(
            base,
            method=method,
            options=_with(options, values),
            blending=_with(base.blending, values),
        )


def read_alternatives(compare: Sequence[str], usual: Take) -> tuple[Alternative, ...]:
    """All combinations of what is to be compared, each once.

    Args:
        compare: ``option=value,value,...`` each; an option of blending or of a method that is
            compared, or ``method`` itself.
        usual: The job as it was asked for.

    Raises:
        UsageError: No such option, a value that it does not take, or too many combinations.

    Example:
        >>> take = Take("swap_mesh", Options(), ComposeOptions())
        >>> [one.words for one in read_alternatives(["colour=none,rct"], take)]
        ['colour none', 'colour rct']
    """
    axes = [_axis(text, usual.method) for text in compare]
    keys = [key for key, _ in axes]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise UsageError(f"--compare {twice[0]} is given twice", "all its values in one")
    axes.sort(key=lambda axis: axis[0] != "method")
    found: dict[tuple[tuple[str, str], ...], None] = {}
    used: set[str] = set()
    for values in product(*([(key, value) for value in some] for key, some in axes)):
        known = tuple(one for one in values if _knows(dict(values), usual, one[0]))
        used |= {key for key, _ in known}
        found[known] = None
    for key in keys:
        if key not in used:
            raise _unknown(key, usual)
    if len(found) > MOST:
        raise UsageError(
            f"{len(found)} alternatives", f"at most {MOST}", "compare fewer values at a time"
        )
    made = tuple(Alternative(number, changes) for number, changes in enumerate(found, 1))
    for one in made:
        one.of(usual, usual)
    return made


def _unknown(key: str, usual: Take) -> UsageError:
    known = ("method", *type(usual.options).model_fields, *ComposeOptions.model_fields)
    near = difflib.get_close_matches(key, known, 1)
    return UsageError(
        f"--compare {key}: no such option",
        f"{near[0]}, perhaps" if near else "method, or an option that --help lists",
    )


def _axis(text: str, usual: str) -> tuple[str, tuple[str, ...]]:
    key, _, rest = text.partition("=")
    key = key.strip().replace("-", "_")
    values = tuple(dict.fromkeys(one.strip() for one in rest.split(",") if one.strip()))
    if not key or not values:
        raise UsageError(f"--compare {text}", "option=value,value such as colour=none,rct")
    if key == "method":
        family = usual.partition("_")[0]
        known = [one.name for one in registry.commands().get(family, [])]
        for value in values:
            if value not in known:
                raise UsageError(f"--compare method={value}", "one of " + ", ".join(known))
    return key, values


def _knows(values: dict[str, str], usual: Take, key: str) -> bool:
    """Whether an option is one of this combination's method, or of blending."""
    method = values.get("method", usual.method)
    options = type(usual.options) if method == usual.method else registry.get(method).Options
    return key == "method" or key in options.model_fields or key in ComposeOptions.model_fields


def _with(options: O, values: dict[str, str]) -> O:
    mine = {key: value for key, value in values.items() if key in type(options).model_fields}
    try:
        return type(options).model_validate(options.model_dump(exclude_unset=True) | mine)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        raise UsageError(f"--compare {key}={mine.get(key, '')}: {first['msg']}") from None
