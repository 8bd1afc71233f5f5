"""Weights that were trained here and ship with the package, each beside a card of its own.

``own/NAME.onnx`` is the network, or ``own/NAME.safetensors`` the weights of one to be trained on;
``own/NAME.toml`` says how it was made and how good it was found to be. A file that is not the one
its card names is not opened.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from masquerade.errors import ModelError
from masquerade.hashing import file_sha256
from masquerade.models.session import OrtSession, Session

if TYPE_CHECKING:
    from pydantic import ConfigDict

_FOLDER = "own"
_ENDINGS = (".onnx", ".safetensors")


@dataclass(frozen=True, slots=True)
class OwnCard:
    """What is known about weights that were trained here.

    Attributes:
        task: What the network does, in one sentence.
        sha256: Of the network's file.
        size_bytes: Of the same.
        licence: SPDX expression.
        data: On what it was trained, in a sentence.
        command: By which command.
        made: Date, as YYYY-MM-DD.
        quality: How good it was found to be, on what, in sentences.
        limits: What it is known not to see, in a sentence.
        paper: What the recipe follows.
        input: Its input, in words.
        output: Its output, in words.
    """

    __pydantic_config__: ClassVar[ConfigDict] = {"extra": "forbid"}

    task: str
    sha256: str
    size_bytes: int
    licence: str
    data: str
    command: str
    made: str
    quality: str
    limits: str
    paper: str
    input: str
    output: str

    def as_toml(self) -> str:
        """The text of its file."""
        parts = ((name, getattr(self, name)) for name in self.__slots__)
        return "".join(
            f"{name} = {value}\n" if isinstance(value, int) else f"{name} = {_quoted(value)}\n"
            for name, value in parts
        )


def own_card(name: str) -> OwnCard | None:
    """The card of a network that ships; None where it does not ship.

    Args:
        name: Of the file, without ending.

    Raises:
        ModelError: The card is not what was published.
    """
    folder = files("masquerade.models") / _FOLDER
    if not any((folder / f"{name}{ending}").is_file() for ending in _ENDINGS):
        return None
    return read_own_card(name, (folder / f"{name}.toml").read_text(encoding="utf-8"))


def read_own_card(name: str, text: str) -> OwnCard:
    """The card that a TOML text describes, each field checked.

    Args:
        name: What messages call it.
        text: The file's content.

    Raises:
        ModelError: A field is missing, unknown or of the wrong type.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(OwnCard).validate_python(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ModelError(
            f"the card of {name} is not valid: {error}",
            "the fields of masquerade.models.own_weights.OwnCard",
            "install Masquerade again",
        ) from error


def open_own(name: str, *, device: str = "cpu", threads: int = 1) -> Session:
    """A network that ships with the package, hashed before it is opened.

    Args:
        name: Of the file, without ending.
        device: As in `masquerade.models.session.open_session`.
        threads: Threads one call may use on the CPU.

    Raises:
        ModelError: It does not ship, is not what its card says, or cannot be opened.

    Example:
        >>> open_own("learned_sound").input_shapes  # doctest: +SKIP
        ((None, 1, 80, 128),)
    """
    card = own_card(name)
    if card is None:
        raise ModelError(f"the network {name} does not ship", "its file in models/own")
    with as_file(files("masquerade.models") / _FOLDER / f"{name}.onnx") as path:
        _check_digest(path, card)
        return OrtSession(name, path, device=device, threads=threads)


def own_path(name: str) -> Path:
    """Where weights that ship in a file of tensors lie; see `own_file`."""
    return own_file(name)[0]


def own_file(name: str) -> tuple[Path, OwnCard]:
    """Where weights that ship in a file of tensors lie, hashed, and their card.

    Args:
        name: Of the file, without ending.

    Raises:
        ModelError: It does not ship as a file of its own, or is not what its card says.
    """
    card, place = own_card(name), files("masquerade.models") / _FOLDER / f"{name}.safetensors"
    if card is None or not isinstance(place, Path) or not place.is_file():
        raise ModelError(f"the weights {name} do not ship", "their file in models/own")
    _check_digest(place, card)
    return place, card


def _check_digest(path: Path, card: OwnCard) -> None:
    digest = file_sha256(path)
    if digest != card.sha256:
        raise ModelError(
            f"{path.name} has SHA-256 {digest}",
            f"{card.sha256}, as its card says",
            "install Masquerade again",
        )


def _quoted(text: str) -> str:
    """A TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
