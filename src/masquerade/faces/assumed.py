"""A face where nobody saw one, but one must be: for heads that are to be covered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from masquerade.faces.landmarks import Place, face_of
from masquerade.faces.mesh import SURFACE, topology
from masquerade.types import Face


def assumed_face(place: Place, track_id: int) -> Face:
    """A neutral face at a place, marked as `Face.interpolated`.

    Args:
        place: Where the face is taken to be; `place_of` of the landmarks gives it back.
        track_id: Of whom.

    Example:
        >>> assumed_face(Place(np.float32([60, 50]), 40.0, 0.0), 7).interpolated
        True
    """
    neutral = topology().neutral.astype(np.float32)
    flat = neutral[:SURFACE, :2]
    low, high = flat.min(axis=0), flat.max(axis=0)
    factor = np.float32(place.size_px / (high - low).max())
    cos, sin = np.cos(place.angle), np.sin(place.angle)
    turn = np.array([[cos, sin], [-sin, cos]], np.float32)
    points = neutral * factor
    points[:, :2] = (neutral[:, :2] - (low + high) / 2) * factor @ turn + place.centre
    return replace(face_of(points, 1.0), track_id=track_id, interpolated=True)


def between(one: Place, other: Place, share: float) -> Place:
    """The place on the straight way from one to another.

    Args:
        one: Where it begins.
        other: Where it ends; turned by the shorter way.
        share: How much of the way, in [0, 1].
    """
    turn = (other.angle - one.angle + np.pi) % (2 * np.pi) - np.pi
    return Place(
        (one.centre + np.float32(share) * (other.centre - one.centre)).astype(np.float32),
        one.size_px + share * (other.size_px - one.size_px),
        one.angle + share * turn,
    )
