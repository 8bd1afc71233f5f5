"""The light of pictures, and people put into another: colours alone, no network is needed."""

from dataclasses import replace

import numpy as np
import pytest

from masquerade.bodies.light import Curves, Light, curves, light_of, relit, skin_of
from masquerade.types import RGB

FREE = np.ones((240, 320), np.bool_)
WARM, DIM = (1.1, 1.0, 0.7), (0.65, 0.65, 0.65)


def place(seed: int = 0) -> RGB:
    """A place of many colours."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(10, 215, (24, 32, 3))
    return np.repeat(np.repeat(coarse, 10, axis=0), 10, axis=1).astype(np.uint8)


def cast(gains: tuple[float, float, float]) -> Curves:
    """What levels become under a coloured light; roughly sRGB, a power of 2.2."""
    levels = np.arange(256)[:, None] * np.array(gains) ** (1 / 2.2)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)[None]


def light(by: Curves | None, skin: tuple[int, int, int] | None = (200, 150, 130)) -> Light:
    """The light of a place and of somebody in it."""
    face = np.full((20, 20, 3), skin or (0, 0, 0), np.uint8)
    seen = skin_of(relit(face, by), np.ones((20, 20), np.float32)) if skin else None
    found = light_of([(relit(place(), by), FREE)], [seen] if seen is not None else [])
    assert found is not None
    return found


@pytest.mark.parametrize("gains", [WARM, DIM])
@pytest.mark.parametrize("skin", [(200, 150, 130), None])
def test_more_than_half_of_a_cast_is_taken_away(
    gains: tuple[float, float, float], skin: tuple[int, int, int] | None
) -> None:
    by, clothes = cast(gains), place(1)
    back = relit(relit(clothes, by), curves(light(by, skin), light(None, skin)))
    before = np.abs(relit(clothes, by).astype(int) - clothes).mean()
    after = np.abs(back.astype(int) - clothes).mean()
    assert after < 0.5 * before


def test_the_same_light_changes_nothing() -> None:
    plain = np.arange(256)
    assert np.abs(curves(light(None), light(None))[0].astype(int) - plain[:, None]).max() <= 1
    assert relit(place(), None) is not None


def test_skin_of_another_colour_changes_hardly_any_colour() -> None:
    dark = curves(light(None, (200, 150, 130)), light(None, (110, 66, 40)))[0, 128].astype(int)
    assert np.ptp(dark) < 12


def with_walls(ground: tuple[int, int, int], walls: tuple[int, int, int], seed: int = 0) -> RGB:
    """A place whose lower part is ground of one colour, with something bright above."""
    rng = np.random.default_rng(seed)
    made = np.full((240, 320, 3), ground, np.int16)
    made[:23] = walls  # less than a tenth: more than that counts as the place
    noisy = np.clip(made + rng.integers(-9, 10, (240, 320, 1)), 0, 255)
    return np.asarray(noisy, np.uint8)


def light_at(picture: RGB) -> Light:
    """The light of a place that nobody is in."""
    found = light_of([(picture, FREE)], [])
    assert found is not None
    return found


def test_white_stays_white_where_walls_are_white_and_the_ground_is_not() -> None:
    park = light_at(with_walls((120, 92, 60), (225, 225, 225)))
    street = light_at(with_walls((128, 128, 124), (226, 226, 224), 1))
    assert np.ptp(curves(street, park)[0, 240].astype(int)) <= 12
    told = (replace(street, bright=None), replace(park, bright=None))
    plain = curves(street, park)[0, 160].astype(int)
    assert np.ptp(curves(*told)[0, 160].astype(int)) > 2 * np.ptp(plain)


def test_white_walls_in_another_light_take_a_cast_away() -> None:
    plain = with_walls((120, 92, 60), (215, 215, 215))
    warm = light_at(relit(plain, cast((1.05, 1.0, 0.8))))
    white = relit(np.full((1, 1, 3), 220, np.uint8), cast((1.05, 1.0, 0.8)))
    assert np.ptp(relit(white, curves(warm, light_at(plain)))) < 0.35 * np.ptp(white)


def test_a_bright_sky_says_less_than_a_wall() -> None:
    """Both are bluer than grey: a wall in a bluer light, and a sky, which is of another colour."""
    street = light_at(with_walls((128, 128, 128), (226, 226, 226)))
    sky = light_at(with_walls((128, 128, 128), (150, 195, 240), 1))
    wall = light_at(with_walls((128, 128, 128), (218, 226, 236), 1))
    by_sky, by_wall = (curves(street, one)[0, 200].astype(int) for one in (sky, wall))
    assert np.ptp(by_sky) < np.ptp(by_wall) < 16


def test_what_is_taken_on_is_bounded() -> None:
    far = replace(light(None), place=np.array([1.0, 0.1, 0.01]), level=0.9, black=0.5)
    made = curves(light(None), far)[0].astype(int)
    assert made[0].max() <= 26
    assert np.abs(made[128] - 128).max() < 90
    assert (np.diff(made, axis=0) >= 0).all()


def test_pictures_that_tell_nothing_have_no_light() -> None:
    white = np.full((240, 320, 3), 255, np.uint8)
    assert light_of([], []) is None
    assert light_of([(white, FREE)], []) is None
    assert skin_of(white, np.ones((240, 320), np.float32)) is None


def test_white_clothes_are_neither_tinted_nor_clipped_where_the_place_is_brighter() -> None:
    by = curves(light(cast((0.75, 0.75, 0.62))), light(None))[0].astype(int)
    assert np.ptp(by[128]) > 10  # a cast goes
    assert np.ptp(by[235]) < np.ptp(by[128])
    assert by[240].max() < 255
    assert (np.diff(by, axis=0) >= 0).all()
