"""A card is proposed from what a file shows and its form implies; what is open has to be stated."""

from dataclasses import replace

import numpy as np
import pytest
from tests.models import tiny_networks as tiny
from tests.models.tiny_networks import SIZE, value

from masquerade.errors import ModelError, UsageError
from masquerade.models.brought.card import EmbeddingCard, SwapCard
from masquerade.models.brought.forms import FormName, Wishes, propose
from masquerade.models.onnx_file import Node

WISHES = Wishes(licence="mine", embedding="id")
EMAP = np.eye(SIZE, dtype=np.float32)


def test_an_inswapper_like_file_names_its_matrix() -> None:
    card = propose(tiny.swap_network(emap=EMAP), "swap.onnx", "inswapper", WISHES)

    assert isinstance(card, SwapCard)
    assert (card.target.template, card.target.size_px) == ("arcface_128", 128)
    assert (card.latent.rule, card.latent.emap, card.latent.network) == ("emap", "emap", "id")
    assert (card.result.low, card.result.high, card.result.mask) == (0, 1, "")


@pytest.mark.parametrize(
    ("form", "template", "rule", "low"),
    [
        ("simswap", "arcface_112_v1", "normalised", 0),
        ("ghost", "arcface_112_v1", "plain", -1),
        ("hyperswap", "arcface_128", "normalised", -1),
    ],
)
def test_each_form_brings_its_own(form: FormName, template: str, rule: str, low: float) -> None:
    card = propose(tiny.swap_network(224), "swap.onnx", form, WISHES)

    assert isinstance(card, SwapCard)
    assert (card.target.template, card.latent.rule) == (template, rule)
    assert (card.target.size_px, card.result.low) == (224, low)


def test_a_mask_is_told_from_the_face() -> None:
    card = propose(tiny.mask_network(), "swap.onnx", "hyperswap", WISHES)

    assert isinstance(card, SwapCard)
    assert (card.result.output, card.result.mask) == ("output", "mask")


def test_a_picture_of_the_source_needs_no_embedding() -> None:
    card = propose(tiny.picture_network(), "swap.onnx", "blendswap", Wishes(licence="mine"))

    assert isinstance(card, SwapCard)
    assert card.picture is not None
    assert (card.picture.size_px, card.picture.template) == (112, "arcface_112_v2")
    assert (card.target.size_px, card.target.template) == (256, "ffhq_512")


def test_an_embedding_network_has_one_input() -> None:
    card = propose(tiny.embedding_network(), "id.onnx", "arcface", Wishes(licence="mine"))

    assert isinstance(card, EmbeddingCard)
    assert (card.picture.input, card.picture.size_px, card.output) == ("data", 112, "fc1")


def test_a_template_alone_will_do() -> None:
    wishes = replace(WISHES, template="arcface_112_v2")
    card = propose(tiny.swap_network(256), "swap.onnx", None, wishes)
    other = propose(tiny.embedding_network(), "id.onnx", None, wishes)

    assert isinstance(card, SwapCard)
    assert (card.latent.rule, card.target.template) == ("normalised", "arcface_112_v2")
    assert isinstance(other, EmbeddingCard)


def test_what_is_stated_comes_before_the_form() -> None:
    wishes = replace(
        WISHES,
        template="ffhq_512",
        colour="BGR",
        mean=(1.0, 2.0, 3.0),
        std=(4.0, 5.0, 6.0),
        range=(0.0, 255.0),
        rule="plain",
    )
    card = propose(tiny.swap_network(emap=EMAP), "swap.onnx", "inswapper", wishes)

    assert isinstance(card, SwapCard)
    assert (card.target.template, card.target.colour) == ("ffhq_512", "BGR")
    assert (card.target.mean, card.target.std) == ((1, 2, 3), (4, 5, 6))
    assert (card.latent.rule, card.latent.emap, card.result.high) == ("plain", "", 255)


def two_outputs() -> bytes:
    nodes = [*tiny.swap_nodes(), Node("Identity", ("output",), "again")]
    return tiny.network(
        nodes,
        tiny.swap_constants(),
        [value("target", ("N", 3, 64, 64)), value("source", ("N", SIZE))],
        [value("output", ("N", 3, 64, 64)), value("again", ("N", 3, 64, 64))],
    )


def of_any_size() -> bytes:
    return tiny.network(
        tiny.swap_nodes(),
        tiny.swap_constants(),
        [value("target", ("N", 3, "H", "W")), value("source", ("N", SIZE))],
        [value("output", ("N", 3, "H", "W"))],
    )


@pytest.mark.parametrize(
    ("data", "form", "wishes", "error", "words"),
    [
        (two_outputs(), "simswap", WISHES, UsageError, "2 of which each may be the output"),
        (of_any_size(), "simswap", WISHES, UsageError, "of any size"),
        (tiny.swap_network(), None, WISHES, UsageError, "how swap.onnx wants its crop"),
        (tiny.swap_network(), "simswap", Wishes("mine"), UsageError, "no embedding network"),
        (tiny.swap_network(), "inswapper", WISHES, ModelError, "no matrix of 16 x 16"),
        (tiny.swap_network(), "uniface", WISHES, ModelError, "no input that takes the source's"),
        (tiny.embedding_network(), "simswap", WISHES, ModelError, "no input that takes the latent"),
        (tiny.swap_network(), "arcface", WISHES, UsageError, "2 of which each may be the input"),
        (
            tiny.swap_network(),
            "simswap",
            replace(WISHES, output="y"),
            UsageError,
            "no output that is the new face called 'y'",
        ),
        (b"PK", "simswap", WISHES, ModelError, "no ONNX file"),
    ],
)
def test_what_is_open_or_wrong_is_told(
    data: bytes, form: FormName | None, wishes: Wishes, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        propose(data, "swap.onnx", form, wishes)


def test_what_is_stated_settles_what_was_open() -> None:
    card = propose(two_outputs(), "s.onnx", "simswap", replace(WISHES, output="again"))
    other = propose(of_any_size(), "s.onnx", "simswap", replace(WISHES, size_px=160))

    assert isinstance(card, SwapCard)
    assert isinstance(other, SwapCard)
    assert (card.result.output, other.target.size_px) == ("again", 160)
