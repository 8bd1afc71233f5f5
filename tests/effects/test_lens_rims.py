"""Rims are found as closed lines, where they run along lashes or brows, too."""

import cv2
import numpy as np
import pytest

from masquerade.effects.lens_rims import lens_rims

EYES = np.array([103, 80], np.float32), np.array([185, 80], np.float32)


def drawn(*, brows: bool, half: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lightness, strength of lines, and where the rims are."""
    light = np.full((200, 288), 70, np.float32)
    rims = np.zeros((200, 288), np.uint8)
    for x, y in EYES:
        cv2.ellipse(rims, (int(x), int(y) + 4), (33, 24), 0, 180 if half else 0, 360, 1, 4)
        if brows:
            cv2.line(light, (int(x) - 28, int(y) - 30), (int(x) + 28, int(y) - 26), 35.0, 7)
    light[rims > 0] = 40
    light = np.asarray(cv2.GaussianBlur(light, (0, 0), 0.8), np.float32)
    tall = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((19, 1), np.uint8)) - light
    wide = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((1, 19), np.uint8)) - light
    return light, np.maximum(tall, wide), rims > 0


@pytest.mark.parametrize("brows", [False, True])
def test_rims_are_followed_and_brows_are_not(brows: bool) -> None:
    light, lines, truth = drawn(brows=brows)
    found = lens_rims(light, lines, EYES, 30.0)

    assert found is not None
    assert np.mean(found.band[truth]) > 0.95
    near = cv2.dilate(truth.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert np.mean(near[found.band]) > 0.97
    assert found.outer[0] < found.inner[0] < found.inner[1] < found.outer[1]


def test_half_a_rim_is_not_closed() -> None:
    light, lines, _ = drawn(brows=False, half=True)
    found = lens_rims(light, lines, EYES, 30.0)

    if found is not None:
        assert not found.band[104:].any()


def test_plain_skin_has_no_rims() -> None:
    assert (
        lens_rims(np.full((200, 288), 70, np.float32), np.zeros((200, 288), np.float32), EYES, 30.0)
        is None
    )
