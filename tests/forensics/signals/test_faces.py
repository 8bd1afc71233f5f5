"""Signals about faces react to what they are named for, and only to that."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from masquerade.faces.mesh import OVAL
from masquerade.forensics.face_parts import longest, parts, spread
from masquerade.forensics.sample import Cut
from masquerade.forensics.signals import (
    boundary_flicker,
    face_grain,
    face_sharpness,
    landmark_jitter,
)

Make = Callable[..., Cut]


def _soft(rng: np.random.Generator, sigma: float = 2.0) -> np.ndarray:
    noise = rng.normal(128, 60, (256, 256))
    made = cv2.GaussianBlur(noise, (0, 0), sigma) * 1.0
    made = 128 + (made - made.mean()) / made.std() * 30 + rng.normal(0, 3, made.shape)
    return np.repeat(np.clip(made, 1, 255).astype(np.uint8)[..., None], 3, axis=2)


def test_the_parts_of_a_face_do_not_overlap(cut_of: Make) -> None:
    found = parts(cut_of())
    assert not (found.inside & found.rim).any()
    assert not (found.around & (found.inside | found.rim)).any()
    assert min(found.inside.sum(), found.rim.sum(), found.around.sum()) > 1000


def test_what_lies_beyond_the_frame_is_no_part(cut_of: Make, rng: np.random.Generator) -> None:
    pixels = rng.integers(1, 255, (256, 256, 3), dtype=np.uint8)
    pixels[:, 200:] = 0
    assert not parts(cut_of(pixels=pixels)).around[:, 200:].any()


def test_a_rim_that_jumps_is_seen(cut_of: Make, rng: np.random.Generator) -> None:
    still = _soft(rng)

    def clip(jump: int) -> list[Cut]:
        cuts = []
        for number in range(30):
            pixels = still.astype(np.int16) + rng.normal(0, 2, still.shape)
            outline = np.rint(cut_of(number).landmarks[list(OVAL), :2]).astype(np.int32)
            ring = np.zeros((256, 256), np.uint8)
            cv2.polylines(ring, [outline], True, 1, 10)
            pixels += jump * (number % 2) * ring[..., None]
            cuts.append(cut_of(number, pixels=np.clip(pixels, 1, 255).astype(np.uint8)))
        return cuts

    calm, jumpy = (boundary_flicker.jumps(clip(jump)) for jump in (0, 12))
    assert calm is not None
    assert jumpy is not None
    assert abs(boundary_flicker.figure(calm)) < 0.3
    assert boundary_flicker.figure(jumpy) > boundary_flicker.figure(calm) + 0.8


def test_a_still_shown_as_a_video_does_not_flicker(cut_of: Make, rng: np.random.Generator) -> None:
    still = _soft(rng)
    assert boundary_flicker.jumps([cut_of(n, pixels=still) for n in range(30)]) is None


@pytest.mark.parametrize(("inner", "outer", "above"), [(1.0, 0.3, True), (0.3, 1.0, False)])
def test_tremble_of_the_inner_face_is_told_from_the_outlines(
    cut_of: Make, rng: np.random.Generator, inner: float, outer: float, above: bool
) -> None:
    size = np.full((478, 1), inner, np.float32)
    size[list(OVAL)] = outer
    cuts = [
        cut_of(n, seen_off=(rng.normal(0, 1, (478, 3)) * size).astype(np.float32))
        for n in range(40)
    ]
    found = landmark_jitter.tremble(cuts)
    assert found is not None
    assert (landmark_jitter.figure(found) > 0) is above


def test_a_face_seen_briefly_says_nothing(cut_of: Make) -> None:
    assert landmark_jitter.tremble([cut_of(n) for n in range(10)]) is None
    assert boundary_flicker.jumps([cut_of(n) for n in range(10)]) is None


def test_a_softer_and_smoother_face_is_told(cut_of: Make, rng: np.random.Generator) -> None:
    pixels = _soft(rng, 1.2)
    where = parts(cut_of(pixels=pixels))
    made = pixels.copy()
    face = where.inside | where.rim
    made[face] = cv2.GaussianBlur(pixels, (0, 0), 1.5)[face]
    for module in (face_sharpness, face_grain):
        (same,), (changed,) = (module.figures([cut_of(pixels=one)]) for one in (pixels, made))
        assert abs(same) < 0.2
        assert changed < same - 0.15


def test_gaps_and_small_faces_break_a_run(cut_of: Make) -> None:
    cuts = [cut_of(n) for n in (*range(10), *range(20, 50))]
    assert [cut.pts for cut in longest(cuts, least_px=80)] == list(range(20, 50))
    assert longest(cuts, least_px=500) == []
    assert len(spread(cuts, 5, least_px=80)) == 5
