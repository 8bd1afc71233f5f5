"""A choice as a settings file: it says what was chosen, and can be read again."""

from pathlib import Path

import pytest

from masquerade.compose.blend import ComposeOptions
from masquerade.errors import UsageError
from masquerade.generate import swap_mesh
from masquerade.pipelines.preview.alternatives import read_alternatives
from masquerade.pipelines.preview.chosen_settings import Choice, read_choices, settings_text
from masquerade.pipelines.shot_settings import read_shot_settings
from masquerade.pipelines.takes import Take

USUAL = Take("swap_mesh", swap_mesh.Options(feather=0.1), ComposeOptions(show="mask"))
PLAIN = Take("swap_mesh", swap_mesh.Options(), ComposeOptions())


@pytest.fixture
def text_of():
    """The text for choices out of three alternatives."""
    found = read_alternatives(["method=swap_mesh,swap_appearance", "colour=rct,mkl"], USUAL)

    def make(*choices: Choice) -> str:
        return settings_text(choices, found, [one.of(USUAL, USUAL) for one in found])

    return make


def test_what_is_written_is_read_as_what_was_chosen(text_of, tmp_path: Path) -> None:
    path = tmp_path / "shots.toml"
    path.write_text(text_of(Choice(1, "0:01.00", 4), Choice(3, "0:09.00", 1)))
    first, second = read_shot_settings(path, PLAIN).entries
    assert (first.where.numbers, second.where.numbers) == ((1,), (3,))
    assert (first.take.method, first.take.blending.colour) == ("swap_appearance", "mkl")
    assert (second.take.method, second.take.blending.colour) == ("swap_mesh", "rct")
    assert first.take.options.feather == second.take.options.feather == 0.1
    assert first.take.blending.show == "result"  # a look at masks is no wish for a film of masks


def test_the_other_ways_stay_beside_it_as_comments(text_of) -> None:
    text = text_of(Choice(1, "0:01.00", 2))
    assert text.count('\n#   colour = "rct"') == 2
    assert text.count('\ncolour = "mkl"') == 1


def test_one_shot_that_was_looked_at_twice_is_written_once(text_of) -> None:
    assert text_of(Choice(1, "0:01.00", 2), Choice(1, "0:02.00", 2)).count("[[shot]]\n") == 1
    with pytest.raises(UsageError, match=r"2 at 0:01.00 and 3 at 0:02.00, which are one shot"):
        text_of(Choice(1, "0:01.00", 2), Choice(1, "0:02.00", 3))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", (2, 2, 2)),
        ("1,2,3", (1, 2, 3)),
        ("1,2", "2 numbers for 3 moments"),
        ("4", "--choose 4; expected: 1 to 3"),
        ("0", "--choose 0"),
        ("best", "--choose best"),
        ("", "--choose"),
    ],
)
def test_choices_are_numbers_for_all_rows_or_each(text, expected) -> None:
    if isinstance(expected, tuple):
        assert read_choices(text, 3, 3) == expected
    else:
        with pytest.raises(UsageError, match=expected):
            read_choices(text, 3, 3)
