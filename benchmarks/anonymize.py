"""Anonymising: is anybody still recognised, is anybody left as they were, does the face still move?

``python -m benchmarks.anonymize [--media DIR] [--out DIR] [--clips N] [--frames N]``

Clips of people who speak, alone and side by side, go through the whole of `masquerade anonymize`,
to the sealed file; every frame of that is looked at. Faces are found anew in it: each is held
against the person who was at its place (dlib's embedding, 0.6), and a face in the original without
one in the output counts as lost, not as hidden. Expression is that of the mesh, measured on both.
Then heads are covered throughout and held against the person and 30 others. Contact sheets go to
``--out``. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from benchmarks.swap_quality import CLIPS
from masquerade.compose.blend import ComposeOptions, compose
from masquerade.evaluate.expression import expression_error, motion_error
from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.evaluate.pose import pose_error_deg
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, chip, embed, embed_chips
from masquerade.faces.following.track import track
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.readers import FaceReader
from masquerade.generate.anonymize import Options, covered
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.anonymize.anonymize import Request, anonymize
from masquerade.pipelines.saving import Saving
from masquerade.types import RGB, Face, Frame, Patch

PAIRS = ((0, 1), (4, 5), (6, 9))
OTHERS = 30


@dataclass(frozen=True, slots=True)
class Hidden:
    """One person of one clip, measured over all frames of the sealed file."""

    clip: str
    person: int
    persona: str
    frames: int
    known: float
    median: float
    least: float
    left: int
    pose_deg: float
    expression: float
    motion: float
    flicker: float


@dataclass(frozen=True, slots=True)
class Cover:
    """One person under blocks: who they are nearest to, and how near to themselves."""

    clip: str
    found: float
    known: float
    named: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its JSON."""
    asked = _arguments(arguments)
    media, reader = media_dir(asked.media), FaceReader.open()
    shown = [_pictures(media, path, asked.frames) for path in CLIPS[: asked.clips]]
    scenes = [(Path(path).name, pictures) for path, pictures in zip(CLIPS, shown, strict=False)]
    for left, right in PAIRS:
        if max(left, right) < len(shown):
            both = [np.hstack(pair) for pair in zip(shown[left], shown[right], strict=False)]
            scenes.append((f"{scenes[left][0]}+{scenes[right][0]}", both))
    hidden: list[Hidden] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MASQUERADE_HOME"] = str(Path(folder) / "home")
        for name, pictures in scenes:
            hidden += _hide(name, pictures, Path(folder), reader, asked.out)
    gallery = _gallery(media, reader)
    covers = [
        _cover(Path(path).name, pictures[::5], gallery, reader, asked.out)
        for path, pictures in zip(CLIPS, shown, strict=False)
    ]
    _publish(hidden, covers)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--out", type=Path, help="folder for contact sheets")
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--frames", type=int, default=75)
    return parser.parse_args(arguments)


def _pictures(media: Path, path: str, count: int) -> list[RGB]:
    frames = read_frames(media / "talking" / f"{path}.mpg")
    return [frame.pixels for _, frame in zip(range(count), frames, strict=False)]


def _gallery(media: Path, reader: FaceReader) -> NDArray[np.float32]:
    """Embeddings of people who are in no clip."""
    found = []
    for path in sorted((media / "portraits").glob("*_a.jpg"))[:OTHERS]:
        pixels = read_image(path).pixels
        faces = find_faces(pixels, reader)
        if faces:
            found.append(embed(pixels, max(faces, key=lambda one: one.size_px), reader))
    return np.stack(found)


