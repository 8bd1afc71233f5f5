"""What is skin: in shade and where it shines, and neither beard nor hair."""

from dataclasses import replace

import cv2
import numpy as np
from tests.effects.test_effects import portrait

from masquerade.effects.hair_region import hair_of
from masquerade.effects.portrait import Portrait
from masquerade.effects.skin_tone import SMOOTH, SkinTone, texture
from masquerade.effects.tint import lab_of

SKIN = (205, 160, 138)


def painted(*colours: tuple[int, int, int]) -> np.ndarray:
    """(1, n, 3) CIE Lab of colours."""
    return lab_of(np.array([colours], np.uint8))


def tone() -> SkinTone:
    found = SkinTone.of(painted(*[SKIN] * 9), np.ones((1, 9), np.bool_))
    assert found is not None
    return found


def level_of(face: Portrait, up: float) -> tuple[int, int]:
    """Row and column so many units above the middle of the forehead's upper end."""
    _, down = face.axes
    x, y = np.rint(face.points[10] - down * up * face.unit).astype(int).tolist()
    return y, x


def bald(face: Portrait) -> Portrait:
    """The same face, with skin instead of hair above the brows."""
    pixels = face.pixels.copy()
    row = level_of(face, -0.3)[0]
    assert face.people is not None
    scalp = (face.people > 0) & (np.arange(len(pixels))[:, None] < row)
    pixels[scalp] = SKIN
    return replace(face, pixels=pixels)


def test_skin_in_shade_is_nearer_than_grey_or_black_hair() -> None:
    shade = tuple(round(0.6 * level) for level in SKIN)

    in_shade, grey, black = tone().apart(painted(shade, (150, 150, 150), (30, 26, 24)))[0]

    assert in_shade < min(grey, black)


def test_white_mixed_into_skin_counts_where_skin_may_shine() -> None:
    shine = painted((238, 226, 220))

    assert tone().apart(shine, shines=np.ones((1, 1), np.float32)) < 0.6 * tone().apart(shine)


def test_strands_change_more_than_skin() -> None:
    light = np.full((80, 80), 60, np.float32)
    light[:, 40::4] += 20

    found = texture(light, 80)

    assert found[40, 10] < SMOOTH < found[40, 65]


def test_no_tone_is_told_where_no_skin_is_seen() -> None:
    assert SkinTone.of(painted(SKIN), np.zeros((1, 1), np.bool_)) is None


def test_a_bare_scalp_is_skin_and_hair_there_is_not() -> None:
    before = portrait()
    row, column = level_of(before, 0.15)

    assert before.all_skin()[row, column] < 0.2
    assert bald(before).all_skin()[row, column] > 0.6


def test_a_face_made_smaller_is_less_deep() -> None:
    before = portrait()
    after = before.smaller(0.5)

    np.testing.assert_allclose(after.depth, before.depth / 2, atol=1e-3)
    np.testing.assert_allclose(after.unit, before.unit / 2, rtol=0.02)


def test_a_white_beard_is_no_skin() -> None:
    before = portrait().smaller(2.0)
    pixels = before.pixels.copy()
    x, y = np.rint(before.points[199]).astype(int).tolist()
    cv2.circle(pixels, (x, y), 20, (225, 224, 220), -1)

    assert before.all_skin()[y, x] > 0.9
    assert before.with_pixels(pixels).all_skin()[y, x] < 0.2


def test_a_bare_scalp_is_no_hair() -> None:
    before = portrait()
    row, column = level_of(before, 0.15)

    assert hair_of(before)[row, column] > 0.8
    assert hair_of(bald(before))[row, column] == 0


def test_skin_of_a_large_face_is_that_of_the_same_face_made_smaller() -> None:
    before = portrait()
    size = (3 * before.pixels.shape[1], 3 * before.pixels.shape[0])
    assert before.people is not None
    large = replace(
        before,
        pixels=np.asarray(cv2.resize(before.pixels, size, interpolation=cv2.INTER_LINEAR)),
        points=(before.points + 0.5) * 3 - 0.5,
        people=cv2.resize(before.people, size, interpolation=cv2.INTER_LINEAR),
    )

    again = cv2.resize(large.all_skin(), before.pixels.shape[1::-1], interpolation=cv2.INTER_AREA)

    assert large.unit > 2 * before.unit
    assert np.abs(again - before.all_skin()).mean() < 0.01


def test_skin_is_found_at_any_size() -> None:
    before = portrait()

    for unit in (159.9, 160.1, 160.6, 161.3):
        assert before.smaller(unit / before.unit).all_skin().any()
