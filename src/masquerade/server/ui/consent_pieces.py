"""Pieces of the consent wizard: steps, places for files, answers read as a record has them."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any, TypeVar

from nicegui import ui
from pydantic import BaseModel, ValidationError

from masquerade.errors import UsageError
from masquerade.server.ui.drop import drop_zone
from masquerade.server.ui.filecard import file_card
from masquerade.server.ui.pieces import block, text
from masquerade.server.ui.shelf import Kept, Shelf

Read = TypeVar("Read", bound=BaseModel)


def step(words: str) -> ui.element:
    """A numbered part of the wizard; what belongs to it is put into what this gives."""
    made = ui.element("section").classes("step card").props('role="group"')
    made.props["aria-label"] = words
    with made:
        block(f"<h3>{text(words)}</h3>", "title")
    return made


def several(
    shelf: Shelf,
    files: list[Kept],
    words: str,
    kinds: tuple[str, ...],
    most: int,
    hint: str,
    *,
    records: bool = False,
) -> None:
    """A place for files, those that are there above it."""
    cards = ui.element("div").classes("stack tight")

    def show() -> None:
        cards.clear()
        with cards:
            for one in files:
                file_card(one, on_drop=partial(away, one))
                if records:
                    marks = f"src='{one.address}' aria-label='{text(one.name)}'"
                    block(f"<audio controls {marks}></audio>")

    def away(one: Kept) -> None:
        files.remove(one)
        shelf.drop(one.id)
        show()

    def take(one: Kept) -> None:
        files.append(one)
        show()

    drop_zone(
        shelf, take, words=words, kinds=kinds, hint=hint, most_bytes=most, several=True,
        small=True, records=records,
    )  # fmt: skip
    show()


def valid(kind: type[Read], words: dict[str, Any]) -> Read:
    """Answers as that part of a record.

    Raises:
        UsageError: One does not fit.
    """
    try:
        return kind.model_validate(words)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])).replace("_", " ")
        raise UsageError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error


def day(words: str) -> date:
    """A day that was written.

    Raises:
        UsageError: It is none.
    """
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise UsageError(f"{words or 'nothing'} is no day", "such as 2027-06-30") from error
