"""Who has agreed to something to be made: a persona by itself, a person by a record."""

from __future__ import annotations

from typing import Any, Final

from nicegui import ui

from masquerade import personas, registry
from masquerade.errors import ConsentError
from masquerade.provenance.consent.record import ANY
from masquerade.server.studio import Studio
from masquerade.server.ui.consent_form import Wizard
from masquerade.server.ui.fields import Field, complaint, pick, refusing
from masquerade.server.ui.icons import icon
from masquerade.server.ui.make_files import FilesPart
from masquerade.server.ui.make_task import Task
from masquerade.server.ui.pieces import block, button, part, text
from masquerade.server.ui.records import Filed, closed_personas, filed, of_personas
from masquerade.server.ui.shelf import Shelf

_PERFORMER = "performer"
_COVERS: Final = {"face": "the face", "voice": "the voice", "body": "the whole body"}


class ConsentPart:
    """The records that were chosen so far; state of a part of one form."""

    def __init__(self, studio: Studio, shelf: Shelf, task: Task, files: FilesPart) -> None:
        self._studio, self._shelf, self._task, self._files = studio, shelf, task, files
        self._record: Field | None = None
        self._others: list[Field] = []
        self._purpose: Field | None = None
        self._known: dict[str, Filed] = {}
        self._closed: list[Filed] = []
        self._asked = Field("")

    def draw(self) -> None:
        """Puts the part on the page, and keeps it in step with the files."""
        self._place = ui.element("div").classes("stack").props('aria-live="polite"')
        self._files.told.append(self._show)
        self._show()

    def spec(self) -> dict[str, Any]:
        """The records, and what it is for.

        Raises:
            ConsentError: Nobody's record is chosen.
        """
        if self._task.carries_consent:
            purpose = str(self._purpose.value) if self._purpose is not None else ""
            return {"consents": [], "purpose": purpose}
        persona = self._persona()
        chosen = [str(personas.load(persona).consent)] if persona else []
        if not persona:
            with refusing(self._asked):
                chosen.append(str(self._picked().path))
        for field in self._others:
            if field.value and str(self._known[str(field.value)].path) not in chosen:
                chosen.append(str(self._known[str(field.value)].path))
        purpose = str(self._purpose.value) if self._purpose is not None else ""
        return {"consents": chosen, "purpose": purpose}

    def _picked(self) -> Filed:
        one = self._known.get(str(self._record.value)) if self._record else None
        if one is None:
            raise ConsentError(
                "nobody's consent is on record for this",
                "a record of the person whose face or voice is used",
                "pick a record, or make a new one with the person at your side",
            )
        return one

    def _persona(self) -> str:
        """The persona whose own record covers it; empty where a person's has to."""
        if self._task.wants_source:
            return self._files.persona
        return self._files.target_persona if registry.portrays_target(self._task.module) else ""

    def _show(self) -> None:
        self._place.clear()
        self._record = self._purpose = None
        self._others = []
        found = filed(self._studio.home)
        if self._task.wants_source and not self._task.source_needed:  # a network may show one
            found += of_personas(self._studio.home)
        self._known = {one.record.id: one for one in found if not one.fault}
        self._closed = [one for one in found if one.fault]
        persona = self._persona()
        self._asked = Field("")
        with self._place:
            if self._task.carries_consent:
                self._carried()
                return
            closed = closed_personas(self._studio.home)
            if persona in closed:
                block(f"<p>{persona.capitalize()} cannot be used: {text(closed[persona])}.</p>")
            elif persona:
                block(
                    f"<span class='state good'>{icon('check')}</span><p>{persona.capitalize()}"
                    f" does not"
                    " exist. The persona's own record is used; nobody has to be asked.</p>",
                    "row",
                ).style("flex-wrap:nowrap")
            else:
                self._pick()
            self._pick_others()

    def _carried(self) -> None:
        block(
            f"<span class='state good'>{icon('check')}</span><p>The voice carries the record of the"
            " person whose it is; it is checked each time that the voice is used.</p>",
            "row",
        ).style("flex-wrap:nowrap")
        voiced = [one.record for one in self._known.values() if one.record.voices]
        named = dict.fromkeys(word for one in voiced for word in one.purposes if word != ANY)
        if named:
            none = {"": "the only purpose that the record names"}
            self._purpose = pick("What is it for?", {**none, **{one: one for one in named}})

    def _pick(self) -> None:
        lent = self._task.lends
        fitting = {
            key: one.words
            for key, one in self._known.items()
            if one.record.kind.value != _PERFORMER and lent in one.record.modality
        }
        closed = [one.closed_words for one in self._closed if lent in one.record.modality]
        if not fitting:
            covers = _COVERS[lent]
            block(f"<p>There is no record yet that covers {covers} of the person who is used.</p>")
            block("".join(f"<p class='soft small'>{text(one)}</p>" for one in closed))
            complaint(self._asked)
        else:
            with part("grid2"):
                self._asked = self._record = pick("Consent record", fitting, closed=closed)
                purposes = ui.element("div")
            self._record.told.append(lambda: self._purposes(purposes))
            self._purposes(purposes)
        button("Make a record now", self._wizard, sign="consents")

    def _purposes(self, place: ui.element) -> None:
        """Asks what it is for, where the record names several purposes."""
        one = self._known[str(self._record.value)] if self._record else None
        place.clear()
        self._purpose = None
        named = [word for word in one.record.purposes if word != ANY] if one else []
        if len(named) > 1:
            with place:
                self._purpose = pick("What is it for?", named)

    def _pick_others(self) -> None:
        """Whoever is heard, or seen in the footage, may have to agree as well."""
        if "speech" in self._task.takes and not self._files.is_text:
            heard = {key: one.words for key, one in self._known.items() if one.record.voices}
            self._others.append(
                pick(
                    "Record of whoever is heard in the recording",
                    {"": "the same person", **heard},
                    why="It has to cover the voice.",
                )
            )
        self._pick_performer()

    def _pick_performer(self) -> None:
        """Whoever is replaced, or seen in the footage, has a record of their own."""
        needed = registry.performs_target(self._task.module)
        records = {
            key: one.words
            for key, one in self._known.items()
            if one.record.kind.value == _PERFORMER or (needed and _permits_more(one))
        }
        shows_film = needed or self._task.wants_source or "speech" in self._task.takes
        if not (records or needed) or not shows_film or self._task.kind == "portrait":
            return
        none = "none: the record above is theirs too" if needed else "none"
        why = (
            "Whoever moves in the film lends their movements and has agreed as well: a record of"
            " the kind “the person in the footage”, with a photo of their face and the whole body."
            if needed
            else "Where the person in the film signed one as well."
        )
        words = "Record of whoever is replaced" if needed else "Record of the performer in the film"
        closed = [one.closed_words for one in self._closed if one.record.kind.value == _PERFORMER]
        self._others.append(pick(words, {"": none, **records}, why=why, closed=closed))

    def _wizard(self) -> None:
        def made(one: Filed) -> None:
            self._show()
            if self._record is not None:
                self._record.take(one.record.id)
            ui.notify(f"The record of {one.record.subject} is signed and kept.", type="positive")

        self._place.clear()
        with self._place:
            Wizard(self._studio, self._shelf, made).draw()
            button("Back", self._show, kind="quiet")


def _permits_more(one: Filed) -> bool:
    """Whether a subject's record permits what a performer's would, for a whole body."""
    return one.record.kind.value == "subject" and "body" in one.record.modality
