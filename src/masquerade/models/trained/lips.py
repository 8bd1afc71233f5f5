"""A person's mouth as a network that was trained here: its file, and the network, without PyTorch.

The file is safetensors: the averaged weights in half precision, the shapes of the person's mouth,
which the network's numbers are of, and the identity of whoever it draws. All of these are signed
with the consent they were trained under (`masquerade.provenance.consent.model_consent`).
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
from masquerade.models.trained.described import described, numbers
from masquerade.models.trained.lips_graph import onnx_from_lips, tensor_shapes
from masquerade.models.trained.lips_shape import PARTS, LipsShape
from masquerade.types import Embedding

Floats = NDArray[np.float32]

SUFFIX: Final = ".safetensors"
KEY: Final = "masquerade.lips"
"""Where the description lies in the file's metadata."""
SPACE: Final = "space."
"""What the names of the mouth's shapes begin with."""
IDENTITY: Final = "identity"


class LipsDescription(BaseModel):
    """What a trained mouth says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str = Field("masquerade trained lips 1", pattern=r"^masquerade trained lips 1$")
    shape: LipsShape
    inputs: tuple[str, ...]
    """SHA-256 of the footage."""
    frames: int = Field(ge=1)
    iterations: int = Field(ge=0)
    metrics: dict[str, float] = Field(default_factory=dict)
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class LipsSpace:
    """The shapes that the numbers are of; see `masquerade.faces.mouth.shape.MouthSpace`."""

    mean: Floats
    parts: Floats
    least: Floats
    most: Floats
    rest: Floats
    closed: Floats

    def arrays(self) -> dict[str, Floats]:
        """By name, as they lie in a file."""
        return {SPACE + name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class LipsFile:
    """A trained mouth as it lies in its file.

    Attributes:
        path: The file.
        about: What it says of itself.
        weights: By name.
        space: What its numbers are of.
        identity: (128,) float32 of whoever it draws.
    """

    path: Path
    about: LipsDescription
    weights: dict[str, NDArray[Any]]
    space: LipsSpace
    identity: Embedding


def read_lips(path: Path, *, sha256: str | None = None) -> LipsFile:
    """The trained mouth in a file.

    Args:
        path: The file.
        sha256: Of the file as it was checked; None where nothing was.

    Raises:
        GivenModelError: It holds none, or one of another layout; or it is damaged, or another one.
    """
    tensors, words = read_tensors(path, sha256=sha256)
    about = described(
        path, words, KEY, LipsDescription, what="trained mouth", by="masquerade train lips"
    )
    space = _space(path, tensors)
    identity = _fitting(path, tensors, IDENTITY, (128,))
    weights = {name: _finite(path, tensors, name) for name in tensor_shapes(about.shape)}
    return LipsFile(path, about, weights, space, identity)


class TrainedLips:
    """The network, ready to be called.

    Args:
        file: Of `read_lips`.
        device: A key of `masquerade.models.session.PROVIDERS`.
        threads: Threads of the processor one call may use.

    Raises:
        GivenModelError: The runtime or the device is not there, or a weight is missing.
    """

    def __init__(self, file: LipsFile, *, device: str = "cpu", threads: int = 1) -> None:
        self.shape = file.about.shape
        data = onnx_from_lips(self.shape, file.weights)
        self._session = open_onnx(file.path.name, data, device=device, threads=threads)

    @classmethod
    def open(cls, path: Path, *, sha256: str | None = None) -> Self:
        """The network of a file.

        Raises:
            GivenModelError: See `read_lips`.
        """
        return cls(read_lips(path, sha256=sha256))

    def __call__(self, picture: Floats, told: Floats) -> Floats:
        """(S, S, 3) float32 the mouth as it is to be, in [0, 1].

        Args:
            picture: (S, S, 3) float32 in [0, 1], as it was drawn before.
            told: (5, 10) the shapes of the mouth around the moment.

        Raises:
            GivenModelError: The network gave numbers that are none.
        """
        row = np.concatenate([picture.transpose(2, 0, 1).ravel(), told.ravel()])
        (made,) = self._session.run(None, {"row": row[None].astype(np.float32)})
        return np.asarray(numbers(made)[0].transpose(1, 2, 0))


def _space(path: Path, tensors: dict[str, NDArray[Any]]) -> LipsSpace:
    mean = tensors.get(f"{SPACE}mean")
    points = len(mean) if mean is not None and mean.ndim else 0
    sizes: dict[str, tuple[int, ...]] = {
        "mean": (points, 3),
        "parts": (PARTS, points, 3),
        "least": (PARTS,),
        "most": (PARTS,),
        "rest": (PARTS,),
        "closed": (1,),
    }
    found = {name: _fitting(path, tensors, SPACE + name, size) for name, size in sizes.items()}
    return LipsSpace(**found)


def _fitting(
    path: Path, tensors: dict[str, NDArray[Any]], name: str, shape: tuple[int, ...]
) -> Floats:
    values = _finite(path, tensors, name)
    if values.shape != shape:
        raise GivenModelError(
            f"{name} of {path.name} is {values.shape}", f"{shape}", "use the file as it was trained"
        )
    return np.asarray(values, np.float32)


def _finite(path: Path, tensors: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    values = tensors.get(name)
    if values is None or not np.issubdtype(values.dtype, np.floating):
        raise GivenModelError(f"{path.name} lacks {name}", "a model as it was trained")
    if not np.isfinite(values).all():
        raise GivenModelError(f"{name} of {path.name} is no number", "a model as it was trained")
    return values
