"""Smoothing: less tremble, no lag, fast motion left alone."""

import numpy as np
import pytest

from masquerade.faces import mesh
from masquerade.faces.following.smooth import smooth

SIZE = 60.0


def _still(rng: np.random.Generator, frames: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    shape = mesh.topology().neutral * SIZE + [200, 150, 0]
    marks = np.repeat(shape[None], frames, axis=0)
    marks = marks + rng.normal(0, noise * SIZE, marks.shape)
    return marks.astype(np.float32), np.arange(frames) / 25


def test_a_face_at_rest_trembles_less(rng: np.random.Generator) -> None:
    marks, times = _still(rng, 40, 0.003)
    steady = smooth(marks, times)
    assert steady.shape == marks.shape
    assert steady.dtype == np.float32
    assert steady.std(axis=0).mean() < 0.6 * marks.std(axis=0).mean()


def test_steady_motion_does_not_lag(rng: np.random.Generator) -> None:
    marks, times = _still(rng, 40, 0.001)
    truth = np.linspace(0, 120, 40, dtype=np.float32)
    marks[:, :, 0] += truth[:, None]
    steady = smooth(marks, times)
    where = steady[:, :, 0].mean(axis=1) - steady[0, :, 0].mean()
    assert np.abs(where - (truth - truth[0])).max() < 0.3


def test_a_blink_keeps_its_depth(rng: np.random.Generator) -> None:
    marks, times = _still(rng, 40, 0.002)
    upper = list(mesh.RIGHT_EYE)[1:8]
    depth = 0.12 * SIZE
    closing = np.zeros(40)
    closing[18:23] = [0.5, 1, 1, 0.7, 0.3]
    marks[:, upper, 1] += (closing * depth)[:, None].astype(np.float32)
    steady = smooth(marks, times)
    drop = steady[:, upper, 1].mean(axis=1)
    drop = drop - np.median(drop)
    assert drop[19:21].mean() == pytest.approx(depth, rel=0.05)
    assert np.abs(drop[:16]).max() < 0.1 * depth


def test_the_first_and_last_frame_stay_in_place(rng: np.random.Generator) -> None:
    marks, times = _still(rng, 30, 0.001)
    marks[:, :, 1] += np.linspace(0, 60, 30, dtype=np.float32)[:, None]
    steady = smooth(marks, times)
    ends = steady[[0, -1], :, 1].mean(axis=1) - marks[[0, -1], :, 1].mean(axis=1)
    assert np.abs(ends).max() < 0.2


@pytest.mark.parametrize("frames", [1, 2])
def test_very_short_tracks_pass_as_they_are(frames: int, rng: np.random.Generator) -> None:
    marks, times = _still(rng, frames, 0.003)
    assert np.array_equal(smooth(marks, times), marks)


def test_uneven_times_are_honoured(rng: np.random.Generator) -> None:
    marks, times = _still(rng, 30, 0.002)
    times = np.cumsum(rng.uniform(0.02, 0.2, 30))
    speed = 100.0
    marks[:, :, 0] += (speed * times)[:, None].astype(np.float32)
    steady = smooth(marks, times)
    where = steady[:, :, 0].mean(axis=1) - speed * times
    assert np.ptp(where) < 0.5
