"""Settings by shot: what a file may say, and one clear error with its line for all it may not."""

import time
from fractions import Fraction
from pathlib import Path

import pytest

from masquerade.compose.blend import ComposeOptions
from masquerade.errors import UsageError
from masquerade.generate import swap_mesh
from masquerade.pipelines.shot_settings import carried, read_shot_settings
from masquerade.pipelines.takes import Take

USUAL = Take("swap_mesh", swap_mesh.Options(feather=0.1), ComposeOptions(light=0.5))


@pytest.fixture
def read(tmp_path: Path):
    """Reads settings from a text."""

    def of(text: str):
        path = tmp_path / "shots.toml"
        path.write_text(text, encoding="utf-8")
        return read_shot_settings(path, USUAL)

    return of


def test_a_shot_takes_over_what_is_asked_for_and_keeps_the_rest(read) -> None:
    settings = read('[[shot]]\nnumber = 2\ncolour = "mkl"\nshape = 0\nblur = 0.1\n')
    (entry,) = settings.entries
    assert entry.where.numbers == (2,)
    assert (entry.take.blending.colour, entry.take.blending.light) == ("mkl", 0.5)
    assert (entry.take.options.feather, entry.take.options.shape) == (0.1, 0)
    assert entry.take.blending.blur == 0.1


def test_a_shot_may_be_made_by_another_method_of_the_command(read) -> None:
    (entry,) = read(
        '[[shot]]\nfrom = "0:01"\nto = 2.5\nmethod = "swap_appearance"\ndetail = 0.5\n'
    ).entries
    assert (entry.where.from_s, entry.where.until_s) == (Fraction(1), Fraction(5, 2))
    assert entry.take.method == "swap_appearance"
    assert entry.take.options.detail == 0.5
    assert entry.take.options.feather == 0.1  # set for the other method, and known here too


def test_only_options_that_were_set_go_along_to_another_method() -> None:
    from masquerade.generate import swap_appearance

    assert carried(swap_mesh.Options(), swap_appearance.Options) == swap_appearance.Options()


