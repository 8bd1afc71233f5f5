"""The squares in which people and hands are looked for."""

import numpy as np

from masquerade.bodies.squares import squares


def test_a_picture_that_is_not_long_is_seen_whole_and_once() -> None:
    picture = np.full((90, 120, 3), 200, np.uint8)
    (only,) = squares(picture, 60)
    assert only.pixels.shape == (60, 60, 3)
    assert only.pixels[:44].min() == 200
    assert only.pixels[46:].max() == 0, "black below the picture's end"


def test_squares_of_a_long_picture_cover_it_and_lead_back_to_it() -> None:
    picture = np.zeros((100, 300, 3), np.uint8)
    picture[40:60, 250:270] = 255
    whole, *parts = squares(picture, 50)
    assert whole.scale == 6
    assert [float(part.corner[0]) for part in parts] == [0, 50, 100, 150, 200]
    middle = np.argwhere(parts[-1].pixels[:, :, 0] > 0)[:, ::-1].astype(np.float32).mean(axis=0)
    assert np.abs(parts[-1].in_picture(middle + 0.5) - [260, 50]).max() < 1
