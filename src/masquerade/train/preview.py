"""Previews of a training: faces beside what the network makes of them now, sealed as every output.

The pictures are of real people with consent, and some of them are made: a preview passes the gates,
carries label, watermark and manifest, and is entered in the ledger like any still.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

import masquerade
from masquerade.faces.align import crop, moved
from masquerade.faces.staging import height_px, ramp
from masquerade.faces.trained_face import cut, lay
from masquerade.faces.whole_face import whole_face
from masquerade.hashing import file_sha256
from masquerade.media.encoding import Encoding
from masquerade.provenance.seal import save, seal
from masquerade.train.collect.limits import METHOD
from masquerade.train.people import Person
from masquerade.train.trainer import SwapTrainer
from masquerade.types import (
    RGB,
    Box,
    Draft,
    DraftSegment,
    Frame,
    IdentityUse,
    InputUse,
    PixelBox,
    Points,
    Recipe,
)

SHOWN: Final = 4
"""Faces of each person on a sheet."""
_SIDE: Final = 224
_GAP: Final = 8
_HEAD: Final = 72  # left free for the label
_PAPER: Final = 248
_FEATHER: Final = 0.1  # interocular distances inside the outline


@dataclass(frozen=True, slots=True)
class _Face:
    """(224, 224, 3) uint8 a face, (S, S, 5) the same on the map, and its mesh in the picture."""

    pixels: RGB
    on_map: RGB
    landmarks: Points


def write_preview(
    folder: Path,
    trainer: SwapTrainer,
    people: tuple[Person, Person],
    chosen: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    step: int,
) -> Path:
    """Where the preview lies: the source, the source drawn, the target, the swap, side by side.

    Args:
        folder: Of the training.
        trainer: With the network as it is now.
        people: The source and the target.
        chosen: Which of their faces are shown, those never trained on; a few.
        step: Iterations done.

    Raises:
        RefusedError: Consent or a policy gate says no.
        OutputError: It cannot be written.
    """
    side = trainer.shape.side
    faces = [
        [_face(person, int(number), side) for number in some[:SHOWN]]
        for person, some in zip(people, chosen, strict=True)
    ]
    out = folder / f"preview-{step:08d}.png"
    with TemporaryDirectory(dir=folder, prefix=".preview") as place:
        inputs = [
            _input(person, some[0], Path(place) / f"{person.role}.png")
            for person, some in zip(people, faces, strict=True)
        ]
        draft = _draft(trainer, people, faces, inputs, step)
        sealed = seal(
            draft,
            consents=[people[0].record],
            purpose=people[0].faces.header.purpose,
            label_preset="eu",
        )
        save(sealed, out, encoding=Encoding())
    return out


def _draft(
    trainer: SwapTrainer,
    people: tuple[Person, Person],
    faces: Sequence[Sequence[_Face]],
    inputs: Sequence[InputUse],
    step: int,
) -> Draft:
    source, target = inputs
    onlookers: list[Callable[[Frame], None]] = []
    avoid: dict[int, tuple[Box, ...]] = {}
    cells: list[PixelBox] = []
    assert target.path is not None

    def pictures() -> Iterator[Frame]:
        for onlooker in onlookers:
            onlooker(Frame(faces[1][0].pixels))
        page = _sheet(trainer, faces, cells)
        avoid[0] = ((0.0, float(_HEAD), float(page.shape[1]), float(page.shape[0])),)
        yield Frame(page)

    recipe = _recipe(step, trainer.shape.side, (target, source))
    uses = (
        IdentityUse("source", "face", people[0].embedding, source.sha256, people[0].record.id),
        IdentityUse("target", "face", people[1].embedding, target.sha256),
    )
    key = f"{recipe.options_json} {people[0].sha256} {people[1].sha256}"
    return Draft(
        recipe=recipe,
        uses=uses,
        target=target.path,
        kind="still",
        segments=iter([DraftSegment(0, key, 0, 0, pictures())]),
        avoid=avoid,
        onlookers=onlookers,
        cells=cells,
    )


def _recipe(step: int, side: int, inputs: tuple[InputUse, InputUse]) -> Recipe:
    said = {"preview": step, "side": side}
    return Recipe(
        method=METHOD,
        version=masquerade.__version__,
        options_json=json.dumps(said, sort_keys=True, separators=(",", ":")),
        models=(),
        inputs=inputs,
    )


def _sheet(trainer: SwapTrainer, faces: Sequence[Sequence[_Face]], cells: list[PixelBox]) -> RGB:
    """(H, W, 3) uint8: a row for each face, in columns the two people and what is made of them."""
    columns: list[list[RGB]] = []
    for some in faces:
        columns += [[one.pixels for one in some], _made(trainer, some)]
    rows = max(len(column) for column in columns)
    step = _SIDE + _GAP
    page = np.full((_HEAD + rows * step, len(columns) * step + _GAP, 3), _PAPER, np.uint8)
    for across, column in enumerate(columns):
        for down, picture in enumerate(column):
            x, y = _GAP + across * step, _HEAD + down * step
            page[y : y + _SIDE, x : x + _SIDE] = picture
            cells.append((x, y, x + _SIDE, y + _SIDE))
    return page


def _made(trainer: SwapTrainer, faces: Sequence[_Face]) -> list[RGB]:
    """The faces with the source's in their place."""
    given = torch.from_numpy(np.stack([one.on_map for one in faces]).transpose(0, 3, 1, 2).copy())
    drawn = trainer.drawn(given)
    pixels = (drawn.pixels.permute(0, 2, 3, 1) * 255).round().byte().cpu().numpy()
    found = []
    for face, picture in zip(faces, pixels, strict=True):
        box = (0, 0, _SIDE, _SIDE)
        laid = lay(picture, None, face.landmarks, box, height_px(face.landmarks))
        amount = ramp(laid.inward / np.float32(_FEATHER))[..., None]
        mixed = face.pixels + amount * (laid.pixels - face.pixels.astype(np.float32))
        found.append(np.rint(mixed).astype(np.uint8))
    return found


def _face(person: Person, number: int, side: int) -> _Face:
    one = person.faces[number]
    transform = whole_face(one.landmarks, _SIDE)
    marks = moved(one.landmarks, transform)
    on_map = cut(one.pixels, one.landmarks, side, mask=one.mask)
    return _Face(crop(one.pixels, transform, _SIDE), on_map, marks)


def _input(person: Person, face: _Face, place: Path) -> InputUse:
    """A face of a person as a file of its own, for the gates to measure."""
    _, packed = cv2.imencode(".png", cv2.cvtColor(face.pixels, cv2.COLOR_RGB2BGR))
    place.write_bytes(np.asarray(packed, np.uint8).tobytes())
    name = f"{person.role} of {person.faces.path.name}"
    return InputUse(person.role, name, file_sha256(place), place)
