from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.media.read import read_frames
from masquerade.media.shots import AFTER, cuts, distance, look
from masquerade.types import Frame

SIZE_HW = (90, 160)


def scene(seed: int, count: int, *, speed: float = 1.0) -> list[NDArray[np.uint8]]:
    """A textured scene that the camera pans over, with sensor noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(30, 220, (12, 24, 3)).astype(np.float32)
    wide = np.kron(coarse, np.ones((10, 20, 1), np.float32))
    out = []
    for number in range(count):
        x = round(number * speed) % (wide.shape[1] - SIZE_HW[1])
        view = wide[: SIZE_HW[0], x : x + SIZE_HW[1]]
        out.append(np.clip(view + rng.normal(0, 3, view.shape), 0, 255).astype(np.uint8))
    return out


def found(pictures: list[NDArray[np.uint8]]) -> list[int]:
    """Numbers of the frames that begin a shot."""
    stream = (Frame(pixels, pts) for pts, pixels in enumerate(pictures))
    return [frame.pts for frame, begins in cuts(stream) if begins]


@pytest.mark.parametrize("lengths", [(20, 20), (30, 4, 25), (5, 5, 5, 5), (40, 3, 3, 40), (25, 1)])
def test_cuts_are_found_at_the_very_frame(lengths: tuple[int, ...]) -> None:
    pictures = [one for seed, count in enumerate(lengths) for one in scene(seed, count)]
    assert found(pictures) == [sum(lengths[:at]) for at in range(len(lengths))]


@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize("value", [255, 0])
def test_flashes_of_one_or_two_frames_are_no_cuts(length: int, value: int) -> None:
    pictures = scene(0, 40)
    for at in range(20, 20 + length):
        pictures[at] = np.full_like(pictures[at], value)
    assert found(pictures) == [0]


def test_a_flash_does_not_hide_a_cut_after_it() -> None:
    pictures = scene(0, 30) + scene(1, 30)
    pictures[25] = np.full_like(pictures[25], 255)
    assert found(pictures) == [0, 30]


@pytest.mark.parametrize("speed", [0.0, 1.0, 6.0, 15.0])
def test_camera_movement_is_no_cut(speed: float) -> None:
    assert found(scene(0, 20, speed=speed)) == [0]


def test_a_fade_is_no_cut() -> None:
    pictures = [(one * (1 - at / 30)).astype(np.uint8) for at, one in enumerate(scene(0, 30))]
    assert found(pictures) == [0]


def test_a_cut_in_fast_movement_is_found() -> None:
    assert found(scene(0, 20, speed=6) + scene(1, 20, speed=6)) == [0, 20]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_every_frame_comes_out_once_and_in_order(count: int) -> None:
    stream = (Frame(pixels, pts) for pts, pixels in enumerate(scene(0, count)))
    assert [frame.pts for frame, _ in cuts(stream)] == list(range(count))


def test_few_frames_are_held_back() -> None:
    taken: list[int] = []

    def frames() -> Iterator[Frame]:
        for pts, pixels in enumerate(scene(0, 30)):
            taken.append(pts)
            yield Frame(pixels, pts)

    for given, (frame, _) in enumerate(cuts(frames()), 1):
        assert frame.pts == given - 1
        assert len(taken) - given < AFTER


@pytest.mark.parametrize("size_hw", [(1, 1), (9, 4000), (2000, 7), (1080, 1920)])
def test_frames_of_any_size_have_a_look(size_hw: tuple[int, int]) -> None:
    black = look(np.zeros((*size_hw, 3), np.uint8))
    white = look(np.full((*size_hw, 3), 255, np.uint8))
    assert distance(black, black) == 0
    assert distance(black, white) > 250


@pytest.mark.media
def test_cuts_between_shared_clips_are_found_and_no_others(
    media_dir: Path, make_picture: Callable[..., NDArray[np.uint8]]
) -> None:
    paths = [*sorted((media_dir / "talking").rglob("*.mpg")), *(media_dir / "body").glob("*.mp4")]
    bounds: list[int] = []

    def joined() -> Iterator[Frame]:
        count = 0
        for path in paths:
            bounds.append(count)
            for frame in read_frames(path):
                yield replace(frame, pts=count)
                count += 1
                if count - bounds[-1] == 24:
                    break

    assert [frame.pts for frame, begins in cuts(joined()) if begins] == bounds
    assert len(bounds) >= 20


def test_what_passes_before_a_camera_at_rest_is_no_cut() -> None:
    pictures = scene(0, 40, speed=0.0)
    for number in range(20, 30):
        pictures[number][20:70, 50:100] = (200, 150, 120)
    assert found(pictures) == [0]
