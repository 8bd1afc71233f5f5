"""How somebody moves: what goes with what, whatever the length of a stretch."""

import numpy as np
import pytest

from masquerade.faces.mesh import topology
from masquerade.faces.pose import rotation
from masquerade.forensics.movement import (
    BLOCK_S,
    MOVEMENTS,
    PAIRS,
    RATE_HZ,
    blocks,
    blocks_of,
    movements,
    pair_words,
    runs,
    together,
    windows,
)


def nodding(count: int, *, fps: float = 25.0, with_mouth: float = 1.0) -> tuple[list, np.ndarray]:
    """Meshes of a face that nods, and opens its mouth with each nod or against it."""
    times_s = np.arange(count) / fps
    made = []
    for time in times_s:
        swing = np.sin(2 * np.pi * 0.9 * time)
        face = topology().neutral * np.float32(60)
        face[14, 1] += np.float32(3 + 3 * with_mouth * swing)
        made.append((face @ rotation(0, 6 * swing, 0).T + 200).astype(np.float32))
    return made, times_s


def test_a_nod_with_an_open_mouth_is_seen_to_go_together() -> None:
    place = next(k for k in range(PAIRS) if pair_words(k) == "lips apart with head nodding")
    for sign in (1.0, -1.0):
        marks, times_s = nodding(150, with_mouth=sign)
        told = together(blocks(movements(marks, times_s)))
        assert abs(told[place]) > 1
        assert np.sign(told[place]) == np.sign(sign) * np.sign(told_of_plain()[place])


def told_of_plain() -> np.ndarray:
    marks, times_s = nodding(150)
    return together(blocks(movements(marks, times_s)))


def test_the_frame_rate_hardly_changes_what_is_told() -> None:
    slow, fast = (movements(*nodding(round(6 * fps), fps=fps)) for fps in (25.0, 50.0))
    assert abs(len(slow) - len(fast)) <= 2
    usual = np.abs(together(blocks(slow)) - together(blocks(fast)))
    assert np.median(usual) < 0.15


def test_blocks_add_up_to_the_stretch(rng: np.random.Generator) -> None:
    size = round(BLOCK_S * RATE_HZ)
    told = rng.normal(size=(3 * size + 7, len(MOVEMENTS)))
    some = blocks(told)
    assert len(some) == 3
    whole = told[: 3 * size]
    alike = (whole.T @ whole) / np.sqrt(np.outer((whole**2).sum(0), (whole**2).sum(0)))
    expected = np.arctanh(alike[np.triu_indices(len(MOVEMENTS), 1)])
    assert together(some) == pytest.approx(expected)
    assert windows(some, 2).shape == (2, PAIRS)
    assert windows(some, 4).shape == (0, PAIRS)


def test_stretches_end_where_the_face_was_not_seen() -> None:
    times_s = np.concatenate([np.arange(100) / 25, 6 + np.arange(20) / 25, 9 + np.arange(80) / 25])
    found = runs(times_s, least_s=BLOCK_S)
    assert [(one.start, one.stop) for one in found] == [(0, 100), (120, 200)]
    assert runs(np.zeros(0), least_s=1) == []


@pytest.mark.parametrize(("fps", "count"), [(25.0, 1), (12.0, 0)])
def test_a_face_that_is_seen_too_rarely_is_left_out(fps: float, count: int) -> None:
    marks, times_s = nodding(round(3 * fps), fps=fps)
    assert sum(len(one) for one in blocks_of(marks, times_s)) == count


def test_a_still_face_gives_numbers() -> None:
    marks, _ = nodding(1)
    assert np.isfinite(together(blocks(movements(marks * 80, np.arange(80) / 25)))).all()


def test_a_still_that_is_shown_as_video_has_no_movement() -> None:
    marks, _ = nodding(1)
    assert blocks_of(marks * 100, np.arange(100) / 25) == []
