"""Real faces to teach a detector with: cut out of portraits and of volunteers' clips, kept as data.

People are told apart by the file name of a portrait (the same in both collections) and by the
folder of a clip; every fifth, by the SHA-256 of that name, is held out from training.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from masquerade.errors import MediaError
from masquerade.faces.align import crop, moved, square_crop
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.media.glance import glances
from masquerade.media.probe import probe
from masquerade.media.read import read_image
from masquerade.types import RGB, Face, Points

HELD_OUT: Final = 5
AROUND: Final = 2.0  # side of what is kept, in sizes of the face
MOST_PX: Final = 448
_LEAST_PX: Final = 64.0
_OF_CLIP: Final = 8
PICTURES: Final = frozenset({".jpg", ".jpeg", ".png"})
CLIPS: Final = frozenset({".mpg", ".mp4"})


@dataclass(frozen=True, slots=True)
class Picture:
    """A real face with what is around it.

    Attributes:
        person: Whose; a name that says nothing else.
        volunteer: Whether others' faces may be put in: they agreed to be worked on.
        pixels: (S, S, 3) uint8 RGB, S up to 448, as large as it was found or smaller.
        landmarks: (478, 3) in its pixels.
        face_px: Size of the face in its pixels.
        exists: Whether there is such a person; if not, a network made the picture.
    """

    person: str
    volunteer: bool
    pixels: RGB
    landmarks: Points
    face_px: float
    exists: bool = True


def held_out(person: str) -> bool:
    """Whether a person is kept from training: every fifth, by the hash of the name."""
    return int(hashlib.sha256(person.encode()).hexdigest()[:8], 16) % HELD_OUT == 0


def material(folders: Sequence[Path], work: Path, *, most: int = 100_000) -> list[Picture]:
    """Every usable face of the folders, from the work folder where it was cut out before.

    Args:
        folders: With portraits, and clips of volunteers.
        work: Where faces are kept between runs.
        most: Files at most, spread over all.
    """
    files = sorted(
        (place for folder in folders for place in folder.rglob("*")
         if place.suffix.lower() in PICTURES | CLIPS),
        key=lambda place: hashlib.sha256(place.name.encode()).hexdigest(),
    )  # fmt: skip
    work.mkdir(parents=True, exist_ok=True)
    reader = FaceReader.open()
    found = []
    for number, place in enumerate(files[:most]):
        stored = work / f"{place.parent.name}-{place.stem}.npz"
        if not stored.is_file():
            _keep(stored, list(_faces(place, reader)))
        found += _kept(stored, place)
        if number % 200 == 199:
            print(f"cut out of {number + 1} of {len(files[:most])} files", flush=True)
    return found


def cut_from(pixels: RGB, face: Face) -> tuple[RGB, Points, float]:
    """(Pixels, landmarks, size of the face) of what is kept of a picture.

    Args:
        pixels: (H, W, 3) uint8.
        face: In it.
    """
    x0, y0, x1, y1 = face.box
    wanted = AROUND * face.size_px
    side = int(min(MOST_PX, round(wanted)))
    to_cut = square_crop(np.array([(x0 + x1) / 2, (y0 + y1) / 2]), wanted, 0.0, side)
    return crop(pixels, to_cut, side), moved(face.landmarks, to_cut), face.size_px * side / wanted


def _faces(place: Path, reader: FaceReader) -> Iterator[tuple[RGB, Points, float]]:
    """The face of each picture of a file that shows one alone, large enough."""
    try:
        if place.suffix.lower() in PICTURES:
            pictures = [read_image(place).pixels]
        else:
            pictures = [frame.pixels for frame in glances(probe(place), _OF_CLIP)]
    except MediaError as error:
        print(f"left out: {error}")
        return
    for pixels in pictures:
        faces = find_faces(pixels, reader)
        if len(faces) == 1 and faces[0].size_px >= _LEAST_PX:
            yield cut_from(pixels, faces[0])


def _keep(stored: Path, faces: Sequence[tuple[RGB, Points, float]]) -> None:
    arrays: dict[str, np.ndarray] = {}
    for number, (pixels, landmarks, size_px) in enumerate(faces):
        arrays[f"pixels{number}"], arrays[f"landmarks{number}"] = pixels, landmarks
        arrays[f"size{number}"] = np.array(size_px)
    fresh = stored.with_suffix(".part.npz")
    np.savez(fresh, **arrays)  # type: ignore[arg-type]
    fresh.replace(stored)


def _kept(stored: Path, place: Path) -> list[Picture]:
    volunteer = place.suffix.lower() in CLIPS
    person = place.parent.name if volunteer else place.stem
    with np.load(stored, allow_pickle=False) as held:
        return [
            Picture(
                person,
                volunteer,
                held[f"pixels{number}"],
                held[f"landmarks{number}"],
                float(held[f"size{number}"]),
            )
            for number in range(len(held.files) // 3)
        ]
