"""A swap network trained here: its file, and the network ready to be called, without PyTorch.

The file is safetensors: the averaged weights in half precision, a few pictures of the source as the
network takes them, with their landmarks, and words on what it is and whose consent it was trained
under (`masquerade.provenance.consent.model_consent` holds those against the records).
"""

from __future__ import annotations

from collections.abc import Sequence
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
from masquerade.models.trained.swap_base import check_weights
from masquerade.models.trained.swap_graph import onnx_from_swap
from masquerade.models.trained.swap_shape import SwapShape
from masquerade.types import RGB, Mask, Points

SUFFIX: Final = ".safetensors"
KEY: Final = "masquerade.swap"
"""Where the description lies in the file's metadata."""
PICTURES: Final = "source.pictures"
LANDMARKS: Final = "source.landmarks"
MOST_PICTURES: Final = 16


class TrainedOn(BaseModel):
    """One side's faces that a model was trained on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    faceset_sha256: str
    faces: int = Field(ge=1)
    consent: str


class SwapDescription(BaseModel):
    """What a trained swap says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str = Field("masquerade trained swap 2", pattern=r"^masquerade trained swap 2$")
    shape: SwapShape
    source: TrainedOn
    target: TrainedOn
    embedding: tuple[float, ...] = Field((), max_length=128)
    """The identity of the source as the network draws it; measured anew wherever it counts."""
    iterations: int = Field(ge=0)
    started_from: str = ""
    """SHA-256 of the model it went on from."""
    metrics: dict[str, float] = Field(default_factory=dict)
    made_by: str = ""


@dataclass(frozen=True, slots=True)
class SwapFile:
    """A trained swap as it lies in its file.

    Attributes:
        path: The file.
        about: What it says of itself.
        weights: By name.
        pictures: (n, S, S, 3) uint8 RGB faces of the source on the map.
        landmarks: (n, 478, 3) float32 their meshes, in pixels of a crop of 256.
        words: All of its header's words.
    """

    path: Path
    about: SwapDescription
    weights: dict[str, NDArray[Any]]
    pictures: NDArray[np.uint8]
    landmarks: Points
    words: dict[str, str]


def read_swap(path: Path, *, sha256: str | None = None) -> SwapFile:
    """The trained swap in a file.

    Args:
        path: The file.
        sha256: Of the file as it was checked; None where nothing was.

    Raises:
        GivenModelError: It holds none, or one of another layout; or it is damaged, or another one.
    """
    tensors, words = read_tensors(path, sha256=sha256)
    about = described(
        path, words, KEY, SwapDescription, what="trained swap", by="masquerade train swap"
    )
    pictures, landmarks = _portraits(path, tensors, about.shape.side)
    weights = {name: one for name, one in tensors.items() if name not in (PICTURES, LANDMARKS)}
    check_weights(path, weights, about.shape)
    return SwapFile(path, about, weights, pictures, landmarks, words)


class TrainedSwap:
    """The network, ready to be called.

    Args:
        file: Of `read_swap`.
        device: A key of `masquerade.models.session.PROVIDERS`.
        threads: Threads of the processor one call may use.

    Raises:
        GivenModelError: The runtime or the device is not there.
    """

    def __init__(self, file: SwapFile, *, device: str = "cpu", threads: int = 1) -> None:
        self.shape = file.about.shape
        data = onnx_from_swap(file.about.shape, file.weights)
        self._session = open_onnx(file.path.name, data, device=device, threads=threads)

    @classmethod
    def open(cls, path: Path, *, device: str = "cpu", threads: int = 1) -> Self:
        """The network of a file.

        Raises:
            GivenModelError: See `read_swap`.
        """
        return cls(read_swap(path), device=device, threads=threads)

    def __call__(self, faces: Sequence[RGB]) -> list[tuple[RGB, Mask]]:
        """The source's face with each one's expression, and where it shows.

        Args:
            faces: (S, S, 3) uint8 RGB each, on the map.

        Returns:
            (D, D, 3) uint8 and (D, D) float32 in [0, 1] each, D the shape's `drawn`.

        Raises:
            GivenModelError: The network gave numbers that are none.
        """
        if not faces:
            return []
        given = np.stack(faces).transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
        made = numbers(self._session.run(None, {"pictures": given})[0])
        pixels = np.rint(made[:, :3].transpose(0, 2, 3, 1) * 255).astype(np.uint8)
        return [(one, mask[3]) for one, mask in zip(pixels, made, strict=True)]


def _portraits(
    path: Path, tensors: dict[str, NDArray[Any]], side: int
) -> tuple[NDArray[np.uint8], Points]:
    pictures, landmarks = tensors.get(PICTURES), tensors.get(LANDMARKS)
    fits = (
        pictures is not None
        and landmarks is not None
        and 1 <= len(pictures) <= MOST_PICTURES
        and pictures.dtype == np.uint8
        and pictures.shape[1:] == (side, side, 3)
        and landmarks.dtype == np.float32
        and landmarks.shape == (len(pictures), 478, 3)
        and bool(np.isfinite(landmarks).all())
    )
    if not fits:
        raise GivenModelError(
            f"{path.name} lacks the source's pictures", "a model as it was trained"
        )
    assert pictures is not None
    assert landmarks is not None
    return pictures, landmarks
