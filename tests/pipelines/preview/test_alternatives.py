"""What a preview compares: every combination, each once, and nothing that is not an option."""

import pytest

from masquerade.compose.blend import ComposeOptions
from masquerade.errors import UsageError
from masquerade.generate import swap_mesh
from masquerade.pipelines.preview.alternatives import read_alternatives
from masquerade.pipelines.takes import Take

USUAL = Take("swap_mesh", swap_mesh.Options(feather=0.1), ComposeOptions(light=0.5))


def _words(*compare: str) -> list[str]:
    return [one.words for one in read_alternatives(compare, USUAL)]


def test_without_a_comparison_there_is_the_job_as_asked() -> None:
    (one,) = read_alternatives((), USUAL)
    assert one.words == "as asked"
    assert one.of(USUAL, USUAL) is USUAL


def test_several_options_give_every_combination() -> None:
    assert _words("colour=none,rct", "light=0,1") == [
        "colour none, light 0",
        "colour none, light 1",
        "colour rct, light 0",
        "colour rct, light 1",
    ]


def test_an_option_of_one_method_is_varied_for_that_method_alone() -> None:
    assert _words("detail=0,1", "method=swap_mesh,swap_appearance") == [
        "swap_mesh",
        "swap_appearance, detail 0",
        "swap_appearance, detail 1",
    ]


def test_what_is_not_compared_stays_as_asked() -> None:
    _, other = read_alternatives(["method=swap_mesh,swap_appearance"], USUAL)
    take = other.of(USUAL, USUAL)
    assert (take.method, take.options.feather, take.blending.light) == ("swap_appearance", 0.1, 0.5)


def test_a_moment_that_is_skipped_is_made_where_something_is_compared() -> None:
    from dataclasses import replace

    skipped = replace(USUAL, skip=True)
    one, _ = read_alternatives(["light=0,1"], USUAL)
    assert not one.of(skipped, USUAL).skip


@pytest.mark.parametrize(
    ("compare", "words"),
    [
        (["color=none,rct"], "no such option; expected: colour, perhaps"),
        (["colour"], "--compare colour; expected: option=value"),
        (["colour=blue"], "--compare colour=blue"),
        (["method=blink"], "--compare method=blink; expected: one of"),
        (["light=0,1", "light=0.5"], "light is given twice"),
        (["light=0,0.1,0.2,0.3,0.4", "grain=0,1,2"], "15 alternatives; expected: at most 12"),
        (["feather=7"], "--compare feather=7"),
    ],
)
def test_what_cannot_be_compared_is_refused(compare, words) -> None:
    with pytest.raises(UsageError, match=words):
        read_alternatives(compare, USUAL)
