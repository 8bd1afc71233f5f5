"""Cards proposed for files that users bring, from what a file shows and what its form implies.

A form is what networks of one family have in common; everything in it can be overruled.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from masquerade.errors import GivenModelError, UsageError
from masquerade.models.brought.card import (
    BroughtCard,
    Crop,
    EmbeddingCard,
    Latent,
    Result,
    Rule,
    SwapCard,
    Triple,
)
from masquerade.models.onnx_reader import OnnxFile, Value, read_onnx
from masquerade.models.templates import TemplateName

Layout: TypeAlias = Literal["NCHW", "NHWC"]
Colour: TypeAlias = Literal["RGB", "BGR"]
FormName: TypeAlias = Literal[
    "inswapper", "hyperswap", "simswap", "ghost", "uniface", "blendswap", "arcface"
]

_UNIT: Final[tuple[Triple, Triple]] = ((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
_SIGNED: Final[tuple[Triple, Triple]] = ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
_IMAGENET: Final[tuple[Triple, Triple]] = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))


@dataclass(frozen=True, slots=True)
class Form:
    """What networks of one family have in common.

    Attributes:
        says: The family in a few words.
        template: Of the crop.
        levels: Mean and std of the crop.
        rule: What the network is told of the source; None for an embedding network.
        range: Values that stand for black and white in its output.
        source: Template and levels of the source's picture, where the rule is ``picture``.
    """

    says: str
    template: TemplateName
    levels: tuple[Triple, Triple]
    rule: Rule | None
    range: tuple[float, float] = (0.0, 1.0)
    source: tuple[TemplateName, tuple[Triple, Triple]] | None = None


FORMS: Final[dict[FormName, Form]] = {
    "inswapper": Form("emap within the file", "arcface_128", _UNIT, "emap"),
    "hyperswap": Form("normalised latent, mask", "arcface_128", _SIGNED, "normalised", (-1.0, 1.0)),
    "simswap": Form("normalised latent", "arcface_112_v1", _IMAGENET, "normalised"),
    "ghost": Form("embedding as it is", "arcface_112_v1", _SIGNED, "plain", (-1.0, 1.0)),
    "uniface": Form(
        says="a picture of the source",
        template="ffhq_512",
        levels=_SIGNED,
        rule="picture",
        range=(-1.0, 1.0),
        source=("ffhq_512", _SIGNED),
    ),
    "blendswap": Form(
        says="a picture of the source",
        template="ffhq_512",
        levels=_UNIT,
        rule="picture",
        source=("arcface_112_v2", _UNIT),
    ),
    "arcface": Form("an embedding network", "arcface_112_v2", _SIGNED, None),
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user states of a file; None or empty: as its form, or the file itself, says.

    Attributes:
        licence: Under which terms they may use it.
        embedding: Card of the network that makes the latent.
        template: Of the crop.
        size_px: Side of the crop.
        colour: Order of the channels, in and out.
        mean: Of the crop, in 0..255 units.
        std: Of the crop, in 0..255 units.
        range: Values that stand for black and white in the output.
        rule: What the network is told of the source.
        emap: Name of a constant, or a ``.npy`` file.
        target: Name of the input that takes the target's crop.
        source: Name of the input that takes the latent or the source's crop.
        output: Name of the output that is the new face, or the embedding.
        mask: Name of the output that is its mask.
    """

    licence: str
    embedding: str = ""
    template: TemplateName | None = None
    size_px: int | None = None
    colour: Colour | None = None
    mean: Triple | None = None
    std: Triple | None = None
    range: tuple[float, float] | None = None
    rule: Rule | None = None
    emap: str = ""
    target: str = ""
    source: str = ""
    output: str = ""
    mask: str = ""


def propose(
    data: bytes, name: str, form: FormName | None, wishes: Wishes, *, emap_sha256: str = ""
) -> BroughtCard:
    """A card for an ONNX file.

    Args:
        data: The file's bytes.
        name: Its name, as the card will have it.
        form: Its family; None: as its inputs and the template that `wishes` name suggest.
        wishes: What the user states of it.
        emap_sha256: Of the emap's own file, where `wishes` name one.

    Raises:
        GivenModelError: It is no ONNX file that can be used.
        UsageError: It leaves open what nobody states.
    """
    file = read_onnx(data, name=name)
    digest = hashlib.sha256(data).hexdigest()
    known = FORMS[form] if form else _suggested(file, name, wishes)
    if known.rule is None:
        return _embedding_card(file, name, digest, known, wishes)
    return _swap_card(file, name, digest, known, wishes, emap_sha256)


def _suggested(file: OnnxFile, name: str, wishes: Wishes) -> Form:
    """The form of a file whose family is not named: its template at least has to be."""
    if wishes.template is None:
        raise UsageError(
            f"nothing says how {name} wants its crop",
            "its family, or the template of its crop",
            "add --like FORM or --template TEMPLATE",
        )
    if len(file.inputs) == 1:
        return Form("", wishes.template, _SIGNED, None)
    pictured = sum(_layout(value) is not None for value in file.inputs)
    return Form("", wishes.template, _UNIT, "picture" if pictured == 2 else "normalised")


