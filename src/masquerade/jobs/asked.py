"""What kinds of work share: options read from JSON, and whom they tell how far they are."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from masquerade.errors import UsageError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Asked = TypeVar("Asked", bound=BaseModel)


class Made(Protocol):
    """What a pipeline gives back that saved a sealed file."""

    def lines(self, seconds: float) -> Sequence[str]:
        """What was made, for people."""
        ...

    def as_json(self) -> Mapping[str, object]:
        """The same for programs."""
        ...


@dataclass(frozen=True, slots=True)
class Prose:
    """Marks a field of free words: it never names a file, whatever is in it."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a pipeline is given while it works.

    Attributes:
        progress: Told (stage, done, total or None).
        tell: Told, in sentences, what the user should know.
        again: Whether it was begun before, in a folder of its own: what lies there is its own.
        cluster: Where pieces of it are done; empty: here.
        attempt: Which attempt at it this is, from 1 on.
        began: When, by the monotonic clock.
    """

    progress: Callable[[str, int, int | None], None]
    tell: Callable[[str], None]
    again: bool = False
    cluster: str = ""
    attempt: int = 1
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self.began

    def told(self, made: Made) -> Mapping[str, object]:
        """Tells what was made, in lines, and gives it for programs."""
        self.tell_all(made.lines(self.seconds))
        return made.as_json()

    def tell_all(self, lines: Iterable[str]) -> None:
        """Tells each line."""
        for line in lines:
            self.tell(line)


def options_of(kind: type[Asked], values: Mapping[str, object]) -> Asked:
    """Values as the options of that kind.

    Raises:
        UsageError: One does not fit; the message says which, and what would.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise unfit(error) from None


def unfit(error: ValidationError) -> UsageError:
    """What is wrong with the first value that does not fit, and how many more there are."""
    return unfit_values(error.errors(include_url=False))


def unfit_values(faults: list[ErrorDetails]) -> UsageError:
    """The same, of what pydantic found."""
    first, more = faults[0], len(faults) - 1
    place = ".".join(str(part) for part in first["loc"]) or "the request"
    words = first["msg"].removeprefix("Value error, ")
    found, _, expected = words.partition("; expected: ")
    return UsageError(
        f"{place}: {found[:1].lower()}{found[1:]}" + (f" (and {more} more)" if more else ""),
        expected or "a value that the schema of this kind of work allows",
        "see `masquerade jobs kinds`, or the API's /docs",
    )
