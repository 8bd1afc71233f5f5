from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from masquerade.compose.blend import ComposeOptions, ShotLook, compose
from masquerade.types import RGB, Frame, Patch

BOX = (40, 30, 140, 150)


def face_patch(pixels: RGB, *, box: tuple[int, int, int, int] = BOX, track_id: int = 1) -> Patch:
    x0, y0, x1, y1 = box
    rows, columns = np.mgrid[-1 : 1 : (y1 - y0) * 1j, -1 : 1 : (x1 - x0) * 1j]
    away = np.sqrt(rows**2 + columns**2)
    mask = np.clip((0.9 - away) / 0.15, 0, 1).astype(np.float32)
    return Patch(pixels, mask, box, track_id, face_px=110.0, source_px=300.0)


def textured(rng: np.random.Generator, shape: tuple[int, int], level: float) -> RGB:
    noise = rng.normal(level, 12, (*shape, 1)) + rng.normal(0, 3, (*shape, 3))
    return np.clip(noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("blend", ["multiband", "poisson", "feather"])
def test_pixels_outside_the_mask_stay_bit_exact(blend: str, rng: np.random.Generator) -> None:
    frame = Frame(textured(rng, (180, 200), 120))
    patch = face_patch(textured(rng, (120, 100), 180))
    made = compose(frame, [patch], ComposeOptions.model_validate({"blend": blend}))
    outside = np.ones((180, 200), bool)
    outside[30:150, 40:140] = patch.mask <= 0
    np.testing.assert_array_equal(made.pixels[outside], frame.pixels[outside])
    assert (made.pixels != frame.pixels).any()


def test_light_brings_the_patch_to_the_frames_brightness(rng: np.random.Generator) -> None:
    frame = Frame(textured(rng, (180, 200), 160))
    patch = face_patch(textured(rng, (120, 100), 80))
    lit = compose(frame, [patch], ComposeOptions(grain=0, sharpness=0))
    plain = compose(frame, [patch], ComposeOptions(grain=0, sharpness=0, light=0))
    middle = (slice(70, 110), slice(70, 110))
    assert abs(lit.pixels[middle].mean() - 160) < 14
    assert abs(plain.pixels[middle].mean() - 80) < 5


@pytest.mark.parametrize("colour", ["none", "rct", "lct", "mkl", "idt", "sot"])
def test_every_colour_transfer_meets_the_frames_tone(colour: str, rng: np.random.Generator) -> None:
    frame = Frame(textured(rng, (180, 200), 150))
    pixels = textured(rng, (120, 100), 110)
    pixels[..., 2] = pixels[..., 2] // 2
    made = compose(frame, [face_patch(pixels)], ComposeOptions.model_validate({"colour": colour}))
    tone = made.pixels[70:110, 70:110].mean(axis=(0, 1))
    assert np.abs(tone - 150).max() < 22


def test_own_pixels_are_not_relit(rng: np.random.Generator) -> None:
    frame = Frame(np.full((180, 200, 3), 200, np.uint8))
    pixels = np.full((120, 100, 3), 100, np.uint8)
    own = np.zeros((120, 100), np.float32)
    own[50:70, 40:60] = 1
    pixels[50:70, 40:60] = 33
    patch = replace(face_patch(pixels), own=own)
    made = compose(frame, [patch], ComposeOptions(blend="feather", sharpness=0, grain=0))
    assert np.abs(made.pixels[88:92, 88:92].astype(int) - 33).max() <= 1
    assert made.pixels[70:74, 90].mean() > 170


def test_a_sharp_patch_in_a_soft_frame_is_softened(rng: np.random.Generator) -> None:
    import cv2

    soft = cv2.GaussianBlur(textured(rng, (180, 200), 120), (0, 0), 2.0)
    frame = Frame(np.asarray(soft, np.uint8))
    patch = face_patch(textured(rng, (120, 100), 120))
    matched = compose(frame, [patch], ComposeOptions(grain=0)).pixels[60:120, 60:120]
    plain = compose(frame, [patch], ComposeOptions(grain=0, sharpness=0)).pixels[60:120, 60:120]
    assert np.diff(matched.astype(float), axis=1).std() < 0.5 * (
        np.diff(plain.astype(float), axis=1).std()
    )


def test_grain_of_the_frame_is_laid_over_a_clean_patch(rng: np.random.Generator) -> None:
    noisy = np.clip(rng.normal(128, 6, (180, 200, 1)), 0, 255).astype(np.uint8).repeat(3, axis=2)
    patch = face_patch(np.full((120, 100, 3), 128, np.uint8))
    made = compose(Frame(noisy), [patch], ComposeOptions(blend="feather", sharpness=0))
    inside = made.pixels[70:110, 70:110].astype(float)
    assert 4 < inside[..., 0].std() < 8
    clean = compose(Frame(noisy), [patch], ComposeOptions(blend="feather", sharpness=0, grain=0))
    assert clean.pixels[80:100, 80:100].astype(float).std() < 1.5


def test_light_is_steadied_over_a_shot(rng: np.random.Generator) -> None:
    levels = 120 + 6 * np.array([0, 1, -1, 1, -1, 1, -1, 1])
    patch = face_patch(np.full((120, 100, 3), 100, np.uint8))
    look, options = ShotLook(), ComposeOptions(sharpness=0, grain=0)
    steady, alone = [], []
    for pts, level in enumerate(levels):
        frame = Frame(np.full((180, 200, 3), level, np.uint8), pts=pts)
        steady.append(compose(frame, [patch], options, look=look).pixels[90, 90, 0])
        alone.append(compose(frame, [patch], options).pixels[90, 90, 0])
    assert np.abs(np.diff(np.array(steady, float), 2)).mean() < 0.5 * (
        np.abs(np.diff(np.array(alone, float), 2)).mean()
    )


def test_a_whole_frame_patch_replaces_the_frame_unmatched(rng: np.random.Generator) -> None:
    frame = Frame(textured(rng, (180, 200), 120))
    pixels = textured(rng, (180, 200), 60)
    patch = Patch(pixels, np.ones((180, 200), np.float32), (0, 0, 200, 180))
    made = compose(frame, [patch], ComposeOptions(blend="feather"))
    np.testing.assert_array_equal(made.pixels, pixels)


def test_a_patch_at_the_frames_edge_reaches_it(rng: np.random.Generator) -> None:
    frame = Frame(np.full((180, 200, 3), 90, np.uint8))
    pixels = np.full((120, 60, 3), 200, np.uint8)
    patch = Patch(pixels, np.ones((120, 60), np.float32), (0, 30, 60, 150), 1, face_px=110.0)
    options = ComposeOptions(blend="feather", colour="none", light=0, sharpness=0, grain=0)
    made = compose(frame, [patch], options)
    assert made.pixels[90, 0, 0] == 200
    assert 90 < made.pixels[90, 59, 0] < 200


def test_no_patches_gives_the_frame_itself(rng: np.random.Generator) -> None:
    frame = Frame(textured(rng, (60, 80), 120), pts=5)
    assert compose(frame, [], ComposeOptions()) is frame


@pytest.mark.parametrize(
    "wrong", [{"light": 2}, {"blend": "seamless"}, {"colour": "seamless"}, {"unknown": 1}]
)
def test_wrong_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ComposeOptions.model_validate(wrong)
