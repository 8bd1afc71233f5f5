"""Lip sync as a job: whose consent it asks for, and what is seen where the recording is longer."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.faces.mouth.test_shape import talking

from masquerade.errors import ConsentError, OutputError, UsageError
from masquerade.faces.mouth.talker import Sight
from masquerade.media.probe import MediaInfo
from masquerade.models.covered_mouth import CoveredMouth
from masquerade.models.generic_lips import GenericLips
from masquerade.pipelines.findings import Findings
from masquerade.pipelines.lips import lengthened
from masquerade.pipelines.lips import lipsync as lipsync_module
from masquerade.pipelines.lips.learn import _not_checked, learn
from masquerade.pipelines.lips.lengthened import stretches
from masquerade.pipelines.lips.lipsync import Asked, Request, lipsync, plan
from masquerade.pipelines.lips.talking import Footage
from masquerade.pipelines.people import Person
from masquerade.pipelines.tally import Tally
from masquerade.pipelines.voice.new_speech import NewSpeech
from masquerade.provenance.gates import consent_sources
from masquerade.provenance.gates.gate import Request as GateRequest
from masquerade.speech.heard import Heard
from masquerade.types import Draft, Frame, InputUse, Recipe

CLIP = MediaInfo(Path("clip.mp4"), "video", "mov")


def test_nothing_is_looked_at_without_a_record(tmp_path: Path) -> None:
    clip, speech = tmp_path / "clip.mp4", tmp_path / "new.wav"

    with pytest.raises(ConsentError, match="no consent record") as refused:
        lipsync(clip, tmp_path / "out.mp4", Request(speech))

    assert "--consent" in refused.value.todo


def test_there_must_be_a_folder_for_the_result(tmp_path: Path) -> None:
    with pytest.raises((OutputError, UsageError)):
        lipsync(tmp_path / "clip.mp4", tmp_path / "no" / "out.mp4", Request(tmp_path / "new.wav"))


def test_a_lip_sync_that_names_nobody_is_refused_by_the_gate(tmp_path: Path) -> None:
    recipe = Recipe("lipsync", "0", "{}", (), (InputUse("target", "clip.mp4", "0" * 64),))
    draft = Draft(recipe, (), tmp_path / "clip.mp4", "video", iter(()))

    with pytest.raises(ConsentError, match="names no source"):
        consent_sources.check(GateRequest(draft, (), "test"))


def test_consent_is_asked_for_before_footage_is_studied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(request: GateRequest) -> None:
        assert [use.role for use in request.draft.uses] == ["source"] * 2  # clip and footage
        models = dict(request.draft.recipe.models)
        assert models["covered_mouth"] == CoveredMouth.open().sha256
        raise ConsentError("not covered")

    someone = Person(np.zeros(128, "f4"), 3, 0.5, 100.0, 0.0)
    found = Findings(CLIP, SimpleNamespace(cards=()), (), {"0": someone}, (), Tally())
    for name, made in {
        "open_target": CLIP,
        "FaceReader": SimpleNamespace(open=lambda **_: None),
        "SpeechContent": SimpleNamespace(open=lambda **_: None),
        "fetch_for_gates": None,
        "_speaker": (found, someone),
        "input_sha256": "0" * 64,
    }.items():
        given = made if isinstance(made, SimpleNamespace) else (lambda *_, made=made: made)
        monkeypatch.setattr(lipsync_module, name, given)
    monkeypatch.setattr(lipsync_module, "pass_gates", refuse)
    monkeypatch.setattr(lipsync_module, "read_footage", lambda *_: pytest.fail("studied"))
    speech = NewSpeech(16_000, 1, lambda: iter(()), lambda: iter(()), ())
    wanted = Request(tmp_path / "new.wav", footage=(tmp_path / "more.mp4",))
    asked = Asked(wanted, speech, (), "test")

    with pytest.raises(ConsentError, match="not covered"):
        plan(tmp_path / "clip.mp4", asked)


def test_of_silent_footage_the_mouth_moves_as_anybodys_and_that_is_said() -> None:
    map_ = np.full((144, 160, 3), 99, np.uint8)
    sights = tuple(
        Sight(skull, map_, number / 25, 0, 120.0) for number, skull in enumerate(talking())
    )
    silent = Footage(InputUse("source", "clip.mp4", "0" * 64), np.zeros(128, "f4"), sights, None)

    learned = learn([silent])

    assert learned.generic == GenericLips.open().sha256
    assert "0 s in which the person is seen and heard" in learned.notes[-1]
    assert "--footage" in learned.notes[-1]
    rows = np.zeros((20, 40)), np.zeros((20, 384)), np.zeros((20, 384))
    heard = Heard(*(one.astype(np.float32) for one in rows), 0.0)
    assert learned.articulation(heard, np.arange(9) / 25).shape == (9, 10)


@pytest.fixture
def five_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every clip has five frames, a tenth of a second each."""

    def thumbnails(_path: Path) -> Iterator[tuple[Frame, None]]:
        for number in range(5):
            yield Frame(np.zeros((2, 2, 3), np.uint8), 100 * number), None

    monkeypatch.setattr(lengthened, "read_thumbnails", thumbnails)


@pytest.mark.usefixtures("five_frames")
@pytest.mark.parametrize(
    ("how", "stop_pts", "seen"),
    [
        ("stop", 1200, []),
        ("hold", 500, []),
        ("hold", 800, [400, 400, 400]),
        ("loop", 1400, [300, 200, 100, 0, 100, 200, 300, 400, 300]),
        ("loop", 501, [300]),
    ],
)
def test_what_is_seen_after_the_end(how: str, stop_pts: int, seen: list[int]) -> None:
    made = stretches(CLIP, stop_pts, how, 3)  # type: ignore[arg-type]

    shown = [one for stretch in made for one in stretch.shown]
    assert [source for _, source in shown] == seen
    assert [pts for pts, _ in shown] == [500 + 100 * k for k in range(len(seen))]
    assert [one.index for one in made] == list(range(3, 3 + len(made)))
    assert all(one.before <= min(s for _, s in one.shown) for one in made)
    assert all(one.after >= max(s for _, s in one.shown) for one in made)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a"], "a is too short to tell whether its sound is in step with its pictures"),
        (["a", "b"], "a, b are each too short to tell whether their sound is in step with their"),
        (["a", "b", "c", "d"], "a, b and 2 more are each too short"),
    ],
)
def test_footage_too_short_to_be_checked_is_told_once(names: list[str], said: str) -> None:
    (note,) = _not_checked(names)
    assert note.startswith(said)
    assert _not_checked([]) == []
