"""More or less of a pigment in skin: shine stays, skin stays skin."""

from dataclasses import replace

import numpy as np
from tests.effects.test_effects import portrait

from masquerade.effects.pigment import BILIRUBIN, BLOOD, pigmented, seen
from masquerade.effects.portrait import Portrait


def cheek(face: Portrait) -> np.ndarray:
    x, y = np.rint(face.points[50]).astype(int)
    return face.pixels[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3).mean(axis=0)


def everywhere(face: Portrait, density: float) -> np.ndarray:
    return np.full(face.pixels.shape[:2], density, np.float32)


def test_blood_takes_green_and_leaves_red() -> None:
    before = portrait()

    red, green, _ = cheek(pigmented(before, everywhere(before, 0.4), BLOOD)) / cheek(before)

    assert red > 0.93
    assert green < 0.75


def test_what_shines_takes_on_no_colour() -> None:
    before = portrait()
    pixels = before.pixels.copy()
    x, y = np.rint(before.points[50]).astype(int)
    pixels[y - 6 : y + 7, x - 6 : x + 7] = 246
    shining = replace(before, pixels=pixels)

    after = pigmented(shining, everywhere(shining, 0.4), BLOOD)

    assert np.ptp(cheek(after)) < 0.5 * np.ptp(
        cheek(pigmented(before, everywhere(before, 0.4), BLOOD))
    )


def test_skin_without_blood_is_pale_and_not_green() -> None:
    before = portrait()

    red, green, blue = cheek(pigmented(before, everywhere(before, -0.8), BLOOD))

    assert red >= green >= blue


def test_less_is_seen_in_dark_skin() -> None:
    light = portrait()
    dark = replace(light, pixels=(light.pixels * 0.35).astype(np.uint8))

    assert seen(dark) < seen(light)


def test_bilirubin_takes_blue_alone() -> None:
    before = portrait()

    red, green, blue = cheek(pigmented(before, everywhere(before, 0.5), BILIRUBIN)) / cheek(before)

    assert red > 0.98
    assert green > 0.9
    assert blue < 0.75
