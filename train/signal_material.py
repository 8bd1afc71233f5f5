"""Known material for the calibration of signals, made in memory and never written as media.

Each function gives `Seen` figures: what a signal measures on a recorded or manipulated example.
The manipulated ones are self-blends of real faces, our own swaps of volunteers' clips with people
who do not exist, clips with another clip's sound, and pictures of people who do not exist.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.moving_persona import moving, photo_of
from benchmarks.swap_measured import Clip, read_clip, swap
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.forensics.face_parts import luma, spread
from masquerade.forensics.grid_votes import grids
from masquerade.forensics.resaved import resaved
from masquerade.forensics.sample import Cut, Line, cut_out, followed
from masquerade.forensics.signals import (
    boundary_flicker,
    face_grain,
    face_sharpness,
    identity_drift,
    jpeg_ghost,
    jpeg_grid,
    landmark_jitter,
    lip_sync,
    spectrum,
)
from masquerade.generate import swap_appearance, swap_mesh
from masquerade.media.audio import read_audio
from masquerade.media.read import read_frames, read_image
from masquerade.types import RGB, Audio, Frame
from train.self_blend import self_blend

STORED = (("lossless", None), ("fine", 95), ("coarse", 75))
CRF = 23
MOST_CUTS = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """A figure of a signal on an example.

    Attributes:
        signal: Its name.
        kind: Of the material, as the signal names it.
        made: Whether it was manipulated.
        how: In which way, in a word.
        person: Whose picture or voice it is, so that halves share nobody.
        value: The figure.
    """

    signal: str
    kind: str
    made: bool
    how: str
    person: str
    value: float


def stills(path: Path, person: str, reader: FaceReader, rng: np.random.Generator) -> Iterator[Seen]:
    """Figures of a real still and of its face blended with itself, stored in three ways.

    Args:
        path: A JPEG with a face.
        person: Whose.
        reader: The loaded networks.
        rng: Decides how it is blended.
    """
    picture = read_image(path).pixels
    faces = find_faces(picture, reader)
    if not faces:
        return
    face = faces[0]
    blend = self_blend(picture, face.landmarks, rng)
    for made, how, pixels in ((False, "recorded", picture), (True, "self-blend", blend)):
        for kind, quality in STORED:
            stored = pixels if quality is None else resaved(pixels, quality)
            found = grids(luma(stored))
            if found.origin is not None:
                yield Seen("jpeg_grid", kind, made, how, person, jpeg_grid.figure(found))
            ghost = jpeg_ghost.ghost(stored, face)
            if ghost is not None:
                yield Seen("jpeg_ghost", kind, made, how, person, float(ghost[0].max()))
        cut = cut_out(Frame(resaved(pixels, int(rng.integers(70, 98)))), face)
        yield from _of_faces([cut], "still", (made, how, person))


def splices(path: Path, other: Path, person: str, rng: np.random.Generator) -> Iterator[Seen]:
    """Figures of a real still into which a part of another's lower third was pasted.

    Args:
        path: A JPEG.
        other: Another, whose part is taken: clothes and ground, no face.
        person: Who is in the first.
        rng: Decides what goes where.
    """
    picture, donor = read_image(path).pixels, read_image(other).pixels
    high, wide = (int(min(picture.shape[axis], donor.shape[axis]) / 3.2) for axis in (0, 1))
    y, x = donor.shape[0] - high, int(rng.integers(0, donor.shape[1] - wide))
    top, left = (int(rng.integers(0, side - part)) for side, part in
                 ((picture.shape[0], high), (picture.shape[1], wide)))  # fmt: skip
    made = picture.copy()
    made[top : top + high, left : left + wide] = donor[y : y + high, x : x + wide]
    for kind, quality in STORED:
        found = grids(luma(made if quality is None else resaved(made, quality)))
        if found.origin is not None:
            yield Seen("jpeg_grid", kind, True, "splice", person, jpeg_grid.figure(found))


def synthetic(path: Path, reader: FaceReader, side_px: int) -> Iterator[Seen]:
    """Figures of a picture of somebody who does not exist, at the size of the real ones."""
    picture = read_image(path).pixels
    scale = side_px / max(picture.shape[:2])
    if scale < 1:
        size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    for face in find_faces(picture, reader)[:1]:
        cut = cut_out(Frame(resaved(picture, 90)), face)
        yield from _of_faces([cut], "still", (True, "synthetic", path.stem))


def clips(path: Path, person: str, persona: str, media: Path, reader: FaceReader) -> Iterator[Seen]:
    """Figures of a real clip and of both of our swaps of it, all coded alike.

    Args:
        path: A volunteer's clip.
        person: Who speaks.
        persona: Who is put in.
        media: The folder of test media.
        reader: The loaded networks.
    """
    clip = read_clip(path, reader)
    photo = photo_of(media, persona, reader)
    made: list[tuple[bool, str, list[RGB]]] = [
        (False, "recorded", [frame.pixels for frame in clip.frames]),
        (True, "mesh swap", swap(swap_mesh, clip, (photo,), reader)[0]),
        (True, "appearance swap", swap(swap_appearance, clip, moving(photo, reader), reader)[0]),
    ]
    for changed, how, pixels in made:
        frames = coded(pixels, clip)
        for line in followed(partial(iter, frames), reader)[:1]:
            yield from _of_line(line, (changed, how, person), reader)


def _of_line(line: Line, about: tuple[bool, str, str], reader: FaceReader) -> Iterator[Seen]:
    changed, how, person = about
    jumps, tremble = boundary_flicker.jumps(line.cuts), landmark_jitter.tremble(line.cuts)
    if jumps is not None:
        value = boundary_flicker.figure(jumps)
        yield Seen("boundary_flicker", "video", changed, how, person, value)
    if tremble is not None:
        value = landmark_jitter.figure(tremble)
        yield Seen("landmark_jitter", "video", changed, how, person, value)
    chosen = spread(line.cuts, 10, least_px=identity_drift.LEAST_PX)
    if len(chosen) >= identity_drift.LEAST:
        value = identity_drift.figure(identity_drift.distances(chosen, reader))
        yield Seen("identity_drift", "video", changed, how, person, value)
    yield from _of_faces(line.cuts, "video", about)


def _of_faces(cuts: Sequence[Cut], kind: str, about: tuple[bool, str, str]) -> Iterator[Seen]:
    """Figures of the signals that look at single pictures of a face."""
    changed, how, person = about
    for name, module in (("face_sharpness", face_sharpness), ("face_grain", face_grain)):
        values = module.figures(spread(cuts, MOST_CUTS, least_px=module.LEAST_PX))
        if values:
            yield Seen(name, kind, changed, how, person, float(np.median(values)))
    large = spread(cuts, 8, least_px=spectrum.LEAST_PX)
    if large:
        value = spectrum.figure(spectrum.profile(large), spectrum.real())
        yield Seen("spectrum", kind, changed, how, person, value)


def coded(pixels: Sequence[RGB], clip: Clip) -> list[Frame]:
    """The pictures as they come out of H.264, in memory."""
    high, wide = (side // 2 * 2 for side in pixels[0].shape[:2])
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": str(CRF), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = wide, high, "yuv420p"
        for number, picture in enumerate(pixels):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:high, :wide]))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as container:
        read = [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]
    stamped = zip(read, clip.frames, strict=True)
    return [Frame(picture, like.pts, like.time_base) for picture, like in stamped]


def speech(
    paths: Sequence[tuple[Path, str]], reader: FaceReader, rng: np.random.Generator
) -> Iterator[Seen]:
    """Fit of lips and voice in clips as they are, and with another clip's sound.

    Args:
        paths: (clip, who speaks).
        reader: The loaded networks.
        rng: Decides whose sound each gets.
    """
    lines: list[tuple[Line, Audio, str]] = []
    for path, person in paths:
        sound = read_audio(path, sr=16_000, mono=True)
        found = followed(partial(read_frames, path), reader)
        lines += [(line, sound, person) for line in found[:1]]
    for number, (line, sound, person) in enumerate(lines):
        # All sentences of this corpus begin at the same moment, so that another's sound nearly
        # fits; elsewhere it would not, which moving it stands for.
        other = lines[(number + int(rng.integers(1, len(lines)))) % len(lines)][1]
        by = int(rng.uniform(0.5, 2.5) * other.sr)
        moved = replace(other, samples=np.roll(other.samples, by, axis=1))
        heard_in = ((False, "recorded", sound), (True, "dubbed in step", other))
        for made, how, heard in (*heard_in, (True, "dubbed", moved)):
            fit = lip_sync.fit(line.cuts, heard)
            if fit is not None:
                yield Seen("lip_sync", "speech", made, how, person, fit.surplus)
