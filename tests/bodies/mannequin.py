"""A person who does not exist, drawn by code: joints, pixels and mask in any pose and size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.pose import (
    ANKLES,
    ELBOWS,
    HEELS,
    HIPS,
    INDICES,
    KNEES,
    LEFT_EAR,
    NOSE,
    PINKIES,
    RIGHT_EAR,
    SHOULDERS,
    TOES,
    WRISTS,
    Body,
    Place,
)
from masquerade.bodies.track import Cover
from masquerade.types import RGB

SKIN, SHIRT, TROUSERS, SHOES = (205, 160, 130), (60, 90, 170), (70, 60, 60), (235, 235, 235)


@dataclass(frozen=True)
class Pose:
    """Angles from straight down, in degrees, outwards; the whole, where and how large."""

    arms: float = 12.0
    elbows: float = 8.0
    legs: float = 6.0
    lean: float = 0.0
    middle: tuple[float, float] = (100.0, 70.0)
    torso_px: float = 40.0


def body(pose: Pose = Pose()) -> Body:
    """The joints in that pose, seen from the front."""
    size, metres = pose.torso_px, np.zeros((33, 3), np.float32)

    def put(number: int, x: float, y: float) -> None:
        metres[number] = x, y, 0.0

    def step(start: int, end: int, length: float, angle_deg: float) -> None:
        angle = np.radians(angle_deg)
        x, y, _ = metres[start]
        put(end, float(x + length * np.sin(angle)), float(y + length * np.cos(angle)))

    put(NOSE, 0.0, -1.38)
    for side, sign in ((0, 1.0), (1, -1.0)):  # the person's left is at the picture's right
        put((LEFT_EAR, RIGHT_EAR)[side], 0.13 * sign, -1.4)
        put(SHOULDERS[side], 0.36 * sign, -1.0)
        put(HIPS[side], 0.22 * sign, 0.0)
        step(SHOULDERS[side], ELBOWS[side], 0.58, sign * pose.arms)
        step(ELBOWS[side], WRISTS[side], 0.5, sign * (pose.arms + pose.elbows))
        step(WRISTS[side], INDICES[side], 0.15, sign * (pose.arms + pose.elbows))
        step(WRISTS[side], PINKIES[side], 0.15, sign * (pose.arms + pose.elbows + 15))
        step(HIPS[side], KNEES[side], 0.85, sign * pose.legs)
        step(KNEES[side], ANKLES[side], 0.8, sign * pose.legs)
        step(ANKLES[side], HEELS[side], 0.06, 0)
        step(ANKLES[side], TOES[side], 0.22, sign * 60)
    for number, side in ((1, 1), (2, 1), (3, 1), (4, -1), (5, -1), (6, -1)):
        put(number, 0.08 * side, -1.44)
    put(9, 0.06, -1.3)
    put(10, -0.06, -1.3)
    metres[[21, 22]] = metres[[INDICES[0], INDICES[1]]]
    turn = np.radians(pose.lean)
    c, s = np.cos(turn), np.sin(turn)
    metres[:, :2] = metres[:, :2] @ np.array([[c, s], [-s, c]], np.float32)
    joints = metres * size
    joints[:, :2] += np.array(pose.middle, np.float32)
    hips = joints[list(HIPS), :2].mean(axis=0)
    reach = hips - np.array([0, 2.0 * size], np.float32)
    return Body(joints, np.ones(33, np.float32), metres * 0.5, 1.0, Place(hips, reach))


def mask(one: Body, shape_hw: tuple[int, int]) -> NDArray[np.float32]:
    """(H, W) in [0, 1] which pixels are the mannequin."""
    drawn = painted(one, np.zeros((*shape_hw, 3), np.uint8))
    return np.asarray(drawn.max(axis=2) > 0, np.float32)


def painted(one: Body, onto: RGB) -> RGB:
    """The picture with the mannequin before it."""
    out = onto.copy()
    size = float(np.linalg.norm(_mid(one, SHOULDERS) - _mid(one, HIPS)))

    def limb(start: int, end: int, colour: tuple[int, int, int], width: float) -> None:
        a, b = (tuple(np.rint(one.joints[n, :2]).astype(int).tolist()) for n in (start, end))
        cv2.line(out, a, b, colour, max(round(width * size), 1))

    for side in (0, 1):
        limb(HIPS[side], KNEES[side], TROUSERS, 0.28)
        limb(KNEES[side], ANKLES[side], TROUSERS, 0.2)
        limb(ANKLES[side], TOES[side], SHOES, 0.14)
    corners = one.joints[[SHOULDERS[0], SHOULDERS[1], HIPS[1], HIPS[0]], :2]
    cv2.fillConvexPoly(out, np.rint(corners).astype(np.int32), SHIRT)
    for side in (0, 1):
        limb(SHOULDERS[side], ELBOWS[side], SHIRT, 0.2)
        limb(ELBOWS[side], WRISTS[side], SKIN, 0.14)
        limb(WRISTS[side], INDICES[side], SKIN, 0.14)
    head = (_mid(one, (LEFT_EAR, RIGHT_EAR))).astype(int).tolist()
    cv2.circle(out, head, round(0.24 * size), SKIN, -1)
    neck = _mid(one, SHOULDERS).astype(int).tolist()
    cv2.line(out, head, neck, SKIN, max(round(0.2 * size), 1))
    return out


def dressed_otherwise(picture: RGB) -> RGB:
    """The same picture in other colours, red for blue."""
    return np.ascontiguousarray(picture[..., ::-1])


def cover(one: Body, shape_hw: tuple[int, int]) -> Cover:
    """Which pixels are the mannequin, as a network would say."""
    crop = one.place.crop_from_frame(256)
    flat = cv2.warpAffine(mask(one, shape_hw), crop, (256, 256), flags=cv2.INTER_AREA)
    return Cover(np.asarray(flat, np.float32), crop)


def turned(one: Body, yaw_deg: float) -> Body:
    """The same, with depths as if turned from the camera."""
    metres = one.metres.copy()
    angle = np.radians(yaw_deg)
    metres[:, 2] = metres[:, 0] * np.sin(angle)
    metres[:, 0] *= np.cos(angle)
    joints = one.joints.copy()
    middle = joints[list(HIPS), 0].mean()
    joints[:, 0] = middle + (joints[:, 0] - middle) * np.cos(angle)
    return replace(one, joints=joints, metres=metres)


def _mid(one: Body, pair: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(one.joints[list(pair), :2].mean(axis=0), np.float32)
