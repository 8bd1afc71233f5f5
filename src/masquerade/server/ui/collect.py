"""What is learned of one person, with their consent: faces, a voice, ways of moving."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from nicegui import ui

from masquerade import personas
from masquerade.errors import MasqueradeError, UsageError
from masquerade.jobs.types import Job, State
from masquerade.jobs.work import KINDS, kind_of
from masquerade.provenance.canonical import Json
from masquerade.provenance.consent.record import ANY
from masquerade.server.studio import Studio
from masquerade.server.ui.advice import in_page_words, sentence
from masquerade.server.ui.asking import ask
from masquerade.server.ui.consent_pieces import several
from masquerade.server.ui.drop import MOVING, PICTURES, SOUND
from masquerade.server.ui.fields import Field, pick, write_in
from masquerade.server.ui.job_view import STATES, watch
from masquerade.server.ui.library import kept_of, new_place
from masquerade.server.ui.options_form import OptionsForm
from masquerade.server.ui.pieces import (
    block,
    button,
    empty,
    failure,
    link,
    more,
    part,
    pill,
    text,
    trouble,
)
from masquerade.server.ui.records import closed_personas, filed
from masquerade.server.ui.shelf import Kept, Shelf

if TYPE_CHECKING:
    from pydantic import BaseModel

    from masquerade.provenance.consent.records import ConsentRecord
    from masquerade.types import Modality


DEEP: Final = "For those who know how networks learn"


@dataclass(frozen=True, slots=True)
class Collected:
    """One kind of what is learned of a person.

    Attributes:
        kind: The kind of work that does it.
        ending: Of its file.
        asks: Words of the button that begins it.
        heading: Of the form.
        drop: What is to be dropped.
        kinds: Endings of that.
        name: What the file is called where nobody says.
        sign: Shown where there is none yet, with `none` and `hint`.
        none: See there.
        hint: See there.
        use: Address and words of where it is used.
        also: Other kinds of work that make such a file.
        takes: The field of the kind's spec that the files go into.
        first: Options that come before the others in its finer settings; none: it has no settings.
    """

    kind: str
    ending: str
    asks: str
    heading: str
    drop: str
    kinds: tuple[str, ...]
    name: str
    sign: str
    none: str
    hint: str
    use: tuple[str, str] = ("", "")
    also: tuple[str, ...] = ()
    takes: str = "inputs"
    first: tuple[str, ...] = ()

    @property
    def options(self) -> type[BaseModel] | None:
        """What can be chosen about how it is learned, as the kind of work says."""
        if not self.first:
            return None
        found: Any = kind_of(self.kind).Spec.model_fields["options"].annotation
        kind: type[BaseModel] = found
        return kind


_PERSONA: Final = "persona_voice"
FACES: Final = Collected(
    "faceset", ".faceset", "Collect faces", "Whose faces, from what?",
    "Drop videos and photos of that person", (*MOVING, *PICTURES), "faces", "person",
    "No faces yet",
    "A few minutes of video of each person, with their consent, are a good beginning.",
)  # fmt: skip
VOICES: Final = Collected(
    "voice_build", ".mvoice", "Build a voice", "Whose voice, from what?",
    "Drop recordings of that person alone", (*SOUND, *MOVING), "voice", "sound",
    "No voices yet",
    "A minute or two of clear speech of one person, whose record covers the voice.",
    ("/make?what=voice_speak", "Speak with it"), (_PERSONA,),
)  # fmt: skip
PEOPLE: Final = Collected(
    "person", ".person", "Get to know a person", "Who is it, from what?",
    "Drop videos of that person; each file is one occasion", MOVING, "Name", "unmask",
    "Nobody yet",
    "Ten minutes of a consenting person's own footage, of three days, tell whether another video"
    " moves like them. The record names the purpose: examination.",
    ("/unmask", "Examine with it"),
)  # fmt: skip
MOUTH: Final = Collected(
    "train_lips", ".safetensors", "Train a mouth", "Whose mouth, from what?",
    "Drop videos of that person talking, two minutes in all", MOVING, "mouth", "train", "", "",
    takes="footage", first=("iterations",),
)  # fmt: skip
BODY: Final = Collected(
    "train_body", ".mbody", "Train a body", "Which person, from what?",
    "Drop one video of that person from head to foot, moving", MOVING, "body", "train", "", "",
    takes="video", first=("preset", "iterations"),
)  # fmt: skip


def section(studio: Studio, shelf: Shelf, what: Collected, heading: str) -> None:
    """A part of a page: all of one kind, and a form for another."""
    with part("stack", tag="section"):
        block(f"<h2>{text(heading)}</h2>")
        place = ui.element("div").classes("stack")

    def show() -> None:
        place.clear()
        with place:
            found = kept_of(studio, what.kind, *what.also)
            if not found:
                empty(what.sign, what.none, what.hint)
            for job, path in found:
                _card(studio, what, job, path.name, show)
            form = ui.element("div").classes("stack")
            with form:
                button(what.asks, lambda: ask_for(studio, shelf, what, form, show))
            if _PERSONA in what.also and _PERSONA in KINDS:
                _personas_voices(studio, show)

    show()


def _personas_voices(studio: Studio, done: Callable[[], None]) -> None:
    """Voices of people who do not exist, of which nobody has to be asked."""

    def make(name: str) -> None:
        try:
            out = str(new_place(studio, name, VOICES.ending))
            ask(studio, _PERSONA, {"name": name, "out": out})
        except MasqueradeError as error:
            ui.notify(in_page_words(f"{error.found}. {error.todo}"), type="negative")
            return
        done()

    with more("Or take the voice of a persona, who does not exist"), part("row"):
        closed = closed_personas(studio.home)
        for name in personas.voices():
            if name in closed:
                continue
            words = name.capitalize()
            button(words, partial(make, name), name=f"{words}: make the voice of this persona")


def _card(studio: Studio, what: Collected, job: Job, name: str, redraw: Callable[[], None]) -> None:
    if not job.ended:
        watch(studio, job.id, name, lambda _job: redraw())
        return
    words, tone = STATES[job.state]
    with part("card"):
        block(f"<h3>{text(name)}</h3>{pill(words, tone)}", "row between")
        if job.problem is not None:
            block(trouble(job.problem))
        elif job.state is State.DONE:
            said = [in_page_words(one.text) for one in studio.queue.log(job.id)]
            told = [sentence(one.removeprefix(f"{name}: ")) for one in said if "mqc-" not in one]
            block("".join(f"<p class='soft small'>{text(one)}.</p>" for one in told[:2]))
            if what.use[0]:
                link(what.use[1], what.use[0])


def ask_for(
    studio: Studio, shelf: Shelf, what: Collected, form: ui.element, done: Callable[[], None]
) -> None:
    """A form that asks for footage and the record of who is in it; `done` when it was sent."""
    files: list[Kept] = []
    records = _records(studio, what)
    form.clear()
    with form, part("card"):
        block(f"<h3>{text(what.heading)}</h3>")
        if not records:
            block("<p>There is no record yet that covers this: it is made with the person.</p>")
            with part("row"):
                link("Make a record", "/consents", sign="consents")
                button("Leave it", done, kind="quiet")
            return
        with part("grid2"):
            name = write_in("A name for it", what.name)
            record = pick(
                "Consent record of the person",
                {key: one.words for key, one in records.items()},
                closed=_closed(studio, what),
            )
            purpose = _Purpose(what, record, records)
        most = studio.settings.upload_mb * 1_000_000
        several(shelf, files, what.drop, what.kinds, most, "")
        settings = _settings(what, shelf)
        said = ui.element("div")

        def begin() -> None:
            said.clear()
            with said:
                try:
                    spec = _spec(studio, what, files, name, record) | purpose.spec()
                    spec |= {"options": settings.values()} if settings is not None else {}
                    ask(studio, what.kind, spec)
                except MasqueradeError as error:
                    failure(error)
                    return
            done()

        with part("row"):
            button("Begin", begin, kind="first")
            button("Leave it", done, kind="quiet")


def _settings(what: Collected, shelf: Shelf) -> OptionsForm | None:
    """Fields for how it is learned, where the kind of work has any."""
    if what.options is None:
        return None
    form = OptionsForm(what.options, shelf, most_bytes=1, first=what.first)
    form.draw(deep=DEEP)
    return form


def _spec(
    studio: Studio, what: Collected, files: list[Kept], name: Field, record: Field
) -> dict[str, Json]:
    if not files:
        raise UsageError("there is nothing to learn from", what.drop.lower(), "drop a file")
    listed: list[Json] = [str(one.path) for one in files]
    one_alone = what.takes == BODY.takes
    if one_alone and len(listed) > 1:
        raise UsageError(f"{len(listed)} videos", "one", "take the others away")
    spec: dict[str, Json] = {
        what.takes: listed[0] if one_alone else listed,
        "consents": [str(record.value)],
        "out": str(new_place(studio, str(name.value), what.ending)),
    }
    return spec | {"name": str(name.value)} if what is PEOPLE else spec


class _Purpose:
    """What the work is for: asked where it has to be stated, and the record names several.

    State of a part of one form.
    """

    def __init__(self, what: Collected, record: Field, records: Mapping[str, _Covering]) -> None:
        self._record, self._records = record, records
        self._chosen: Field | None = None
        self._place = ui.element("div")
        if "purpose" in kind_of(what.kind).Spec.model_fields:
            record.told.append(self._show)
            self._show()

    def spec(self) -> dict[str, Json]:
        """It, as a job's spec takes it."""
        return {"purpose": str(self._chosen.value)} if self._chosen is not None else {}

    def _show(self) -> None:
        self._place.clear()
        named = self._records[str(self._record.value)].purposes
        self._chosen = None
        if len(named) > 1:
            with self._place:
                self._chosen = pick("What is it for?", named)


