import sys
from pathlib import Path

import pytest

from masquerade import effects
from masquerade.effects import shape
from masquerade.effects.presets import PRESETS
from masquerade.effects.words import Wish, effect, effect_names, read_wishes, rgb
from masquerade.errors import UsageError


def test_every_effect_declares_what_an_effect_declares() -> None:
    for name in effect_names():
        module = effect(name)
        low, high = module.RANGE
        assert low <= 0 < high, name
        assert isinstance(module.WORDS, tuple), name
        assert (module.__doc__ or "").partition("\n")[0].endswith("."), name


def test_signs_of_illness_say_which_they_imitate() -> None:
    for name, place in effect_names().items():
        if ".medical." in place:
            assert "Sign:" in (effect(name).__doc__ or ""), name


def test_strengths_sides_and_colours() -> None:
    wishes = read_wishes(["Smile=0.5", "palsy", "lipstick=1:#010203", "ptosis=0.2:both"])

    assert wishes == (
        Wish("smile", 0.5, ""),
        Wish("palsy", 1.0, "left"),
        Wish("lipstick", 1.0, "#010203"),
        Wish("ptosis", 0.2, "both"),
    )
    assert rgb("#010203") == (1, 2, 3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no effect is named"),
        (["grin=1"], "no effect is named 'grin'"),
        (["smile=2"], "the strength of smile"),
        (["smile=nan"], "the strength of smile"),
        (["smile=a lot"], "the strength of smile"),
        (["lipstick=-0.1"], "the strength of lipstick"),
        (["ptosis=0.5:up"], "ptosis was given 'up'"),
        (["lipstick=0.5:red"], "lipstick was given 'red'"),
        (["lipstick=0.5:#rrggbb"], "lipstick was given"),
        (["smile=0.5:left"], "smile was given 'left'"),
    ],
)
def test_what_is_no_effect_is_told(words: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_wishes(words)


def test_presets_are_taken_apart_and_weakened() -> None:
    assert read_wishes(["older=0.5", "smile=1"]) == (
        Wish("age", 15.0, ""),
        Wish("hair", 0.4, "grey"),
        Wish("smile", 1.0, ""),
    )
    with pytest.raises(UsageError, match="the strength of older is '2'"):
        read_wishes(["older=2"])


@pytest.mark.parametrize("name", PRESETS)
def test_presets_name_effects_that_there_are_and_are_none_themselves(name: str) -> None:
    assert read_wishes([name])
    assert name not in effect_names()
    assert PRESETS[name].summary.endswith(".")


def test_a_dropped_in_file_is_an_effect_if_it_declares_what_one_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "shape"
    folder.mkdir()
    (folder / "wink.py").write_text('"""One eye shut."""\n\nRANGE = (0.0, 1.0)\n')
    (folder / "_lashes.py").write_text("")
    monkeypatch.setattr(effects, "__path__", [*effects.__path__, str(tmp_path)])
    monkeypatch.setattr(shape, "__path__", [*shape.__path__, str(folder)])
    effect_names.cache_clear()
    try:
        assert "wink" in effect_names()
        assert "_lashes" not in effect_names()
        with pytest.raises(UsageError, match=r"wink does not declare WORDS, apply"):
            effect("wink")
    finally:
        effect_names.cache_clear()
        sys.modules.pop("masquerade.effects.shape.wink", None)
