"""The model file a training ends in: weights, portraits, words, and the consent of both people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn

import masquerade
from masquerade.faces.align import crop, moved
from masquerade.faces.embed import distance
from masquerade.faces.portrait import SIDE, identity, portraits
from masquerade.faces.readers import FaceReader
from masquerade.faces.trained_face import looked_at
from masquerade.faces.whole_face import whole_face
from masquerade.models.trained.swap import (
    KEY,
    LANDMARKS,
    PICTURES,
    SwapDescription,
    read_swap,
)
from masquerade.models.trained.swap_shape import SwapShape
from masquerade.provenance.consent.check import FACE_THRESHOLD
from masquerade.provenance.consent.model_consent import mark_model
from masquerade.train.checkpoint import write_whole
from masquerade.train.collect.consent import references
from masquerade.train.facesets.faceset import Faceset
from masquerade.train.swap.network import SwapNetwork
from masquerade.train.swap.people import Person
from masquerade.train.swap.start import Start
from masquerade.types import Points

_PORTRAITS: Final = 8
_FRONTAL_DEG: Final = 20.0


@dataclass(frozen=True, slots=True)
class Product:
    """A model that was written.

    Attributes:
        path: The file.
        distance: Of the source as the network draws it to the nearest face of their record.
        own_distance: The same to the faces it was trained on.
    """

    path: Path
    distance: float
    own_distance: float

    @property
    def is_like(self) -> bool:
        """Whether the drawn face passes the gate of consent."""
        return self.distance <= FACE_THRESHOLD

    def words(self) -> str:
        """How like the source the drawn face is."""
        said = f"the drawn face is {self.distance:.2f} from the source's consent record"
        if self.is_like:
            return f"{said}; up to {FACE_THRESHOLD:.2f} it can be used"
        return (
            f"{said}, more than {FACE_THRESHOLD:.2f}: too little like them to be used yet;"
            " train it on, with a larger --iterations"
        )


def write_model(
    path: Path,
    network: SwapNetwork,
    people: tuple[Person, Person],
    reader: FaceReader,
    *,
    iterations: int,
    metrics: Mapping[str, float],
    start: Start,
) -> Product:
    """The model file, under the records of both people and of whoever it began with.

    Args:
        path: Where it goes; replaced if it is there, and only once it is complete.
        network: With the weights to be used.
        people: The source and the target.
        reader: The loaded face networks.
        iterations: It was trained for.
        metrics: Figures that describe it.
        start: What the training began with.

    Raises:
        ConsentError: A record does not hold any more.
        OutputError: It cannot be written.
    """
    source, target = people
    pictures, landmarks = _portraits(source.faces, network.shape)
    about = SwapDescription(
        shape=network.shape,
        source=source.trained_on,
        target=target.trained_on,
        iterations=iterations,
        started_from=start.sha256,
        metrics=dict(metrics),
        made_by=f"Masquerade {masquerade.__version__}",
    )
    tensors = halved(network)
    tensors |= {PICTURES: torch.from_numpy(pictures), LANDMARKS: torch.from_numpy(landmarks)}
    measured: list[tuple[float, float]] = []

    def fill(fresh: Path) -> None:
        save_file(tensors, fresh, {KEY: about.model_dump_json()})
        drawn = identity(portraits(read_swap(fresh)), reader)
        measured.append((_apart(source, drawn), distance(source.embedding, drawn)))
        known = about.model_copy(update={"embedding": tuple(map(float, drawn))})
        save_file(tensors, fresh, {KEY: known.model_dump_json()})
        records = (source.record, target.record, *start.records)
        mark_model(fresh, list({one.id: one for one in records}.values()), name=path.name)
        fresh.chmod(0o600)  # it shows who somebody is

    write_whole(path, fill)
    return Product(path, *measured[0])


def halved(network: nn.Module) -> dict[str, Tensor]:
    """The network's tensors in half precision."""
    return {
        name: one.detach().to("cpu", torch.float16).contiguous()
        for name, one in network.state_dict().items()
    }


def _apart(person: Person, drawn: NDArray[np.float32]) -> float:
    """Distance of a face to the nearest of a record."""
    return min(distance(drawn, one) for one in references(person.record))


def _portraits(faces: Faceset, shape: SwapShape) -> tuple[NDArray[np.uint8], Points]:
    """(n, S, S, 3) faces on the map and (n, 478, 3) meshes: frontal, clear, over the set."""
    columns = faces.columns
    turned = np.abs(columns.pose_deg[:, :2]).max(axis=1)
    worth = columns.quality[:, 1] * np.exp(-((turned / _FRONTAL_DEG) ** 2))
    parts = np.array_split(np.arange(len(faces)), min(_PORTRAITS, len(faces)))
    pictures, landmarks = [], []
    for part in parts:
        one = faces[int(part[worth[part].argmax()])]
        transform = whole_face(one.landmarks, SIDE)
        marks = moved(one.landmarks, transform)
        whole = crop(one.pixels, transform, SIDE)
        pictures.append(looked_at(whole, marks, shape.side, shape.finer))
        landmarks.append(marks)
    return np.stack(pictures), np.stack(landmarks)
