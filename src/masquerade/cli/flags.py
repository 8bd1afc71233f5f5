"""Command-line flags from Options: one flag per field, nothing declared twice."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from masquerade.errors import UsageError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

O = TypeVar("O", bound=BaseModel)  # noqa: E741  (the field's usual letter for an Options type)


def add_flags(
    parser: argparse.ArgumentParser,
    options: type[BaseModel],
    title: str,
    *,
    only: Collection[str] = (),
) -> None:
    """Give `parser` a group of flags, one for each field of `options`.

    A bool field becomes ``--name/--no-name``, a Literal a choice, a tuple a repeatable flag; the
    field's description, range and default become its help. With `only`, the fields named there.
    """
    group = parser.add_argument_group(title)
    for name, field in options.model_fields.items():
        if only and name not in only:
            continue
        flag = "--" + name.replace("_", "-")
        words: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS, "help": _help(field)}
        kind = field.annotation
        if kind is bool:
            words["action"] = argparse.BooleanOptionalAction
        elif get_origin(kind) is Literal:
            words["choices"] = [str(choice) for choice in get_args(kind)]
        elif get_origin(kind) in (tuple, list):
            words["action"] = "append"
            words["metavar"] = name.upper()
        else:
            words["metavar"] = _metavar(kind)
        group.add_argument(flag, **words)


def read_flags(given: argparse.Namespace, options: type[O]) -> O:
    """The validated Options of a parsed command line.

    Raises:
        UsageError: A value is of the wrong type or out of range; names the flag and the range.
    """
    values = {name: getattr(given, name) for name in options.model_fields if hasattr(given, name)}
    try:
        return options.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        raise UsageError(
            f"--{name.replace('_', '-')} {values.get(name, '')} {_fault(first)}",
            _help(options.model_fields[name]).replace("%%", "%")
            if name in options.model_fields
            else "",
            "see --help",
        ) from None


def _fault(error: ErrorDetails) -> str:
    """What is wrong with a value, in the words of somebody who typed it."""
    limits = error.get("ctx", {})
    match error["type"]:
        case "less_than_equal":
            return f"is more than {limits['le']}"
        case "less_than":
            return f"is not below {limits['lt']}"
        case "greater_than_equal":
            return f"is less than {limits['ge']}"
        case "greater_than":
            return f"is not above {limits['gt']}"
        case "int_parsing" | "int_from_float":
            return "is not a whole number"
        case "float_parsing" | "finite_number":
            return "is not a number"
        case "value_error":
            return error["msg"].removeprefix("Value error, ")
        case _:
            return error["msg"][:1].lower() + error["msg"][1:]


def _metavar(kind: Any) -> str:
    inner = [part for part in get_args(kind) if part is not type(None)] or [kind]
    return {int: "N", float: "X", str: "TEXT", Path: "FILE"}.get(inner[0], "VALUE")


def _help(field: Any) -> str:
    parts = [" ".join(str(field.description or "").split()).rstrip(".")]
    bounds = {type(item).__name__: item for item in field.metadata}
    low = next((f"{getattr(bounds[k], k.lower())}" for k in ("Ge", "Gt") if k in bounds), "")
    high = next((f"{getattr(bounds[k], k.lower())}" for k in ("Le", "Lt") if k in bounds), "")
    if low and high:
        parts.append(f"{low} to {high}")
    elif low:
        parts.append(f"from {low}")
    elif high:
        parts.append(f"up to {high}")
    if field.default is not None and field.default != ():
        parts.append(f"default {field.default}")
    return "; ".join(parts).replace("%", "%%")
