"""Which way a head is turned, from its mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import STABLE, topology
from masquerade.types import Points

Rotation: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeadFit:
    """How the neutral face lies in the picture: ``scale * turn @ neutral + shift``.

    Attributes:
        turn: (3, 3) float64 rotation.
        scale: Pixels per unit of the neutral face (the distance of its irises).
        shift: (3,) float64 in pixels.
    """

    turn: Rotation
    scale: float
    shift: NDArray[np.float64]


def fit_head(landmarks: Points) -> HeadFit:
    """The neutral face laid over a mesh by the points that do not move with the expression.

    Umeyama, "Least-squares estimation of transformation parameters" (1991).

    Args:
        landmarks: (478, 3) in frame pixels.
    """
    index = list(STABLE)
    model = topology().neutral[index].astype(np.float64)
    seen = landmarks[index].astype(np.float64)
    mean_model, mean_seen = model.mean(axis=0), seen.mean(axis=0)
    a, b = model - mean_model, seen - mean_seen
    u, s, vt = np.linalg.svd(b.T @ a)
    sign = np.array([1.0, 1.0, np.linalg.det(u @ vt)])
    turn = (u * sign) @ vt
    scale = float((s * sign).sum() / (a * a).sum())
    return HeadFit(turn, scale, mean_seen - scale * turn @ mean_model)


def angles(turn: Rotation) -> tuple[float, float, float]:
    """(yaw, pitch, roll) in degrees of a rotation roll * yaw * pitch, as `Face.pose_deg` has them.

    Args:
        turn: (3, 3) in the picture's axes: x right, y down, z away from the camera.
    """
    pitch = np.arctan2(turn[2, 1], turn[2, 2])
    yaw = np.arcsin(np.clip(turn[2, 0], -1, 1))
    roll = np.arctan2(turn[1, 0], turn[0, 0])
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def rotation(yaw: float, pitch: float, roll: float) -> Rotation:
    """The (3, 3) rotation with these angles in degrees; undoes `angles`."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, -np.sin(y)], [0, 1, 0], [np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def head_pose(landmarks: Points) -> tuple[float, float, float]:
    """(yaw, pitch, roll) of a head in degrees, with the signs of `Face.pose_deg`.

    Args:
        landmarks: (478, 3) in frame pixels.
    """
    return angles(fit_head(landmarks).turn)
