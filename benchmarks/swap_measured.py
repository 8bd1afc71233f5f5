"""One swap of one clip: made as a job makes it, measured frame by frame, and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.blend import ComposeOptions, ShotLook, compose
from masquerade.evaluate.expression import expression_error, motion_error
from masquerade.evaluate.eyes import blinks_kept, eyes_together
from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.evaluate.identity import identity_score
from masquerade.evaluate.pose import pose_error_deg
from masquerade.faces.appearance.skin import Appearance
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import chip, embed, embed_chips
from masquerade.faces.following.track import track
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.lids import openings
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames, read_image
from masquerade.options import Options
from masquerade.pipelines.windows import windows
from masquerade.types import RGB, Face, Frame, Generator, Miss, Patch, Points, SourcePicture

OTHERS = 30
SHOWN = (8, 30, 55)


@dataclass(frozen=True, slots=True)
class Clip:
    """A target clip: its frames, its one face in each, and (n, 2) how far its eyes are open."""

    name: str
    frames: list[Frame]
    faces: list[Face]
    openings: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Swapped:
    """One persona in one clip, measured."""

    persona: str
    clip: str
    retrieval: float
    distance: float
    pose_deg: float
    expression: float
    motion: float
    eyes: float | None
    blinks: float | None
    flicker: float
    flicker_pixels: float
    missed: int


def others(media: Path, reader: FaceReader) -> NDArray[np.float32]:
    """Embeddings of people who are neither sources nor targets."""
    found: list[NDArray[np.float32]] = []
    for path in sorted((media / "portraits").glob("*_a.jpg")):
        if len(found) == OTHERS:
            break
        pixels = read_image(path).pixels
        faces = find_faces(pixels, reader)
        if faces:
            face = max(faces, key=lambda one: one.size_px)
            found.append(embed(pixels, face, reader))
    return np.stack(found)


def read_clip(path: Path, reader: FaceReader) -> Clip:
    """A target clip, its one face followed."""
    frames = list(read_frames(path))
    longest = max(track(frames, reader), key=lambda one: len(one.faces))
    kept = [frame for frame in frames if frame.pts in longest.faces]
    faces = [replace(longest.faces[f.pts], person="0") for f in kept]
    return Clip(path.stem, kept, faces, _openings([f.pixels for f in kept], faces, reader)[1])


def _openings(
    pixels: Sequence[RGB], places: Sequence[Face], reader: FaceReader
) -> tuple[list[Face], NDArray[np.float64]]:
    """The faces read again, each picture by itself, and (n, 2) how far their eyes are open."""
    again = [
        read_face(image, place_of(face.landmarks), reader)
        for image, face in zip(pixels, places, strict=True)
    ]
    return again, np.array([openings(face.landmarks) for face in again])


def prepared(
    module: ModuleType,
    cast: Mapping[str, Sequence[SourcePicture] | Appearance],
    options: Options,
    reader: FaceReader,
) -> Generator:
    """The method as a job makes it ready: with the face networks where it reads what it drew."""
    reading = {"reader": reader} if getattr(module, "reads", False) else {}
    made: Generator = module.prepare(cast, options, **reading)
    return made


def swap(
    module: ModuleType,
    clip: Clip,
    pictures: tuple[SourcePicture, ...] | Appearance,
    reader: FaceReader,
) -> tuple[list[RGB], int]:
    """The clip with the person of some pictures in it, and how many frames stayed as they were."""
    method = prepared(module, {"0": pictures}, module.Options(), reader)
    chosen = {frame.pts: (face,) for frame, face in zip(clip.frames, clip.faces, strict=True)}
    look, options = ShotLook(), ComposeOptions()
    pixels, missed = [], 0
    made_of = method(windows(clip.frames, chosen, module.radius))
    for frame, made in zip(clip.frames, made_of, strict=True):
        missed += sum(isinstance(item, Miss) for item in made)
        patches = [item for item in made if isinstance(item, Patch)]
        pixels.append(compose(frame, patches, options, look=look).pixels)
    return pixels, missed


def measure(
    persona: SourcePicture,
    clip: Clip,
    pixels: list[RGB],
    missed: int,
    others: NDArray[np.float32],
    reader: FaceReader,
) -> Swapped:
    """A swap as the papers measure it: `persona` is whom it should show."""
    again, opened = _openings(pixels, clip.faces, reader)
    meshes: list[tuple[Points, Points]] = [
        (seen.landmarks, face.landmarks) for seen, face in zip(again, clip.faces, strict=True)
    ]
    chips = [chip(image, face) for image, face in zip(pixels, again, strict=True)]
    who = identity_score(embed_chips(chips, reader), persona.embedding, others)
    before, after = (
        np.stack(
            [face_luminance(image, mesh) for image, (_, mesh) in zip(images, meshes, strict=True)]
        )
        for images in ([frame.pixels for frame in clip.frames], pixels)
    )
    return Swapped(
        persona=persona.input.name,
        clip=clip.name,
        retrieval=who.retrieval,
        distance=float(who.distance.mean()),
        pose_deg=float(np.mean([pose_error_deg(seen, wanted) for seen, wanted in meshes])),
        expression=float(np.mean([expression_error(seen, wanted) for seen, wanted in meshes])),
        motion=motion_error(*(np.stack(part) for part in zip(*meshes, strict=True))),
        eyes=eyes_together(opened, clip.openings),
        blinks=blinks_kept(opened, clip.openings),
        flicker=flicker_ratio(after, before),
        flicker_pixels=flicker_ratio(after, before, cells=after.shape[1]),
        missed=missed,
    )


def row(persona: SourcePicture, clip: Clip, pixels: list[RGB]) -> RGB:
    """Source, then target and result at some frames."""
    tiles = [_tile(persona.pixels, persona.face)]
    for number in SHOWN:
        index = min(number, len(pixels) - 1)
        tiles.append(_tile(clip.frames[index].pixels, clip.faces[index]))
        tiles.append(_tile(pixels[index], clip.faces[index]))
    return np.hstack(tiles)


def _tile(image: RGB, face: Face, side: int = 256) -> RGB:
    x0, y0, x1, y1 = face.box
    scale = side / (1.45 * face.size_px)
    shift = (side / 2 - scale * (x0 + x1) / 2, side / 2 - scale * (y0 + y1) / 2)
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    return np.asarray(cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_AREA), np.uint8)


def plain(result: Swapped) -> dict[str, object]:
    """For a line of JSON."""
    values = {name: getattr(result, name) for name in Swapped.__dataclass_fields__}
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in values.items()}