def _embedding_card(
    file: OnnxFile, name: str, digest: str, form: Form, wishes: Wishes
) -> EmbeddingCard:
    taken = _chosen(file.inputs, wishes.target, "input", "--target-input", name)
    given = _chosen(file.outputs, wishes.output, "output", "--output", name)
    crop = _crop(taken, form.template, form.levels, wishes, name)
    return EmbeddingCard("embedding", name, digest, wishes.licence, crop, given.name)


def _swap_card(
    file: OnnxFile, name: str, digest: str, form: Form, wishes: Wishes, emap_sha256: str
) -> SwapCard:
    rule = wishes.rule or form.rule
    assert rule is not None
    pictured = [value for value in file.inputs if _layout(value) is not None]
    flat = [value for value in file.inputs if _layout(value) is None]
    if rule == "picture":
        wanted = wishes.source or _called(pictured, "source")
        what = "input that takes the source's picture"
        several = pictured if len(pictured) > 1 else []
        source = _chosen(several, wanted, what, "--source-input", name)
    else:
        source = _chosen(flat, wishes.source, "input that takes the latent", "--source-input", name)
    rest = [value for value in file.inputs if value != source]
    target = _chosen(rest, wishes.target, "input that takes the target", "--target-input", name)
    picture = None
    if rule == "picture":
        template, levels = form.source or (form.template, form.levels)
        picture = _crop(source, template, levels, Wishes(wishes.licence), name)
    emap = (wishes.emap or _emap(file, source, name)) if rule == "emap" else ""
    if rule != "picture" and not wishes.embedding:
        raise UsageError(
            "no embedding network is named, which turns the source into numbers",
            "--embedding CARD, of the network that this one was trained with",
            "bring it first: `masquerade models add EMBEDDING.onnx --like arcface`",
        )
    latent = Latent(source.name, rule, "" if picture else wishes.embedding, emap, emap_sha256)
    return SwapCard(
        role="swap",
        file=name,
        sha256=digest,
        licence=wishes.licence,
        target=_crop(target, form.template, form.levels, wishes, name),
        latent=latent,
        result=_result(file, form, wishes, name),
        picture=picture,
    )


def _result(file: OnnxFile, form: Form, wishes: Wishes, name: str) -> Result:
    faces = [value for value in file.outputs if value.shape is None or _layout(value) is not None]
    output = _chosen(faces, wishes.output, "output that is the new face", "--output", name)
    others = [value for value in file.outputs if value != output]
    mask = wishes.mask
    if not mask and len(others) == 1 and _is_mask(others[0]):
        mask = others[0].name
    low, high = wishes.range or form.range
    return Result(
        output.name, _layout(output) or "NCHW", wishes.colour or "RGB", low, high, mask
    )  # fmt: skip


def _crop(
    value: Value,
    template: TemplateName,
    levels: tuple[Triple, Triple],
    wishes: Wishes,
    name: str,
) -> Crop:
    layout = _layout(value) or "NCHW"
    size_px = wishes.size_px or _side(value)
    if size_px is None:
        raise UsageError(
            f"{name} takes {value.words}, of any size", "--size, as its owner says", "state it"
        )
    return Crop(
        value.name,
        wishes.template or template,
        size_px,
        layout,
        wishes.colour or "RGB",
        wishes.mean or levels[0],
        wishes.std or levels[1],
    )


def _layout(value: Value) -> Layout | None:
    """How a value holds colour pictures; None where it does not."""
    if value.shape is None or len(value.shape) != 4:
        return None
    if value.shape[1] == 3:
        return "NCHW"
    return "NHWC" if value.shape[3] == 3 else None


def _side(value: Value) -> int | None:
    size = value.shape[2] if value.shape and len(value.shape) == 4 else None
    return size if isinstance(size, int) else None


def _is_mask(value: Value) -> bool:
    sizes = [size for size in (value.shape or ())[1:] if isinstance(size, int) and size > 1]
    return value.shape is not None and len(value.shape) in (3, 4) and len(sizes) in (0, 2)


def _called(values: Sequence[Value], word: str) -> str:
    """The name of the only value that has a word in it; empty where there is no such one."""
    found = [value.name for value in values if word in value.name.lower()]
    return found[0] if len(found) == 1 else ""


def _chosen(values: Sequence[Value], wanted: str, what: str, flag: str, name: str) -> Value:
    """The value that is meant: the one that is named, or the only one there is."""
    found = [value for value in values if value.name == wanted] if wanted else list(values)
    if len(found) == 1:
        return found[0]
    there = ", ".join(value.words for value in values)
    if wanted and values:
        raise UsageError(f"{name} has no {what} called {wanted!r}", f"one of {there}")
    if not values:
        raise GivenModelError(
            f"{name} has no {what}",
            "a network of the form that --like names",
            "choose another --like, or another file",
        )
    raise UsageError(f"{name} has {len(values)} of which each may be the {what}: {there}",
                     f"{flag} NAME", "state it")  # fmt: skip


def _emap(file: OnnxFile, source: Value, name: str) -> str:
    """The last square matrix among the constants that fits the latent."""
    size = math.prod(axis for axis in (source.shape or ())[1:] if isinstance(axis, int))
    found = [
        one.name
        for one in file.constants.values()
        if one.shape == (size, size) and one.dtype == "float32"
    ]
    if not found:
        raise GivenModelError(
            f"{name} holds no matrix of {size} x {size} numbers",
            "an emap among its constants",
            "give it as a file: --emap EMAP.npy; or choose another --rule",
        )
    return found[-1]
