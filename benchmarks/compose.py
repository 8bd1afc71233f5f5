"""How well new faces belong into frames: colours, light, seam, steadiness, likeness, texture.

``python -m benchmarks.compose [--media DIR] [--out DIR] [--pairs N]``

People who do not exist are put into clips of people who speak, under lights, films and cameras
that are known (`benchmarks.compose_conditions`), with the composing as it was ("plain": no
transfer, no relighting, no motion blur, no blocks), as it is, and with every option by itself.
The truth is the plain swap in the untouched clip, put under the same condition. Sheets of every
condition go to ``--out``. The last line is JSON.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.compose_conditions import OPEN, STEP_PX, Condition, all_conditions, moved
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.compose.blend import ComposeOptions, ShotLook, compose
from masquerade.compose.blocks import blockiness
from masquerade.compose.detail import enlarged
from masquerade.compose.grain import grain_level
from masquerade.compose.motion import shutter, smeared
from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import chip, embed, embed_chips
from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_mesh
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.windows import windows
from masquerade.types import RGB, Face, Frame, InputUse, Patch, SourcePicture

PAIRS: Final = (
    ("a00", "lbax4n"), ("b02", "brbk7n"), ("c11", "swiz3n"), ("c34", "lrwp9a"),
    ("b11", "sbwe5n"), ("c06", "pwij3p"),
)  # fmt: skip
FRAMES: Final = 10
LOOKED_AT: Final = (5, 9)
SMALL_PX: Final = 60.0
_OFF: Final[dict[str, Any]] = {"colour": "none", "relight": 0, "motion": 0, "compression": 0}
_LIGHTS: Final = (
    "plain",
    "grey",
    "sepia",
    "haze",
    "dim",
    "blue",
    "left",
    "right",
    "crossed",
    "gels",
)
_COLOURS: Final = {how: {**_OFF, "colour": how} for how in ("rct", "lct", "mkl", "idt", "sot")}
_LIGHT_WAYS: Final = {"plain": _OFF, "default": {}, **_COLOURS, "relight": {**_OFF, "relight": 0.5}}
_TEXTURE_WAYS: Final = {"plain": _OFF, "default": {}}


@dataclass(frozen=True, slots=True)
class Clip:
    """Frames of a clip and its one face in each."""

    frames: list[RGB]
    faces: list[Face]


@dataclass(frozen=True, slots=True)
class Figures:
    """One way of composing under one condition.

    Attributes:
        colour: Mean difference in CIE Lab from the truth.
        seam: Steps of lightness along the mask's edge that the truth has not, per pixel.
        flicker: Jumps over time against the target's.
        distance: Of identity to the source.
        texture: Of noise, motion blur or blocks: what the result has of what the target has; 1 is
            as much.
    """

    colour: float
    seam: float
    flicker: float
    distance: float
    texture: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--out", type=Path, help="folder for sheets")
    parser.add_argument("--pairs", type=int, default=4)
    given = parser.parse_args(arguments)
    media, reader = media_dir(given.media), FaceReader.open()
    found: dict[tuple[str, str], list[Figures]] = {}
    small: list[tuple[float, float, float]] = []
    tiles: dict[str, list[RGB]] = {}
    pairs = [
        (_source(media, persona, reader), _clip(media, name, reader))
        for persona, name in PAIRS[: given.pairs]
    ]
    for source, clip in pairs:
        for condition in all_conditions(FRAMES):
            rows = _under(condition, source, clip, reader, found)
            tiles.setdefault(condition.name, []).append(rows)
        small += [_small_source(source, other, reader) for _, other in pairs]
    if given.out:
        _write_sheets(given.out, tiles)
    _publish(found, small)


def _source(media: Path, name: str, reader: FaceReader) -> SourcePicture:
    pixels = read_image(media / "personas" / f"persona_{name}.jpg").pixels
    face = max(find_faces(pixels, reader), key=lambda one: one.size_px)
    return SourcePicture(pixels, face, embed(pixels, face, reader), InputUse("source", name, ""))


def _clip(media: Path, name: str, reader: FaceReader) -> Clip:
    path = media / "talking" / "grid_others" / f"{name}.mpg"
    frames = [frame for frame, _ in zip(read_frames(path), range(20 + FRAMES), strict=False)]
    longest = max(track(frames, reader), key=lambda one: len(one.faces))
    kept = [frame for frame in frames if frame.pts in longest.faces][-FRAMES:]
    faces = [replace(longest.faces[frame.pts], person="0") for frame in kept]
    return Clip([frame.pixels for frame in kept], faces)


def _patches(source: SourcePicture, clip: Clip, reader: FaceReader) -> list[list[Patch]]:
    frames = [Frame(pixels, pts=k) for k, pixels in enumerate(clip.frames)]
    chosen = {k: (face,) for k, face in enumerate(clip.faces)}
    method = swap_mesh.prepare({"0": (source,)}, swap_mesh.Options(), reader=reader)
    made = method(windows(frames, chosen, swap_mesh.radius))
    return [[item for item in some if isinstance(item, Patch)] for some in made]


def _composed(clip: Clip, patches: list[list[Patch]], **knobs: object) -> list[RGB]:
    look, options = ShotLook(), ComposeOptions.model_validate(knobs)
    return [
        compose(Frame(pixels, pts=k), some, options, look=look).pixels
        for k, (pixels, some) in enumerate(zip(clip.frames, patches, strict=True))
    ]


def _under(
    condition: Condition,
    source: SourcePicture,
    clip: Clip,
    reader: FaceReader,
    found: dict[tuple[str, str], list[Figures]],
) -> RGB:
    """Adds the figures of every way under a condition; gives back a row of pictures."""
    faces = clip.faces
    if condition.moves:
        faces = [moved(clip.faces[0], k, FRAMES) for k in range(FRAMES)]
        clip = Clip([clip.frames[0]] * FRAMES, [clip.faces[0]] * FRAMES)
    changed = Clip(
        [condition.change(one, face, k) for k, (one, face) in enumerate(_pairs(clip))], faces
    )
    truth = _composed(clip, _patches(source, clip, reader), **_OFF)
    truth = [condition.change(one, face, k) for k, (one, face) in enumerate(_pairs(clip, truth))]
    used = source
    if condition.source:
        used = replace(source, pixels=condition.source(source.pixels, source.face, 0))
    patches = _patches(used, changed, reader)
    shown = [changed.frames[LOOKED_AT[0]], truth[LOOKED_AT[0]]]
    for name, knobs in (_LIGHT_WAYS if condition.name in _LIGHTS else _TEXTURE_WAYS).items():
        made = _composed(changed, patches, **knobs)
        figures = _figures(condition.name, made, truth, changed, patches, source, reader)
        found.setdefault((condition.name, name), []).append(figures)
        shown.append(made[LOOKED_AT[0]])
    return np.hstack([_tile(one, faces[LOOKED_AT[0]]) for one in shown])


def _pairs(clip: Clip, pixels: list[RGB] | None = None) -> Iterator[tuple[RGB, Face]]:
    return zip(pixels or clip.frames, clip.faces, strict=True)


def _figures(
    condition: str,
    made: list[RGB],
    truth: list[RGB],
    target: Clip,
    patches: list[list[Patch]],
    source: SourcePicture,
    reader: FaceReader,
) -> Figures:
    colours, seams, textures = [], [], []
    for k in LOOKED_AT:
        patch = patches[k][0]
        x0, y0, x1, y1 = patch.box
        parts = [one[y0:y1, x0:x1] for one in (made[k], truth[k], target.frames[k])]
        result, wanted = (_lab(part) for part in parts[:2])
        kept = patch.mask if patch.own is None else patch.mask * (1 - patch.own)
        apart = np.linalg.norm(result - wanted, axis=-1)
        colours.append(float((apart * kept).sum() / kept.sum()))
        edge = (patch.mask > 0.02) & (patch.mask < 0.6)
        seams.append(float(np.maximum(_steps(result) - _steps(wanted), 0)[edge].mean()))
        textures.append(_texture(condition, parts[0], parts[2], patch))
    chips = [chip(made[k], target.faces[k]) for k in LOOKED_AT]
    distance = np.linalg.norm(embed_chips(chips, reader) - source.embedding, axis=1).mean()
    after, before = (
        np.stack([face_luminance(one, face.landmarks) for one, face in _pairs(target, pixels)])
        for pixels in (made, target.frames)
    )
    return Figures(
        mean(colours), mean(seams), flicker_ratio(after, before), float(distance), mean(textures)
    )


def _texture(condition: str, made: RGB, target: RGB, patch: Patch) -> float:
    """What the result has of the target's noise, smear or blocks; 0 where there is none."""
    skin = patch.mask if patch.skin is None else patch.mask * patch.skin
    if condition == "noise":
        grey = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (made, target))
        ours, theirs = (grain_level(one, skin) for one in grey)
        return ours / max(theirs, 1e-3)
    if condition == "motion":
        way = (STEP_PX, 0.0)
        full = smeared(patch.pixels, way, OPEN)
        return shutter(made, patch.pixels, patch.mask, way) / max(
            shutter(full, patch.pixels, patch.mask, way), 1e-3
        )
    if condition == "jpeg":
        ours, theirs = (blockiness(one, patch.mask, patch.box[:2]) for one in (made, target))
        return ours / max(theirs, 1e-3)
    return 0.0


