"""What is said in something to be made: a recording or a text, in a voice, with more footage."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from nicegui import ui

from masquerade.errors import UsageError
from masquerade.server.studio import Studio
from masquerade.server.ui.drop import MOVING, SOUND, drop_zone
from masquerade.server.ui.fields import Field, complaint, group, pick, refusing, write_in
from masquerade.server.ui.filecard import file_card
from masquerade.server.ui.library import chosen_from
from masquerade.server.ui.make_task import Task
from masquerade.server.ui.pieces import block, more, part
from masquerade.server.ui.shelf import Kept, Shelf

_RECORDING, _TEXT = "recording", "text"
_SAYS: Final = {_RECORDING: "A recording", _TEXT: "A text in English, read aloud"}
_AS_HEARD: Final = "as it was recorded"
_VOICE: Final = (".mvoice",)


class SaidPart:
    """What was chosen so far; state of a part of one form."""

    def __init__(self, studio: Studio, shelf: Shelf, task: Task) -> None:
        self._studio, self._shelf, self._task = studio, shelf, task
        self._most = studio.settings.upload_mb * 1_000_000
        self.files: dict[str, list[Kept]] = {"speech": [], "voice": [], "footage": []}
        self.how = Field(_TEXT if "speech" not in task.takes else _RECORDING)
        self.words = Field("")
        self._voice: Field | None = None
        self._heard, self._whose = Field(""), Field("")

    @property
    def asks(self) -> bool:
        """Whether there is anything to ask."""
        return bool({"speech", "text", "voice", "footage"} & self._task.takes) and (
            self._task.kind != "anonymize"
        )

    def draw(self) -> None:
        """Puts the fields on the page."""
        takes = self._task.takes
        with part("stack tight"):
            if {"speech", "text"} <= takes:
                block("<h3>What is said?</h3>")
                self.how = pick("It is", _SAYS)
            place = ui.element("div").classes("stack tight")

            def show() -> None:
                place.clear()
                with place:
                    self._ask()

            self.how.told.append(show)
            if {"speech", "text"} & takes:
                show()
        if "voice" in takes:
            voices = ui.element("div")
            self.how.told.append(lambda: self._voices(voices))
            self._voices(voices)
        if "footage" in takes:
            with more("More footage of the same person (they move more like themselves)"):
                self._several("footage", "Drop videos in which they speak", MOVING)

    def spec(self) -> dict[str, Any]:
        """What was chosen, as a job's spec takes it.

        Raises:
            UsageError: Something is missing.
        """
        takes, spec = self._task.takes, dict[str, Any]()
        if self.is_text:
            with refusing(self.words):
                words = str(self.words.value).strip()
                if not words:
                    raise UsageError("there is no text to be spoken", "write a sentence or more")
                spec["text"] = words
        elif "speech" in takes:
            with refusing(self._heard):
                if not self.files["speech"]:
                    raise UsageError("there is no recording of what is said", "one", "drop it")
                spec["speech"] = str(self.files["speech"][-1].path)
        if "voice" in takes:
            with refusing(self._whose):
                spec |= self._voice_spec()
        if self.files["footage"]:
            spec["footage"] = [str(one.path) for one in self.files["footage"]]
        return spec

    def _voice_spec(self) -> dict[str, Any]:
        voice = self._chosen_voice()
        if not voice and (self.is_text or "speech" not in self._task.takes):
            raise UsageError(
                "no voice is chosen to speak in", "a voice of somebody who consents",
                "choose one, or build one on the Train page",
            )  # fmt: skip
        return {"voice": voice} if voice else {}

    def _chosen_voice(self) -> str:
        if self.files["voice"]:
            return str(self.files["voice"][-1].path)
        return str(self._voice.value) if self._voice is not None else ""

    def _ask(self) -> None:
        if self.how.value == _TEXT:
            self.words = write_in("Text to be spoken, in English", kind="textarea")
        else:
            self._heard = Field("")
            with group("Recording", made=self._heard):
                self._several("speech", "Drop the recording that is heard", (*SOUND, *MOVING))

    @property
    def is_text(self) -> bool:
        """Whether a text is read aloud, in the place of a recording."""
        return "text" in self._task.takes and self.how.value == _TEXT

    def _voices(self, place: ui.element) -> None:
        known = chosen_from(self._studio, "voice_build", "persona_voice")
        as_heard = "speech" in self._task.takes and not self.is_text
        first = {"": _AS_HEARD} if as_heard else {}
        place.clear()
        self._voice = None
        with place, part("stack tight"):
            block("<h3>In whose voice?</h3>")
            if first or known:
                self._voice = self._whose = pick("Voice", {**first, **known})
            else:
                self._whose = Field("")
                block(
                    "<p>No voice has been built here yet: a recording of two minutes is enough,"
                    " with the person's consent. <a href='/train'>Build a voice, or take a"
                    " persona's</a>; it appears here once it is done.</p>"
                )
                complaint(self._whose)
            with more("Use a voice from a file"):
                self._several("voice", "Drop a .mvoice file", _VOICE)

    def _several(self, name: str, words: str, kinds: tuple[str, ...]) -> None:
        files = self.files[name]
        cards = ui.element("div").classes("stack tight")

        def show() -> None:
            cards.clear()
            with cards:
                for one in files:
                    file_card(one, on_drop=partial(away, one))

        def away(one: Kept) -> None:
            files.remove(one)
            show()

        def take(one: Kept) -> None:
            if name != "footage":
                files.clear()
            files.append(one)
            for field in (self._heard, self._whose):
                field.complain("")
            show()

        show()
        drop_zone(self._shelf, take, words=words, kinds=kinds, most_bytes=self._most, small=True)
