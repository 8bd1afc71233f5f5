"""Forearms and hands before the body are told by their colours."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.bodies import mannequin
from tests.bodies.mannequin import SHIRT, SKIN, TROUSERS, Pose

from masquerade.bodies.puppet import cut_out, labels_of
from masquerade.bodies.skeleton import NUMBER, Layer, skeleton_of
from masquerade.types import RGB

SHAPE_HW = (300, 240)
BODY = mannequin.body(Pose(arms=2, elbows=-22, middle=(120.0, 130.0), torso_px=70.0))
BONES = skeleton_of(BODY)


def pictured(arm: tuple[int, int, int]) -> tuple[RGB, NDArray[np.bool_]]:
    """Somebody broad in shirt and trousers, their left forearm before both, and where that is."""
    picture = np.full((*SHAPE_HW, 3), 20, np.uint8)
    picture[40:135, 84:152] = SHIRT
    picture[135:280, 84:152] = TROUSERS
    noise = np.random.default_rng(4).normal(0, 3, picture.shape)
    forearm = np.zeros(SHAPE_HW, np.uint8)
    for name in ("left forearm", "left hand"):
        start, end = np.rint(BONES.segments[NUMBER[name]]).astype(int).tolist()
        cv2.line(forearm, start, end, 1, 9)
    picture[forearm > 0] = arm
    return np.clip(picture + noise, 0, 255).astype(np.uint8), forearm > 0


def shown_by_arm(picture: RGB) -> NDArray[np.bool_]:
    """(H, W) what the left forearm and hand show."""
    matte = np.zeros(SHAPE_HW, np.float32)
    matte[40:280, 84:152] = 1
    return cut_out(picture, matte, BONES).masks[Layer.LEFT_ARM][..., 1:].max(axis=2) > 127


def test_a_hand_takes_no_cloth_along_and_leaves_no_skin_behind() -> None:
    picture, arm = pictured(SKIN)
    found = shown_by_arm(picture)
    inner = cv2.erode(arm.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    assert found[inner].mean() > 0.9
    beyond = cv2.dilate(arm.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    beyond[: int(BONES.segments[NUMBER["left forearm"], 0, 1]) + 12] = False  # there is the sleeve
    by_bones = np.isin(labels_of(BONES, SHAPE_HW), [NUMBER["left forearm"], NUMBER["left hand"]])
    assert (found & beyond).sum() < 0.4 * (by_bones & beyond).sum()


def test_a_sleeve_like_the_shirt_is_told_by_the_bones_alone() -> None:
    picture, _ = pictured(SHIRT)
    found = shown_by_arm(picture)
    start, end = BONES.segments[NUMBER["left forearm"]]
    middle = np.rint((start + end) / 2).astype(int)
    assert found[middle[1], middle[0]]
