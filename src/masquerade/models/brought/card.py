"""Cards of networks that users bring: an ONNX file they may use, and how it wants to be used.

A card is a TOML file beside the network, or in the ``networks`` folder of the user's home, where
its name is enough. ``masquerade models add`` writes one. docs/one-shot-networks.md explains every
field with worked examples.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from masquerade.errors import GivenModelError, UsageError
from masquerade.hashing import small_bytes
from masquerade.models.card import Input
from masquerade.models.templates import TemplateName, template_px
from masquerade.toml_text import read_toml, toml_value

Number: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
Triple: TypeAlias = tuple[Number, Number, Number]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=1000)]
Rule: TypeAlias = Literal["plain", "normalised", "emap", "picture"]
_LICENCE_LETTERS: Final = 2000
_STRICT: Final = ConfigDict(extra="forbid")
_ADD: Final = "`masquerade models add FILE.onnx` writes a card"


@dataclass(frozen=True, slots=True)
class Crop:
    """How a face is cut out and becomes an input: ``(pixel - mean) / std`` in 0..255 units.

    Attributes:
        input: Name of the network's input.
        template: Where eyes, nose and mouth lie in the crop.
        size_px: Width and height of the crop.
        layout: Order of the axes.
        colour: Order of the channels; `mean` and `std` are in this order too.
        mean: Subtracted, per channel.
        std: Divided by, per channel.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    input: Text
    template: TemplateName
    size_px: Annotated[int, Field(ge=32, le=1024)]
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    colour: Literal["RGB", "BGR"] = "RGB"
    mean: Triple = (0.0, 0.0, 0.0)
    std: Triple = (255.0, 255.0, 255.0)

    @property
    def points(self) -> NDArray[np.float32]:
        """(5, 2) where the template wants the five points, in pixels of the crop."""
        return template_px(self.template, self.size_px)

    def tensor(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The network's input for (N, size_px, size_px, 3) uint8 RGB crops.

        Raises:
            UsageError: The pictures are not of that shape and type.
        """
        size_wh = (self.size_px, self.size_px)
        return Input(size_wh, self.layout, self.colour, self.mean, self.std).tensor(pictures)


@dataclass(frozen=True, slots=True)
class Latent:
    """What a swap network is told of the source.

    Attributes:
        input: Name of the network's input.
        rule: plain: the embedding as its network gives it; normalised: brought to length 1; emap:
            that, times a matrix, brought to length 1 again; picture: a crop of the source.
        network: Card of the network that makes the embedding; empty for a picture.
        emap: Name of the matrix among the network's constants, or a ``.npy`` file.
        emap_sha256: Of that file.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    input: Text
    rule: Rule
    network: str = ""
    emap: str = ""
    emap_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a swap network gives back.

    Attributes:
        output: Name of the output that is the new face.
        layout: Order of its axes.
        colour: Order of its channels.
        low: Value that stands for black.
        high: Value that stands for white.
        mask: Name of an output in [0, 1] that says where the new face is; empty for none.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    output: Text
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    colour: Literal["RGB", "BGR"] = "RGB"
    low: Number = 0.0
    high: Number = 1.0
    mask: str = ""


@dataclass(frozen=True, slots=True)
class SwapCard:
    """A network that puts a source's face into a crop of the target.

    Attributes:
        role: Always ``swap``.
        file: The ONNX file; a relative path starts at the card's folder.
        sha256: Of that file.
        licence: Under which terms the user may use it, in their own words or those of the owner.
        target: How the target's face is handed in.
        latent: What stands for the source.
        result: What comes out.
        picture: How the source's face is handed in, where the rule is ``picture``.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    role: Literal["swap"]
    file: Text
    sha256: str
    licence: str
    target: Crop
    latent: Latent
    result: Result
    picture: Crop | None = None


@dataclass(frozen=True, slots=True)
class EmbeddingCard:
    """A network that turns a face into numbers that say who it is.

    Attributes:
        role: Always ``embedding``.
        file: The ONNX file; a relative path starts at the card's folder.
        sha256: Of that file.
        licence: As for `SwapCard`.
        picture: How a face is handed in.
        output: Name of the output.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    role: Literal["embedding"]
    file: Text
    sha256: str
    licence: str
    picture: Crop
    output: Text


BroughtCard: TypeAlias = SwapCard | EmbeddingCard


def networks_dir() -> Path:
    """The folder for cards that are found by name; it need not exist yet."""
    import platformdirs

    home = os.environ.get("MASQUERADE_HOME") or platformdirs.user_data_dir("masquerade")
    return Path(home).expanduser() / "networks"


def find_card(given: Path) -> Path:
    """The card file that a user means: a file, or the name of one in `networks_dir`.

    Raises:
        UsageError: There is none.
    """
    if is_there(given):
        return given
    named = networks_dir() / f"{given.name}.toml"
    if given.name == str(given) and is_there(named):
        return named
    there = ", ".join(sorted(path.stem for path in networks_dir().glob("*.toml")))
    raise UsageError(
        f"there is no card {given}",
        "a card file" + (f", or one of {there}" if there else ""),
        _ADD,
    )


def read_brought(path: Path) -> BroughtCard:
    """The card in a TOML file, each field checked.

    Raises:
        GivenModelError: It cannot be read, or a field is missing, unknown or makes no sense.
    """
    return brought_from(_text_of(path), name=path.name)


def brought_from(text: str, *, name: str) -> BroughtCard:
    """The card that a TOML text describes, each field checked.

    Args:
        text: The TOML file's content.
        name: What messages call it.

    Raises:
        GivenModelError: A field is missing, unknown or makes no sense.
    """
    try:
        values = read_toml(text)
    except ValueError as error:  # also a number of thousands of digits
        raise GivenModelError(f"{name} is not TOML: {error}", "a card", _ADD) from None
    kind = {"swap": SwapCard, "embedding": EmbeddingCard}.get(str(values.get("role")))
    if kind is None:
        raise GivenModelError(
            f"{name} has the role {values.get('role')!r}", "role = 'swap' or 'embedding'", _ADD
        )
    try:
        card: BroughtCard = TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise GivenModelError(
            f"{name}: {where}: {first['msg']}",
            "the fields that docs/one-shot-networks.md lists",
            "correct the card",
        ) from None
    _check(card, name)
    return card


def card_text(card: BroughtCard) -> str:
    """The card as TOML; `brought_from` gives the same card back.

    Example:
        >>> crop = Crop("x", "arcface_112_v2", 112)
        >>> card = EmbeddingCard("embedding", "id.onnx", "0" * 64, "mine", crop, "y")
        >>> brought_from(card_text(card), name="id.toml") == card
        True
    """
    plain: list[str] = []
    tables: list[str] = []
    for part in fields(card):
        value = getattr(card, part.name)
        if is_dataclass(value):
            stated = ((one.name, getattr(value, one.name)) for one in fields(value))
            lines = [f"{name} = {toml_value(said)}" for name, said in stated if said != ""]
            tables += ["", f"[{part.name}]", *lines]
        elif value is not None:
            plain.append(f"{part.name} = {toml_value(value)}")
    return "\n".join([*plain, *tables, ""])


def beside(card: Path, file: str) -> Path:
    """Where a file lies that a card names: a relative path starts at the card's folder.

    Raises:
        GivenModelError: It begins with the home of somebody who is not known here.
    """
    try:
        return card.parent / Path(file).expanduser()
    except RuntimeError:
        raise GivenModelError(
            f"{card.name} names {file!r}, and nobody of that name has a home here",
            "a path from the card's folder, or from the root",
            "correct the card",
        ) from None


def is_there(path: Path) -> bool:
    """Whether a file lies there; a name that no file can have is that of none."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises where one is too long


def _text_of(path: Path) -> str:
    try:
        return small_bytes(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GivenModelError(f"the card {path} cannot be read ({error})", "a TOML file") from error


def _check(card: BroughtCard, name: str) -> None:
    """What a type cannot say."""
    if not 1 <= len(card.licence.strip()) <= _LICENCE_LETTERS:
        raise GivenModelError(
            f"{name}: licence has {len(card.licence.strip())} letters",
            f"1 to {_LICENCE_LETTERS}: under which terms you may use this network",
            "ask its owner; most public ones allow no commercial use",
        )
    _check_hash(card.sha256, "sha256", name)
    crops = [card.picture] if isinstance(card, EmbeddingCard) else [card.target, card.picture]
    for crop in crops:
        if crop is not None and not all(crop.std):
            raise GivenModelError(f"{name}: std is {crop.std}", "three numbers that are not 0")
    if isinstance(card, SwapCard):
        _check_swap(card, name)


def _check_swap(card: SwapCard, name: str) -> None:
    latent, result = card.latent, card.result
    if not result.low < result.high:
        raise GivenModelError(
            f"{name}: black is {result.low} and white is {result.high}", "low below high"
        )
    if (latent.rule == "picture") != (card.picture is not None):
        raise GivenModelError(
            f"{name}: the latent's rule is {latent.rule}, and there is "
            + ("no [picture]" if card.picture is None else "a [picture]"),
            "a [picture] table exactly where the rule is 'picture'",
        )
    if (latent.rule == "picture") != (not latent.network):
        raise GivenModelError(
            f"{name}: latent.network is {latent.network!r} for the rule {latent.rule}",
            "the card of the embedding network, or nothing where the rule is 'picture'",
            "bring that network too: `masquerade models add EMBEDDING.onnx --like arcface`",
        )
    if (latent.rule == "emap") != bool(latent.emap):
        raise GivenModelError(
            f"{name}: latent.emap is {latent.emap!r} for the rule {latent.rule}",
            "the name of a matrix, or a .npy file, exactly where the rule is 'emap'",
        )
    if latent.emap.endswith(".npy"):
        _check_hash(latent.emap_sha256, "latent.emap_sha256", name)


def _check_hash(text: str, what: str, name: str) -> None:
    if len(text) != 64 or set(text) - set("0123456789abcdef"):
        raise GivenModelError(
            f"{name}: {what} is {text!r}",
            "64 letters of 0-9 and a-f",
            "`sha256sum FILE` tells it; `masquerade models add` fills it in",
        )
