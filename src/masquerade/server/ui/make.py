"""Make: files go in, whoever is concerned has agreed, and a sealed file is made."""

from __future__ import annotations

from typing import Any, Final, Literal

from nicegui import ui

from masquerade import personas
from masquerade.errors import MasqueradeError, UsageError
from masquerade.jobs.types import Job
from masquerade.jobs.work import kind_of
from masquerade.provenance.canonical import Json
from masquerade.server.studio import Studio
from masquerade.server.ui.asking import ask
from masquerade.server.ui.fields import Field, pick
from masquerade.server.ui.frame import frame
from masquerade.server.ui.job_view import watch
from masquerade.server.ui.label_fields import label_fields
from masquerade.server.ui.library import USED_BY, chosen_from
from masquerade.server.ui.make_choices import Choices
from masquerade.server.ui.make_consent import ConsentPart
from masquerade.server.ui.make_files import FilesPart
from masquerade.server.ui.make_inspect import Inspection
from masquerade.server.ui.make_morph import MORPH, MORPH_SAYS, MorphForm
from masquerade.server.ui.make_preview import Preview
from masquerade.server.ui.make_result import show_result
from masquerade.server.ui.make_task import Task, families, name_of, out_name, tasks
from masquerade.server.ui.options_form import OptionsForm
from masquerade.server.ui.pieces import (
    block,
    button,
    failure,
    into_view,
    more,
    part,
    text,
    title,
    to_what_is_wrong,
)
from masquerade.server.ui.session import shelf_of
from masquerade.server.ui.shelf import Shelf

_MODEL: Final = "model"  # the option that names a network of the library
_ALL: Final[dict[str, Literal["styles", "effects"]]] = {"style": "styles", "edit": "effects"}
_LIKE: Final = {"style": "Or drop a picture in whose style to paint"}
_PERSON: Final = {
    "auto": "the only one there",
    "largest": "the largest face",
    "left": "the one on the left",
    "centre": "the one in the middle",
    "right": "the one on the right",
    "everyone": "everyone",
}


def build(studio: Studio) -> None:
    """The page; ``?job=`` shows what came of a job."""
    shelf = shelf_of(studio)
    with frame("make"):
        title(
            "Make",
            "Choose what to make and drop your files. Nothing is made without consent, and all that"
            " is made is labelled, watermarked and signed.",
        )
        request = ui.context.client.request
        asked = dict(request.query_params) if request is not None else {}
        if "job" in asked:
            _old(studio, asked["job"])
            return
        page = MakePage(studio, shelf, model=asked.get("model", ""), what=asked.get("what", ""))
        page.draw()
        if asked.get("persona", "") in personas.names():
            page.files.choose_persona(asked["persona"])


def _old(studio: Studio, job_id: str) -> None:
    try:
        job = studio.queue.show(job_id, owner="")
        if kind_of(job.kind).gives != "media":
            raise UsageError("that job made no picture, film or sound", "one that did")
    except MasqueradeError as error:
        failure(error)
        return
    watch(studio, job.id, "Making it", lambda done: show_result(studio, done))


