"""Forms follow the schema of options: every method has one, and it gives what a job takes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from nicegui import Client, ui
from pydantic import BaseModel, Field

from masquerade import personas, registry
from masquerade.errors import MasqueradeError, UsageError
from masquerade.options import Options
from masquerade.provenance.consent.records import load
from masquerade.server.studio import Studio
from masquerade.server.ui import make_consent, records
from masquerade.server.ui.make import MakePage
from masquerade.server.ui.make_files import FilesPart
from masquerade.server.ui.make_said import SaidPart
from masquerade.server.ui.make_task import families, tasks
from masquerade.server.ui.option_words import known_options, words_of
from masquerade.server.ui.options_form import OptionsForm
from masquerade.server.ui.records import Filed
from masquerade.server.ui.shelf import Shelf
from masquerade.server.ui.word_list import WordList, said_of
from masquerade.train.body.options import BodyTrainOptions
from masquerade.train.lips.options import LipsOptions
from masquerade.train.swap.options import TrainOptions

SESSION = "0f8fad5b-d9cb-469f-a165-70867728950e"


class Dropped(Options):
    """Options of a method that nobody here knows."""

    strength: float = Field(0.5, ge=0, le=1)
    """How much."""
    rounds: int = Field(3, ge=1)
    """How often."""
    way: Literal["soft", "hard"] = "soft"
    """Which way."""
    loud: bool = False
    """Whether."""
    words: tuple[str, ...] = ()
    """Several."""
    model: Path | None = None
    """A file."""


def drawn(kind: type[Options], home: Path, words: dict[str, str] | None = None) -> OptionsForm:
    form = OptionsForm(kind, Shelf(SESSION, home), most_bytes=1000, words=words)
    with Client(ui.page("/a-form"), request=None):
        form.draw()
    return form


@pytest.mark.parametrize("name", registry.names())
def test_every_method_gets_a_form_whose_defaults_are_its_own(
    name: str, tmp_path: Path, ui_app: object
) -> None:
    form = drawn(registry.get(name).Options, tmp_path)
    assert form.values() == {}


def test_what_is_changed_is_what_a_job_is_given(tmp_path: Path, ui_app: object) -> None:
    form = drawn(Dropped, tmp_path, {"smile": "Corners up."})
    for name, value in {
        "strength": "0.75", "rounds": "5", "way": "hard", "loud": True, "words": "a, b ,",
    }.items():  # fmt: skip
        form.field(name).take(value)
    assert form.values() == {
        "strength": 0.75, "rounds": 5, "way": "hard", "loud": True, "words": ["a", "b"],
    }  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [("rounds", "0"), ("rounds", "x"), ("strength", "2")])
def test_a_value_that_does_not_fit_is_told_at_its_field(
    tmp_path: Path, ui_app: object, name: str, value: str
) -> None:
    form = drawn(Dropped, tmp_path)
    form.field(name).take(value)
    with pytest.raises(UsageError):
        form.values()
    told = form.field(name).wrong
    assert told is not None
    assert told.content


def test_every_method_that_is_offered_can_be_chosen_and_says_what_is_missing(
    tmp_path: Path, ui_studio: Studio
) -> None:
    with Client(ui.page("/a-form"), request=None):
        page = MakePage(ui_studio, Shelf(SESSION, tmp_path))
        page.draw()
        for name, _, _ in families():
            for task in tasks(name):
                page.choose(task)
                with pytest.raises(MasqueradeError):
                    page.spec()


def test_a_text_needs_a_voice_and_a_body_a_photo_or_a_video(
    tmp_path: Path, ui_studio: Studio
) -> None:
    shelf = Shelf(SESSION, tmp_path)
    with Client(ui.page("/a-form"), request=None):
        (lips,) = tasks("lipsync")
        said = SaidPart(ui_studio, shelf, lips)
        said.draw()
        with pytest.raises(UsageError, match="recording"):
            said.spec()
        said.how.take("text")
        with pytest.raises(UsageError, match="text"):
            said.spec()
        said.words.take("Good morning.")
        with pytest.raises(UsageError, match="voice"):
            said.spec()
        said.files["voice"].append(shelf.place("ada.mvoice"))
        assert said.spec()["text"] == "Good morning."
        (body,) = tasks("body")
        files = FilesPart(ui_studio, shelf, body)
        files.draw()
        files.target = shelf.copy(personas.load("ada").picture)
        files.more["holdout"].append(files.target)
        with pytest.raises(UsageError, match="whole person"):
            files.spec()
        files.more["holdout"].clear()
        files.more["source_video"].append(files.target)
        assert files.spec()["source_video"] == files.spec()["target"]


def test_a_trained_network_of_the_library_is_picked(tmp_path: Path, ui_app: object) -> None:
    form = OptionsForm(
        Dropped, Shelf(SESSION, tmp_path), most_bytes=9,
        offers={"model": {"/m/ab.safetensors": "ab"}}, chosen={"model": "/m/ab.safetensors"},
    )  # fmt: skip
    with Client(ui.page("/a-form"), request=None):
        form.draw()
    assert form.values() == {"model": "/m/ab.safetensors"}


def test_a_persona_brings_its_own_record(tmp_path: Path, ui_studio: Studio) -> None:
    with Client(ui.page("/a-form"), request=None):
        page = MakePage(ui_studio, Shelf(SESSION, tmp_path))
        page.draw()
        page.files.choose_persona("cora")
        page.files.choose_target("hugo")
        spec = page.spec()
    assert spec["method"] == "swap_mesh"
    assert spec["consents"] == [str(personas.load("cora").consent)]
    assert spec["sources"] == [str(personas.load("cora").picture)]


@pytest.mark.parametrize("name", registry.names())
def test_every_option_of_a_method_is_called_by_words_of_people(name: str) -> None:
    kind = registry.get(name).Options
    for option in kind.model_fields:
        words = words_of(kind, option, "")
        assert option in known_options(), f"{name}: {option} has no words"
        assert "_" not in words.label
        choices = kind.model_json_schema()["properties"][option].get("enum", ())
        assert not set(choices) - set(words.choices), f"{name}: {option} has raw choices"


@pytest.mark.parametrize("kind", [TrainOptions, LipsOptions, BodyTrainOptions])
def test_every_option_of_a_training_is_called_by_words_of_people(kind: type[BaseModel]) -> None:
    for option, declared in kind.model_json_schema()["properties"].items():
        words = words_of(kind, option, "")
        assert option in known_options(), f"{option} has no words"
        assert not set(declared.get("enum", ())) - set(words.choices), f"{option} has raw choices"


def test_effects_are_put_together_without_writing_any(
    tmp_path: Path, ui_studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(SESSION, tmp_path)
    (edit,) = tasks("edit")
    with Client(ui.page("/a-form"), request=None):
        made = WordList("Effects", "", registry.vocabulary(edit.module))
        made.draw(shelf, 1000)
        made._word.take("bruise")
        made._much.take("0.8")
        made._more.take("left")
        made._keep()
        made._word.take("brows")  # on the way by arrow keys
        made._word.take("lipstick")
        made._colour.take("#112233")
        made._keep()
        made._word.take("evening")
        assert made.field.value == ["bruise=0.8:left", "lipstick=0.6:#112233", "evening=0.6"]
        made._away("evening=0.6")
    edit.module.Options(effect=tuple(made.field.value))
    assert said_of("lipstick=0.6:#112233") == "Lipstick 60 %, #112233"


def test_what_is_missing_is_said_beside_its_field(tmp_path: Path, ui_studio: Studio) -> None:
    with Client(ui.page("/a-form"), request=None):
        page = MakePage(ui_studio, Shelf(SESSION, tmp_path))
        page.draw()
        with pytest.raises(UsageError, match="nobody's face"):
            page.spec()
        told = page.files._asked["source"].wrong
        assert told is not None
        assert told.content.startswith("Nobody&#x27;s face is chosen")
        page.files.choose_persona("cora")
        assert not told.content
        with pytest.raises(UsageError, match="no file to change"):
            page.spec()
        assert page.files._asked["target"].wrong is not None
        assert page.files._asked["target"].wrong.content


def test_a_record_that_was_taken_back_cannot_be_picked(
    tmp_path: Path, ui_studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = personas.load("cora")
    taken_back = frozenset({load(gone.consent).id})
    monkeypatch.setattr(records, "revoked_ids", lambda _home: taken_back)
    assert list(records.closed_personas(tmp_path)) == ["cora"]
    with Client(ui.page("/a-form"), request=None):
        page = MakePage(ui_studio, Shelf(SESSION, tmp_path))
        page.draw()
        page.files.choose_persona("cora")
        assert not page.files.persona
        page.files.choose_persona("ada")
        assert page.files.persona == "ada"


def test_records_that_cover_something_else_are_not_offered(
    tmp_path: Path, ui_studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    voice = load(personas.load("ada").consent).model_copy(update={"modality": ("voice",)})
    face = voice.model_copy(update={"modality": ("face",), "id": "mqc-0123456789abcdef"})
    monkeypatch.setattr(
        make_consent, "filed", lambda _home: [Filed(tmp_path, voice), Filed(tmp_path, face)]
    )
    (task, *_) = tasks("edit")
    with Client(ui.page("/a-form"), request=None):
        files = FilesPart(ui_studio, Shelf(SESSION, tmp_path), task)
        files.draw()
        part = make_consent.ConsentPart(ui_studio, Shelf(SESSION, tmp_path), task, files)
        part.draw()
        assert part._record is not None
        assert part._record.value == face.id
