"""The mask drawn over a frame, and what lies in front of a face kept out of it."""

import numpy as np

from masquerade.compose.blend import ComposeOptions, compose
from masquerade.types import Frame, Patch

GREY = np.full((100, 120, 3), 90, np.uint8)


def patch(visible: np.ndarray | None) -> Patch:
    mask = np.zeros((60, 60), np.float32)
    mask[10:50, 10:50] = 1
    pixels = np.full((60, 60, 3), 200, np.uint8)
    return Patch(pixels, mask, (20, 20, 80, 80), 1, 40.0, visible=visible)


def half() -> np.ndarray:
    visible = np.ones((60, 60), np.float32)
    visible[:, 30:] = 0
    return visible


def test_what_lies_in_front_stays_bit_exact() -> None:
    options = ComposeOptions(blend="feather", light=0, grain=0, sharpness=0, colour="none")
    out = compose(Frame(GREY), [patch(half())], options).pixels
    assert (out[:, 50:] == 90).all()
    assert (out[40:60, 32:45] > 190).all()


def test_what_lies_in_front_can_be_grown_shrunk_and_softened() -> None:
    def changed(**knobs: float) -> int:
        options = ComposeOptions(
            blend="feather", light=0, grain=0, sharpness=0, colour="none", **knobs
        )
        return int((compose(Frame(GREY), [patch(half())], options).pixels != 90).any(axis=2).sum())

    assert changed(occlusion_grow=0.1) < changed() < changed(occlusion_grow=-0.1)
    assert changed(occlusion_blur=0.1) > changed()


def test_the_mask_is_shown_over_the_frame_as_it_was() -> None:
    out = compose(Frame(GREY), [patch(half())], ComposeOptions(show="mask")).pixels
    green, pink = out[50, 40], out[50, 60]
    assert green[1] > green[0] + 20
    assert pink[0] > pink[1] + 20
    assert (out[:28] == 90).all()
