"""Previews of a training: faces beside what the network makes of them now, sealed as every output.

The pictures are of real people with consent, and some of them are made: a preview passes the gates,
carries label, watermark and manifest, and is entered in the ledger like any still. What the network
draws is measured first: a sheet on which a face is neither of the two is not written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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
from masquerade.faces.detour import ASTRAY_SMALL, detour
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.landmarks import face_of
from masquerade.faces.readers import FaceReader
from masquerade.faces.staging import height_px, ramp
from masquerade.faces.trained_face import cut, lay
from masquerade.faces.whole_face import whole_face
from masquerade.hashing import file_sha256
from masquerade.train.collect.limits import METHOD
from masquerade.train.sheet import Shown, preview_name, save_sheet
from masquerade.train.swap.people import Person
from masquerade.train.swap.start import Start
from masquerade.train.swap.trainer import SwapTrainer
from masquerade.types import RGB, IdentityUse, InputUse, Points, Recipe

SHOWN: Final = 4
"""Faces of each person on a sheet."""
_SIDE: Final = 224
_CAPTIONS: Final = ("source", "source, drawn", "target", "source in its place")
_FEATHER: Final = 0.1  # interocular distances inside the outline


@dataclass(frozen=True, slots=True)
class _Face:
    """(224, 224, 3) uint8 a face, (S, S, 5) the same on the map, and its mesh in the picture."""

    pixels: RGB
    on_map: RGB
    landmarks: Points


@dataclass(frozen=True, slots=True)
class _Faces:
    """Faces of one person, and what the network makes of each: (224, 224, 3) uint8."""

    faces: tuple[_Face, ...]
    made: tuple[RGB, ...]


def write_preview(
    folder: Path,
    trainer: SwapTrainer,
    people: tuple[Person, Person],
    chosen: tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    step: int,
    start: Start,
    reader: FaceReader,
    tell: Callable[[str], None],
) -> Path | None:
    """Where the preview lies: the source, the source drawn, the target, the swap, side by side.

    Args:
        folder: Of the training.
        trainer: With the network as it is now.
        people: The source and the target.
        chosen: Which of their faces are shown, those never trained on; a few.
        step: Iterations done.
        start: What the training began with.
        reader: The loaded face networks.
        tell: Told, in a sentence, why there is none.

    Returns:
        None: a drawn face is neither the source's nor the target's, or a record covers no stills.

    Raises:
        RefusedError: Consent or a policy gate says no.
        OutputError: It cannot be written.
    """
    uncovered = _uncovered(people, start)
    if uncovered:
        tell(f"no preview at iteration {step}: consent {uncovered[0]} covers no stills")
        return None
    rows = [_faces(trainer, *one) for one in zip(people, chosen, strict=True)]
    astray = _astray(rows, people, reader)
    if astray:
        shown = sum(len(row.made) for row in rows)
        tell(
            f"no preview at iteration {step}: {astray} of {shown} drawn faces"
            f" {'is' if astray == 1 else 'are'} like neither the source nor the target yet"
        )
        return None
    out = folder / preview_name(step)
    with TemporaryDirectory(dir=folder, prefix=".preview") as place:
        inputs = [
            _input(person, row.faces[0], Path(place) / f"{person.role}.png")
            for person, row in zip(people, rows, strict=True)
        ]
        records = {person.record.id: person.record for person in people}
        save_sheet(
            out,
            _shown(people, inputs, _recipe(step, trainer.shape.side, inputs, start)),
            lambda: _columns(rows),
            step=step,
            consents=list(records.values()),
            purpose=people[0].faces.header.purpose,
            measured=rows[1].faces[0].pixels,
            trained_on=start.records,
        )
    return out


def _uncovered(people: tuple[Person, Person], start: Start) -> list[str]:
    """Ids of the records that cover no stills, of all whom the network has learned."""
    learned = (*(one.record for one in people), *start.records)
    return [one.id for one in learned if "still" not in one.media]


def _faces(trainer: SwapTrainer, person: Person, chosen: NDArray[np.int64]) -> _Faces:
    # Neighbours are alike, so those that are shown lie apart.
    places = np.linspace(0, len(chosen) - 1, min(SHOWN, len(chosen))).round().astype(int)
    faces = [_face(person, int(number), trainer.shape.drawn) for number in chosen[places]]
    return _Faces(tuple(faces), tuple(_made(trainer, faces)))


def _astray(rows: Sequence[_Faces], people: tuple[Person, Person], reader: FaceReader) -> int:
    """How many drawn faces show neither the source nor the target.

    Each is measured once, and drawn softly: so the detour of small faces holds. Measured at 64 px:
    faces of halfway trained networks lie 0.32 to 0.53 from the source, at detours of 0.28 to 0.50;
    those of one that was taught a stranger from 0.72 on, at 0.64 and more.
    """
    source, target = people
    found = 0
    for row, place in zip(rows, (target, None), strict=True):
        for face, picture in zip(row.faces, row.made, strict=True):
            mesh = face_of(face.landmarks, 1.0)
            other = embed(face.pixels, mesh, reader) if place is None else place.embedding
            drawn = embed(picture, mesh, reader)
            nearest = min(distance(drawn, source.embedding), distance(drawn, other))
            apart = detour(drawn, source.embedding, other)
            found += nearest > SAME_PERSON or apart >= ASTRAY_SMALL
    return found


def _shown(people: tuple[Person, Person], inputs: Sequence[InputUse], recipe: Recipe) -> Shown:
    target = inputs[1].path
    assert target is not None
    uses = tuple(
        IdentityUse(person.role, "face", person.embedding, item.sha256, person.record.id)
        for person, item in zip(people, inputs, strict=True)
    )
    key = f"{recipe.options_json} {people[0].sha256} {people[1].sha256}"
    return Shown(_CAPTIONS, recipe, uses, target, key)


def _recipe(step: int, side: int, inputs: Sequence[InputUse], start: Start) -> Recipe:
    said = {"preview": step, "side": side}
    source, target = inputs
    return Recipe(
        method=METHOD,
        version=masquerade.__version__,
        options_json=json.dumps(said, sort_keys=True, separators=(",", ":")),
        models=((start.name, start.sha256),) if start.sha256 else (),
        inputs=(target, source),
    )


def _columns(people: Sequence[_Faces]) -> list[Sequence[RGB]]:
    """The source, and the target: each one's faces, and what is made of them."""
    columns: list[Sequence[RGB]] = []
    for some in people:
        columns += [[one.pixels for one in some.faces], some.made]
    return columns


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
