"""The faces in a file as this installation measures them itself, whatever a draft states.

The same file gives the same figures, so a file of known hash is measured once a process: a save
passes the gates three times.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from masquerade.errors import ConsentError, InputError, ModelError, PolicyError
from masquerade.faces.appearance.file import is_appearance
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, chip, distance, embed, embed_chips
from masquerade.faces.portrait import identity
from masquerade.faces.readers import FaceReader
from masquerade.hashing import BlockHashes, block_hashes, file_sha256
from masquerade.media.glance import glances
from masquerade.media.known_file import held_to
from masquerade.media.opacity import looks_of
from masquerade.media.probe import probe
from masquerade.provenance.consent.turned import around, is_turned, straighter
from masquerade.provenance.model_pictures import drawn_by, is_model
from masquerade.types import Box, Embedding, Face, Track

GLANCES: Final = 8
_AT_ONCE: Final = 256

_DRAWN_APART: Final = 0.45
"""Pictures that a model draws further apart show two people: they share eyes, light and shape, and
one person's stayed below 0.38 (medians below 0.3) where that was measured."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Where a face was seen, so that people can look for themselves.

    Attributes:
        pts: Of the picture.
        time_s: Its time; None in a still.
        box: Of the face.
    """

    pts: int
    time_s: float | None
    box: Box

    def words(self) -> str:
        """In words."""
        x0, y0, x1, y1 = self.box
        when = "" if self.time_s is None else f"at {self.time_s:.2f} s "
        return f"{when}around ({(x0 + x1) / 2:.0f}, {(y0 + y1) / 2:.0f})"


@dataclass(frozen=True, slots=True)
class MeasuredPerson:
    """Somebody seen in a file.

    Attributes:
        embedding: (128,) float32 identity, the mean over the pictures looked at.
        size_px: Largest size of the face in pixels.
        seen: In how many of the pictures looked at.
        sight: Where the largest of these faces is; None where that is no picture of the file.
    """

    embedding: Embedding
    size_px: float
    seen: int
    sight: Sight | None = None


Sightings: TypeAlias = list[tuple[Embedding, float, Sight | None]]
"""Identity, size in pixels and place of the faces of one person."""


@lru_cache(maxsize=_AT_ONCE)
def people_in(path: Path, sha256: str) -> tuple[MeasuredPerson, ...]:
    """Everybody in a picture, or on eight pictures spread over a video; the largest face first.

    In a trained model that is one person: the source as its network draws them.

    Args:
        path: The file.
        sha256: Its hash, as the recipe names it.

    Raises:
        ConsentError: The file cannot be measured.
        PolicyError: It is not the file of that hash.
    """
    try:
        with held_to(_held(path, sha256)):
            found = _measure(path)
    except (InputError, ModelError) as error:
        raise ConsentError(
            f"the faces in {path.name} cannot be measured: {error.found}",
            error.expected or "a file whose faces can be held against a consent record",
            error.todo,
        ) from error
    if file_sha256(path) != sha256:
        raise PolicyError(f"the input {path.name} was changed", f"SHA-256 {sha256[:16]}")
    return found


def _held(path: Path, sha256: str) -> Mapping[Path, BlockHashes]:
    """What a file has to hold while it is measured; nothing where it cannot be read at all.

    Raises:
        PolicyError: It is not the file of that hash.
    """
    try:
        known = block_hashes(path)
    except OSError:
        return {}  # whoever measures it says why
    if known.sha256 != sha256:
        raise PolicyError(f"the input {path.name} was changed", f"SHA-256 {sha256[:16]}")
    return {path: known}


def _measure(path: Path) -> tuple[MeasuredPerson, ...]:
    if is_model(path):
        return _drawn(path)
    info = probe(path)
    if info.kind == "audio":
        return ()
    reader = _reader(threading.get_ident())
    groups: list[Sightings] = []
    turned: list[tuple[int, Face, Sightings]] = []
    for frame in glances(info, GLANCES):
        for pixels in looks_of(frame):
            free = list(groups)  # nobody is in a picture twice, however alike two people are
            for face in find_faces(pixels, reader):
                one = embed(pixels, face, reader)
                group = _nearest(free, one)
                if group:
                    free = [other for other in free if other is not group]
                else:
                    groups.append(group)
                    if info.kind == "video" and is_turned(face):
                        turned.append((frame.pts, face, group))
                when = float(frame.time_s) if info.kind == "video" else None
                sight = Sight(frame.pts, when, face.box)
                group.append((one, face.size_px, sight))
    followed: dict[int, list[Track]] = {}
    for pts, face, group in turned:
        if len(group) > 1:
            continue
        if pts not in followed:
            followed[pts] = around(info, pts, reader)
        _measure_again(followed[pts], pts, face, group, groups)
    people = [_person(group) for group in groups]
    return tuple(sorted(people, key=lambda person: -person.size_px))


def _measure_again(
    tracks: Sequence[Track],
    pts: int,
    face: Face,
    group: Sightings,
    groups: list[Sightings],
) -> None:
    """Puts somebody who was seen once, turned away, with who they are by the moments around."""
    ((one, size_px, sight),) = group
    better = straighter(tracks, pts, face, one)
    if better is None:
        return
    others = [other for other in groups if other is not group]
    same = _nearest(others, better)
    if same:
        groups[:] = others
        same.append((better, size_px, sight))
    else:
        group[0] = better, size_px, sight


def _drawn(path: Path) -> tuple[MeasuredPerson, ...]:
    """Whom a model draws: everybody it can draw, where it holds pictures of its own."""
    drawn = drawn_by(path)
    reader = _reader(threading.get_ident())
    if not is_appearance(path):
        size = max(one.face.size_px for one in drawn)
        return (MeasuredPerson(identity(drawn, reader), size, len(drawn)),)
    found = embed_chips([chip(one.pixels, one.face) for one in drawn], reader)
    groups: list[Sightings] = []
    for one, portrait in zip(found, drawn, strict=True):
        group = _nearest(groups, one, _DRAWN_APART)
        if not group:
            groups.append(group)
        group.append((one, portrait.face.size_px, None))
    return tuple(_person(group) for group in groups)


@lru_cache(maxsize=2)
def _reader(_thread: int) -> FaceReader:
    """Loaded networks; those of one thread, since they are not made for several at once."""
    return FaceReader.open()


def _nearest(groups: list[Sightings], embedding: Embedding, most: float = SAME_PERSON) -> Sightings:
    """The group of that person; a new, empty one where none is near."""
    best = min(groups, key=lambda group: _apart(group, embedding), default=None)
    return [] if best is None or _apart(best, embedding) > most else best


def _apart(group: Sightings, embedding: Embedding) -> float:
    return float(np.median([distance(embedding, other) for other, _, _ in group]))


def _person(group: Sightings) -> MeasuredPerson:
    _, size_px, sight = max(group, key=lambda one: one[1])
    if len(group) == 1:
        return MeasuredPerson(group[0][0], size_px, 1, sight)
    mean: Embedding = np.mean([embedding for embedding, _, _ in group], axis=0, dtype=np.float32)
    return MeasuredPerson(mean, size_px, len(group), sight)