def _small_source(
    source: SourcePicture, clip: Clip, reader: FaceReader
) -> tuple[float, float, float]:
    """Identity distance with the source as it is, made small, and enlarged from there."""
    factor = SMALL_PX / source.face.size_px
    pixels = cv2.resize(source.pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    landmarks = ((source.face.landmarks + 0.5) * factor - 0.5).astype(np.float32)
    x0, y0, x1, y1 = (float(side) * factor for side in source.face.box)
    face = replace(source.face, landmarks=landmarks, box=(x0, y0, x1, y1))
    small = replace(source, pixels=np.asarray(pixels, np.uint8), face=face)
    wanted = max(one.size_px for one in clip.faces)
    found = []
    for used in (source, small, enlarged(small, wanted)):
        made = _composed(clip, _patches(used, clip, reader))
        chips = [chip(made[k], clip.faces[k]) for k in LOOKED_AT]
        apart = embed_chips(chips, reader) - source.embedding
        found.append(float(np.linalg.norm(apart, axis=1).mean()))
    return found[0], found[1], found[2]


def _lab(part: RGB) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor((part / 255).astype(np.float32), cv2.COLOR_RGB2Lab))


def _steps(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 1.5)
    across, down = (cv2.Sobel(light, cv2.CV_32F, 1 - k, k, scale=1 / 8) for k in (0, 1))
    return np.asarray(cv2.magnitude(across, down))


