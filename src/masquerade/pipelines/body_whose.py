"""Whose body a video lends: a shot is used where the face above that body was measured in it.

Somebody's face elsewhere in the picture, or in another shot, says nothing of a body.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from masquerade.bodies.track import BodyTrack
from masquerade.errors import FaceError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.body_source import Lender, face_of
from masquerade.types import Embedding, Face, Frame

LOOKS: Final = 48
"""Over a whole video: a shot that none of them falls into is not used."""


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces on some frames of a video.

    Attributes:
        reader: The networks that read faces.
        seen: By pts, each face with its identity.
    """

    reader: FaceReader
    seen: dict[int, list[tuple[Face, Embedding]]] = field(default_factory=dict)

    def see(self, frame: Frame) -> None:
        """Notes who is in a frame."""
        pixels = frame.pixels
        self.seen[frame.pts] = [
            (face, embed(pixels, face, self.reader)) for face in find_faces(pixels, self.reader)
        ]


def shots_of_theirs(
    shots: Sequence[tuple[int, int]],
    track: BodyTrack,
    seen: Mapping[int, Sequence[tuple[Face, Embedding]]],
    lender: Lender,
) -> list[tuple[int, int]]:
    """The shots in which the face above a body is the lender's; the rest could be anybody.

    Args:
        shots: First and last pts of each.
        track: The body.
        seen: By pts, the faces on some of their frames.
        lender: Whose body it is to be.

    Raises:
        FaceError: There is no such shot, or somebody else's face is above the body in one.
    """
    found, name = [], lender.input.name
    for first, last in shots:
        inside = {pts: faces for pts, faces in seen.items() if first <= pts <= last}
        apart = [
            min(distance(one, known) for known in lender.embeddings)
            for pts, faces in inside.items()
            if pts in track.bodies and (one := _above(track, pts, faces)) is not None
        ]
        if apart and np.median(apart) > SAME_PERSON:
            raise FaceError(
                f"the body in {name} is that of somebody else than the face that was measured",
                "a video of one person, whose own face is seen",
                "cut it to that person",
            )
        if apart:
            found.append((first, last))
    if not found:
        raise FaceError(
            f"no face can be measured above the body in {name}",
            "a video that shows the face too: whose body it is, is told by it",
            "use another video",
        )
    return found


def _above(track: BodyTrack, pts: int, faces: Sequence[tuple[Face, Embedding]]) -> Embedding | None:
    """The identity of the face that belongs to a body; None where none does."""
    face = face_of(track.bodies[pts], [one for one, _ in faces])
    return next((identity for one, identity in faces if one is face), None)
