from __future__ import annotations

import numpy as np
import pytest

from masquerade.compose.choice import Ranges, choice, ranges


@pytest.mark.parametrize(
    ("found", "how", "strength"),
    [
        (Ranges(colours=1.0, contrast=1.0), "rct", 0.0),
        (Ranges(colours=0.7, contrast=0.55), "rct", 0.0),
        (Ranges(colours=0.6, contrast=0.35), "rct", 0.5 / 0.65),
        (Ranges(colours=0.0, contrast=0.8), "mkl", 1.0),
        (Ranges(colours=0.05, contrast=0.8), "mkl", 1.0),
    ],
)
def test_a_transfer_is_chosen_where_colours_or_contrast_are_missing(
    found: Ranges, how: str, strength: float
) -> None:
    chosen, amount = choice(found)
    assert amount == pytest.approx(strength)
    if strength:
        assert chosen == how


def test_ranges_of_a_grey_and_of_a_hazy_frame(rng: np.random.Generator) -> None:
    patch = rng.uniform(40, 220, (32, 32, 3)).astype(np.float32)
    grey = patch.mean(axis=2, keepdims=True).repeat(3, axis=2)
    mask = np.ones((32, 32), np.float32)
    assert ranges(grey, patch, mask).colours < 0.05
    assert ranges(0.4 * patch + 120, patch, mask).contrast == pytest.approx(0.4, abs=0.02)
    assert ranges(patch, patch, mask) == Ranges(1.0, 1.0)


def test_too_little_of_a_face_tells_nothing() -> None:
    picture = np.zeros((32, 32, 3), np.float32)
    assert ranges(picture, picture, np.zeros((32, 32), np.float32)) == Ranges()