def _tile(pixels: RGB, face: Face, side: int = 200) -> RGB:
    x0, y0, x1, y1 = face.box
    scale = side / (1.35 * face.size_px)
    shift = (side / 2 - scale * (x0 + x1) / 2, side / 2 - scale * (y0 + y1) / 2)
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    return np.asarray(cv2.warpAffine(pixels, matrix, (side, side)), np.uint8)


def _write_sheets(folder: Path, tiles: dict[str, list[RGB]]) -> None:
    """One sheet a condition: target, truth, then the ways in the order of the table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tiles.items():
        sheet = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / f"compose_{name}.png"), sheet)


def _publish(
    found: dict[tuple[str, str], list[Figures]], small: list[tuple[float, float, float]]
) -> None:
    table: dict[str, dict[str, dict[str, float]]] = {}
    for (condition, way), some in found.items():
        table.setdefault(condition, {})[way] = {
            name: round(mean(getattr(one, name) for one in some), 3)
            for name in Figures.__dataclass_fields__
        }
    for condition, ways in table.items():
        for way, values in ways.items():
            told = "  ".join(f"{name} {value:.3f}" for name, value in values.items() if value)
            print(f"{condition:9}{way:9}{told}")
    whole, little, large = (mean(column) for column in zip(*small, strict=True))
    bars = [
        Bar(f"{name}: colour against the plain result", _over(table, name, "colour"), 1.0)
        for name in ("grey", "sepia", "haze", "dim", "left", "right", "crossed")
    ]
    bars += [
        Bar(f"plain: {words} against the plain result", _over(table, "plain", figure), 1.05)
        for words, figure in (("flicker", "flicker"), ("identity distance", "distance"))
    ]
    bars += [
        Bar("noise laid, of the target's", table["noise"]["default"]["texture"], 0.7, ">="),
        Bar("motion blur, of the target's", table["motion"]["default"]["texture"], 0.7, ">="),
        Bar("blocks, of the target's", table["jpeg"]["default"]["texture"], 0.5, ">="),
        Bar("identity distance lost to a 60 px source, of that left plain",
            (large - whole) / max(little - whole, 1e-3), 0.6),
    ]  # fmt: skip
    publish("compose", bars, {"table": table, "small_source": [whole, little, large]})


def _over(table: dict[str, dict[str, dict[str, float]]], condition: str, figure: str) -> float:
    return table[condition]["default"][figure] / max(table[condition]["plain"][figure], 1e-3)


if __name__ == "__main__":
    main()
