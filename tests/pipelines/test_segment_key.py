"""Segments of a draft are found again exactly where their frames would be the same."""

from dataclasses import replace

import pytest

from masquerade.pipelines.segment_key import segment_key
from masquerade.types import InputUse, Recipe

RECIPE = Recipe(
    method="portrait",
    version="1",
    options_json="{}",
    models=(("net", "a" * 64),),
    inputs=(InputUse("target", "photo", "b" * 64),),
)


def test_the_same_work_has_the_same_name_wherever_the_file_lies() -> None:
    moved = replace(RECIPE, inputs=(replace(RECIPE.inputs[0], name="another name"),))

    assert segment_key(moved, 0, ((0, 9),)) == segment_key(RECIPE, 0, ((0, 9),))


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "body"},
        {"version": "2"},
        {"options_json": '{"seed":1}'},
        {"models": (("net", "c" * 64),)},
        {"inputs": (InputUse("target", "photo", "c" * 64),)},
        {"inputs": (InputUse("source", "photo", "b" * 64),)},
        {"also": ("voice_convert",)},
    ],
)
def test_whatever_changes_frames_changes_the_name(changed: dict[str, object]) -> None:
    other = replace(RECIPE, **changed)  # type: ignore[arg-type]

    assert segment_key(other, 0) != segment_key(RECIPE, 0)


def test_parts_of_a_file_have_names_of_their_own() -> None:
    names = {segment_key(RECIPE, 0, ((0, 9),)), segment_key(RECIPE, 1, ((0, 9),))}

    assert len(names | {segment_key(RECIPE, 0, ((0, 8),)), segment_key(RECIPE, 0)}) == 4
