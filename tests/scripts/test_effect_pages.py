"""Pages of effects are in step with the code."""

from masquerade.effects.words import effect, effect_names
from scripts import effect_pages


def test_pages_are_in_step_with_the_code_and_have_pictures() -> None:
    assert effect_pages.main(["--check"]) == 0
    for name in effect_names():
        assert (effect_pages.PICTURES / f"{name}.jpg").stat().st_size < 300_000, name


def test_pictures_together_stay_small() -> None:
    together = sum(one.stat().st_size for one in effect_pages.PICTURES.iterdir())

    assert together <= 3_000_000


def test_signs_of_illness_are_said_on_their_pages() -> None:
    pages = {page.stem: text for page, text in effect_pages.pages()}

    for name, place in effect_names().items():
        assert pages[name].startswith(f"# {name}\n")
        if ".medical." in place:
            assert "Sign: " in pages[name]
            assert "Sign:" in (effect(name).__doc__ or "")
