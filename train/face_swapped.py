"""Our own swaps of volunteers' clips with people who do not exist, and of anybody with themselves.

The latter put the face of one portrait into another portrait of the same person, in memory only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.moving_persona import moving
from benchmarks.swap_measured import Clip, read_clip, swap
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.lids import openings
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_appearance, swap_mesh
from masquerade.media.read import read_image
from masquerade.types import RGB, Frame, InputUse, SourcePicture
from train.face_material import Picture, cut_from

EVERY: Final = 9
"""Of the frames of a clip, which are taken to learn from."""


@dataclass(frozen=True, slots=True)
class Swapped:
    """A volunteer's picture and the same with somebody else in it.

    Attributes:
        picture: The real one.
        fake: (S, S, 3) uint8, cut out alike.
    """

    picture: Picture
    fake: RGB


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


def swapped_with_themselves(
    people: Sequence[Sequence[Picture]], reader: FaceReader
) -> list[Swapped]:
    """Our mesh swap of every portrait with another of the same person; nothing is kept.

    Args:
        people: Pictures of each person.
        reader: The loaded networks.
    """
    found = []
    for some in people:
        for place in range(len(some) if len(some) > 1 else 0):
            target, source = some[place], some[place - 1]
            fake = _with_itself(target, source, reader)
            if fake is not None:
                found.append(Swapped(target, fake))
    return found


def _with_itself(target: Picture, source: Picture, reader: FaceReader) -> RGB | None:
    """The target with the face of another picture of the same person; None: none was found."""
    if target.person != source.person:
        raise ValueError(f"{source.person} is not {target.person}")
    faces = [find_faces(one.pixels, reader) for one in (target, source)]
    if not all(faces):
        return None
    shown, taken = (max(some, key=lambda one: one.size_px) for some in faces)
    use = InputUse("source", "", "")
    given = SourcePicture(source.pixels, taken, embed(source.pixels, taken, reader), use)
    open_eyes = np.array([openings(shown.landmarks)])
    frame = Frame(target.pixels, 0, Fraction(1, 25))
    clip = Clip("", [frame], [replace(shown, person="0")], open_eyes)
    beyond = target.pixels.max(axis=2) == 0
    made = swap(swap_mesh, clip, (given,), reader)[0][0]
    return np.where(beyond[..., None], np.uint8(0), made)


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
    yield "mesh swap", swap(swap_mesh, clip, (source,), reader)[0]
    yield "appearance swap", swap(swap_appearance, clip, moving(source, reader), reader)[0]


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
            yield Swapped(real, held[f"fake{name}"])
