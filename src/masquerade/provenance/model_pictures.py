"""What a model shows of its source: the gates look at it as at any other file.

A model is either a network (`masquerade train swap`) or an appearance (`masquerade source build`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from masquerade.errors import InputError, ModelError
from masquerade.faces.appearance.file import is_appearance, read_appearance
from masquerade.faces.appearance.portrait import portraits_of
from masquerade.faces.portrait import Portrait, portraits
from masquerade.models.trained.swap import SUFFIX, read_swap
from masquerade.types import Frame

_LOOKED_AT: Final = 16  # pictures of an appearance that are looked at for what they show


def is_model(path: Path) -> bool:
    """Whether an input is a model, by its name."""
    return path.suffix.lower() == SUFFIX or is_appearance(path)


def drawn_by(path: Path, *, sha256: str | None = None) -> tuple[Portrait, ...]:
    """The source as a model draws them; all that a swap is mixed from, where that can be told.

    Args:
        path: The model.
        sha256: Of the file as it was checked; None where nothing was.

    Raises:
        InputError: It is no model, is damaged or another one, or cannot be run.
    """
    if is_appearance(path):
        return tuple(portraits_of(read_appearance(path, sha256=sha256).model))
    try:
        return portraits(read_swap(path, sha256=sha256))
    except ModelError as error:
        raise InputError(error.found, error.expected, error.todo) from error


def frames_of(path: Path) -> Iterator[Frame]:
    """Some of the same as frames: those that differ most.

    Raises:
        InputError: It is no model, is damaged, or cannot be run.
    """
    for number, one in enumerate(islice(drawn_by(path), _LOOKED_AT)):
        yield Frame(one.pixels, number)
