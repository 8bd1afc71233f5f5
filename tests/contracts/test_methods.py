"""What every registered method keeps to, whoever wrote it: run over the registry.

A file that is new in ``generate/`` is tested here the day it appears.
"""

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from tests.contracts.conftest import StudioScript

from masquerade import registry
from masquerade.cli import build_parser, main
from masquerade.hashing import file_sha256
from masquerade.options import Options
from masquerade.types import Generator, InputUse, Miss, Need, Patch, Resources, Window

HEAVY = ("torch", "onnxruntime", "ai_edge_litert", "tensorflow", "ncnn", "ctranslate2", "dlib")
ROLES = {"source", "target", "driving"}
NAMES = registry.names()
OF_PICTURES = [name for name in NAMES if registry.makes(registry.get(name)) == "pictures"]

Output = list[list[Patch | Miss]]


@pytest.fixture(params=NAMES)
def method(request: pytest.FixtureRequest) -> ModuleType:
    return registry.get(request.param)


def fields(method: ModuleType) -> dict[str, Any]:
    return dict(method.Options.model_fields)


def test_there_is_at_least_one_method() -> None:
    assert NAMES


# -- declarations ------------------------------------------------------------------------------


def test_options_are_frozen_and_reject_unknown_keys(method: ModuleType) -> None:
    assert issubclass(method.Options, Options)
    options = method.Options()
    with pytest.raises(ValidationError):
        method.Options(no_such_option=1)
    for name in fields(method):
        with pytest.raises(ValidationError):
            setattr(options, name, getattr(options, name))


def test_every_option_has_a_default_and_a_sentence(method: ModuleType) -> None:
    for name, field in fields(method).items():
        assert not field.is_required(), f"{name} has no default"
        assert len(field.description or "") >= 8, f"{name} has no sentence"


def test_options_come_back_from_json_unchanged(method: ModuleType) -> None:
    options = method.Options()

    assert method.Options.model_validate_json(options.canonical_json()) == options
    assert method.Options.model_validate_json(options.model_dump_json()) == options
    assert hash(options) == hash(method.Options())


def test_options_have_a_json_schema_for_web_forms(method: ModuleType) -> None:
    schema = json.loads(json.dumps(method.Options.model_json_schema()))

    assert schema["additionalProperties"] is False
    assert set(schema.get("properties", {})) == set(fields(method))
    for name, about in schema.get("properties", {}).items():
        assert about.get("description"), name


def test_declarations_are_of_the_agreed_types(method: ModuleType) -> None:
    assert isinstance(method.needs, frozenset)
    assert all(isinstance(need, Need) for need in method.needs)
    assert type(method.radius) is int
    assert 0 <= method.radius <= 64
    assert isinstance(method.resources, Resources)
    assert method.resources.memory_mb > 0
    assert method.resources.cpus > 0
    assert method.resources.gpus >= 0
    assert set(registry.takes(method)) <= ROLES
    assert "target" in registry.takes(method) or registry.makes(method) == "sound"


