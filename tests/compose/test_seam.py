from __future__ import annotations

import cv2
import numpy as np
import pytest

from masquerade.compose.buffers import Buffers
from masquerade.compose.seam import put_in


def disc(side: int = 160, feather: float = 0.15) -> np.ndarray:
    rows, columns = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    return np.clip((0.85 - np.hypot(rows, columns)) / feather, 0, 1).astype(np.float32)


@pytest.mark.parametrize("how", ["multiband", "poisson", "feather"])
def test_a_patch_that_is_the_frame_changes_nothing(how: str, rng: np.random.Generator) -> None:
    behind = rng.integers(0, 256, (160, 160, 3), dtype=np.uint8)
    made = put_in(behind.astype(np.float32), behind, disc(), how=how)  # type: ignore[arg-type]
    assert np.abs(made.astype(int) - behind).max() <= 1


def test_multiband_fades_broad_tones_more_widely_than_the_mask_does() -> None:
    behind = np.full((160, 160, 3), 100, np.uint8)
    patch = np.full((160, 160, 3), 140, np.float32)
    row = {
        how: put_in(patch.copy(), behind, disc(), how=how)[80, :80, 0].astype(int)  # type: ignore[arg-type]
        for how in ("multiband", "feather")
    }
    within = (row["feather"] > 136).argmax()
    assert row["multiband"][within] < 131
    assert row["multiband"][-1] > 136
    assert np.diff(row["multiband"]).min() > -2


def test_multiband_keeps_fine_detail_inside(rng: np.random.Generator) -> None:
    behind = np.full((160, 160, 3), 100, np.uint8)
    patch = rng.normal(100, 20, (160, 160, 3)).astype(np.float32)
    made = put_in(patch.copy(), behind, disc(), how="multiband")
    inside = (slice(60, 100), slice(60, 100))
    assert np.abs(made[inside].astype(float) - np.clip(patch[inside], 0, 255)).mean() < 1.0


def test_memory_used_again_gives_the_same_pixels(rng: np.random.Generator) -> None:
    memory = Buffers()
    for side in (160, 96, 131):
        behind = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
        patch = cv2.GaussianBlur(rng.uniform(0, 255, (side, side, 3)), (0, 0), 2)
        given = patch.astype(np.float32)
        fresh = put_in(given.copy(), behind, disc(side), how="multiband")
        again = put_in(given.copy(), behind, disc(side), how="multiband", buffers=memory)
        np.testing.assert_array_equal(fresh, again)


def test_a_buffer_grows_and_keeps_its_shape() -> None:
    memory = Buffers()
    assert memory.picture("one", (4, 6)).shape == (4, 6, 3)
    assert memory.picture("one", (40, 60)).shape == (40, 60, 3)
    assert memory.picture("one", (4, 6)).base is memory.picture("one", (4, 6)).base


@pytest.mark.parametrize("how", ["multiband", "feather"])
def test_bands_of_rows_are_blended_as_the_whole_is(
    how: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = rng.integers(0, 256, (150, 150, 3), dtype=np.uint8)
    patch = cv2.GaussianBlur(rng.integers(0, 256, (150, 150, 3), dtype=np.uint8), (0, 0), 2)
    whole = put_in(patch.astype(np.float32), behind, disc(150), how=how)  # type: ignore[arg-type]
    monkeypatch.setattr("masquerade.compose.seam._BAND_PX", 150 * 13)
    memory = Buffers()
    for given in (patch, patch.astype(np.float32)):
        made = put_in(given, behind, disc(150), how=how, buffers=memory)  # type: ignore[arg-type]
        apart = cv2.absdiff(made, whole)
        assert apart.max() <= 1
        assert (apart > 0).mean() < 1e-3
    assert max(kept.size for kept in memory.kept.values()) < behind.size / 4
