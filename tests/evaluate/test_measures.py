from __future__ import annotations

import numpy as np
import pytest

from masquerade.evaluate.expression import expression_error, motion_error
from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.evaluate.identity import identity_score
from masquerade.evaluate.pose import pose_error_deg
from masquerade.faces.mesh import INNER_LIPS, LIPS, topology
from masquerade.faces.pose import rotation
from masquerade.types import Points


def mesh(yaw: float = 0.0, size: float = 50.0, at: tuple[float, float] = (90, 80)) -> Points:
    turned = topology().neutral @ rotation(yaw, 0, 0).T.astype(np.float32)
    return (turned * np.float32(size) + np.array([*at, 0], np.float32)).astype(np.float32)


def test_retrieval_counts_results_nearer_to_the_source() -> None:
    source = np.zeros(4, np.float32)
    others = np.ones((3, 4), np.float32)
    results = np.stack([np.full(4, 0.1), np.full(4, 0.9)]).astype(np.float32)
    score = identity_score(results, source, others)
    assert score.retrieval == 0.5
    assert score.distance == pytest.approx([0.2, 1.8])


@pytest.mark.parametrize("yaw", [0.0, 5.0, -30.0])
def test_pose_error_is_the_angle_between_heads(yaw: float) -> None:
    assert pose_error_deg(mesh(yaw), mesh()) == pytest.approx(abs(yaw), abs=0.1)


def test_expression_does_not_see_place_and_size() -> None:
    assert expression_error(mesh(size=71, at=(10, 200)), mesh()) < 1e-3


def test_expression_sees_an_open_mouth_in_interocular_distances() -> None:
    open_mouth = mesh()
    open_mouth[list(INNER_LIPS), 1] += 10
    assert 0.02 < expression_error(open_mouth, mesh()) < 0.2


def test_motion_ignores_what_stays_and_sees_what_moves() -> None:
    still = np.stack([mesh()] * 4)
    other = still.copy()
    other[:, list(LIPS), 1] += 6
    assert motion_error(other, still) < 2e-3
    other[::2, list(INNER_LIPS), 1] += 8
    assert motion_error(other, still) > 0.01


def test_flicker_of_a_clip_against_itself_is_one(rng: np.random.Generator) -> None:
    clip = rng.normal(120, 5, (8, 96, 96)).astype(np.float32)
    assert flicker_ratio(clip, clip) == pytest.approx(1)
    jumping = clip + np.array([0, 9] * 4, np.float32)[:, None, None]
    assert flicker_ratio(jumping, clip) > 3
    assert flicker_ratio(np.full_like(clip, 120), clip) == 0


def test_face_luminance_is_the_brightness_of_the_faces_box() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[:] = 50
    assert face_luminance(image, mesh()).shape == (96, 96)
    assert face_luminance(image, mesh()) == pytest.approx(50)
