"""A face between several people's: their photos, a record of each, and how much each counts."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from nicegui import ui

from masquerade import personas
from masquerade.errors import ConsentError, MasqueradeError, UsageError
from masquerade.provenance.consent.record import ANY
from masquerade.server.studio import Studio
from masquerade.server.ui.asking import ask
from masquerade.server.ui.drop import PICTURES, drop_zone
from masquerade.server.ui.fields import Field, pick, slide
from masquerade.server.ui.filecard import file_card
from masquerade.server.ui.job_view import watch
from masquerade.server.ui.label_fields import label_fields
from masquerade.server.ui.make_result import show_result
from masquerade.server.ui.pieces import block, button, failure, link, more, part, text
from masquerade.server.ui.records import Filed, closed_personas, filed
from masquerade.server.ui.shelf import Kept, Shelf

MORPH: Final = "morph"
MORPH_SAYS: Final = ("Mix faces", "One face between two people's, or the mean of several.")
_MOST: Final = 64
_NOBODY: Final = "nobody's yet"


class MorphForm:
    """What has been chosen so far; state of one form on one page."""

    def __init__(self, studio: Studio, shelf: Shelf) -> None:
        self._studio, self._shelf = studio, shelf
        self.photos: list[Kept] = []
        self.records: dict[str, Field] = {}  # by the id of a photo
        self._of: dict[str, str] = {}  # the persona of a photo, by its id
        self._known: dict[str, Filed] = {}
        self._purpose: Field | None = None
        self.share = Field(0.5)

    def draw(self) -> None:
        """Puts the form on the page."""
        with part("steps"):
            with part("step card", tag="section"):
                block("<h2>The people</h2>", "title")
                block(
                    "<p class='soft small'>A photo of each, towards the camera. The first one's"
                    " hair, clothes and background stay; everybody has to have agreed.</p>"
                )
                self._cards = ui.element("div").classes("stack").props('aria-live="polite"')
                self._drop()
            with part("step card", tag="section"):
                block("<h2>How</h2>", "title")
                self._how = ui.element("div").classes("stack")
                with more("The label that people see"), part("grid2"):
                    self._label, self._language = label_fields()
            with part("step card", tag="section"):
                block("<h2>Make it</h2>", "title")
                with part("row"):
                    button("Make it", self._make, sign="make", kind="first")
        self._place = ui.element("div").classes("stack")
        self._show()

    def spec(self) -> dict[str, Any]:
        """What is asked for, as a job takes it.

        Raises:
            UsageError: There are too few or too many photos.
            ConsentError: Somebody has not agreed.
        """
        if not 2 <= len(self.photos) <= _MOST:
            raise UsageError(
                f"{len(self.photos)} of at least two photos are there",
                f"2 to {_MOST} photos, one person each",
                "drop photos, or take personas",
            )
        consents: list[str] = []
        for one in self.photos:
            path = self._record_of(one)
            consents += [path] if path not in consents else []
        spec: dict[str, Any] = {
            "photos": [str(one.path) for one in self.photos],
            "consents": consents,
            "purpose": str(self._purpose.value) if self._purpose is not None else "",
            "label": self._label.value,
            "label_language": self._language.value,
        }
        if len(self.photos) == 2:
            spec["share"] = float(self.share.value)
        return spec

    def add_persona(self, name: str) -> None:
        """Takes a persona's portrait, whose record comes with it."""
        kept = self._shelf.copy(personas.load(name).picture, f"{name}.jpg")
        self._of[kept.id] = name
        self._take(kept)

    def _record_of(self, photo: Kept) -> str:
        if photo.id in self._of:
            return str(personas.load(self._of[photo.id]).consent)
        found = self._known.get(str(self.records[photo.id].value))
        if found is None:
            raise ConsentError(
                f"nobody's consent is chosen for {photo.name}",
                "a record of the person in that photo",
                "pick it beside the photo, or make one on the Consents page",
            )
        return str(found.path)

    def _drop(self) -> None:
        drop_zone(
            self._shelf, self._take, words="Drop photos here", kinds=PICTURES,
            most_bytes=self._studio.settings.upload_mb * 1_000_000, several=True, small=True,
        )  # fmt: skip
        with more("No photos at hand? Use personas' portraits"), part("row"):
            closed = closed_personas(self._studio.home)
            for name in personas.names():
                if name not in closed:
                    button(name.capitalize(), partial(self.add_persona, name))

    def _take(self, kept: Kept) -> None:
        self.photos.append(kept)
        self._show()

    def _away(self, kept: Kept) -> None:
        self.photos.remove(kept)
        self.records.pop(kept.id, None)
        self._shelf.drop(kept.id)
        self._show()

    def _show(self) -> None:
        """The photos, each with whose record covers it."""
        found = [one for one in filed(self._studio.home) if "face" in one.record.modality]
        self._known = {one.record.id: one for one in found if not one.fault}
        self._closed = [one.closed_words for one in found if one.fault]
        self._cards.clear()
        with self._cards:
            for one in self.photos:
                file_card(one, on_drop=partial(self._away, one))
                self._who(one)
        self._choose_how()

    def _who(self, photo: Kept) -> None:
        if photo.id in self._of:
            name = self._of[photo.id].capitalize()
            block(f"<p class='soft small'>{text(name)} does not exist; nobody has to be asked.</p>")
            return
        chosen = self.records[photo.id].value if photo.id in self.records else ""
        words = {"": _NOBODY, **{key: one.words for key, one in self._known.items()}}
        made = pick(
            f"Consent record of the person in {photo.name}", words, str(chosen), closed=self._closed
        )
        self.records[photo.id] = made
        made.told.append(self._choose_how)
        if not self._known:
            link("Make a record", "/consents", sign="consents")

    def _choose_how(self) -> None:
        """How much the second counts, and what it is for where a record names several purposes."""
        chosen = [self._known.get(str(one.value)) for one in self.records.values()]
        named = [
            word for one in chosen if one for word in one.record.purposes if word != ANY
        ]  # fmt: skip
        named = list(dict.fromkeys(named))
        before, self._purpose = float(self.share.value), None
        self._how.clear()
        with self._how:
            if len(self.photos) == 2:
                self.share = slide(
                    "How much the second face counts", before, 0.05, 1, step=0.05, unit="%",
                    why="50 %: the face between both.",
                )  # fmt: skip
            else:
                block("<p class='soft'>Every face counts alike.</p>")
            if len(named) > 1:
                self._purpose = pick("What is it for?", named)

    def _make(self) -> None:
        self._place.clear()
        with self._place:
            try:
                spec = self.spec()
                stem = "-".join(one.path.stem for one in self.photos[:2])
                spec["out"] = str(self._shelf.place(f"{stem}-mixed.png").path)
                job = ask(self._studio, MORPH, spec)
            except MasqueradeError as error:
                failure(error)
                return
            watch(
                self._studio, job.id, "Mixing faces", lambda done: show_result(self._studio, done)
            )
