"""Who is trained on in a benchmark of training, and what a network makes of faces it never saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from masquerade.faces.align import crop, moved
from masquerade.faces.embed import distance, embed
from masquerade.faces.landmarks import face_of
from masquerade.faces.readers import FaceReader
from masquerade.faces.staging import height_px, ramp
from masquerade.faces.trained_face import cut, lay
from masquerade.faces.whole_face import whole_face
from masquerade.train.facesets.faceset import Faceset
from masquerade.train.loader import Faces
from masquerade.train.swap.trainer import SwapTrainer
from masquerade.types import RGB, Embedding, Points

SIDE: Final = 224
_SHOWN: Final = 4
_MEASURED: Final = 12
_FEATHER: Final = 0.1  # interocular distances inside the outline


@dataclass(frozen=True, slots=True)
class People:
    """The two facesets, and which faces nothing is learned from.

    Attributes:
        sets: Of the source and of the target.
        faces: On the map, ready for the loader.
        identity: (128,) of the source's held-out faces.
    """

    sets: tuple[Faceset, Faceset]
    faces: tuple[Faces, Faces]
    identity: Embedding

    @classmethod
    def of(cls, sets: tuple[Faceset, Faceset], side: int, reader: FaceReader) -> People:
        """The source's last clip and the end of the target's are held out."""
        faces = tuple(_held_out(one, side) for one in sets)
        shown = [_embedded(sets[0], int(k), reader) for k in spread(faces[0].checked, _MEASURED)]
        identity = np.asarray(np.mean(shown, axis=0), np.float32)
        return cls(sets, (faces[0], faces[1]), identity)


@dataclass(frozen=True, slots=True)
class Swaps:
    """What a trained network makes of faces of the target that nothing was learned from.

    Attributes:
        rows: Of source, target and swap, (224, 224, 3) uint8 each.
        identity: Mean distance of the swaps to the source.
        unlike: The same of the target's own faces.
    """

    rows: list[list[RGB]]
    identity: float
    unlike: float


def swapped(trainer: SwapTrainer, people: People, reader: FaceReader) -> Swaps:
    """Swaps of held-out faces of the target, measured."""
    sets, side = people.sets, trainer.shape.drawn
    chosen = spread(people.faces[1].checked, _MEASURED)
    apart, unlike, shown = [], [], []
    for index in chosen.tolist():
        pixels, marks, on_map = _shown(sets[1], index, side)
        swap = _laid(_drawn(trainer, on_map), pixels, marks)
        apart.append(distance(embed(swap, face_of(marks, 1.0), reader), people.identity))
        unlike.append(distance(embed(pixels, face_of(marks, 1.0), reader), people.identity))
        shown.append((pixels, swap))
    sources = [sets[0][int(k)] for k in spread(people.faces[0].checked, _SHOWN)]
    firsts = [crop(one.pixels, whole_face(one.landmarks, SIDE), SIDE) for one in sources]
    step = len(shown) // _SHOWN
    rows = [[first, *shown[k * step]] for k, first in enumerate(firsts)]
    return Swaps(rows, float(np.mean(apart)), float(np.mean(unlike)))


def themselves(trainer: SwapTrainer, people: People, reader: FaceReader) -> tuple[float, float]:
    """Distance of the source's held-out faces to them: as drawn, and as the map alone has them."""
    drawn: list[float] = []
    alone: list[float] = []
    for index in spread(people.faces[0].checked, _MEASURED).tolist():
        pixels, marks, on_map = _shown(people.sets[0], index, trainer.shape.drawn)
        for face, found in (
            (_drawn(trainer, on_map), drawn),
            (np.ascontiguousarray(on_map[..., :3]), alone),
        ):
            laid = embed(_laid(face, pixels, marks), face_of(marks, 1.0), reader)
            found.append(distance(laid, people.identity))
    return float(np.mean(drawn)), float(np.mean(alone))


def _shown(faceset: Faceset, index: int, side: int) -> tuple[RGB, Points, RGB]:
    """(224, 224, 3) a face, (478, 3) its mesh there, and (side, side, 5) the face on the map."""
    one = faceset[index]
    to_picture = whole_face(one.landmarks, SIDE)
    on_map = cut(one.pixels, one.landmarks, side, mask=one.mask)
    return crop(one.pixels, to_picture, SIDE), moved(one.landmarks, to_picture), on_map


def _drawn(trainer: SwapTrainer, on_map: RGB) -> RGB:
    """(D, D, 3) the source with the expression of a face on the map."""
    given = torch.from_numpy(on_map.transpose(2, 0, 1)[None].copy())
    drawn = trainer.drawn(given).pixels[0]
    return np.asarray((drawn.permute(1, 2, 0) * 255).round().byte().numpy(), np.uint8)


def _laid(face: RGB, pixels: RGB, marks: Points) -> RGB:
    """(224, 224, 3) a picture with a map laid over its mesh."""
    laid = lay(face, None, marks, (0, 0, SIDE, SIDE), height_px(marks))
    amount = ramp(laid.inward / np.float32(_FEATHER))[..., None]
    made = np.rint(pixels + amount * (laid.pixels - pixels.astype(np.float32)))
    return np.asarray(made, np.uint8)


def _held_out(faceset: Faceset, side: int) -> Faces:
    """Nothing is learned from the last clip, or from its end where there are few clips."""
    known = Faces.of(faceset, faceset.path.name, side, progress=lambda *_: None)
    count, clips = len(faceset), faceset.columns.source
    first = max(count - count // 6, int(np.flatnonzero(clips != clips[-1])[-1]) + 1)
    held = spread(np.arange(first, count), 32)
    return Faces(np.arange(first), held, known.read)


def spread(numbers: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """So many of them at most, evenly."""
    places = np.linspace(0, len(numbers) - 1, min(count, len(numbers))).round().astype(np.int64)
    return np.asarray(numbers[places], np.int64)


def _embedded(faceset: Faceset, index: int, reader: FaceReader) -> Embedding:
    one = faceset[index]
    return embed(one.pixels, face_of(one.landmarks, 1.0), reader)
