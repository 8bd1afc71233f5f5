from __future__ import annotations

import numpy as np

from masquerade.compose.mask import inner_edge, shaped_mask


def disc() -> np.ndarray:
    rows, columns = np.mgrid[-1:1:101j, -1:1:101j]
    return (rows**2 + columns**2 < 0.25).astype(np.float32)


def test_growing_and_shrinking_change_the_area() -> None:
    areas = [shaped_mask(disc(), 100, grow=grow).sum() for grow in (-0.1, 0.0, 0.1)]
    assert areas == sorted(areas)
    assert areas[0] < areas[1] < areas[2]


def test_untouched_mask_is_given_back_unchanged() -> None:
    np.testing.assert_array_equal(shaped_mask(disc(), 100), disc())


def test_blur_softens_the_edge_and_keeps_the_area() -> None:
    soft = shaped_mask(disc(), 100, blur=0.05)
    assert ((soft > 0.05) & (soft < 0.95)).sum() > 200
    assert abs(soft.sum() / disc().sum() - 1) < 0.02


def test_edges_inside_the_frame_fade_and_those_at_its_border_do_not() -> None:
    faded = inner_edge(np.ones((20, 20), np.float32), (False, True, True, True))
    assert faded[10, 0] == 1
    assert faded[0, 10] < 0.5
    assert faded[10, -1] < 0.5
    assert faded[-1, 10] < 0.5
