from __future__ import annotations

import numpy as np
import pytest

from masquerade.compose.tone import Colour, Tone, Wishes, toned
from masquerade.types import RGB, Patch

SHAPE = (96, 80)
MASKS = (np.ones(SHAPE, np.float32), np.ones(SHAPE, np.float32))


def wishes(colour: Colour = "auto", relight: float = 0.0) -> Wishes:
    return Wishes(colour, relight, 1.0, 0.5)


def coloured(rng: np.random.Generator) -> RGB:
    small = rng.uniform(40, 220, (12, 10, 3))
    return np.clip(np.kron(small, np.ones((8, 8, 1))), 0, 255).astype(np.uint8)


def patch_of(pixels: RGB, **more: object) -> Patch:
    return Patch(pixels, MASKS[0], (0, 0, 80, 96), 1, face_px=90.0, **more)  # type: ignore[arg-type]


def test_auto_takes_the_colours_out_in_a_grey_shot(rng: np.random.Generator) -> None:
    pixels = coloured(rng)
    grey = coloured(rng).mean(axis=2, keepdims=True).astype(np.uint8).repeat(3, axis=2)
    spread = {}
    for colour in ("none", "auto"):
        made = toned(pixels, patch_of(pixels), grey, MASKS, Tone(), wishes(colour))
        spread[colour] = np.ptp(made, axis=2).mean()
    assert spread["auto"] < 0.35 * spread["none"]


def test_auto_leaves_an_ordinary_shot_as_it_was(rng: np.random.Generator) -> None:
    pixels, behind = coloured(rng), coloured(rng)
    made = [
        toned(pixels, patch_of(pixels), behind, MASKS, Tone(), wishes(colour)).copy()
        for colour in ("none", "auto")
    ]
    np.testing.assert_array_equal(*made)


def test_the_choice_is_held_after_the_first_frames(rng: np.random.Generator) -> None:
    pixels, known = coloured(rng), Tone()
    for _ in range(5):
        toned(pixels, patch_of(pixels), pixels, MASKS, known, wishes())
    held = known.ranges
    grey = pixels.mean(axis=2, keepdims=True).astype(np.uint8).repeat(3, axis=2)
    toned(pixels, patch_of(pixels), grey, MASKS, known, wishes())
    assert known.ranges is held
    assert known.colour is None


@pytest.mark.parametrize("colour", ["none", "rct", "lct", "mkl", "idt", "sot"])
def test_pixels_of_the_frames_own_keep_their_colour(
    colour: Colour, rng: np.random.Generator
) -> None:
    pixels, behind = coloured(rng), coloured(rng)
    own = np.zeros(SHAPE, np.float32)
    own[20:60, 20:60] = 1
    made = toned(pixels, patch_of(pixels, own=own), behind, MASKS, Tone(), wishes(colour))
    assert np.abs(made[20:60, 20:60] - pixels[20:60, 20:60]).max() < 0.01


def test_relighting_needs_the_shape_of_the_face(rng: np.random.Generator) -> None:
    pixels, behind = coloured(rng), coloured(rng)
    made = [
        toned(pixels, patch_of(pixels), behind, MASKS, Tone(), wishes("none", amount)).copy()
        for amount in (0.0, 1.0)
    ]
    np.testing.assert_array_equal(*made)


def test_light_from_a_side_is_laid_on_through_the_shape() -> None:
    columns = np.linspace(-0.9, 0.9, 32, dtype=np.float32)[None].repeat(32, axis=0)
    normals = np.stack([columns, np.zeros_like(columns), np.sqrt(1 - columns**2)], axis=-1)
    pixels = np.full((*SHAPE, 3), 120, np.uint8)
    slope = 60 + 120 * np.linspace(0, 1, 80)[None, :, None]
    behind = np.broadcast_to(slope, (*SHAPE, 3)).astype(np.uint8)
    known = Tone()
    toned(pixels, patch_of(pixels, normals=normals), behind, MASKS, known, wishes("none", 1.0))
    assert known.apart is not None
    assert known.apart[1].min() > 0.2  # more light from the right


def test_features_of_a_grey_shot_are_as_bright_as_its_skin_makes_them(
    rng: np.random.Generator,
) -> None:
    pixels = coloured(rng)
    grey = (0.5 * pixels.mean(axis=2, keepdims=True)).astype(np.uint8).repeat(3, axis=2)
    skin = np.ones(SHAPE, np.float32)
    skin[36:60, 28:52] = 0
    made = [
        toned(pixels, patch_of(pixels, skin=plain), grey, (MASKS[0], plain), Tone(), wishes())
        for plain in (MASKS[0], skin)
    ]
    light = [one[40:56, 32:48].mean() for one in made]
    assert light[1] == pytest.approx(light[0], rel=0.12)


def test_the_edge_of_a_face_is_recoloured_as_its_skin_is(rng: np.random.Generator) -> None:
    pixels = coloured(rng)
    grey = pixels.mean(axis=2, keepdims=True).astype(np.uint8).repeat(3, axis=2)
    shape = np.zeros(SHAPE, np.float32)
    shape[8:-8, 8:-8] = 1
    skin = np.zeros(SHAPE, np.float32)
    skin[16:-16, 16:-16] = 1
    made = [
        toned(pixels, patch_of(pixels, skin=plain), grey, (shape, skin), Tone(), wishes())
        for plain in (MASKS[0], skin)
    ]
    np.testing.assert_allclose(made[1][:12], made[0][:12], atol=6)
