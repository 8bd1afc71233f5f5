"""Forms for a mouth, a body and a face between several; what uses a trained network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from nicegui import Client, ui

from masquerade import personas
from masquerade.errors import ConsentError, InputError, UsageError
from masquerade.jobs.types import State
from masquerade.jobs.work import read_spec
from masquerade.provenance.consent.revocation import MadeUnder, Revocation
from masquerade.server.studio import Studio
from masquerade.server.ui import consents, make_files, make_result, train
from masquerade.server.ui.collect import BODY, FACES, MOUTH, VOICES, _spec
from masquerade.server.ui.fields import Field
from masquerade.server.ui.library import TRAININGS, USED_BY
from masquerade.server.ui.make import MakePage
from masquerade.server.ui.make_files import FilesPart
from masquerade.server.ui.make_morph import MORPH, MorphForm
from masquerade.server.ui.make_task import tasks
from masquerade.server.ui.options_form import OptionsForm
from masquerade.server.ui.shelf import Shelf
from masquerade.server.ui.unmask_many import Many
from masquerade.server.ui.wanted import wanted

SESSION = "16fd2706-8baf-433b-82eb-8c7fada847da"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(SESSION, tmp_path)


@pytest.mark.parametrize("what", [MOUTH, BODY])
def test_a_training_of_one_person_is_what_its_kind_of_work_takes(
    what: object, shelf: Shelf, ui_studio: Studio
) -> None:
    assert what in (MOUTH, BODY)
    kind = MOUTH if what is MOUTH else BODY
    video = shelf.copy(personas.load("ada").picture, "ada.mp4")
    record = Field(str(personas.load("ada").consent))
    spec = _spec(ui_studio, kind, [video], Field("ada"), record)
    assert kind.options is not None
    form = OptionsForm(kind.options, shelf, most_bytes=1, first=kind.first)
    with Client(ui.page("/a-form"), request=None):
        form.draw()
    assert set(kind.first) <= set(kind.options.model_fields)
    form.field("iterations").take("7")
    read = read_spec(kind.kind, {**spec, "options": form.values()})
    assert read.model_dump()["options"]["iterations"] == 7
    assert str(video.path) in str(read.model_dump()[kind.takes])


def test_a_body_is_learned_from_one_video(shelf: Shelf, ui_studio: Studio) -> None:
    videos = [shelf.place("a.mp4"), shelf.place("b.mp4")]
    with pytest.raises(UsageError, match="2 videos"):
        _spec(ui_studio, BODY, videos, Field("ada"), Field(""))


def test_faces_are_collected_without_settings() -> None:
    assert FACES.options is None


def test_every_training_has_something_that_uses_it() -> None:
    assert set(USED_BY) == set(TRAININGS)
    assert all(tasks(family) for family in USED_BY.values())


def test_a_trained_mouth_is_picked_for_a_lip_sync(
    shelf: Shelf, ui_studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def known(_studio: Studio, *kinds: str) -> dict[str, str]:
        asked.append(kinds)
        return {"/m/ada.safetensors": "ada"}

    monkeypatch.setattr(make_files, "chosen_from", known)
    (lips,) = tasks("lipsync")
    with Client(ui.page("/a-form"), request=None):
        files = FilesPart(ui_studio, shelf, lips, model="/m/ada.safetensors")
        files._networks()
    assert asked == [("train_lips",)]
    assert files._network.value == "/m/ada.safetensors"


def test_a_face_between_two_personas_needs_nobodys_word(shelf: Shelf, ui_studio: Studio) -> None:
    with Client(ui.page("/a-form"), request=None):
        form = MorphForm(ui_studio, shelf)
        form.draw()
        form.add_persona("ada")
        with pytest.raises(UsageError, match="at least two"):
            form.spec()
        form.add_persona("hugo")
        form.share.take("0.3")
        spec = form.spec()
        form.add_persona("cora")
        assert "share" not in form.spec()
    assert spec["share"] == pytest.approx(0.3)
    assert spec["consents"] == [str(personas.load(one).consent) for one in ("ada", "hugo")]
    read_spec(MORPH, {**spec, "out": str(shelf.place("mixed.png").path)})


def test_a_photo_that_nobody_agreed_to_is_not_mixed(shelf: Shelf, ui_studio: Studio) -> None:
    with Client(ui.page("/a-form"), request=None):
        form = MorphForm(ui_studio, shelf)
        form.draw()
        form.add_persona("ada")
        form._take(shelf.copy(personas.load("hugo").picture, "somebody.jpg"))
        with pytest.raises(ConsentError, match=r"somebody\.jpg"):
            form.spec()


def test_mixing_faces_and_back_to_another_family(shelf: Shelf, ui_studio: Studio) -> None:
    with Client(ui.page("/a-form"), request=None):
        page = MakePage(ui_studio, shelf)
        page.draw()
        page._morph()
        with pytest.raises(UsageError):
            page.spec()
        page.choose(tasks("swap")[0])
        page.files.choose_persona("ada")
        assert page.files.persona == "ada"


def test_a_method_can_be_asked_for_by_the_address(shelf: Shelf, ui_studio: Studio) -> None:
    with Client(ui.page("/a-form"), request=None):
        for what, shown in (("voice_speak", "voice_speak"), ("nothing_known", "swap_mesh")):
            page = MakePage(ui_studio, shelf, what=what)
            page.draw()
            assert page._task is not None
            assert page._task.method == shown
    assert VOICES.use[0] == "/make?what=voice_speak"


def test_what_a_revocation_comes_to_is_told_in_the_words_of_the_page() -> None:
    made = MadeUnder("mql-1", "/somewhere/clip.mp4", "2026-01-01T00:00:00Z", "ab" * 32)
    said = consents._taken_back(Revocation("mqc-1", "2026-01-02T00:00:00Z", "", outputs=(made,)))
    assert any(one.startswith("1 file was made under it before: clip.mp4.") for one in said)
    assert "masquerade consent revoke mqc-1 --export FILE" in said[-1]
    assert not any("/somewhere" in one or "ab" * 32 in one for one in said)


def test_a_photo_that_speaks_is_shown_as_a_film_alone(
    ui_studio: Studio, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make_result, "result_address", lambda _job, path: f"/{path.name}")
    job = ui_studio.queue.submit("verify", {"target": "photo"}).job
    ui_studio.queue.cancel(job.id)
    shown = make_result._both(job, Path("ada.jpg"), Path("ada.mp4"))
    assert "ada.jpg" not in shown
    assert "<video controls" in shown
    assert "compare" in make_result._both(job, Path("a.mp4"), Path("b.mp4"))


def test_several_files_are_listed_each_with_how_it_stands(ui_studio: Studio, shelf: Shelf) -> None:
    many, names = Many(ui_studio), ("a.png", "<b>.png")
    with Client(ui.page("/a-list"), request=None):
        place = ui.element("div")
        for number, name in enumerate(names, start=1):
            job = ui_studio.queue.submit("examine", {"target": name}).job
            assert many.add(name, job) == number
            ui_studio.queue.cancel(job.id)
        many.draw(place)
        many.draw(place)  # as each further file does
        shown = many._place
    assert shown is not None
    assert len(place.default_slot.children) == 1
    assert shown.content.count("stopped") == 2
    assert "&lt;b&gt;.png" in shown.content
    assert "2 of 2 are done" in shown.content


def test_a_training_that_is_done_says_how_long_it_took(ui_studio: Studio) -> None:
    job = ui_studio.queue.submit("verify", {"target": "photo"}).job
    done = replace(job, state=State.DONE, started_s=10.0, ended_s=40.0, message="0.37 million")
    assert train._told(done) == "It took 30 s."


def test_what_was_made_is_found_by_another_browser_too(
    ui_studio: Studio, shelf: Shelf, tmp_path: Path
) -> None:
    maker = Shelf(SESSION.replace("1", "2"), tmp_path)
    made = maker.copy(personas.load("ada").picture, "ada.png")
    job = ui_studio.queue.submit("make", {"out": str(made.path)}).job
    ui_studio.queue.cancel(job.id)
    own, others = (wanted(ui_studio, one, {"made": job.id}) for one in (maker, shelf))
    assert own is not None
    assert others is not None
    assert own.path == made.path
    assert others.path != made.path
    assert others.path.read_bytes() == made.path.read_bytes()
    made.path.unlink()
    with pytest.raises(InputError, match="not there any more"):
        wanted(ui_studio, shelf, {"made": job.id})
    assert wanted(ui_studio, shelf, {}) is None
