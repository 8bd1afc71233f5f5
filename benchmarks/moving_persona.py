"""A person who does not exist, moved by our mesh: for methods that want many pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.puppet import Gesture, moved, puppet
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.types import InputUse, SourcePicture

POSES = 48


def photo_of(media: Path, name: str, reader: FaceReader) -> SourcePicture:
    """The photo of a persona of the shared media."""
    path = media / "personas" / f"persona_{name}.jpg"
    pixels = read_image(path).pixels
    face = max(find_faces(pixels, reader), key=lambda one: one.size_px)
    return SourcePicture(pixels, face, embed(pixels, face, reader), InputUse("source", name, ""))


def moving(photo: SourcePicture, reader: FaceReader) -> tuple[SourcePicture, ...]:
    """Pictures of the person in a photo who turns, nods, blinks and speaks."""
    doll = puppet(photo.pixels, photo.face)
    place = place_of(photo.face.landmarks)
    made = []
    for gesture in gestures():
        pixels = moved(doll, gesture)
        face = read_face(pixels, place, reader, passes=2)
        made.append(replace(photo, pixels=pixels, face=face))
    return tuple(made)


def gestures() -> Iterator[Gesture]:
    """What the person does, picture by picture."""
    for number in range(POSES):
        turn = 2 * np.pi * number / POSES
        yield Gesture(
            yaw_deg=12 * float(np.sin(3 * turn)),
            pitch_deg=7 * float(np.sin(2 * turn + 0.5)),
            blink=float(number % 8 == 5),
            mouth=float(np.clip(np.sin(5 * turn), 0, 1)),
        )
