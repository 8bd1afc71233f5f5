from __future__ import annotations

import numpy as np
import pytest

from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.faces.mesh import topology
from masquerade.faces.pose import rotation
from masquerade.types import Points


def mesh(yaw: float = 0.0, size: float = 50.0, at: tuple[float, float] = (90, 80)) -> Points:
    turned = topology().neutral @ rotation(yaw, 0, 0).T.astype(np.float32)
    return (turned * np.float32(size) + np.array([*at, 0], np.float32)).astype(np.float32)


def test_flicker_of_a_clip_against_itself_is_one(rng: np.random.Generator) -> None:
    clip = rng.normal(120, 5, (8, 96, 96)).astype(np.float32)
    assert flicker_ratio(clip, clip) == pytest.approx(1)
    jumping = clip + np.array([0, 9] * 4, np.float32)[:, None, None]
    assert flicker_ratio(jumping, clip) > 3
    assert flicker_ratio(np.full_like(clip, 120), clip) == 0


def test_face_luminance_is_the_brightness_of_the_faces_box() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[:] = 50
    assert face_luminance(image, mesh()).shape == (96, 96)
    assert face_luminance(image, mesh()) == pytest.approx(50)
