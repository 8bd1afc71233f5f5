"""The files of something to be made: whose face, which picture or film, which recording or text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, Final

from nicegui import ui

from masquerade import personas
from masquerade.errors import UsageError
from masquerade.server.studio import Studio
from masquerade.server.ui.drop import MOVING, PICTURES, SOUND, drop_zone
from masquerade.server.ui.fields import Field, group, pick, refusing
from masquerade.server.ui.filecard import file_card
from masquerade.server.ui.library import USED_BY, chosen_from
from masquerade.server.ui.make_said import SaidPart
from masquerade.server.ui.make_task import Task
from masquerade.server.ui.pieces import block, button, more, part
from masquerade.server.ui.records import closed_personas
from masquerade.server.ui.shelf import Kept, Shelf

_MODELS = (".mface",)
_HEARD: Final = ("recording", (*SOUND, *MOVING))
_TARGETS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "body": ("video", MOVING),
    "lipsync": ("video", MOVING),
    "portrait": ("photo", PICTURES),
    "voice_convert": _HEARD,
    "voice_disguise": _HEARD,
}
_FILES: Final[Mapping[str, tuple[str, str, tuple[str, ...]]]] = {
    "source": (
        "A photo of the whole person who is to be seen",
        "From head to foot and from the front, arms a little away, hands empty, before a plain"
        " wall.",
        PICTURES,
    ),
    "source_video": (
        "Or a video of them",
        "Half a minute to a minute, the whole figure: arms and legs apart at first, a full turn,"
        " then movements like those in the video above. Even light, camera still, at hip height.",
        MOVING,
    ),
    "holdout": (
        "A matte of what stays in front, if you have one",
        "Made by hand, as long as the video, or one picture: white stays, but for the head.",
        (*MOVING, *PICTURES),
    ),
}
"""Words, what it should be like, and endings, of files besides the one that is changed."""


class FilesPart:
    """The files that were chosen so far; state of a part of one form."""

    def __init__(self, studio: Studio, shelf: Shelf, task: Task, *, model: str = "") -> None:
        self._studio, self._shelf, self._task = studio, shelf, task
        self._model, self._network = model, Field("")
        self._most = studio.settings.upload_mb * 1_000_000
        self.persona = ""
        self.target_persona = ""
        self.sources: list[Kept] = []
        self.target: Kept | None = None
        self.more: dict[str, list[Kept]] = {}
        self._asked: dict[str, Field] = {}
        self._said = SaidPart(studio, shelf, task)
        self.told: list[Callable[[], None]] = []
        self._show_source = self._show_target = self._changed

    def draw(self) -> None:
        """Puts the fields on the page."""
        takes = self._task.takes
        with part("grid2"):
            if self._task.wants_source:
                self._source()
            if "target" in takes:
                self._target()
            if self._said.asks:
                self._said.draw()
                self._said.how.told.append(self._changed)
            for name in (*self._task.files, *self._task.files_besides):
                usual = (name.replace("_", " ").capitalize(), "", ())
                self._one(name, *_FILES.get(name, usual))
            if "model" in takes:
                self._networks()

    def spec(self) -> dict[str, Any]:
        """What was chosen, as a job's spec takes it.

        Raises:
            UsageError: A file is missing.
        """
        spec: dict[str, Any] = {}
        takes = self._task.takes
        if self._task.wants_source:
            spec["sources"] = self.source_paths()
        if "target" in takes:
            with refusing(self._asked.get("target")):
                spec["target"] = str(self._given_target().path)
        if self._said.asks:
            spec |= self._said.spec()
        given = {name: str(files[-1].path) for name, files in self.more.items() if files}
        wanted = set(self._task.files)
        missing = wanted - given.keys()
        if missing and not (self._task.one_of_files and wanted & given.keys()):
            first = min(missing)
            words = _FILES.get(first, (first,))[0]
            with refusing(self._asked.get(first)):
                raise UsageError(f"a file is missing: {words}", "one", "drop it")
        if self._network.value:
            spec["model"] = str(self._network.value)
        return spec | given

    def _given_target(self) -> Kept:
        if self.target is None:
            raise UsageError("there is no file to change", "a picture, video or sound", "drop one")
        return self.target

    @property
    def is_text(self) -> bool:
        """Whether what is said is a text, in the place of a recording."""
        return self._said.is_text

    def source_paths(self) -> list[str]:
        """Photos and videos of whose face it is.

        Raises:
            UsageError: There is none.
        """
        if self.persona:
            return [str(personas.load(self.persona).picture)]
        with refusing(self._asked.get("source")):
            if not self.sources and self._task.source_needed:
                raise UsageError(
                    "nobody's face is chosen",
                    "a persona, or photos or a video of a person",
                    "choose one",
                )
        return [str(one.path) for one in self.sources]

    def _changed(self) -> None:
        for one in self.told:
            one()

    def _source(self) -> None:
        asked = self._asked["source"] = Field("")
        why = "Somebody who does not exist, or a person who has agreed."
        with group("Whose face?", made=asked, why=why):
            chosen = ui.element("div").classes("stack tight")

            def take(kept: Kept) -> None:
                asked.complain("")
                self.persona = ""
                self.sources.append(kept)
                show()

            def away(kept: Kept) -> None:
                self.sources.remove(kept)
                show()

            def show() -> None:
                chosen.clear()
                with chosen:
                    closed = closed_personas(self._studio.home)
                    _persona_choices(self.persona, self.choose_persona, closed)
                    for one in self.sources:
                        file_card(one, on_drop=partial(away, one))
                self._changed()

            self._show_source = show
            show()
            drop_zone(
                self._shelf, take, words="Or drop photos or a video of a person",
                kinds=(*PICTURES, *MOVING, *_MODELS), most_bytes=self._most, several=True,
                small=True,
            )  # fmt: skip

    def _target(self) -> None:
        words, kinds = _TARGETS.get(self._task.kind, ("picture or video", (*MOVING, *PICTURES)))
        asked = self._asked["target"] = Field("")
        why = "The file that is changed. The original stays as it is."
        with group(f"Which {words}?", made=asked, why=why):
            chosen = ui.element("div").classes("stack tight")

            def take(kept: Kept) -> None:
                asked.complain("")
                self.target, self.target_persona = kept, ""
                show()

            def away() -> None:
                self.target, self.target_persona = None, ""
                show()

            def show() -> None:
                chosen.clear()
                with chosen:
                    if self.target is not None:
                        file_card(self.target, on_drop=away)
                self._changed()

            self._show_target = show
            show()
            drop_zone(
                self._shelf, take, words="Drop the file here", kinds=kinds, most_bytes=self._most,
                small=True,
            )  # fmt: skip
            if PICTURES[0] in kinds:
                self._try_with()

    def choose_persona(self, name: str) -> None:
        """Takes a persona's face in the place of anybody's; the same one again takes it away."""
        if name in closed_personas(self._studio.home):
            return
        self.persona = "" if self.persona == name else name
        if self.persona:
            self._asked["source"].complain("")
            self.sources.clear()
        self._show_source()

    def choose_target(self, name: str) -> None:
        """Takes a persona's portrait as the file that is changed."""
        self._asked["target"].complain("")
        self.target_persona = name
        self.target = self._shelf.copy(personas.load(name).picture, f"{name}.jpg")
        self._show_target()

    def _try_with(self) -> None:
        with more("No file at hand? Use a persona's portrait"), part("row"):
            for name in personas.names():
                button(name.capitalize(), partial(self.choose_target, name))

    def _networks(self) -> None:
        """A network of the person that was trained here, where there is one."""
        kinds = [kind for kind, family in USED_BY.items() if family == self._task.kind]
        known = chosen_from(self._studio, *kinds)
        if known:
            self._network = pick(
                "A network that was trained here",
                {"": "none", **known},
                self._model,
                why="It has to be of the same person, who is drawn better with it.",
            )

    def _one(self, name: str, words: str, why: str, kinds: tuple[str, ...]) -> None:
        files, asked = self.more.setdefault(name, []), Field("")
        self._asked[name] = asked
        with group(words, made=asked, why=why):
            chosen = ui.element("div")

            def take(kept: Kept) -> None:
                asked.complain("")
                files[:] = [kept]
                show()

            def away() -> None:
                files.clear()
                show()

            def show() -> None:
                chosen.clear()
                with chosen:
                    for one in files:
                        file_card(one, on_drop=away)

            drop_zone(
                self._shelf,
                take,
                words="Drop it here",
                kinds=kinds,
                most_bytes=self._most,
                small=True,
            )


def _persona_choices(chosen: str, choose: Callable[[str], None], closed: Collection[str]) -> None:
    with part("choices faces") as choices:
        choices.props('role="radiogroup" aria-label="Persona whose face it is"')
        for name in personas.names():
            is_closed = name in closed
            below = "<small>taken back</small>" if is_closed else ""
            made = block(
                f"<img src='/personas/{name}.jpg' alt=''><b>{name.capitalize()}</b>{below}",
                "choice",
                tag="button",
            )
            made.props(f'type="button" role="radio" aria-checked="{str(name == chosen).lower()}"')
            if is_closed:
                made.props("disabled")
            made.on("click", partial(_chosen, choose, name))


def _chosen(choose: Callable[[str], None], name: str, _event: object) -> None:
    choose(name)