def _written(path: Path, pictures: Sequence[RGB]) -> Path:
    """The pictures as a clip of 25 frames a second, with hardly a loss."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "8"})
        stream.height, stream.width = pictures[0].shape[:2]
        for picture in pictures:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        out.mux(stream.encode(None))
    return path


def _hide(
    name: str, pictures: Sequence[RGB], folder: Path, reader: FaceReader, sheets: Path | None
) -> list[Hidden]:
    target, out = _written(folder / f"{name}.mp4", pictures), folder / f"{name}_out.mp4"
    made = anonymize(target, out, Request(), Saving(overwrite=True))
    before, after = (list(read_frames(path)) for path in (target, out))
    tracks = [one for one in track(before, reader) if not one.brief]
    tracks.sort(key=lambda one: next(iter(one.faces.values())).box[0])
    results = []
    for number, one in enumerate(tracks):
        persona = made.hidden[number].persona if number < len(made.hidden) else ""
        results.append(_measured(name, number, persona, one.faces, before, after, reader))
        values = {key: getattr(results[-1], key) for key in Hidden.__dataclass_fields__}
        print(json.dumps(_rounded(values)), flush=True)
    if sheets:
        _sheet(sheets / f"anonymize_{name}.png", before, after)
    return results


def _measured(
    name: str,
    number: int,
    persona: str,
    faces: dict[int, Face],
    before: Sequence[Frame],
    after: Sequence[Frame],
    reader: FaceReader,
) -> Hidden:
    pairs = [(b, a, faces[b.pts]) for b, a in zip(before, after, strict=True) if b.pts in faces]
    own = embed_chips([chip(b.pixels, face) for b, _, face in pairs], reader)
    again = [read_face(a.pixels, place_of(face.landmarks), reader) for _, a, face in pairs]
    now = embed_chips(
        [chip(a.pixels, face) for (_, a, _), face in zip(pairs, again, strict=True)], reader
    )
    apart = np.linalg.norm(now - own.mean(axis=0), axis=1)
    meshes = [
        (seen.landmarks, face.landmarks) for seen, (_, _, face) in zip(again, pairs, strict=True)
    ]
    lights = [
        np.stack(
            [face_luminance(image, mesh) for image, (_, mesh) in zip(images, meshes, strict=True)]
        )
        for images in ([a.pixels for _, a, _ in pairs], [b.pixels for b, _, _ in pairs])
    ]
    alike = np.linalg.norm(now - own, axis=1)
    return Hidden(
        clip=name,
        person=number + 1,
        persona=persona,
        frames=len(pairs),
        known=float((apart < SAME_PERSON).mean()),
        median=float(np.median(apart)),
        least=float(apart.min()),
        left=int((alike < SAME_PERSON / 2).sum()),
        pose_deg=float(np.mean([pose_error_deg(seen, was) for seen, was in meshes])),
        expression=float(np.mean([expression_error(seen, was) for seen, was in meshes])),
        motion=motion_error(*(np.stack(part) for part in zip(*meshes, strict=True))),
        flicker=flicker_ratio(lights[0], lights[1]),
    )


def _cover(
    name: str,
    pictures: Sequence[RGB],
    gallery: NDArray[np.float32],
    reader: FaceReader,
    sheets: Path | None,
) -> Cover:
    """Heads covered: found at all, within 0.6 of themselves, nearest to themselves of 31."""
    faces = [find_faces(image, reader)[0] for image in pictures]
    own = embed_chips([chip(i, f) for i, f in zip(pictures, faces, strict=True)], reader)
    hidden: list[RGB] = []
    for image, face in zip(pictures, faces, strict=True):
        patch = covered(Frame(image), face, Options())
        assert isinstance(patch, Patch)
        hidden.append(compose(Frame(image), [patch], ComposeOptions()).pixels)
    now = embed_chips([chip(i, f) for i, f in zip(hidden, faces, strict=True)], reader)
    me = own.mean(axis=0)
    mine = np.linalg.norm(now - me, axis=1)
    theirs = np.linalg.norm(now[:, None] - gallery[None], axis=2).min(axis=1)
    if sheets:
        sheets.mkdir(parents=True, exist_ok=True)
        row = np.hstack([hidden[0], hidden[-1]])
        cv2.imwrite(str(sheets / f"covered_{name}.png"), cv2.cvtColor(row, cv2.COLOR_RGB2BGR))
    return Cover(
        name,
        float(np.mean([bool(find_faces(image, reader)) for image in hidden[::4]])),
        float((mine < SAME_PERSON).mean()),
        float((mine < theirs).mean()),
    )


def _sheet(path: Path, before: Sequence[Frame], after: Sequence[Frame]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = np.linspace(2, len(before) - 3, 5).astype(int)
    rows = [np.hstack([frames[i].pixels for i in shown]) for frames in (before, after)]
    sheet = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    factor = min(1.0, 2400 / sheet.shape[1])
    cv2.imwrite(
        str(path), cv2.resize(sheet, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    )


def _rounded(values: dict[str, object]) -> dict[str, object]:
    return {key: round(v, 4) if isinstance(v, float) else v for key, v in values.items()}


def _publish(hidden: Sequence[Hidden], covers: Sequence[Cover]) -> bool:
    frames = sum(one.frames for one in hidden)
    known = sum(one.known * one.frames for one in hidden) / frames
    bars = [
        Bar("frames in which somebody is still recognised, share", round(known, 4), 0.02),
        Bar("the same of whoever fares worst", max(one.known for one in hidden), 0.02),
        Bar("faces left as they were, frames", sum(one.left for one in hidden), 0, "=="),
        Bar(
            "expression, mesh error of movement, interocular distances",
            round(float(np.mean([one.motion for one in hidden])), 4),
            0.015,
        ),
        Bar("head pose error, degrees", round(float(np.mean([h.pose_deg for h in hidden])), 3), 2),
        Bar("covered heads nearer than 0.6, share", max(c.known for c in covers), 0.02),
        Bar(
            "covered heads nearest to themselves among 31, share",
            round(float(np.mean([c.named for c in covers])), 4),
            0.1,
        ),
    ]
    rest = {
        "clips": len({one.clip for one in hidden}),
        "people": len(hidden),
        "frames": frames,
        "median distance to themselves": round(float(np.median([h.median for h in hidden])), 4),
        "least distance to themselves": round(min(one.least for one in hidden), 4),
        "expression error, other proportions included": round(
            float(np.mean([one.expression for one in hidden])), 4
        ),
        "flicker": round(float(np.mean([one.flicker for one in hidden])), 4),
        "faces still found under covers": round(float(np.mean([c.found for c in covers])), 4),
    }
    return publish("anonymize", bars, rest)


if __name__ == "__main__":
    main()
