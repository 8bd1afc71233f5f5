"""Consents: records that were made or handed in, how they stand, and how they are taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from nicegui import ui

from masquerade import personas
from masquerade.errors import MasqueradeError
from masquerade.provenance.consent.revocation import MadeUnder, Revocation, revoke
from masquerade.provenance.consent.words import statements
from masquerade.server.studio import Studio
from masquerade.server.ui.consent_form import Wizard
from masquerade.server.ui.drop import drop_zone
from masquerade.server.ui.fields import write_in
from masquerade.server.ui.frame import frame
from masquerade.server.ui.pieces import (
    block,
    button,
    empty,
    facts,
    failure,
    link,
    more,
    part,
    pill,
    text,
    title,
    verdict,
)
from masquerade.server.ui.records import Filed, closed_personas, filed, hand_in
from masquerade.server.ui.session import shelf_of
from masquerade.server.ui.shelf import Kept, Shelf

_MOST = 1_000_000
_NAMED = 5  # files that are listed


def build(studio: Studio) -> None:
    """The page."""
    shelf = shelf_of(studio)
    with frame("consents"):
        title(
            "Consents",
            "Nobody's face or voice is used without a signed record of what they agreed to. It is"
            " bound to that face or voice, names who may use it and what for, and can be taken back"
            " at any time.",
        )
        place = ui.element("section").classes("stack").props('aria-live="polite"')
        _list(studio, shelf, place)


def _list(studio: Studio, shelf: Shelf, place: ui.element) -> None:
    place.clear()
    with place:
        with part("row"):
            button("New record", lambda: _new(studio, shelf, place), sign="consents", kind="first")
        found = filed(studio.home)
        if not found:
            empty(
                "consents",
                "No records yet",
                "Make one with the person at your side. Personas bring theirs along.",
            )
        for one in found:
            _card(studio, shelf, place, one)
        _bring(studio, shelf, place)
        _personas(studio.home)


def _card(studio: Studio, shelf: Shelf, place: ui.element, one: Filed) -> None:
    record = one.record
    with part("card"):
        stands = pill(one.stands, "bad") if one.fault else pill("in force", "good")
        block(f"<h2>{text(record.subject)}</h2>{stands}", "row between")
        block(f"<p class='soft'>{text(one.words)}</p>")
        if one.fault:
            block(f"<p class='cap'>{text(one.fault)}.</p>")
        with more("What it says, in full"):
            block(facts(statements(record)))
            block(f"<p class='mono soft'>{text(record.id)}</p>")
        with part("row"):
            button("Save a copy", lambda: _save(shelf, one), sign="download")
            button("A page to sign on paper", lambda: _paper(shelf, one), sign="signature")
            if not one.fault:
                button("Take back", lambda: _ask(studio, shelf, place, one), kind="bad")


def _save(shelf: Shelf, one: Filed) -> None:
    kept = shelf.copy(one.path, f"{one.record.subject}.consent")
    ui.navigate.to(f"{kept.address}?save=1")


def _paper(shelf: Shelf, one: Filed) -> None:
    from masquerade.provenance.consent.pdf import export_pdf

    kept = shelf.place(f"{one.record.subject}.pdf")
    try:
        export_pdf(one.record, kept.path)
    except MasqueradeError as error:
        ui.notify(f"{error.found}. {error.todo}", type="negative", multi_line=True)
        return
    ui.navigate.to(f"{kept.address}?save=1")


def _ask(studio: Studio, shelf: Shelf, place: ui.element, one: Filed) -> None:
    """Asks before a consent is taken back: it is for good."""
    place.clear()
    with place, part("card"):
        block(f"<h2>Take back the consent of {text(one.record.subject)}?</h2>")
        block(
            "<p>From then on nothing can be made under it, here at once. What was made"
            " before cannot be unmade, but every check of it will say that its consent was revoked."
            " This cannot be undone.</p>"
        )
        reason = write_in("Why (for the ledger; may stay empty)")

        async def do() -> None:
            try:
                done = await asyncio.to_thread(
                    revoke, one.record.id, str(reason.value).strip(), unknown=True, home=studio.home
                )
            except MasqueradeError as error:
                with place:
                    failure(error)
                return
            _list(studio, shelf, place)
            with place:
                told = _taken_back(done)
                head = f"The consent of {one.record.subject} is taken back"
                verdict("warn", head, told).move(target_index=0)

        with part("row"):
            button("Yes, take it back for good", do, kind="bad")
            button("No, leave it", lambda: _list(studio, shelf, place))


def _taken_back(done: Revocation) -> list[str]:
    """What a revocation comes to, in sentences."""
    said = ["From now on nothing can be made under it here."]
    if done.outputs:
        said.append(
            f"{_counted(done.outputs, 'file was', 'files were')} made under it before:"
            f" {_names(done.outputs)}. Stop showing them, delete your copies, and ask those you"
            " gave them to; whoever verifies one is told."
        )
    else:
        said.append("Nothing had been made under it.")
    learned = (*done.models, *done.facesets)
    if learned:
        said.append(
            f"{_counted(learned, 'network or faceset was', 'networks and facesets were')} learned"
            f" under it: {_names(learned)}. They cannot be used any more; delete them."
        )
    if exported := [one for one in done.models if one.is_exported]:
        said.append(f"Other programs go on loading what was exported: {_names(exported)}.")
    return [
        *said,
        "Other computers do not know of it yet. A file to send them is written by the command"
        f" masquerade consent revoke {done.record_id} --export FILE, on the computer that this"
        " page comes from.",
    ]


def _counted(made: Sequence[MadeUnder], one: str, several: str) -> str:
    return f"1 {one}" if len(made) == 1 else f"{len(made)} {several}"


def _names(made: Sequence[MadeUnder]) -> str:
    names = [Path(one.name).name for one in made]
    return ", ".join(names[:_NAMED]) + (" and others" if len(names) > _NAMED else "")


def _new(studio: Studio, shelf: Shelf, place: ui.element) -> None:
    def made(one: Filed) -> None:
        _list(studio, shelf, place)
        with place:
            verdict(
                "good", f"The record of {one.record.subject} is signed and kept",
                ["It is in the ledger too. You can use it at once, under Make."],
            ).move(target_index=0)  # fmt: skip

    place.clear()
    with place:
        block("<h2>A new record</h2>")
        Wizard(studio, shelf, made).draw()
        button("Leave without a record", lambda: _list(studio, shelf, place), kind="quiet")


def _bring(studio: Studio, shelf: Shelf, place: ui.element) -> None:
    def take(kept: Kept) -> None:
        try:
            one = hand_in(kept.path, studio.home)
        except MasqueradeError as error:
            with place:
                failure(error).move(target_index=0)
            return
        _list(studio, shelf, place)
        with place:
            verdict("good", f"The record of {one.record.subject} is here now", []).move(
                target_index=0
            )

    with more("Bring a record that exists as a file"):
        drop_zone(
            shelf, take, words="Drop a .consent file here", kinds=(".consent",), most_bytes=_MOST,
            small=True,
        )  # fmt: skip


def _persona(name: str, fault: str) -> str:
    """One persona, as markup; no way to use it where its record does not hold."""
    inner = (
        f"<img src='/personas/{name}.jpg' alt=''><b>{name.capitalize()}</b>"
        f"<small>{text(fault or personas.load(name).looks)}</small>"
    )
    if fault:
        return f"<div class='choice' aria-disabled='true'>{inner}</div>"
    return f"<a class='choice' href='/make?persona={name}'>{inner}</a>"


def _personas(home: Path | None) -> None:
    with part("card"):
        block(
            "<h2>Personas</h2><p class='soft'>People who do not exist. Their records come with"
            " them: anybody may use them for anything that policy allows. Press one to swap"
            " with that face.</p>"
        )
        closed = closed_personas(home)
        block("".join(_persona(name, closed.get(name, "")) for name in personas.names()),
              "choices faces")  # fmt: skip
        with part("row"):
            link("Make something with them", "/make", sign="make")
