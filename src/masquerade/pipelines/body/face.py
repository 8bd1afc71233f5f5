"""The face that belongs to a body: eyes, nose and mouth of both lie on each other.

A face on a poster, on a telephone held beside the head, or small in the background is nobody's.
What no geometry can tell is a picture in which another face was put exactly onto a body's head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.pose import Body
from masquerade.bodies.skeleton import torso_px_of
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.five_points import five_points
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Embedding, Face, InputUse, Mask, SourcePicture

_FIVE: Final = [5, 2, 0, 10, 9]  # joints of the body that `five_points` has in the same order
_HEAD: Final = slice(0, 11)  # joints of the head
_NEAR: Final = 0.3  # of a face's size, within which its points lie on the body's
_SIZES: Final = (0.2, 0.75)  # torsos that a face is long: .38 m by .5 m, and what cameras distort
_WITHIN: Final = 0.7  # of a face's points, that lie on the person
_ROOM: Final = 0.5  # torsos around a head that are searched for its face
_TURNED_DEG: Final = 45.0  # from the camera, beyond which a face is measured wrongly
_AROUND: Final = 0.6  # of a face's size, that is kept around it
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
    return float(np.median(apart)) < _NEAR * face.size_px and _is_as_large(body, face)


def face_above(picture: RGB, body: Body, reader: FaceReader) -> Embedding | None:
    """(128,) the identity of a body's face, looked for around its head; None where none is seen
    well enough to be measured.

    Args:
        picture: (H, W, 3) uint8 RGB.
        body: In it.
        reader: The networks that read faces.
    """
    face = face_at_head(picture, body, reader)
    if face is None or abs(face.pose_deg[0]) > _TURNED_DEG:
        return None
    return embed(picture, face, reader)


def face_at_head(picture: RGB, body: Body, reader: FaceReader, *, own: bool = True) -> Face | None:
    """A face around the head of a body; None where none is seen, or several could be it.

    Args:
        picture: (H, W, 3) uint8 RGB.
        body: In it.
        reader: The networks that read faces.
        own: Whether it has to lie where the body has its own; else it has to be as large only,
            as where somebody of another build is drawn in its place.
    """
    head = body.joints[_HEAD, :2]
    room = _ROOM * torso_px_of(body)
    low = np.maximum(np.floor(head.min(axis=0) - room), 0).astype(int)
    high = np.minimum(np.ceil(head.max(axis=0) + room), picture.shape[1::-1]).astype(int)
    if (high - low < _LEAST_PX).any():
        return None
    part = np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]])
    found = [_moved(one, low) for one in find_faces(part, reader, smallest_px=_LEAST_PX)]
    if own:
        return face_of(body, found)
    fitting = [one for one in found if _is_as_large(body, one)]
    return fitting[0] if len(fitting) == 1 else None


def part_of(picture: RGB, face: Face, identity: Embedding, use: InputUse) -> SourcePicture:
    """A face with what is around it, cut out of a picture.

    Args:
        picture: (H, W, 3) uint8 RGB.
        face: In it.
        identity: (128,) of the face.
        use: The file.
    """
    room = _AROUND * face.size_px
    low = np.maximum(np.floor(np.array(face.box[:2]) - room), 0).astype(np.intp)
    high = np.minimum(np.ceil(np.array(face.box[2:]) + room), picture.shape[1::-1]).astype(int)
    part = picture[low[1] : high[1], low[0] : high[0]].copy()
    return SourcePicture(part, _moved(face, -low), identity, use)


def _moved(face: Face, by: NDArray[np.intp]) -> Face:
    """The face in the pixels of the picture that a part was cut from."""
    x, y = float(by[0]), float(by[1])
    x0, y0, x1, y1 = face.box
    points = face.landmarks + np.array([x, y, 0], np.float32)
    return replace(face, landmarks=points, box=(x0 + x, y0 + y, x1 + x, y1 + y))


def _is_as_large(body: Body, face: Face) -> bool:
    size = face.size_px / max(torso_px_of(body), 1.0)
    return _SIZES[0] < size < _SIZES[1]


def is_within(face: Face, mask: Mask) -> bool:
    """Whether a face is a part of the person whose mask is given, and no picture beside them."""
    height, width = mask.shape
    xy = np.rint(face.landmarks[:, :2]).astype(int)
    inside = ((xy >= 0) & (xy < (width, height))).all(axis=1)
    return float(mask[xy[inside, 1], xy[inside, 0]].sum()) > _WITHIN * len(xy)
