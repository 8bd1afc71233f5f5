"""Light on the map: estimated against the usual one, and divided out."""

import numpy as np

from masquerade.faces.map_light import lights, relit, relit_small
from masquerade.faces.unrolled import SIDE, SMALL, layout


def test_a_side_light_is_found_and_divided_out() -> None:
    rng = np.random.default_rng(5)
    face = 110 + 20 * rng.random((SMALL, SMALL, 3)).astype(np.float32)
    across = layout().harmonics[..., 3:4]
    small = np.stack([face * np.exp(s * across) for s in (0, 0.3, -0.3, 0.15, -0.15)])
    seen = np.ones((5, SMALL, SMALL), np.float32)
    found = lights(small.astype(np.float32), seen)
    inside = (layout().skin * layout().face) > 0.5
    before = np.abs(small[1] - small[2])[inside].mean()
    even = [relit_small(one, light) for one, light in zip(small, found, strict=True)]
    assert np.abs(even[1] - even[2])[inside].mean() < 0.1 * before


def test_no_light_changes_nothing() -> None:
    face = np.random.default_rng(1).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    assert np.array_equal(relit(face, np.zeros((9, 3), np.float32)), face)
