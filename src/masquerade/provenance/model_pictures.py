"""What a trained model shows of its source: the gates look at it as at any other file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from masquerade.errors import InputError, ModelError
from masquerade.faces.portrait import Portrait, portraits
from masquerade.models.trained_swap import SUFFIX, read_swap
from masquerade.types import Frame


def is_model(path: Path) -> bool:
    """Whether an input is a trained model, by its name."""
    return path.suffix.lower() == SUFFIX


def drawn_by(path: Path) -> tuple[Portrait, ...]:
    """The source as the network of a model draws them.

    Raises:
        InputError: It is no model, is damaged, or cannot be run.
    """
    try:
        return portraits(read_swap(path))
    except ModelError as error:
        raise InputError(error.found, error.expected, error.todo) from error


def frames_of(path: Path) -> Iterator[Frame]:
    """The same as frames.

    Raises:
        InputError: It is no model, is damaged, or cannot be run.
    """
    for number, one in enumerate(drawn_by(path)):
        yield Frame(one.pixels, number)
