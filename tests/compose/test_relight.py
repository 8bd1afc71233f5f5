from __future__ import annotations

import numpy as np
import pytest

from masquerade.compose.relight import fitted_to, harmonics, light_ratio, lights_apart


def ball(side: int = 32) -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.mgrid[-0.8 : 0.8 : side * 1j, -0.8 : 0.8 : side * 1j]
    z = np.sqrt(np.maximum(1 - rows**2 - columns**2, 0.02))
    normals = np.stack([columns, rows, z], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return normals.astype(np.float32), (rows**2 + columns**2 < 0.6).astype(np.float32)


def lit(normals: np.ndarray, way: tuple[float, float, float], colour: float = 1.0) -> np.ndarray:
    shade = 70 + 90 * np.maximum(normals @ (np.array(way) / np.linalg.norm(way)), 0)
    return (shade[..., None] * np.array([1.0, 0.8, 0.7 * colour])).astype(np.float32)


def ratio_of(frame: np.ndarray, patch: np.ndarray, normals: np.ndarray, weight: np.ndarray):  # type: ignore[no-untyped-def]
    return light_ratio(lights_apart(frame, patch, normals, weight), normals, weight)


def test_light_from_the_left_is_turned_to_the_right() -> None:
    normals, weight = ball()
    patch, frame = lit(normals, (-1, 0, 0.5)), lit(normals, (1, 0, 0.5))
    made = patch * ratio_of(frame, patch, normals, weight)
    before, after = (np.abs(np.log(x / frame))[weight > 0].mean() for x in (patch, made))
    assert after < 0.35 * before


def test_the_same_light_is_left_as_it_is() -> None:
    normals, weight = ball()
    patch = lit(normals, (0.3, -0.5, 0.8))
    np.testing.assert_allclose(ratio_of(patch * 0.6, patch, normals, weight), 1, atol=0.02)


def test_the_ratio_is_limited() -> None:
    normals, weight = ball()
    dark = np.where(normals[..., :1] < 0, 1.0, 250.0).repeat(3, axis=2).astype(np.float32)
    ratio = ratio_of(dark, dark[:, ::-1], normals, weight)
    assert 1 / np.e <= ratio.min() <= ratio.max() <= np.e


def test_without_skin_nothing_is_said() -> None:
    normals, weight = ball()
    picture = lit(normals, (1, 0, 1))
    np.testing.assert_array_equal(ratio_of(picture, picture, normals, weight * 0), 1)


def test_there_are_nine_harmonics_and_they_are_independent(rng: np.random.Generator) -> None:
    points = rng.standard_normal((200, 3))
    values = harmonics(points / np.linalg.norm(points, axis=1, keepdims=True))
    assert values.shape == (200, 9)
    assert np.linalg.matrix_rank(values) == 9


@pytest.mark.parametrize("shape", [(32, 32), (48, 20)])
def test_normals_keep_their_length_at_any_size(shape: tuple[int, int]) -> None:
    made = fitted_to(ball()[0], shape)
    assert made.shape == (*shape, 3)
    np.testing.assert_allclose(np.linalg.norm(made, axis=-1), 1, atol=1e-4)
