"""A trained renderer of one person's body: its file, and the network, without PyTorch.

The file is safetensors under another ending: the averaged weights in half precision, and words on
what it is and whose consent it was trained under, which
`masquerade.provenance.consent.model_consent` holds against the records. It shows nobody by itself:
the network moves and paints what a picture of the person gives it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from masquerade.errors import GivenModelError
from masquerade.models.session import open_onnx
from masquerade.models.tensor_file import read_tensors
from masquerade.models.trained.body_graph import onnx_from_body
from masquerade.models.trained.body_shape import BodyShape
from masquerade.models.trained.described import described, numbers

SUFFIX: Final = ".mbody"
KEY: Final = "masquerade.body"
"""Where the description lies in the file's metadata."""


class BodyDescription(BaseModel):
    """What a trained renderer says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str = Field("masquerade trained body 1", pattern=r"^masquerade trained body 1$")
    shape: BodyShape
    source_sha256: str
    """Of the video it was trained on."""
    moments: int = Field(ge=1)
    """Pictures of it."""
    consent: str
    """Id of the record of whoever is seen in it."""
    iterations: int = Field(ge=0)
    metrics: dict[str, float] = Field(default_factory=dict)
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class BodyFile:
    """A trained renderer as it lies in its file.

    Attributes:
        path: The file.
        about: What it says of itself.
        weights: By name.
    """

    path: Path
    about: BodyDescription
    weights: dict[str, NDArray[Any]]


def read_body(path: Path, *, sha256: str | None = None) -> BodyFile:
    """The trained renderer in a file.

    Args:
        path: The file.
        sha256: Of the file as it was checked; None where nothing was.

    Raises:
        GivenModelError: It holds none, or one of another layout; or it is damaged, or another one.
    """
    tensors, words = read_tensors(path, sha256=sha256)
    about = described(
        path,
        words,
        KEY,
        BodyDescription,
        what="trained renderer of a body",
        by="masquerade train body",
    )
    if not all(one.dtype.kind == "f" and np.isfinite(one).all() for one in tensors.values()):
        raise GivenModelError(f"a weight of {path.name} is no number", "a model as it was trained")
    return BodyFile(path, about, tensors)


class TrainedBody:
    """The network, ready to be called: a `masquerade.bodies.refine.Refiner`.

    Args:
        file: Of `read_body`.
        threads: Threads of the processor one call may use.

    Raises:
        GivenModelError: The runtime is not there, or a weight is missing or of another shape.
    """

    def __init__(self, file: BodyFile, *, threads: int = 1) -> None:
        self.side = file.about.shape.side
        data = onnx_from_body(file.about.shape, file.weights)
        self._session = open_onnx(file.path.name, data, device="cpu", threads=threads)

    @classmethod
    def open(cls, path: Path, *, sha256: str | None = None) -> Self:
        """The network of a file.

        Raises:
            GivenModelError: See `read_body`.
        """
        return cls(read_body(path, sha256=sha256))

    def __call__(self, seen: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(7, S, S) float32 what is to be moved and painted; see `masquerade.bodies.refine`.

        Args:
            seen: (10, S, S) uint8 of `masquerade.bodies.canvas.given`.

        Raises:
            GivenModelError: The network gave numbers that are none.
        """
        scaled = seen[None].astype(np.float32) / np.float32(255)
        (said,) = self._session.run(None, {"given": scaled})
        return np.asarray(numbers(said)[0])
