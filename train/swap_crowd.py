"""The crowd that a base learns from: faces of many people on the map, as found and as moved.

A portrait shows one pose and mostly one expression. The mesh makes more of it: the head turns, the
mouth opens, the eyes close and look about (`masquerade.faces.puppet`), and each such picture is
unrolled like a found one, by the mesh that it was drawn with.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError
from masquerade.faces.puppet import LIMIT_DEG, Gesture, moved, moved_mesh, puppet
from masquerade.faces.trained_face import cut
from masquerade.hashing import file_sha256
from masquerade.types import RGB, Face
from train.face_material import CLIPS, PICTURES, Picture, material

_MOVED: Final = 3  # pictures made of each portrait by the mesh
_HELD: Final = 0.03  # of the people, to check with
_MOST_HELD: Final = 64


@dataclass(frozen=True, slots=True)
class Crowd:
    """Faces of many people.

    Attributes:
        faces: (n, 5, S, S) uint8, those of a person side by side, people in a random order.
        held: So many at the end are of people who are not trained on, as found.
        people: How many there are.
        found: How many of the faces were found; the others were made of those by the mesh.
    """

    faces: NDArray[np.uint8]
    held: int
    people: int
    found: int


def crowd(folders: Sequence[Path], side: int, work: Path) -> Crowd:
    """Every face in the folders' portraits and clips; kept in the work folder.

    Args:
        folders: With portraits, and clips of volunteers.
        side: Width and height of the map in pixels.
        work: Where they are kept, with a table of the files.

    Raises:
        InputError: There are none.
    """
    work.mkdir(parents=True, exist_ok=True)
    kept = work / f"crowd-{side}.npz"
    if not kept.is_file():
        _table(folders, work / "files.csv")
        _keep(material(folders, work / "faces"), side, kept)
    with np.load(kept, allow_pickle=False) as stored:
        held, people, found = stored["counts"].tolist()
        return Crowd(stored["faces"], held, people, found)


def _keep(pictures: Sequence[Picture], side: int, kept: Path) -> None:
    if not pictures:
        raise InputError("no face was found", "folders of portraits, or of clips")
    by_person: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        by_person[picture.person].append(picture)
    names = sorted(by_person, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    held = max(1, min(_MOST_HELD, round(_HELD * len(names))))
    trained = [
        one for name in names[:-held] for picture in by_person[name] for one in _all(picture, side)
    ]
    checked = [_cut(picture, side) for name in names[-held:] for picture in by_person[name]]
    counts = np.array([len(checked), len(names), len(pictures)])
    fresh = kept.with_suffix(".part.npz")
    np.savez(fresh, faces=np.stack(trained + checked), counts=counts)
    fresh.replace(kept)


def _all(picture: Picture, side: int) -> Iterator[NDArray[np.uint8]]:
    """The face as found, and for a portrait as moved by the mesh."""
    yield _cut(picture, side)
    if picture.volunteer:  # a clip moves by itself
        return
    height, width = picture.pixels.shape[:2]
    face = Face((0.0, 0.0, float(width), float(height)), 1.0, picture.landmarks, (0.0, 0.0, 0.0))
    made = puppet(picture.pixels, face)
    seed = int(hashlib.sha256(picture.pixels.tobytes()).hexdigest()[:8], 16)
    chance = np.random.default_rng(seed)
    for _ in range(_MOVED):
        gesture = _gesture(chance)
        drawn: RGB = moved(made, gesture)
        yield cut(drawn, moved_mesh(made, gesture), side).transpose(2, 0, 1)


def _gesture(chance: np.random.Generator) -> Gesture:
    """Any pose; the mouth open in half of all, the eyes closed or half closed in a quarter."""
    yaw, pitch = chance.uniform(-LIMIT_DEG, LIMIT_DEG, 2).tolist()
    gaze_x, gaze_y = chance.uniform(-1, 1, 2).tolist()
    return Gesture(
        yaw_deg=yaw,
        pitch_deg=0.7 * pitch,
        blink=float(chance.uniform(0.4, 1)) if chance.random() < 0.25 else 0.0,
        mouth=float(chance.uniform(0.1, 0.9)) if chance.random() < 0.5 else 0.0,
        gaze_x=gaze_x,
        gaze_y=gaze_y,
    )


def _cut(picture: Picture, side: int) -> NDArray[np.uint8]:
    """(5, side, side) uint8."""
    return cut(picture.pixels, picture.landmarks, side).transpose(2, 0, 1)


def _table(folders: Sequence[Path], place: Path) -> None:
    """Names and hashes of all that was looked at."""
    files = sorted(
        one
        for folder in folders
        for one in folder.rglob("*")
        if one.suffix.lower() in PICTURES | CLIPS
    )
    with place.open("w", encoding="utf-8", newline="") as file:
        rows = [(one.name, file_sha256(one)) for one in files]
        csv.writer(file).writerows([("file", "sha256"), *rows])