@dataclass(frozen=True, slots=True)
class _Covering:
    """A record that may cover what is learned: its words in a list, and the purposes it names."""

    words: str
    purposes: tuple[str, ...] = ()


def _records(studio: Studio, what: Collected) -> dict[str, _Covering]:
    """Records that may cover it by their files, personas' own where faces are learned."""
    found = {
        str(one.path): _Covering(
            one.words, tuple(word for word in one.record.purposes if word != ANY)
        )
        for one in filed(studio.home)
        if not one.fault and _lent(what) in one.record.modality and _may_lend(what, one.record)
    }
    if what is FACES:
        closed = closed_personas(studio.home)
        for name in personas.names():
            if name not in closed:
                record = str(personas.load(name).consent)
                found[record] = _Covering(f"{name.capitalize()}, a persona")
    return found


def _closed(studio: Studio, what: Collected) -> list[str]:
    """Records that would cover it and do not hold any more, in words."""
    return [
        one.closed_words
        for one in filed(studio.home)
        if one.fault and _lent(what) in one.record.modality
    ]


def _lent(what: Collected) -> Modality:
    """What a record has to cover."""
    if what is VOICES:
        return "voice"
    return "body" if what is BODY else "face"


def _may_lend(what: Collected, record: ConsentRecord) -> bool:
    """Whether the kind of record is one of somebody who lends it; footage has performers too."""
    return what is FACES or record.kind.value != "performer"
