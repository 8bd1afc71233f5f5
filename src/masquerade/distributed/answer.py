"""What a process does that was given a piece: it opens what the job needs once, then works.

Errors of ours travel as values, so that the place that asked raises the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar
from uuid import uuid4

from masquerade import errors
from masquerade.distributed.likeness import likeness
from masquerade.errors import MasqueradeError, ProvenanceError
from masquerade.pipelines.memory import share_pools

Given = TypeVar("Given")
Opener = Callable[[Any], Callable[[Any], Any]]

_WORDS: Final = 4  # of a fault: the error's name, and its three sentences
RETRIES: Final = 3
"""How often a piece is done again whose process or machine was lost."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A job's opener and what it is for; equal where the name is.

    Attributes:
        opener: Gives the function that does one piece.
        what: For the opener.
        name: Drawn at random.
    """

    opener: Opener = field(compare=False)
    what: object = field(compare=False)
    name: str = field(default_factory=lambda: uuid4().hex)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Given]):
    """What came of a piece, and where it was done.

    Attributes:
        given: The result; None where there is a fault.
        fault: Name of an error and its three sentences.
        alike: The likeness of the machine.
    """

    given: Given | None
    fault: tuple[str, str, str, str] | None
    alike: str


def answer(asked: Asked, one: object) -> Answer[Any]:
    """Does one piece in this process.

    Args:
        asked: The job.
        one: The piece.
    """
    try:
        return Answer(_opened(asked)(one), None, likeness())
    except MasqueradeError as error:
        fault = (type(error).__name__, error.found, error.expected, error.todo)
        return Answer(None, fault, likeness())


def given_by(told: Answer[Given]) -> Given:
    """What came of a piece.

    Raises:
        MasqueradeError: As it was raised where the piece was done.
        ProvenanceError: That was on a machine which could give other bytes than this one.
    """
    if not isinstance(told, Answer):
        raise ProvenanceError(f"a {type(told).__name__} came back", "the answer to a piece")
    if told.alike != likeness():
        raise ProvenanceError(
            f"a piece was done on a machine of likeness {told.alike}",
            f"{likeness()}, as this one",
            "install the same versions there, or leave it out; see `masquerade cluster show`",
        )
    if told.fault is not None:
        raise _as_raised(told.fault)
    return told.given  # type: ignore[return-value]


def _as_raised(fault: object) -> MasqueradeError:
    """The error that a place told of; what else comes is no answer, whatever is in it."""
    if not (isinstance(fault, tuple) and len(fault) == _WORDS) or not all(
        isinstance(one, str) for one in fault
    ):
        return ProvenanceError("an error came back that is none", "the answer to a piece")
    name, *words = fault
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, MasqueradeError):
        return kind(*words)
    return MasqueradeError(*words)


@lru_cache(maxsize=1)
def _opened(asked: Asked) -> Callable[[Any], Any]:
    share_pools()
    return asked.opener(asked.what)
