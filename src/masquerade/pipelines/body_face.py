"""The face that belongs to a body: eyes, nose and mouth of both lie on each other.

A face on a poster, on a telephone held beside the head, or small in the background is nobody's.
What no geometry can tell is a picture in which another face was put exactly onto a body's head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from masquerade.bodies.pose import Body
from masquerade.bodies.skeleton import torso_px_of
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.five_points import five_points
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Embedding, Face, Mask

_FIVE: Final = [5, 2, 0, 10, 9]  # joints of the body that `five_points` has in the same order
_HEAD: Final = slice(0, 11)  # joints of the head
_NEAR: Final = 0.3  # of a face's size, within which its points lie on the body's
_SIZES: Final = (0.2, 0.75)  # torsos that a face is long: .38 m by .5 m, and what cameras distort
_WITHIN: Final = 0.7  # of a face's points, that lie on the person
_ROOM: Final = 0.5  # torsos around a head that are searched for its face
_TURNED_DEG: Final = 45.0  # from the camera, beyond which a face is measured wrongly
_LEAST_PX: Final = 24.0  # smaller faces are not told from each other; see faces.detect


def face_of(body: Body, faces: Sequence[Face]) -> Face | None:
    """The face that belongs to a body; None where none does, or several could.

    Args:
        body: In a picture.
        faces: Of the same picture.
    """
    fitting = [face for face in faces if is_of(body, face)]
    return fitting[0] if len(fitting) == 1 else None


def is_of(body: Body, face: Face) -> bool:
    """Whether a face lies where a body has its own, and is as large."""
    points = body.joints[_FIVE, :2]
    apart = np.linalg.norm(five_points(face.landmarks) - points, axis=1)
    size = face.size_px / max(torso_px_of(body), 1.0)
    near = float(np.median(apart)) < _NEAR * face.size_px
    return near and _SIZES[0] < size < _SIZES[1]


def face_above(picture: RGB, body: Body, reader: FaceReader) -> Embedding | None:
    """(128,) the identity of a body's face, looked for around its head; None where none is seen
    well enough to be measured.

    Args:
        picture: (H, W, 3) uint8 RGB.
        body: In it.
        reader: The networks that read faces.
    """
    head = body.joints[_HEAD, :2]
    room = _ROOM * torso_px_of(body)
    low = np.maximum(np.floor(head.min(axis=0) - room), 0).astype(int)
    high = np.minimum(np.ceil(head.max(axis=0) + room), picture.shape[1::-1]).astype(int)
    if (high - low < _LEAST_PX).any():
        return None
    part = np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]])
    found = find_faces(part, reader, smallest_px=_LEAST_PX)
    joints = body.joints.copy()
    joints[:, :2] -= low
    face = face_of(replace(body, joints=joints), found)
    if face is None or abs(face.pose_deg[0]) > _TURNED_DEG:
        return None
    return embed(part, face, reader)


def is_within(face: Face, mask: Mask) -> bool:
    """Whether a face is a part of the person whose mask is given, and no picture beside them."""
    height, width = mask.shape
    xy = np.rint(face.landmarks[:, :2]).astype(int)
    inside = ((xy >= 0) & (xy < (width, height))).all(axis=1)
    return float(mask[xy[inside, 1], xy[inside, 0]].sum()) > _WITHIN * len(xy)
