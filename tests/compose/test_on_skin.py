from __future__ import annotations

import numpy as np
import pytest

from masquerade.compose import on_skin
from masquerade.compose.light import Picture
from masquerade.compose.on_skin import lit_as_skin, needed
from masquerade.types import RGB

PINK, DARK = (230, 190, 180), (110, 66, 50)
LUMA = np.array([0.299, 0.587, 0.114])
WHOLE = np.ones((64, 64), np.float32)


def cells(colour: tuple[int, ...]) -> Picture:
    return np.full((32, 32, 3), colour, np.float32)


def picture(colour: tuple[int, ...]) -> RGB:
    return np.full((64, 64, 3), colour, np.uint8)


def lit(pixels: RGB, before: tuple[int, ...], after: tuple[int, ...], skin: float = 1.0) -> Picture:
    plain = pixels.astype(np.float32) + np.subtract(after, before, dtype=np.float32)
    levels = (float(LUMA @ before), float(LUMA @ after))
    return lit_as_skin(
        plain, pixels, cells(before), cells(after), WHOLE * skin, WHOLE, levels=levels
    )


@pytest.mark.parametrize(("before", "after"), [(PINK, DARK), (DARK, PINK)])
def test_plain_skin_becomes_what_it_is_to_become(
    before: tuple[int, ...], after: tuple[int, ...]
) -> None:
    np.testing.assert_allclose(lit(picture(before), before, after)[5, 5], after, atol=1.5)


def test_folds_of_pink_skin_do_not_turn_orange_on_dark_skin() -> None:
    red, green, blue = lit(picture((190, 130, 110)), PINK, DARK)[0, 0]
    assert green / red > 0.7 * DARK[1] / DARK[0]  # added light leaves 30 / 94 of it
    assert blue / red > 0.6 * DARK[2] / DARK[0]


def test_folds_of_dark_skin_fill_with_light_and_are_no_grey_on_pink_skin() -> None:
    fold = (52, 28, 18)
    made = lit(picture(fold), DARK, PINK)[0, 0]
    assert LUMA @ made / (LUMA @ PINK) > LUMA @ fold / (LUMA @ DARK) + 0.1
    assert made[1] / made[0] < PINK[1] / PINK[0]


@pytest.mark.parametrize("dark", [-10.0, -40.0, 0.0])
def test_what_other_colours_made_darker_than_black_stays_a_number(dark: float) -> None:
    pixels = np.full((64, 64, 3), dark, np.float32)
    plain = pixels.copy()
    made = lit_as_skin(plain, pixels, cells(PINK), cells(DARK), WHOLE, WHOLE, levels=(198.0, 77.0))
    assert np.isfinite(made).all()


def test_what_shines_on_dark_skin_is_not_burnt_out_on_pink_skin() -> None:
    steps = [LUMA @ lit(picture((r, r - 30, r - 40)), DARK, PINK)[0, 0] for r in (150, 200, 250)]
    assert steps[0] < steps[1] < steps[2] < 255


def test_lips_are_lit_as_skin_is_and_eyes_are_not() -> None:
    lips, eyes = picture((190, 60, 60)), picture((120, 150, 190))
    red, green, _ = lit(lips, PINK, DARK, skin=0)[0, 0]
    assert green / red > 0.6 * 60 / 190 * DARK[1] / DARK[0] * PINK[0] / PINK[1]
    shift = np.subtract(DARK, PINK, dtype=np.float32)
    np.testing.assert_allclose(lit(eyes, PINK, DARK, skin=0), eyes + shift, atol=0.01)


def test_bands_of_rows_meet(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    pixels = rng.integers(20, 230, (64, 64, 3)).astype(np.uint8)
    before, after = (rng.uniform(40, 200, (32, 32, 3)).astype(np.float32) for _ in range(2))
    made = []
    for rows in (7, 64):
        monkeypatch.setattr(on_skin, "_BAND", rows)
        plain = pixels.astype(np.float32)
        made.append(
            lit_as_skin(
                plain, pixels, before, after, WHOLE, WHOLE, levels=(90, 120), ratio=after / before
            )
        )
    assert np.abs(made[0] - made[1]).mean() < 0.1


def test_nothing_is_done_where_skin_hardly_changes() -> None:
    weight = np.ones((32, 32), np.float32)
    assert needed(cells(PINK), cells(PINK) + 5, weight)[0] == 0
    assert needed(cells(PINK), cells(DARK), weight)[0] == 1
