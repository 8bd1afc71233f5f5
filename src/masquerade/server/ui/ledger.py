"""Ledger: the chain of all that was made, agreed to and taken back here."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.provenance.ledger import LedgerRow, rows
from masquerade.provenance.ledger.words import KINDS, why
from masquerade.server import audit
from masquerade.server.studio import Studio
from masquerade.server.ui.fields import pick
from masquerade.server.ui.frame import frame
from masquerade.server.ui.pieces import (
    Tone,
    block,
    button,
    empty,
    facts,
    failure,
    part,
    pill,
    text,
    title,
    verdict,
)
from masquerade.server.ui.session import shelf_of
from masquerade.server.ui.shelf import Shelf

if TYPE_CHECKING:
    from masquerade.provenance.ledger import LedgerReport

_SHOWN = 50


def build(studio: Studio) -> None:
    """The page."""
    shelf = shelf_of(studio)
    with frame("ledger"):
        title(
            "Ledger",
            "Everything that was sealed, agreed to, taken back or examined here, in the order it"
            " happened. Rows are chained: none can be changed or lost without being noticed.",
        )
        said = ui.element("div").props('aria-live="polite"')
        with part("row"):
            check = partial(_check, studio, said)
            button("Check the chain", check, sign="verify", kind="first")
            export = partial(_export, studio, shelf, said)
            button("Export for others to check", export, sign="download")
        chosen = pick("Show", {"": "everything", **KINDS})
        place = ui.element("section").classes("stack")

        def show() -> None:
            place.clear()
            with place:
                try:
                    found = rows(kind=chosen.value, newest=_SHOWN, home=studio.home)
                except MasqueradeError as error:
                    failure(error)
                    return
                _rows(found, narrowed=bool(chosen.value))

        chosen.told.append(show)
        show()


async def _check(studio: Studio, said: ui.element) -> None:
    """Checks every row and says what came of it."""
    said.clear()
    with said:
        block("<span class='busy'></span><span>Checking every row…</span>", "row card")
    try:
        from masquerade.provenance.ledger import verify_ledger

        report = await asyncio.to_thread(verify_ledger, studio.home)
    except MasqueradeError as error:
        said.clear()
        with said:
            failure(error)
        return
    said.clear()
    with said:
        _checked(report)


async def _export(studio: Studio, shelf: Shelf, said: ui.element) -> None:
    """Hands the whole ledger to the browser."""
    from masquerade.provenance.ledger.export import export_ledger

    kept = shelf.place("ledger.jsonl")
    try:
        await asyncio.to_thread(export_ledger, kept.path, home=studio.home)
    except MasqueradeError as error:
        said.clear()
        with said:
            failure(error)
        return
    with said:
        ui.navigate.to(f"{kept.address}?save=1")


def _checked(report: LedgerReport) -> None:
    _, *others = report.lines()
    if report.broken:
        verdict("bad", "The chain is broken", others)
        return
    told = [f"{report.rows} rows, each as it was written, none missing.", *others]
    verdict("good", "The chain is whole", told)


def _rows(found: tuple[LedgerRow, ...], *, narrowed: bool) -> None:
    if not found:
        words = "No row is like that" if narrowed else "Nothing has happened here yet"
        empty("ledger", words, "As soon as something is made or agreed to, it stands here.")
        return
    with part("card"):
        for row in reversed(found):
            _row(row)
    if len(found) == _SHOWN:
        block(f"The newest {_SHOWN} rows. An export holds all of them.", "soft small", tag="p")


def _row(row: LedgerRow) -> None:
    with ui.element("details").classes("more"):
        what, _, told = why(row).partition(": ")
        told = ", ".join(filter(None, (_action(row), told)))
        block(
            f"<span class='number soft small'>{row.seq}</span>{pill(what, _tone(row.kind))}"
            f"<span style='overflow-wrap:anywhere;font-weight:400'>{text(told)}</span>"
            f"<span class='soft small number when'>{text(_minute(row.time))}</span>",
            tag="summary",
        )
        with part("body"):
            said = [(_words(name).capitalize(), _said(one)) for name, one in _body(row).items()]
            block(facts([*said, ("When", f"{row.time[:19].replace('T', ' ')} UTC")]), "small")
            block(
                facts([("Row", row.id), ("About", row.subject), ("Hash", row.hash)]), "mono small"
            )


def _action(row: LedgerRow) -> str:
    """What was done, of a row about the server itself."""
    if row.kind != audit.KIND:
        return ""
    try:
        told = json.loads(row.body)
    except ValueError:
        return ""
    return str(told.get("action", "")) if isinstance(told, dict) else ""


def _tone(kind: str) -> Tone:
    tones: dict[str, Tone] = {
        "output": "good",
        "consent": "told",
        "revoke": "bad",
        "takedown": "bad",
    }
    return tones.get(kind, "open")


def _minute(time: str) -> str:
    return time[:16].replace("T", " ")


def _body(row: LedgerRow) -> dict[str, object]:
    """What a row says, by name."""
    try:
        told = json.loads(row.body)
    except ValueError:
        return {"says": row.body}
    return told if isinstance(told, dict) else {"says": told}


def _said(value: object) -> str:
    """A value for people.

    Example:
        >>> _said([{"kind": "face", "width": 3}, True, None])
        'kind: face, width: 3; yes; none'
    """
    if isinstance(value, dict):
        return ", ".join(f"{_words(name)}: {_said(one)}" for name, one in value.items())
    if isinstance(value, list):
        return "; ".join(map(_said, value)) or "none"
    if value is None or value == "":
        return "none"
    return {"True": "yes", "False": "no"}.get(str(value), str(value))


def _words(name: str) -> str:
    return name.replace("_", " ")