def test_areas_are_read_with_their_times(read) -> None:
    (entry,) = read(
        "[[shot]]\nnumber = [1, 3]\n[[shot.front]]\nbox = [10, 20, 30, 40]\nfrom = '0:01'\n"
        "[[shot.face]]\npolygon = [[0, 0], [1, 0], [0, 1]]\nunit = 'frame'\nto = 4\n"
    ).entries
    front, face = entry.take.corrections
    assert (front.keep, front.unit, front.from_s, front.until_s) == ("front", "px", 1, None)
    assert front.area == ((10, 20), (30, 20), (30, 40), (10, 40))
    assert (face.keep, face.unit, face.from_s, face.until_s) == ("face", "frame", 0, 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds nothing"),
        ("[[shot]]\nnumber = ", "is not TOML"),
        ("[[shots]]\nnumber = 1", "holds shots"),
        ("x = 1\n[[shot]]\nnumber = 1", "holds shot, x"),
        ("[[shot]]\nskip = true", "line 1 does not say which shot"),
        ("[[shot]]\nnumber = 0", "line 2: number = 0"),
        ("[[shot]]\nnumber = true", "line 2: number = true"),
        ("[[shot]]\nnumber = [1, 1]", r"line 2: number = \[1, 1\]; expected: each number once"),
        ("[[shot]]\nnumber = 1\nfrom = 2", "line 1: both number and times"),
        ("[[shot]]\nfrom = 2\nto = 1", "line 3: to is not after from"),
        ("[[shot]]\nfrom = 'soon'", "line 2: from = 'soon' is no time"),
        ("[[shot]]\nfrom = [1]", "line 2: from = "),
        (
            "[[shot]]\nnumber = 1\n\n[[shot]]\nnumber = 2\ncolor = 'mkl'",
            "line 6: no setting is named 'color' for swap_mesh; expected: colour, perhaps",
        ),
        ("[[shot]]\nnumber = 1\ndetail = 1.0", "line 3: no setting is named 'detail'"),
        ("[[shot]]\nnumber = 1\nlight = '0.5'", 'line 3: light = "0.5"'),
        ("[[shot]]\nnumber = 1\nlight = 2", "line 3: light = 2"),
        ("[[shot]]\nnumber = 1\nlight = 2026-01-01", "line 1: "),
        ("[[shot]]\nnumber = 1\ncolour = 'blue'", 'line 3: colour = "blue"'),
        ("[[shot]]\nnumber = 1\nfeather = true", "line 3: feather = true"),
        ("[[shot]]\nnumber = 1\nmethod = 'blink'", 'line 3: method = "blink"'),
        ("[[shot]]\nnumber = 1\nmethod = 5", "line 3: method = 5"),
        ("[[shot]]\nnumber = 1\nskip = 'yes'", 'line 3: skip = "yes"'),
        ("[[shot]]\nnumber = 1\nskip = true\nlight = 1", "line 4: light in a shot that stays"),
        ("[[shot]]\nnumber = 1\nfront = 3", "line 3: front = 3"),
        ("[[shot]]\nnumber = 1\n[[shot.front]]\nfrom = 1", "line 3: an area needs a box"),
        ("[[shot]]\nnumber = 1\n[[shot.front]]\nbox = [1, 2, 3]", r"line 4: box = \[1, 2, 3\]"),
        ("[[shot]]\nnumber = 1\n[[shot.front]]\nbox = [9, 2, 3, 4]", "line 4: the box 9, 2, 3, 4"),
        ("[[shot]]\nnumber = 1\n[[shot.face]]\npolygon = [[1, 2]]", "line 4: an area has 1"),
        (
            "[[shot]]\nnumber = 1\n[[shot.front]]\nbox = [1, 2, 3, 4]\n"
            "[[shot.front]]\nbox = [1, 2, 3, 4]\nunit = 'cm'",
            'line 7: unit = "cm"',
        ),
        (
            "[[shot]]\nnumber = 1\n[[shot.front]]\nbox = [1, 2, 3, 4]\nwidth = 3",
            "line 5: no setting of ..shot.front.. is named 'width'",
        ),
        ("[[shot]]\nnumber = 1\n[[shot.frnt]]\nbox = [1, 2, 3, 4]", "line 3: no setting"),
        ("[[shot.front]]\nbox = [1, 2, 3, 4]", r"begins with \[\[shot\.front"),
        (f"[[shot]]\nnumber = {'9' * 5000}", "is not TOML"),
        (f"[[shot]]\nnumber = 0x{'f' * 6000}", "line 2: number = a number out of range"),
        (f"[[shot]]\nfrom = 0x{'f' * 6000}", "line 2: from = a number out of range"),
        (f"[[shot]]\nfrom = '{'9' * 5000}'", "line 2: from = '9{32}' is no time"),
        ("[[shot]]\nfrom = nan", "line 2: from = NaN"),
        ("[[shot]]\nfrom = -1", "line 2: from = '-1' is no time"),
        ("[[shot]]\nnumber = 1\n[[shot.front]]\nbox = [nan, 0, 1, 1]", r"line 4: box = \[NaN"),
        ("[[shot]]\nnumber = 1\n[[shot.front]]\nbox = [0, 0, 1, inf]", r"line 4: box = \[0, 0"),
        (
            "[[shot]]\nnumber = 1\n[[shot.face]]\npolygon = [[0, 0], [1, 0], [0, 1e308]]",
            r"line 4: polygon = \[\[0",
        ),
    ],
)
def test_whatever_is_wrong_is_told_with_its_line(read, text, words) -> None:
    with pytest.raises(UsageError, match=words):
        read(text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot read the settings none\.toml"):
        read_shot_settings(tmp_path / "none.toml", USUAL)


def test_a_file_of_a_thousand_shots_is_read_at_once(read) -> None:
    began = time.process_time()
    settings = read("".join(f"[[shot]]\nnumber = {n}\nlight = 0.5\n" for n in range(1, 1001)))
    assert settings.entries[-1].where.words == "shots.toml, line 2998"
    assert time.process_time() - began < 5