def test_prepare_takes_cast_and_options_and_a_device(method: ModuleType) -> None:
    parameters = inspect.signature(method.prepare).parameters

    assert list(parameters)[:2] == ["cast", "options"]
    assert parameters["device"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["device"].default == "cpu"
    for extra in list(parameters.values())[2:]:
        assert extra.default is not inspect.Parameter.empty, f"{extra.name} has no default"


@pytest.mark.parametrize("name", OF_PICTURES)
def test_options_are_flags_that_clash_with_no_other(name: str) -> None:
    words = [registry.entry(name).command, "--method", name]
    commands = next(item for item in build_parser(words)._actions if item.dest == "command")
    assert isinstance(commands.choices, dict)
    parser = commands.choices[words[0]]

    places = [action.dest for action in parser._actions]

    assert len(places) == len(set(places))
    assert not {"command", "module", "method_name"} & set(places)
    assert set(registry.get(name).Options.model_fields) <= set(places)


@pytest.mark.parametrize("name", NAMES)
def test_summary_is_one_short_sentence(name: str) -> None:
    summary = registry.entry(name).summary

    assert 10 <= len(summary) <= 110
    assert summary[0].isupper()
    assert summary.endswith(".")


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """The runtimes that importing each method brings into a process that had none."""
    modules = {name: registry.entry(name).module for name in NAMES}
    code = (
        "import importlib, json, sys\n"
        "found = {}\n"
        f"for name, module in {modules!r}.items():\n"
        "    before = set(sys.modules); importlib.import_module(module)\n"
        f"    found[name] = [one for one in {HEAVY!r} if one in sys.modules.keys() - before]\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_importing_a_method_loads_no_runtime(name: str, loaded: dict[str, list[str]]) -> None:
    assert loaded[name] == []


@pytest.mark.parametrize("name", NAMES)
def test_words_that_options_take_are_listed(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    known = registry.vocabulary(registry.get(name))

    assert main(["methods", name]) == 0

    listed = {line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()}
    assert set(known) <= listed


def test_what_a_method_works_with_has_a_name_without_folder_and_a_hash(
    method: ModuleType, options_for: Callable[[ModuleType], Options]
) -> None:
    for name, sha256 in registry.models(method, options_for(method)):
        assert name
        assert "/" not in name
        assert re.fullmatch("[0-9a-f]{64}", sha256)


def test_a_method_that_portrays_its_target_finds_faces_there(method: ModuleType) -> None:
    """Whose record covers the change is told by the face."""
    if registry.portrays_target(method):
        assert method.needs & {Need.FACES, Need.MESH}


# -- behaviour over a synthetic shot -----------------------------------------------------------


Prepare = Callable[..., Generator]


def made_of(file: Path) -> InputUse:
    return InputUse("source", file.name, file_sha256(file), file)


@pytest.fixture
def prepare(studio: Any, options_for: Callable[[ModuleType], Options]) -> Prepare:
    def made(method: ModuleType, people: int = 1) -> Generator:
        if registry.makes(method) == "sound":
            pytest.skip("this method makes sound")
        cast, options = studio.cast(people), options_for(method)
        for file in registry.sources(method, options):  # it stands for the source, as in a job
            cast = {
                name: tuple(replace(one, input=made_of(file)) for one in photos)
                for name, photos in cast.items()
            }
        if Need.POSE in method.needs:  # a pipeline of its own hands it whole people
            return method.prepare(studio.figures(people), options, script=StudioScript())
        generator: Generator = method.prepare(cast, options, device="cpu")
        return generator

    return made


def same(one: Patch | Miss, other: Patch | Miss) -> bool:
    if isinstance(one, Miss) or isinstance(other, Miss):
        return one == other
    return (
        (one.box, one.track_id, one.face_px, one.source_px)
        == (other.box, other.track_id, other.face_px, other.source_px)
        and np.array_equal(one.pixels, other.pixels)
        and np.array_equal(one.mask, other.mask)
    )


def assert_same(one: Output, other: Output) -> None:
    assert [len(items) for items in one] == [len(items) for items in other]
    for ours, theirs in zip(one, other, strict=True):
        assert all(same(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize(
    "scene",
    [
        {},
        {"count": 1},
        {"people": 2},
        {"face_px": 12.0},
        {"face_px": 400.0},
        {"centre": (195.0, 5.0)},
        {"centre": (-300.0, -300.0)},
    ],
    ids=["plain", "one-frame", "two-people", "tiny", "huge", "cut-off", "outside"],
)
def test_each_face_of_each_window_gives_one_patch_or_miss(
    method: ModuleType, studio: Any, prepare: Prepare, scene: dict[str, Any]
) -> None:
    shot = studio.shot(radius=method.radius, **scene)

    output = list(prepare(method, scene.get("people", 1))(shot.windows()))

    assert len(output) == len(shot.frames)
    for frame, faces, items in zip(shot.frames, shot.faces, output, strict=True):
        tracks = sorted(item.track_id for item in items)
        assert tracks in (sorted(face.track_id for face in faces), [-1])
        for item in items:
            if isinstance(item, Miss):
                assert item.pts == frame.pts
                assert item.reason
            else:
                assert_patch_fits(item, frame.size_wh)


def assert_patch_fits(patch: Patch, size_wh: tuple[int, int]) -> None:
    x0, y0, x1, y1 = patch.box
    assert all(isinstance(edge, int) for edge in patch.box)
    assert 0 <= x0 < x1 <= size_wh[0]
    assert 0 <= y0 < y1 <= size_wh[1]
    assert patch.pixels.dtype == np.uint8
    assert patch.pixels.shape == (y1 - y0, x1 - x0, 3)
    assert patch.mask.dtype == np.float32
    assert patch.mask.shape == (y1 - y0, x1 - x0)
    assert np.isfinite(patch.mask).all()
    assert patch.mask.min() >= 0
    assert patch.mask.max() <= 1
    assert np.isfinite([patch.face_px, patch.source_px]).all()


def test_a_plain_face_is_changed_and_not_missed(
    method: ModuleType, studio: Any, prepare: Prepare
) -> None:
    shot = studio.shot(radius=method.radius)

    for frame, items in zip(shot.frames, prepare(method)(shot.windows()), strict=True):
        (patch,) = items
        assert isinstance(patch, Patch)
        x0, y0, x1, y1 = patch.box
        inside = patch.mask > 0.5
        assert inside.any()
        assert (patch.pixels[inside] != frame.pixels[y0:y1, x0:x1][inside]).any()


def test_windows_without_a_face_pass_in_step(
    method: ModuleType, studio: Any, prepare: Prepare
) -> None:
    if Need.FACES not in method.needs and Need.MESH not in method.needs:
        pytest.skip("this method works on whole frames")
    shot = studio.shot(radius=method.radius, people=0)

    assert list(prepare(method)(shot.windows())) == [[]] * len(shot.frames)


def test_output_streams_and_reads_no_further_than_radius(
    method: ModuleType, studio: Any, prepare: Prepare
) -> None:
    shot = studio.shot(radius=method.radius, count=6 + 2 * method.radius)

    for index, _ in enumerate(prepare(method)(shot.windows())):
        assert shot.taken <= index + 1 + method.radius


def test_the_same_shot_gives_the_same_output(
    method: ModuleType, studio: Any, prepare: Prepare
) -> None:
    runs = [list(prepare(method)(studio.shot(radius=method.radius).windows())) for _ in range(2)]

    assert_same(*runs)


def test_a_shot_does_not_depend_on_the_one_before(
    method: ModuleType, studio: Any, prepare: Prepare
) -> None:
    def play(generator: Generator, seed: int) -> Output:
        return list(generator(studio.shot(radius=method.radius, seed=seed).windows()))

    generator = prepare(method)
    play(generator, seed=2)

    assert_same(play(generator, seed=1), play(prepare(method), seed=1))


def test_two_shots_can_be_worked_in_turns(
    method: ModuleType, studio: Any, prepare: Prepare
) -> None:
    generator = prepare(method)
    shots = [studio.shot(radius=method.radius, seed=seed) for seed in (1, 2)]
    streams = [generator(shot.windows()) for shot in shots]
    turns = [list(items) for items in zip(*streams, strict=True)]

    for index, seed in enumerate((1, 2)):
        alone = list(prepare(method)(studio.shot(radius=method.radius, seed=seed).windows()))
        assert_same([turn[index] for turn in turns], alone)


def test_an_error_of_the_stage_before_comes_through(
    method: ModuleType, studio: Any, prepare: Prepare
) -> None:
    def broken() -> Iterator[Window]:
        yield next(studio.shot(radius=method.radius).windows())
        raise OSError("the file ended early")

    with pytest.raises(OSError, match="the file ended early"):
        list(prepare(method)(broken()))


def test_a_stream_can_be_left_early(method: ModuleType, studio: Any, prepare: Prepare) -> None:
    shot = studio.shot(radius=method.radius)
    stream = prepare(method)(shot.windows())

    next(stream)
    close = getattr(stream, "close", None)
    if close is not None:
        close()

    assert shot.taken <= 1 + method.radius
