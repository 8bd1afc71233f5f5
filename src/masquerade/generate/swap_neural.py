"""Another person's face by a network trained on both people: see `masquerade train swap`.

The target's face is unrolled onto a map, the network draws the source's skin, eyes and mouth with
the same expression, and the map is laid over the target's own mesh, moved a little towards the
source's proportions. The network runs without PyTorch. What the model shows is measured and held
against the source's consent whenever it is used, and everybody it was trained on must still
consent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import Field

from masquerade import options as base
from masquerade.errors import UsageError
from masquerade.faces.mouth.kept import keep_mouth
from masquerade.faces.proportion import Proportion, reproportion
from masquerade.faces.staging import (
    height_px,
    neutral_height,
    patch_box,
    ramp,
    steadied,
    strength,
)
from masquerade.faces.trained_face import lay, looked_at, map_px
from masquerade.models.trained.swap import SUFFIX, SwapFile, TrainedSwap, read_swap
from masquerade.types import (
    RGB,
    Face,
    Frame,
    Generator,
    InputUse,
    Mask,
    Miss,
    Need,
    Patch,
    Points,
    Resources,
    SourcePicture,
    Window,
)

_SETTLE: Final = 0.5  # share of a new frame's mask taken up at once


class Options(base.Options):
    """Knobs of the trained swap."""

    model: Path | None = None
    """The model that `masquerade train swap` wrote; it stands for the source."""
    feather: float = Field(0.07, gt=0, le=0.5)
    """Width of the soft edge inside the face's outline, as a share of the face's height."""
    shape: float = Field(0.05, ge=0, le=1)
    """How far the proportions inside the face move towards the source's; 0 keeps the target's."""
    mask: Literal["outline", "network"] = "network"
    """Where the new face is put: within its outline, or of that where the network shows it."""
    mouth: Literal["source", "target"] = "source"
    """Whose teeth and tongue are shown."""
    network_threads: int = Field(1, ge=1, le=64)
    """Threads of the processor that the network may use."""
    min_face_px: float = Field(28.0, ge=8, le=512)
    """Faces smaller than this stay as they are and are reported."""
    max_turn_deg: float = Field(65.0, ge=20, le=85)
    """Faces turned further from the camera than this stay as they are and are reported."""


needs = frozenset({Need.FACES, Need.MESH})
radius = 1  # landmarks are averaged with those just before and after: steadier, and no lag
resources = Resources(memory_mb=1200, cpus=1.0)


def sources(options: Options) -> tuple[Path, ...]:
    """The files that stand for the source, besides those that are named as such.

    Raises:
        UsageError: `--model` names a file of another kind.
    """
    if options.model is None:
        return ()
    if options.model.suffix.lower() != SUFFIX:
        raise UsageError(
            f"--model names {options.model.name}, which is no trained swap",
            f"a file as `masquerade train swap` wrote it, which ends in {SUFFIX}",
            "an ONNX file that was exported is for other programs: name the model it was made of",
        )
    return (options.model,)


def prepare(
    cast: Mapping[str, Sequence[SourcePicture]], options: Options, *, device: str = "cpu"
) -> Generator:
    """The generator of one job; the models are read and opened here.

    Args:
        cast: For each person of the cast, the one picture that a model gives of its source.
        options: Knobs of the method.
        device: Where the networks run.

    Raises:
        UsageError: Somebody's source is no model.
        ModelError: A model is damaged, of another layout, another one than was checked, or cannot
            be run on the device.
    """
    opened: dict[InputUse, _Donor] = {}
    donors: dict[str, _Donor] = {}
    for name, pictures in cast.items():
        model = _model_of(pictures, options)
        if model not in opened:
            assert model.path is not None
            file = read_swap(model.path, sha256=model.sha256)
            opened[model] = _Donor.of(file, device, options.network_threads)
        donors[name] = opened[model]

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        shots: dict[int, _Shot] = {}
        for window in windows:
            made: list[Patch | Miss] = []
            for face in (steadied(face, window) for face in window.faces):
                shot = shots.setdefault(face.track_id, _Shot())
                made.append(_swap(window.frame, face, donors[face.person], shot, options))
            yield made

    return generate


@dataclass(frozen=True, slots=True)
class _Donor:
    """A source person: the network that draws them, and their proportions."""

    network: TrainedSwap
    proportion: Proportion

    @classmethod
    def of(cls, file: SwapFile, device: str, threads: int) -> _Donor:
        shapes = [Proportion.of(marks).points for marks in file.landmarks]
        network = TrainedSwap(file, device=device, threads=threads)
        return cls(network, Proportion(np.mean(shapes, axis=0)))


@dataclass(slots=True)
class _Shot:
    """What is carried from frame to frame of one track."""

    proportion: Proportion | None = None
    seen: int = 0
    mask: Mask | None = None


def _model_of(pictures: Sequence[SourcePicture], options: Options) -> InputUse:
    """The model that stands for a person, as its consent was checked."""
    files = {one.input.path: one.input for one in pictures if one.input.path is not None}
    models = [path for path in files if path.suffix.lower() == SUFFIX]
    if len(models) == 1 and len(files) == 1:
        if options.model is not None and options.model.resolve() != models[0].resolve():
            raise UsageError(  # whose consent was never asked for
                f"--model names {options.model.name}, and the source is {models[0].name}",
                "one model for the whole job",
                "name the model as the source, and no other in the settings",
            )
        return files[models[0]]
    raise UsageError(
        f"swap_neural was given {len(models)} models and {len(files) - len(models)} other sources"
        " for one person",
        "one model trained on them, and nothing else",
        "train it with `masquerade train swap`, then name it with --model",
    )


def _swap(frame: Frame, face: Face, donor: _Donor, shot: _Shot, options: Options) -> Patch | Miss:
    shown_by, reason = strength(face, least_px=options.min_face_px, most_deg=options.max_turn_deg)
    if shown_by <= 0:
        return Miss(frame.pts, face.track_id, reason)
    face_px = height_px(face.landmarks)
    box = patch_box(face.landmarks, face_px, frame.size_wh)
    if box[2] - box[0] < 8 or box[3] - box[1] < 8:
        return Miss(frame.pts, face.track_id, "the face lies outside the picture")
    picture, mask = _drawn(frame.pixels, face, donor, shot)
    shown = _reshaped(face, donor, shot, options.shape)
    laid = lay(picture, mask if options.mask == "network" else None, shown, box, face_px)
    pixels = np.ascontiguousarray(laid.pixels)
    own = None
    if options.mouth == "target":
        own = keep_mouth(pixels, frame.pixels, face.landmarks, shown, box, face_px)
    outline = ramp(laid.inward / np.float32(options.feather * neutral_height()))
    return Patch(
        pixels=pixels,
        mask=(outline * laid.mask * np.float32(shown_by)).astype(np.float32),
        box=box,
        track_id=face.track_id,
        face_px=face_px,
        source_px=map_px(donor.network.shape.drawn),
        skin=laid.skin,
        own=own,
    )


def _drawn(pixels: RGB, face: Face, donor: _Donor, shot: _Shot) -> tuple[RGB, Mask]:
    """The source's face on the map with the target's expression, and its mask, steadied."""
    shape = donor.network.shape
    seen = looked_at(pixels, face.landmarks, shape.side, shape.finer)
    ((picture, mask),) = donor.network([seen])
    before = mask if shot.mask is None else shot.mask
    shot.mask = np.asarray(before + np.float32(_SETTLE) * (mask - before), np.float32)
    return picture, shot.mask


def _reshaped(face: Face, donor: _Donor, shot: _Shot, amount: float) -> Points:
    """The target's mesh moved towards the source's proportions."""
    here = Proportion.of(face.landmarks)
    shot.seen += 1
    known = shot.proportion or here
    shot.proportion = known.mixed(here, 1 / min(shot.seen, 100))
    return reproportion(face.landmarks, shot.proportion, donor.proportion, amount)
