"""The light that people are seen in: of a source's pictures, and of each shot of a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.light import Levels, Light, light_of, skin_of
from masquerade.bodies.track import BodyTrack
from masquerade.faces.mesh import LEFT_BROW, LEFT_EYE, LIPS, OVAL, RIGHT_BROW, RIGHT_EYE
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.body.face import face_at_head
from masquerade.types import RGB, Face, Mask, SourcePicture

_LOOKS: Final = 4  # pictures of a shot whose faces are looked at
_PLACES: Final = 8  # and whose places
_NOBODY: Final = 0.05  # of a mask, below which nobody is there
_TURNED_DEG: Final = 45.0  # from the camera, beyond which a mesh lies on more than skin


def light_of_photo(picture: RGB, people: Mask, face: Face | None) -> Light | None:
    """The light of one photo of a person.

    Args:
        picture: (H, W, 3) uint8 RGB.
        people: (H, W) in [0, 1] where the person is.
        face: Theirs; None where it is not seen.
    """
    seen = [(picture, face)] if face is not None else []
    return light_of([(picture, people < _NOBODY)], _skins(seen))


def light_of_video(
    pictures: Mapping[int, RGB], track: BodyTrack, portraits: Sequence[SourcePicture]
) -> Light | None:
    """The light of a video of a person.

    Args:
        pictures: By pts, some of its frames.
        track: The person.
        portraits: Their face in some frames.
    """
    return light_of(_around(pictures, track), _skins((one.pixels, one.face) for one in portraits))


def light_of_shot(
    pictures: Mapping[int, RGB], track: BodyTrack, reader: FaceReader
) -> Light | None:
    """The light of a shot in which somebody is replaced.

    Args:
        pictures: By pts, some of its frames.
        track: Whoever is replaced.
        reader: The networks that read faces.
    """
    times = sorted(
        (pts for pts in pictures if pts in track.bodies),
        key=lambda pts: (track.bodies[pts].yaw_deg, pts),
    )
    faces = (
        (pictures[pts], face)
        for pts in times[:_LOOKS]
        if (face := face_at_head(pictures[pts], track.bodies[pts], reader)) is not None
    )
    return light_of(_around(pictures, track), _skins(faces))


def _around(pictures: Mapping[int, RGB], track: BodyTrack) -> list[tuple[RGB, NDArray[np.bool_]]]:
    times = [pts for pts in pictures if pts in track.bodies]
    return [
        (
            pictures[pts],
            track.cover(pts).in_frame((pictures[pts].shape[0], pictures[pts].shape[1])) < _NOBODY,
        )
        for pts in times[:: max(len(times) // _PLACES, 1)]
    ]


def _skins(seen: Iterable[tuple[RGB, Face]]) -> list[Levels]:
    """The skin of faces that are not turned far."""
    found = (
        skin_of(picture, _plain(picture, face))
        for picture, face in seen
        if abs(face.pose_deg[0]) < _TURNED_DEG
    )
    return [one for one in found if one is not None]


def _plain(picture: RGB, face: Face) -> Mask:
    """(H, W) 1 where a face's mesh has neither eyes nor brows nor lips."""
    xy = np.rint(face.landmarks[:, :2]).astype(np.int32)
    skin = np.zeros(picture.shape[:2], np.float32)
    cv2.fillPoly(skin, [xy[list(OVAL)]], 1.0)
    for ring in (LIPS, LEFT_EYE, RIGHT_EYE, LEFT_BROW, RIGHT_BROW):
        cv2.fillPoly(skin, [xy[list(ring)]], 0.0)
    return skin
