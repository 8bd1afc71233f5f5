from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.compose.motion import shutter, smeared


def picture(rng: np.random.Generator) -> np.ndarray:
    soft = cv2.GaussianBlur(rng.normal(128, 60, (160, 160)), (0, 0), 1.2)
    return np.clip(soft * 2 - 128, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)


@pytest.mark.parametrize("way", [(12.0, 0.0), (0.0, 12.0), (8.0, -8.0)])
@pytest.mark.parametrize("share", [0.4, 0.8])
def test_the_share_of_a_smear_is_found(
    way: tuple[float, float], share: float, rng: np.random.Generator
) -> None:
    sharp = picture(rng)
    found = shutter(smeared(sharp, way, share), sharp, np.ones((160, 160), np.float32), way)
    assert found == pytest.approx(share, abs=0.12)


def test_what_is_not_smeared_stays_so(rng: np.random.Generator) -> None:
    sharp = picture(rng)
    assert shutter(sharp, sharp, np.ones((160, 160), np.float32), (10.0, 0.0)) == 0
    assert smeared(sharp, (10.0, 0.0), 0.0) is sharp


def test_a_smear_takes_detail_away_along_the_movement_alone(rng: np.random.Generator) -> None:
    sharp = picture(rng).astype(float)
    made = smeared(picture(rng), (15.0, 0.0), 1.0).astype(float)
    assert np.diff(made, axis=1).std() < 0.3 * np.diff(sharp, axis=1).std()
    assert made.mean() == pytest.approx(sharp.mean(), abs=3)


def test_nothing_counted_gives_no_smear(rng: np.random.Generator) -> None:
    sharp = picture(rng)
    assert shutter(sharp, sharp, np.zeros((160, 160), np.float32), (10.0, 0.0)) == 0
