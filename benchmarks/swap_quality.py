"""Quality of the mesh swap: people who do not exist put into clips of people who speak.

``python -m benchmarks.swap_quality [--media DIR] [--out DIR] [--personas N] [--clips N]``

Every persona goes into every clip, every frame is measured: identity (dlib's embedding, against
the source and against 30 other people), head pose and expression (our mesh, measured again on the
result), the opening of the eyes (read by the same network in target and result), flicker, and
frames left out. Contact sheets go to ``--out``. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.compose.blend import ComposeOptions, ShotLook, compose
from masquerade.evaluate.expression import expression_error, motion_error
from masquerade.evaluate.eyes import blinks_kept, eyes_together
from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.evaluate.identity import identity_score
from masquerade.evaluate.pose import pose_error_deg
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import chip, embed, embed_chips
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.lids import openings
from masquerade.faces.readers import FaceReader
from masquerade.faces.track import track
from masquerade.generate import swap_mesh
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.windows import windows
from masquerade.types import (
    RGB,
    Face,
    Frame,
    InputUse,
    Miss,
    Patch,
    Points,
    SourcePicture,
    Window,
)

PERSONAS = ("a00", "b02", "b11", "c06", "c11", "c16", "c23", "c34", "a01", "c32")
CLIPS = (
    "grid_s1/bbaf2n",
    "grid_others/lbax4n",
    "grid_others/brbk7n",
    "grid_others/lrwp9a",
    "grid_others/lwbsza",
    "grid_others/sbwe5n",
    "grid_others/swiz3n",
    "grid_others/id2_vcd_swwp2s",
    "grid_others/pwij3p",
    "grid_others/sbia1a",
)
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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its JSON."""
    asked = _arguments(arguments)
    media, reader = media_dir(asked.media), FaceReader.open()
    personas = [_persona(media, name, reader) for name in PERSONAS[: asked.personas]]
    others = _others(media, reader)
    results: list[Swapped] = []
    for path in CLIPS[: asked.clips]:
        clip = _clip(media / "talking" / f"{path}.mpg", reader)
        rows = []
        for persona in personas:
            pixels, missed = _swap(persona, clip)
            results.append(_measure(persona, clip, pixels, missed, others, reader))
            rows.append(_row(persona, clip, pixels))
            print(json.dumps(_plain(results[-1])), flush=True)
        if asked.out:
            asked.out.mkdir(parents=True, exist_ok=True)
            sheet = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
            cv2.imwrite(str(asked.out / f"swap_{clip.name}.png"), sheet)
    _publish(results)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--out", type=Path, help="folder for contact sheets")
    parser.add_argument("--personas", type=int, default=8)
    parser.add_argument("--clips", type=int, default=8)
    return parser.parse_args(arguments)


def _persona(media: Path, name: str, reader: FaceReader) -> SourcePicture:
    path = media / "personas" / f"persona_{name}.jpg"
    pixels = read_image(path).pixels
    face = max(find_faces(pixels, reader), key=lambda one: one.size_px)
    return SourcePicture(pixels, face, embed(pixels, face, reader), InputUse("source", name, ""))


def _others(media: Path, reader: FaceReader) -> NDArray[np.float32]:
    """Embeddings of people who are neither sources nor targets."""
    found = []
    for path in sorted((media / "portraits").glob("*_a.jpg")):
        pixels = read_image(path).pixels
        faces = find_faces(pixels, reader)
        if faces and len(found) < OTHERS:
            face = max(faces, key=lambda one: one.size_px)
            found.append(embed(pixels, face, reader))
    return np.stack(found)


def _clip(path: Path, reader: FaceReader) -> Clip:
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


def _swap(persona: SourcePicture, clip: Clip) -> tuple[list[RGB], int]:
    method = swap_mesh.prepare({"0": (persona,)}, swap_mesh.Options())
    look, options = ShotLook(), ComposeOptions()
    pixels, missed = [], 0
    for frame, made in zip(clip.frames, method(_windows(clip)), strict=True):
        missed += sum(isinstance(item, Miss) for item in made)
        patches = [item for item in made if isinstance(item, Patch)]
        pixels.append(compose(frame, patches, options, look=look).pixels)
    return pixels, missed


def _windows(clip: Clip) -> Iterator[Window]:
    chosen = {frame.pts: (face,) for frame, face in zip(clip.frames, clip.faces, strict=True)}
    return windows(clip.frames, chosen, swap_mesh.radius)


def _measure(
    persona: SourcePicture,
    clip: Clip,
    pixels: list[RGB],
    missed: int,
    others: NDArray[np.float32],
    reader: FaceReader,
) -> Swapped:
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


def _row(persona: SourcePicture, clip: Clip, pixels: list[RGB]) -> RGB:
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


def _plain(result: Swapped) -> dict[str, object]:
    values = {name: getattr(result, name) for name in Swapped.__dataclass_fields__}
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in values.items()}


def _publish(results: Sequence[Swapped]) -> bool:
    def values(name: str) -> list[float]:
        found = [getattr(result, name) for result in results]
        return [value for value in found if value is not None]

    def mean(name: str) -> float:
        return round(float(np.mean(values(name))), 4)

    missed = sum(result.missed for result in results)
    bars = [
        Bar("identity retrieval", mean("retrieval"), 0.97, ">="),
        Bar("distance to the source", mean("distance"), 0.45),
        Bar("head pose error, degrees", mean("pose_deg"), 2),
        Bar("expression error, interocular distances", mean("expression"), 0.02),
        Bar("missed frames", missed, 0, "=="),
        Bar("flicker against the target's", mean("flicker"), 1.15),
    ]
    if values("eyes"):  # no clip in which they move enough says nothing
        bars.append(
            Bar("opening of the eyes, correlation with the target's", mean("eyes"), 0.9, ">=")
        )
    if values("blinks"):
        bars.append(Bar("frames of blinks kept", mean("blinks"), 0.95, ">="))
    rest = {
        "motion error, interocular distances": mean("motion"),
        "flicker pixel by pixel": mean("flicker_pixels"),
        "pairs": [_plain(result) for result in results],
    }
    return publish("swap_quality", bars, rest)


if __name__ == "__main__":
    main()
