"""The proportions of a face without its pose, and meshes given another face's proportions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from masquerade.faces.mesh import (
    LEFT_EYE,
    LEFT_IRIS,
    RIGHT_EYE,
    RIGHT_IRIS,
    SURFACE,
    topology,
)
from masquerade.faces.pose import fit_head
from masquerade.faces.warp import sheet
from masquerade.types import Points

_REACH: Final = 0.24  # of the interocular distance: what is narrower counts as expression
_RIM: Final = 0.35  # interocular distances over which a change fades out towards the outline


@dataclass(frozen=True, slots=True)
class Proportion:
    """A face turned to the camera and scaled to the neutral face.

    Attributes:
        points: (478, 3) float32 in the units of `masquerade.faces.mesh.Topology.neutral`.
    """

    points: Points

    @classmethod
    def of(cls, landmarks: Points) -> Proportion:
        """The proportions of a face as it is in one picture, its expression included.

        Args:
            landmarks: (478, 3) in pixels.
        """
        fit = fit_head(landmarks)
        return cls((((landmarks - fit.shift) @ fit.turn) / fit.scale).astype(np.float32))

    def mixed(self, other: Proportion, share: float) -> Proportion:
        """These proportions with a share of another face's."""
        return Proportion((self.points + share * (other.points - self.points)).astype(np.float32))


def reproportion(landmarks: Points, own: Proportion, wanted: Proportion, amount: float) -> Points:
    """(478, 3) a mesh moved from its own proportions towards others, outline and pose kept.

    Only broad differences move (how far the eyes are apart, how long the nose is); narrow ones,
    such as parted lips, are expression and stay. Towards the outline the change fades to nothing,
    so that the face still fits its head.

    Args:
        landmarks: (478, 3) in pixels.
        own: Proportions of this face at rest.
        wanted: Proportions to move to.
        amount: In [0, 1]; 0 gives the mesh back unchanged.
    """
    if amount == 0:
        return landmarks
    fit = fit_head(landmarks)
    change = _broadening() @ (wanted.points - own.points)[:SURFACE]
    moved = landmarks.copy()
    shift = (amount * fit.scale * change @ fit.turn.T).astype(np.float32)
    moved[:SURFACE] += shift
    for lids, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
        moved[list(iris)] += shift[list(lids)].mean(axis=0)
    return moved


@cache
def _broadening() -> Points:
    """(468, 468) smoothing over the neutral face, faded towards its outline."""
    flat = topology().neutral[:SURFACE, :2].astype(np.float64)
    apart = ((flat[:, None] - flat[None]) ** 2).sum(axis=-1)
    near = np.exp(-0.5 * apart / _REACH**2)
    near /= near.sum(axis=1, keepdims=True)
    inward = np.clip(sheet().inward[:SURFACE] / _RIM, 0, 1)
    faded = near * (inward * inward * (3 - 2 * inward))[:, None]
    made: Points = faded.astype(np.float32)
    made.flags.writeable = False
    return made
