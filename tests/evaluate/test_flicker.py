from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.types import Points


def test_flicker_of_a_clip_against_itself_is_one(rng: np.random.Generator) -> None:
    clip = rng.normal(120, 5, (8, 96, 96)).astype(np.float32)
    assert flicker_ratio(clip, clip) == pytest.approx(1)
    jumping = clip + np.array([0, 9] * 4, np.float32)[:, None, None]
    assert flicker_ratio(jumping, clip) > 3
    assert flicker_ratio(np.full_like(clip, 120), clip) == 0


def test_face_luminance_is_the_brightness_of_the_faces_box(mesh: Callable[..., Points]) -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[:] = 50
    assert face_luminance(image, mesh()).shape == (96, 96)
    assert face_luminance(image, mesh()) == pytest.approx(50)
