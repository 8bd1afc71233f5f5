"""Who sits for a talking portrait: the photo at the video's size, the face in it, the matte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from masquerade.bodies.matte import person_matte
from masquerade.errors import FaceError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.fitness import faults
from masquerade.faces.living.photo import LivingPhoto, living_photo
from masquerade.faces.mouth.unrolled import unroll_mouth
from masquerade.faces.readers import FaceReader
from masquerade.generate.portrait import Options, refusal
from masquerade.media.opacity import laid_over
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_image
from masquerade.models.covered_mouth import CoveredMouth
from masquerade.models.person_mask import PersonMask
from masquerade.models.store import Progress
from masquerade.pipelines.cast import CastMember
from masquerade.pipelines.findings import Findings, fetch_for_gates, look_into, open_target
from masquerade.pipelines.people import Person
from masquerade.types import RGB, Embedding, Face

if TYPE_CHECKING:
    from pathlib import Path

MEMBER: Final = "0"


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody in a photo, ready to be made to talk.

    Attributes:
        info: What the photo is.
        found: Who is in it.
        person: Who is meant.
        pixels: (H, W, 3) uint8 the photo at the size of the video.
        face: Theirs, in those pixels.
        embedding: Identity of that face as it is shown, which is whose it is to the gates.
        photo: The same taken apart.
        notes: What the user should know, in sentences.
    """

    info: MediaInfo
    found: Findings
    person: Person
    pixels: RGB
    face: Face
    embedding: Embedding
    photo: LivingPhoto
    notes: tuple[str, ...]


def find_sitter(path: Path, who: str, options: Options, say: Progress) -> Sitter:
    """Who is to talk.

    Args:
        path: A photo.
        who: Of several; see `masquerade.pipelines.people.resolve`.
        options: Of the method.
        say: Told (what, done, in all or 0).

    Raises:
        UsageError: It is no photo, or everybody is to talk.
        FaceError: Nobody is seen, it cannot be told who is meant, the face is too small or turned
            too far, the mouth is covered, or what is transparent in the photo shows somebody else.
        InputError: The file is of no use.
    """
    info = open_target(path)
    if info.kind != "still":
        raise UsageError(
            f"{path.name} is {'an' if info.kind == 'animation' else 'a'} {info.kind}",
            "a photo of somebody",
            "for somebody in a video there is `masquerade lipsync`",
        )
    reader = FaceReader.open(progress=say)
    matte = PersonMask.open(progress=say)
    fetch_for_gates(say)
    found = look_into(info, (CastMember(who, ()),), reader, say)
    person = found.wanted[MEMBER]
    if person is None:
        raise UsageError("everyone in the photo", "one person: left, right, a number, a photo")
    pixels = at_size(laid_over(read_image(path)), options.size)
    face, shown = _their_face(pixels, person, reader, path.name)
    why = refusal(face, options)
    if why:
        raise FaceError(
            f"{path.name}: {why}", "a face of good size, towards the camera", "use another photo"
        )
    if CoveredMouth.open()(unroll_mouth(pixels, face.landmarks)) < 0:
        raise FaceError(
            f"{path.name}: the mouth is covered, as by a mask, a bar or a hand",
            "lips that are seen",
            "use a photo in which they are: what lies over them would be moved in their place",
        )
    notes = tuple(f"{path.name}: {fault}" for fault in faults(pixels, face))
    photo = living_photo(pixels, face, person_matte(pixels, matte))
    return Sitter(info, found, person, pixels, face, shown, photo, notes)


def at_size(pixels: RGB, shorter_px: int) -> RGB:
    """(H, W, 3) uint8 a photo no larger than that, both sides even, as videos have them.

    Args:
        pixels: (H, W, 3) uint8.
        shorter_px: Its shorter side, at most.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, shorter_px / min(height, width))
    size = (max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2))
    if scale == 1.0:
        return np.ascontiguousarray(pixels[: height // 2 * 2, : width // 2 * 2])
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _their_face(
    pixels: RGB, person: Person, reader: FaceReader, name: str
) -> tuple[Face, Embedding]:
    """The face that is made to talk, and whose it is as it is shown.

    Raises:
        FaceError: It is too small, or not the face that was found in the file.
    """
    faces = find_faces(pixels, reader)
    if not faces:
        raise FaceError(
            f"the face in {name} is too small to be made to talk",
            "a face that fills a good part of the picture",
            "crop the photo, or give it with a larger --size",
        )
    known = [(one, embed(pixels, one, reader)) for one in faces]
    face, shown = min(known, key=lambda one: distance(one[1], person.embedding))
    if distance(shown, person.embedding) > SAME_PERSON:
        raise FaceError(
            f"the face that {name} shows is not the one that lies in its colours",
            "a photo that shows one and the same person with and without its transparency",
            "give it without transparency, or crop it to the person meant",
        )
    return face, shown