class MakePage:
    """One form on one page: what has been chosen so far.

    Args:
        studio: Where jobs go.
        shelf: Where files are.
        model: The training whose network is to be used.
        what: The method that is shown at first.
    """

    def __init__(self, studio: Studio, shelf: Shelf, *, model: str = "", what: str = "") -> None:
        self._studio, self._shelf = studio, shelf
        self._models = chosen_from(studio, "train")
        self._made_for, self._model = _made_by(studio, model) if model else ("", "")
        self._what = what
        self._task: Task | None = None
        self._most = studio.settings.upload_mb * 1_000_000

    def draw(self) -> None:
        """Puts the form on the page."""
        with part("card", tag="section"):
            block("<h2>What would you like to make?</h2>")
            with part("choices") as choices:
                choices.props('role="radiogroup" aria-label="What to make"')
                for name, words, says in families():
                    self._family(choices, name, words, says)
                self._family(choices, MORPH, *MORPH_SAYS)
        self._form = ui.element("div").classes("stack")
        self._place = ui.element("div").classes("stack")
        first = tasks(self._first)
        learned = [one for one in first if _MODEL in one.module.Options.model_fields]
        asked = [one for one in first if one.method == self._what]
        self.choose((asked or (learned if self._model else []) or first)[0])

    @property
    def _first(self) -> str:
        """The family that is shown at first: that of what was asked for."""
        names, asked = [one[0] for one in families()], self._what.partition("_")[0]
        return self._made_for or (asked if asked in names else names[0])

    def _family(self, choices: ui.element, name: str, words: str, says: str) -> None:
        first = name == self._first
        made = block(f"<b>{text(words)}</b><small>{text(says)}</small>", "choice", tag="button")
        made.props(f'type="button" role="radio" aria-checked="{str(first).lower()}"')

        def choose() -> None:
            if made.props.get("aria-checked") == "true":  # what was chosen in it would be lost
                return
            for one in choices.default_slot.children:
                one.props["aria-checked"] = "true" if one is made else "false"
                one.update()
            if name == MORPH:
                self._morph()
            else:
                self.choose(tasks(name)[0])

        made.on("click", choose)

    def _morph(self) -> None:
        """Draws the form of a face between several."""
        self._task = None
        self._form.clear()
        self._place.clear()
        with self._form:
            MorphForm(self._studio, self._shelf).draw()

    def choose(self, task: Task) -> None:
        """Draws the form of a method."""
        self._task = task
        self._form.clear()
        self._place.clear()
        with self._form, part("steps"):
            self._files_step(task)
            if task.wants_consent:
                self._consent_step(task)
            self._how_step(task)
            self._end_step(task)

    def _files_step(self, task: Task) -> None:
        with _step("The files"):
            self.files = FilesPart(self._studio, self._shelf, task, model=self._model)
            self.files.draw()

    def _consent_step(self, task: Task) -> None:
        with _step("Who has agreed?"):
            self._consent = ConsentPart(self._studio, self._shelf, task, self.files)
            self._consent.draw()

    def _how_step(self, task: Task) -> None:
        same = tasks(task.method.partition("_")[0])
        with _step("How"):
            if len(same) > 1:
                self._methods(task, same)
            if "person" in task.takes and task.wants_consent:
                self._person: Field | None = pick("Whom to change", _PERSON)
            else:
                self._person = None
            self._choices = Choices(task)
            with part("grid2"):
                self._choices.draw()
            learned = bool(self._models) and _MODEL in task.module.Options.model_fields
            words = _vocabulary(task)  # which of them it is to be has to be said: effects, styles
            self._options = OptionsForm(
                task.module.Options,
                self._shelf,
                most_bytes=self._most,
                words=words,
                offers={_MODEL: self._models},
                chosen={_MODEL: self._model},
                drop=_LIKE.get(task.method, ""),
            )
            if task.module.Options.model_fields:
                with more("Settings" if words else "Finer settings", opened=learned or bool(words)):
                    self._options.draw(on_change=lambda: self._preview_changed())
            with more("The label that people see"), part("grid2"):
                self._label, self._language = label_fields()

    def _methods(self, task: Task, same: list[Task]) -> None:
        with part("choices") as choices:
            choices.props('role="radiogroup" aria-label="Method"')
            for one in same:
                made = block(
                    f"<b>{text(name_of(one))}</b><small>{text(one.summary)}</small>",
                    "choice",
                    tag="button",
                )
                checked = str(one.method == task.method).lower()
                made.props(f'type="button" role="radio" aria-checked="{checked}"')
                if one.method != task.method:  # what was chosen in this one would be lost
                    made.on("click", lambda one=one: self.choose(one))

    def _end_step(self, task: Task) -> None:
        with _step("Look, then make it" if task.previewed or task.inspected else "Make it"):
            self._preview = None
            if task.inspected:
                Inspection(self._studio, self._shelf, self.files, self._who).draw()
            if task.previewed:
                self._preview = Preview(self._studio, self._shelf, self.spec)
                self._preview.draw(all_of=_ALL.get(task.method))
            with part("row"):
                self._button = button("Make it", self._make, sign="make", kind="first")

    def _who(self) -> str:
        """Whom to change, as it was chosen."""
        return self._person.value if self._person is not None else "auto"

    def _preview_changed(self) -> None:
        if self._preview is not None:
            self._preview.changed()

    def spec(self) -> dict[str, Json]:
        """What is asked for, as a job takes it.

        Raises:
            UsageError: Something is missing, or does not fit.
        """
        task = self._task
        if task is None:
            raise UsageError("nothing is chosen to be made", "one of the choices at the top")
        spec: dict[str, Any] = self.files.spec()
        if task.kind == "make":
            spec["method"] = task.method
        if task.wants_consent:
            spec |= self._consent.spec()
        spec |= self._choices.spec()
        spec["options"] = self._options.values()
        spec["label"], spec["label_language"] = self._label.value, self._language.value
        if self._person is not None:
            spec["person"] = self._person.value
        return spec

    def _make(self) -> None:
        self._place.clear()
        with self._place:
            try:
                spec = self.spec()
                target = self.files.target
                name = "spoken-masquerade.wav"
                if target is not None and self._task is not None:
                    name = out_name(target, self._task)
                spec["out"] = str(self._shelf.place(name).path)
                job = ask(self._studio, self._task.kind if self._task else "make", spec)
            except MasqueradeError as error:
                failure(error)
                to_what_is_wrong()
                return
            watch(self._studio, job.id, f"Making {name}", self._done)
            into_view(self._place)

    def _done(self, job: Job) -> None:
        show_result(self._studio, job)


def _made_by(studio: Studio, job_id: str) -> tuple[str, str]:
    """The family that uses what a training made, and its file."""
    try:
        job = studio.queue.show(job_id, owner="")
    except MasqueradeError:  # of a list that was swept meanwhile
        return "", ""
    return USED_BY.get(job.kind, ""), str(job.spec.get("out", ""))


def _vocabulary(task: Task) -> dict[str, str]:
    from masquerade import registry

    return dict(registry.vocabulary(task.module))


def _step(words: str) -> ui.element:
    made = ui.element("section").classes("step card")
    with made:
        block(f"<h2>{text(words)}</h2>", "title")
    return made
