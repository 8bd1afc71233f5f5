from itertools import pairwise

import numpy as np
import pytest

from masquerade.painting.steady import Steady
from masquerade.types import RGB


def moving(count: int, step: int = 0, seed: int = 2) -> list[RGB]:
    """Frames of a soft pattern that moves to the right."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(30, 220, (16, 40))
    pattern = np.kron(coarse, np.ones((8, 8)))
    kernel = np.ones(9) / 9
    for axis in (0, 1):
        pattern = np.apply_along_axis(np.convolve, axis, pattern, kernel, "same")
    grey = [np.roll(pattern, step * n, axis=1)[:, 100:260].astype(np.uint8) for n in range(count)]
    return [np.ascontiguousarray(np.repeat(one[..., None], 3, axis=2)) for one in grey]


def flickering(frames: list[RGB]) -> list[RGB]:
    rng = np.random.default_rng(5)
    return [np.clip(one + rng.normal(0, 20, one.shape), 0, 255).astype(np.uint8) for one in frames]


def change(frames: list[RGB]) -> float:
    pairs = pairwise(frames)
    return float(np.mean([np.abs(a.astype(int) - b).mean() for a, b in pairs]))


def test_what_stands_still_stays_as_it_was_painted() -> None:
    frames = moving(8)
    painted = flickering(frames)
    steady = Steady(0.9)

    held = []
    for frame, paint in zip(frames, painted, strict=True):
        steady.calmed(frame)
        held.append(steady.held(paint))

    assert np.array_equal(held[0], painted[0])
    assert change(held[3:]) < 0.3 * change(painted[3:])


def test_what_moves_takes_its_paint_along() -> None:
    frames = moving(6, step=3)
    steady = Steady(0.9)

    held = []
    for frame in frames:
        steady.calmed(frame)
        held.append(steady.held(255 - frame))

    inner = (slice(16, -16), slice(24, -24))
    for frame, paint in zip(frames[1:], held[1:], strict=True):
        assert np.abs(paint[inner].astype(int) - (255 - frame)[inner]).mean() < 6


def test_a_cut_leaves_no_ghost() -> None:
    first, second = moving(1, seed=2)[0], moving(1, seed=9)[0]
    steady = Steady(0.9)
    steady.calmed(first)
    steady.held(first)

    steady.calmed(second)
    held = steady.held(second)

    apart = np.abs(held.astype(int) - second).mean()
    assert apart < 0.25 * np.abs(first.astype(int) - second).mean()


def test_nothing_is_held_where_none_is_wanted() -> None:
    frames = flickering(moving(3))
    steady = Steady(0.0)

    assert all(steady.calmed(one) is one and steady.held(one) is one for one in frames)


@pytest.mark.parametrize("size_hw", [(1, 1), (11, 40), (16, 200), (16, 1600), (1080, 16)])
def test_slivers_pass(size_hw: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    steady = Steady(0.9)

    for _ in range(2):
        frame = rng.integers(0, 256, (*size_hw, 3), dtype=np.uint8)
        assert steady.held(steady.calmed(frame)).shape == frame.shape


def test_a_photo_is_kept_in_whole_levels() -> None:
    (frame,), steady = moving(1), Steady(0.9)

    assert np.array_equal(steady.calmed(frame), frame)
    assert np.array_equal(steady.held(frame), frame)
    assert steady._painted is not None
    assert steady._painted.dtype == np.uint8
