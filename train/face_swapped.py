"""Our own swaps of volunteers' clips with people who do not exist, and of these with one another.

Nobody else is put into anything: portraits of real people stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Final

import numpy as np

from benchmarks.moving_persona import moving
from benchmarks.swap_measured import Clip, read_clip, swap
from masquerade.faces.appearance.skin import Appearance
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.lids import openings
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_appearance, swap_mesh
from masquerade.media.read import read_image
from masquerade.types import RGB, Face, Frame, InputUse, SourcePicture
from train.face_material import Picture, cut_from
from train.face_seen import as_before

EVERY: Final = 9
"""Of the frames of a clip, which are taken to learn from."""
MESH: Final = "mesh swap"
APPEARANCE: Final = "appearance swap"
_BEFORE: Final = 0.8
"""Of the pictures of people who do not exist, how many had been stored before they were swapped."""


@dataclass(frozen=True, slots=True)
class Swapped:
    """A volunteer's picture and the same with somebody else in it.

    Attributes:
        picture: The real one.
        fake: (S, S, 3) uint8, cut out alike.
        how: By which of our swaps.
    """

    picture: Picture
    fake: RGB
    how: str = MESH


def swapped(
    clips: Sequence[Path], donors: Sequence[Path], work: Path, reader: FaceReader
) -> list[Swapped]:
    """Pairs of every clip, each with the next donor, by both of our swaps that draw on a mesh.

    Args:
        clips: Of volunteers.
        donors: Photos of people who do not exist.
        work: Where the pairs are kept between runs.
        reader: The loaded networks.
    """
    work.mkdir(parents=True, exist_ok=True)
    found: list[Swapped] = []
    for number, place in enumerate(clips):
        donor = donors[number % len(donors)]
        stored = work / f"{place.parent.name}-{place.stem}-{donor.stem}.npz"
        if not stored.is_file():
            _keep(stored, thinned(read_clip(place, reader), EVERY), photo(donor, reader), reader)
        found += _kept(stored, place.parent.name)
    return found


def swapped_among(
    people: Sequence[Picture], reader: FaceReader, *, each: int, moving_too: int = 0, seed: int = 0
) -> list[Swapped]:
    """Our swaps of pictures of people who do not exist with one another; nothing is kept.

    Args:
        people: A picture of each.
        reader: The loaded networks.
        each: Into how many of the others each is put.
        moving_too: How many of them are put in by the appearance swap as well.
        seed: Decides who is put into whom, and what had happened to the pictures before.
    """
    found: list[Swapped] = []
    for number, source in enumerate(people):
        rng = np.random.default_rng((seed, number))
        taken = _as_source(_stored(source, rng), reader)
        others = [one for one in people if one.person != source.person]
        if taken is None or not others:
            continue
        targets = [others[at] for at in rng.permutation(len(others))[:each]]
        for one in targets:
            found += _laid_in(swap_mesh, MESH, _stored(one, rng), (taken,), reader)
        if number < moving_too:
            looks = swap_appearance.study({"": moving(taken, reader)})[""]
            for one in targets:
                found += _laid_in(swap_appearance, APPEARANCE, _stored(one, rng), looks, reader)
    return found


def _laid_in(
    method: ModuleType,
    how: str,
    target: Picture,
    who: tuple[SourcePicture, ...] | Appearance,
    reader: FaceReader,
) -> Iterator[Swapped]:
    """The target with somebody in it; nothing where no face was found."""
    face = max(find_faces(target.pixels, reader), key=_size, default=None)
    if face is None:
        return
    frame = Frame(target.pixels, 0, Fraction(1, 25))
    clip = Clip("", [frame], [replace(face, person="0")], np.array([openings(face.landmarks)]))
    made = swap(method, clip, who, reader)[0][0]
    beyond = target.pixels.max(axis=2) == 0
    yield Swapped(target, np.where(beyond[..., None], np.uint8(0), made), how)


def _stored(one: Picture, rng: np.random.Generator) -> Picture:
    """The picture as it is found, or as it was stored before."""
    return as_before(one, rng) if rng.random() < _BEFORE else one


def _as_source(one: Picture, reader: FaceReader) -> SourcePicture | None:
    """A portrait as swaps take it; None: no face was found in it."""
    face = max(find_faces(one.pixels, reader), key=_size, default=None)
    if face is None:
        return None
    identity = embed(one.pixels, face, reader)
    return SourcePicture(one.pixels, face, identity, InputUse("source", "", ""))


def _size(face: Face) -> float:
    return face.size_px


def photo(place: Path, reader: FaceReader) -> SourcePicture:
    """The photo of a person, read.

    Args:
        place: Where it is.
        reader: The loaded networks.
    """
    pixels = read_image(place).pixels
    face = max(find_faces(pixels, reader), key=lambda one: one.size_px)
    return SourcePicture(pixels, face, embed(pixels, face, reader), InputUse("source", "", ""))


def thinned(clip: Clip, every: int) -> Clip:
    """Some of the frames of a clip."""
    return replace(
        clip,
        frames=clip.frames[::every],
        faces=clip.faces[::every],
        openings=clip.openings[::every],
    )


def swaps(clip: Clip, source: SourcePicture, reader: FaceReader) -> Iterator[tuple[str, list[RGB]]]:
    """(In which way, frames) of a clip with somebody else in it."""
    yield MESH, swap(swap_mesh, clip, (source,), reader)[0]
    yield APPEARANCE, swap(swap_appearance, clip, moving(source, reader), reader)[0]


def _keep(stored: Path, clip: Clip, source: SourcePicture, reader: FaceReader) -> None:
    arrays: dict[str, np.ndarray] = {}
    made = dict(swaps(clip, source, reader))
    for number, (frame, face) in enumerate(zip(clip.frames, clip.faces, strict=True)):
        real, landmarks, size_px = cut_from(frame.pixels, face)
        for kind, pixels in enumerate(made.values()):
            name = f"{number}-{kind}"
            arrays[f"real{name}"], arrays[f"fake{name}"] = real, cut_from(pixels[number], face)[0]
            arrays[f"landmarks{name}"], arrays[f"size{name}"] = landmarks, np.array(size_px)
    fresh = stored.with_suffix(".part.npz")
    np.savez(fresh, **arrays)  # type: ignore[arg-type]
    fresh.replace(stored)


def _kept(stored: Path, person: str) -> Iterator[Swapped]:
    with np.load(stored, allow_pickle=False) as held:
        for name in sorted(one.removeprefix("real") for one in held.files if one[:4] == "real"):
            size_px = float(held[f"size{name}"])
            real = Picture(person, True, held[f"real{name}"], held[f"landmarks{name}"], size_px)
            how = (MESH, APPEARANCE)[int(name.rpartition("-")[2])]
            yield Swapped(real, held[f"fake{name}"], how)
