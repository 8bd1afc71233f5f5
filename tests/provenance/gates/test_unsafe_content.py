"""Ways round the gate of unsafe content. None may work."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from masquerade.errors import ModelError, PolicyError, ProvenanceError
from masquerade.hashing import file_sha256
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.gates import unsafe_content as gate
from masquerade.provenance.policy import Request
from masquerade.provenance.seal import save, seal
from masquerade.types import Draft, DraftSegment, Frame, InputUse

Maker = Callable[..., Draft]
RED = np.array([200, 0, 0], np.uint8)


def _red(picture: np.ndarray) -> float:
    """Calls red pictures unsafe, a label on them or not; they come as BGR with means taken off."""
    blue, green, red = np.moveaxis(picture + np.float32([104, 117, 123]), 2, 0)
    share = ((red > 150) & (green < 60) & (blue < 60)).mean()
    return 0.97 if share > 0.3 else 0.02


@pytest.fixture
def red_judge(scene: ModuleType, judge: object) -> object:
    found = scene.Judge(_red)
    scene.judge_by(found)
    return found


def _with_red(frames: Iterator[Frame], *numbers: int) -> Iterator[Frame]:
    for number, frame in enumerate(frames):
        red = np.broadcast_to(RED, frame.pixels.shape).copy()
        yield replace(frame, pixels=red) if number in numbers else frame


def _made(scene: ModuleType, *numbers: int) -> Iterator[DraftSegment]:
    frames = _with_red(scene.made_frames(0, scene.FRAMES), *numbers)
    last = (scene.FRAMES - 1) * scene.STEP
    yield DraftSegment(0, f"red {numbers}", 0, last, frames)


def test_safe_material_goes_through(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path, red_judge: object
) -> None:
    out = tmp_path / "out.mp4"
    save(seal(make_draft(), consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert out.exists()
    assert red_judge.calls >= 5  # type: ignore[attr-defined]


def test_an_unsafe_source_is_refused_before_the_work(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path, red_judge: object
) -> None:
    photo = tmp_path / "ann.png"
    Image.fromarray(np.broadcast_to(RED, (64, 64, 3)).copy()).save(photo)
    draft = make_draft()
    digest = file_sha256(photo)
    item = InputUse("source", photo.name, digest, photo)
    recipe = replace(draft.recipe, inputs=(draft.recipe.inputs[0], item))
    uses = tuple(replace(use, input_sha256=digest) for use in draft.uses)
    with pytest.raises(PolicyError, match=r"source ann\.png .*unsafe content.*0\.97"):
        gate.check(Request(replace(draft, recipe=recipe, uses=uses), (record,), "test"))


def test_a_source_that_cannot_be_looked_at_is_refused(make_draft: Maker) -> None:
    draft = make_draft()
    inputs = tuple(replace(item, path=None) for item in draft.recipe.inputs)
    draft = replace(draft, recipe=replace(draft.recipe, inputs=inputs))
    with pytest.raises(PolicyError, match="cannot be looked at"):
        gate.check(Request(draft, (), "test"))


@pytest.mark.parametrize("number", [0, 5, 11])
def test_one_unsafe_picture_among_many_closes_the_output(
    make_draft: Maker,
    record: ConsentRecord,
    scene: ModuleType,
    tmp_path: Path,
    red_judge: object,
    number: int,
) -> None:
    draft = scene.shown(make_draft(), _made(scene, number))
    out = tmp_path / "out.mp4"
    with pytest.raises(PolicyError, match="the output at 0:00") as refused:
        save(seal(draft, consents=[record], purpose="test"), out, encoding=scene.FAST)
    assert "shot" in refused.value.found
    assert "0.97" in refused.value.found
    assert "masquerade policy" in refused.value.todo
    assert not list(tmp_path.iterdir())


def test_parts_that_were_finished_go_when_the_output_is_refused(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path, red_judge: object
) -> None:
    kept: list[int] = []

    def rest() -> Iterator[Frame]:
        kept.append(len(list(tmp_path.rglob("*.part"))))
        yield from _with_red(scene.made_frames(4, 12), 3)

    def made() -> Iterator[DraftSegment]:
        first = scene.made_frames(0, 4)
        yield DraftSegment(0, "safe", 0, 3 * scene.STEP, first)
        yield DraftSegment(1, "unsafe", 4 * scene.STEP, 11 * scene.STEP, rest())

    draft = scene.shown(make_draft(), made())
    with pytest.raises(PolicyError):
        save(
            seal(draft, consents=[record], purpose="test"),
            tmp_path / "out.mp4",
            encoding=scene.FAST,
        )
    assert kept == [1]
    assert not list(tmp_path.iterdir())


def test_an_unsafe_target_is_refused_before_a_picture_is_made(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path, red_judge: object
) -> None:
    draft = make_draft()
    made: list[int] = []

    def frames() -> Iterator[Frame]:
        made.append(1)
        yield from scene.made_frames(0, scene.FRAMES)

    def segments() -> Iterator[DraftSegment]:
        for frame in _with_red(scene.made_frames(0, scene.FRAMES), 6):
            for see in draft.onlookers:
                see(frame)
        yield DraftSegment(0, "k", 0, 11 * scene.STEP, frames())

    draft = replace(draft, segments=segments())
    with pytest.raises(PolicyError, match="the target at 0:00"):
        save(
            seal(draft, consents=[record], purpose="test"),
            tmp_path / "out.mp4",
            encoding=scene.FAST,
        )
    assert not made


@pytest.mark.parametrize("shown", [0, 5])
def test_a_target_that_is_not_shown_as_a_whole_is_refused(
    make_draft: Maker, record: ConsentRecord, scene: ModuleType, tmp_path: Path, shown: int
) -> None:
    draft = make_draft()

    def segments() -> Iterator[DraftSegment]:
        for frame in scene.made_frames(0, shown):
            for see in draft.onlookers:
                see(frame)
        yield from _made(scene)

    draft = replace(draft, segments=segments())
    with pytest.raises(PolicyError, match="no gate has seen"):
        save(
            seal(draft, consents=[record], purpose="test"),
            tmp_path / "out.mp4",
            encoding=scene.FAST,
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("way", ["no file", "broken file", "no folder", "read-only cache"])
def test_without_the_network_nothing_is_made(
    scene: ModuleType,
    make_draft: Maker,
    record: ConsentRecord,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    way: str,
) -> None:
    from masquerade.models import store
    from masquerade.models.card import card

    scene.judge_by_the_network()
    cache = tmp_path / "cache"
    monkeypatch.setenv("MASQUERADE_CACHE", str(cache))
    monkeypatch.delenv("MASQUERADE_WEIGHTS", raising=False)

    def offline(*_args: object, **_words: object) -> None:
        raise ModelError("the package index cannot be reached", "a network")

    monkeypatch.setattr(store, "_fetch_from_any", offline)
    if way == "broken file":
        (cache / "weights").mkdir(parents=True)
        (cache / "weights" / card("unsafe_content").file).write_bytes(b"not a network")
    if way == "no folder":
        monkeypatch.setenv("MASQUERADE_WEIGHTS", str(tmp_path / "nowhere"))
    if way == "read-only cache":
        cache.write_bytes(b"a file where the folder should be")
    with pytest.raises(PolicyError, match="cannot be looked for") as refused:
        seal(make_draft(), consents=[record], purpose="test")
    assert refused.value.exit_code == 3
    assert "models fetch unsafe_content" in refused.value.todo


@pytest.mark.parametrize("figure", [0.5, 1.0, float("nan")])
def test_the_limit_itself_and_what_is_no_figure_are_refused(
    make_draft: Maker, scene: ModuleType, figure: float
) -> None:
    scene.judge_by(scene.Judge(lambda picture: figure))
    with pytest.raises(PolicyError):
        gate.check(Request(make_draft(), (), "test"))


@pytest.mark.parametrize(
    "name", ["MASQUERADE_ALLOW_UNSAFE", "MASQUERADE_SKIP_GATES", "MASQUERADE_NSFW", "DEBUG", "CI"]
)
def test_no_variable_opens_the_gate(
    make_draft: Maker, scene: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "1")
    scene.judge_by(scene.Judge(lambda picture: 0.9))
    with pytest.raises(PolicyError):
        gate.check(Request(make_draft(), (), "test"))


def test_no_flag_of_the_command_line_speaks_of_gates() -> None:
    from masquerade.cli import build_parser

    parser = build_parser(["swap"])
    commands = next(a for a in parser._actions if isinstance(a.choices, dict))
    swap = commands.choices["swap"]  # type: ignore[index,call-overload]
    flags = {flag for action in swap._actions for flag in action.option_strings}
    words = ("unsafe", "nsfw", "gate", "policy", "block", "force", "skip", "trust")
    assert not [flag for flag in flags if any(word in flag for word in words)]


def test_a_home_that_cannot_be_written_closes_the_way_out(
    make_draft: Maker, record: ConsentRecord, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.write_bytes(b"a file where the folder should be")
    with pytest.raises(ProvenanceError, match="cannot be used"):
        seal(make_draft(), consents=[record], purpose="test", home=home)
