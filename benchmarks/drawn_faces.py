"""Which detour of an identity tells somebody else's face from a swap: `pipelines.drawn_faces`.

    python -m benchmarks.drawn_faces [--clips 12] [--frames 4]

Every persona is drawn into clips of volunteers and into the other personas' pictures, at full
strength and as a weak network would, mixed with the target; each is honest for the persona that is
drawn, and somebody else for the others. Prints, for each size of the face, the medians over a clip.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from benchmarks.media import media_dir
from masquerade import personas
from masquerade.compose.blend import ComposeOptions, compose
from masquerade.faces.detect import find_faces
from masquerade.faces.detour import ASTRAY, ASTRAY_SMALL, SMALL_PX, detour
from masquerade.faces.embed import embed
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_mesh
from masquerade.media.read import read_frames
from masquerade.pipelines.cast import read_sources
from masquerade.types import Face, Frame, Patch, SourcePicture, Window

SIZES_PX = (0, 70, 40)
STRENGTHS = (1.0, 0.7, 0.5, 0.3)


@dataclass(frozen=True, slots=True)
class Target:
    """A frame with one face; `name` is the clip's or the persona's."""

    name: str
    frame: Frame
    face: Face


def targets(
    clips: list[Path], frames: int, sources: dict[str, SourcePicture], reader: FaceReader
) -> Iterator[Target]:
    """A few frames of every clip, and the personas' own pictures."""
    for clip in clips:
        for frame in islice(read_frames(clip), 5, 5 + 18 * frames, 18):
            for face in find_faces(frame.pixels, reader)[:1]:
                yield Target(clip.stem, Frame(frame.pixels), face)
    for name, one in sources.items():
        yield Target(name, Frame(one.pixels), one.face)


def smaller(target: Target, size_px: int) -> Target:
    """The same with a face of that size; 0: as it is."""
    scale = size_px / target.face.size_px if size_px else 1.0
    if scale >= 1:
        return target
    pixels = cv2.resize(target.frame.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    face = replace(target.face, landmarks=target.face.landmarks * np.float32(scale))
    return Target(target.name, Frame(np.asarray(pixels, np.uint8)), face)


def measured(
    size_px: int, all_targets: list[Target], sources: dict[str, SourcePicture], reader: FaceReader
) -> tuple[dict[object, list[float]], dict[object, list[float]]]:
    """Detours of honest outputs and of somebody else's, by what they are the median over."""
    honest: dict[object, list[float]] = defaultdict(list)
    others: dict[object, list[float]] = defaultdict(list)
    methods = {
        name: swap_mesh.prepare({"0": (one,)}, swap_mesh.Options(), reader=reader)
        for name, one in sources.items()
    }
    for target in (smaller(one, size_px) for one in all_targets):
        face = replace(target.face, person="0", track_id=0)
        was = embed(target.frame.pixels, face, reader)
        for name in set(sources) - {target.name}:
            window = Window((target.frame,), ((face,),))
            (made,) = methods[name](iter([window]))
            patches = [one for one in made if isinstance(one, Patch)]
            for share in STRENGTHS if patches else ():
                weaker = [replace(one, mask=one.mask * np.float32(share)) for one in patches]
                pixels = compose(target.frame, weaker, ComposeOptions()).pixels
                now = embed(pixels, face, reader)
                for claimed in set(sources) - {target.name}:
                    apart = detour(now, sources[claimed].embedding, was)
                    if claimed == name:
                        honest[target.name, name, share].append(apart)
                    elif share == 1:
                        others[target.name, name, claimed].append(apart)
    return honest, others


def main() -> None:
    """Prints the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--clips", type=int, default=12)
    arguments.add_argument("--frames", type=int, default=4)
    asked = arguments.parse_args()
    reader = FaceReader.open()
    sources = {
        name: read_sources([personas.load(name).picture], reader)[0] for name in personas.names()
    }
    clips = sorted((media_dir() / "talking").rglob("*.mpg"))[: asked.clips]
    seen = list(targets(clips, asked.frames, sources, reader))
    for size_px in SIZES_PX:
        honest, others = measured(size_px, seen, sources, reader)
        limit = ASTRAY_SMALL if 0 < size_px < SMALL_PX else ASTRAY
        swaps, strangers = (
            np.array([np.median(each) for each in found.values()]) for found in (honest, others)
        )
        print(
            f"{size_px or 'full'} px: {len(swaps)} honest, largest {swaps.max():.2f}, refused"
            f" {np.mean(swaps >= limit):.1%}; {len(strangers)} of somebody else, refused"
            f" {np.mean(strangers >= limit):.1%} (limit {limit:.2f})"
        )


if __name__ == "__main__":
    main()
