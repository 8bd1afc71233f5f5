"""The 478 points of one face, when it is roughly known where the face is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces import mesh
from masquerade.faces.align import Affine, crop, inverse, moved, square_crop
from masquerade.faces.pose import head_pose
from masquerade.faces.readers import FaceReader
from masquerade.types import RGB, Face, Points

MARGIN: Final = 1.5  # side of the mesh network's crop, in sizes of the face (its model card)
_VIEWS: Final = (0.94, 1.0, 1.06)  # sizes of the crops of a careful reading
EYE_MARGIN: Final = 2.3  # side of the iris network's crop, in widths of the eye (its model card)

# The networks count from pixel edges, pixels here from their centres. Half a pixel less the 0.13
# by which meshes of a picture and of its mirror image were seen to disagree (98 portraits).
_MESH_SHIFT: Final = np.array([0.37, 0.37, 0.0], np.float32)
_EYE_SHIFT: Final = np.array([0.5, 0.5, 0.0], np.float32)

# Mesh points which the first 32 points of the iris network stand for: the lids and the ring of
# skin around them (MediaPipe's landmarks refinement); below the contour from the outer corner to
# the inner, then above it.
_RIGHT_LIDS: Final = (
    33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173,
)  # fmt: skip
_LEFT_LIDS: Final = (
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A turned square of a frame that holds a face.

    Attributes:
        centre: (2,) in frame pixels.
        size_px: Side of the square around the face itself, without margin.
        angle: Radians by which the face is turned clockwise in the picture.
    """

    centre: Points
    size_px: float
    angle: float

    def crop_from_frame(self, side: int) -> Affine:
        """(2, 3) transform to the mesh network's crop."""
        return square_crop(self.centre, self.size_px * MARGIN, self.angle, side)


def place_of(landmarks: Points) -> Place:
    """Where to look for a face whose landmarks are known, its eyes level.

    Args:
        landmarks: (n >= 468, 2 or 3) in frame pixels.
    """
    across = landmarks[mesh.LEFT_EYE[0], :2] - landmarks[mesh.RIGHT_EYE[0], :2]
    angle = float(np.arctan2(across[1], across[0]))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    level = landmarks[: mesh.SURFACE, :2] @ turn.T
    low, high = level.min(axis=0), level.max(axis=0)
    return Place((low + high) / 2 @ turn, float((high - low).max()), angle)


def read_face(image: RGB, place: Place, reader: FaceReader, *, passes: int = 1) -> Face:
    """The face at a place, whatever its score.

    Args:
        image: (H, W, 3) uint8 RGB.
        place: Where to look.
        reader: The loaded networks.
        passes: How often the mesh is read; each further time from the crop that the last one
            suggests. 1 is right when `place` comes from the frame before, 2 when from a detector.
    """
    for left in reversed(range(passes)):
        surface, presence = _read_surface(image, place, reader)
        if left:
            place = place_of(surface)
    return face_of(with_eyes(image, surface, reader), presence)


def read_face_well(image: RGB, place: Place, reader: FaceReader) -> Face:
    """The face at a place from a detector, read with care: for pictures that stand alone.

    The mesh network gives points that differ by 1 % of the eye distance when its crop is moved a
    little; the mean over several crops and their mirror images halves that.

    Args:
        image: (H, W, 3) uint8 RGB.
        place: Where to look.
        reader: The loaded networks.
    """
    place = place_of(_read_surface(image, place, reader)[0])
    views = [
        _read_surface(image, Place(place.centre, place.size_px * scale, place.angle), reader, flip)
        for scale in _VIEWS
        for flip in (False, True)
    ]
    surface = np.asarray(np.mean([points for points, _ in views], axis=0), np.float32)
    return face_of(with_eyes(image, surface, reader), min(presence for _, presence in views))


def _read_surface(
    image: RGB, place: Place, reader: FaceReader, mirror: bool = False
) -> tuple[Points, float]:
    """(468, 3) mesh in frame pixels and its presence; `mirror` shows the network a mirror image."""
    side = reader.mesh.side
    crop_from_frame = place.crop_from_frame(side)
    picture = crop(image, crop_from_frame, side)
    reading = reader.mesh(np.ascontiguousarray(picture[:, ::-1]) if mirror else picture)
    points = reading.points - _MESH_SHIFT
    if mirror:
        points[:, 0] = side - 1 - points[:, 0]
        points = points[mesh.topology().mirror[: mesh.SURFACE]]
    return moved(points, inverse(crop_from_frame)), reading.presence


def face_of(landmarks: Points, score: float) -> Face:
    """A face with its box and pose worked out.

    Args:
        landmarks: (478, 3) float32 in frame pixels.
        score: Presence in [0, 1].
    """
    low, high = landmarks[: mesh.SURFACE, :2].min(axis=0), landmarks[: mesh.SURFACE, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(box=box, score=score, landmarks=landmarks, pose_deg=head_pose(landmarks))


def with_eyes(image: RGB, surface: Points, reader: FaceReader) -> Points:
    """(478, 3) the mesh with irises added and eyelids read again from crops of the eyes.

    The mesh network sees an eye at some 20 pixels and misses blinks; the iris network sees it at
    40 and follows them.

    Args:
        image: (H, W, 3) uint8 RGB.
        surface: (468, 3) float32 in frame pixels.
        reader: The loaded networks.
    """
    landmarks = np.concatenate([surface, np.zeros((10, 3), np.float32)])
    angle = place_of(surface).angle
    for lids, iris, mirror in (
        (_RIGHT_LIDS, mesh.RIGHT_IRIS, False),
        (_LEFT_LIDS, mesh.LEFT_IRIS, True),
    ):
        outer, inner = surface[lids[0], :2], surface[lids[8], :2]
        size = EYE_MARGIN * float(np.linalg.norm(inner - outer))
        lid_points, iris_points = _read_eye(
            image, square_crop((outer + inner) / 2, size, angle, reader.iris.side), reader, mirror
        )
        landmarks[list(lids), :2] = lid_points
        landmarks[list(iris), :2] = iris_points
        landmarks[list(iris), 2] = surface[[lids[0], lids[8]], 2].mean()
    return landmarks


def _read_eye(
    image: RGB, crop_from_frame: Affine, reader: FaceReader, mirror: bool
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(16, 2) lids and (5, 2) iris in frame pixels; `mirror` for the eye at the picture's right."""
    side = reader.iris.side
    picture = crop(image, crop_from_frame, side)
    reading = reader.iris(np.ascontiguousarray(picture[:, ::-1]) if mirror else picture)
    points = np.concatenate([reading.lids[:16], reading.iris]) - _EYE_SHIFT
    if mirror:
        points[:, 0] = side - 1 - points[:, 0]
    found = moved(points[:, :2], inverse(crop_from_frame))
    return found[:16], found[16:]
