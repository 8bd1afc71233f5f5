"""Brought networks are verified, held against their cards, and bounded; what is wrong is told."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.models import tiny_networks as tiny
from tests.models.tiny_networks import SIZE, Shelf, value

from masquerade.errors import ModelError, UsageError
from masquerade.models.brought.card import Crop, Latent
from masquerade.models.brought.embedding import EmbeddingNetwork
from masquerade.models.brought.found import brought, state_of, swap_and_embedding
from masquerade.models.brought.session import BroughtSession
from masquerade.models.brought.swap import SwapNetwork
from masquerade.models.onnx_file import Node


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return tiny.shelf(tmp_path)


def picture(side: int, rng: np.random.Generator) -> np.ndarray:
    return rng.integers(0, 256, (side, side, 3)).astype(np.uint8)


def expected(crop: np.ndarray, latent: np.ndarray) -> np.ndarray:
    """What the tiny swap network makes of a crop."""
    made = crop / 255 * 0.5 + 0.25 + latent @ tiny.tint_matrix()
    return np.clip(np.rint(made * 255), 0, 255)


def test_crops_and_latents_come_out_as_the_network_computes_them(
    shelf: Shelf, rng: np.random.Generator
) -> None:
    network = SwapNetwork.open(brought(shelf.card))
    crops = [picture(128, rng) for _ in range(3)]
    latents = [network.latent(rng.normal(size=(1, SIZE)).astype(np.float32)) for _ in range(3)]

    together = network(crops, latents)

    for crop, latent, made in zip(crops, latents, together, strict=True):
        assert np.abs(made.pixels - expected(crop, latent)).max() <= 1
        assert np.array_equal(made.pixels, network([crop], [latent])[0].pixels)
        assert made.mask is None


def test_colour_order_layout_and_ranges_follow_the_card(
    shelf: Shelf, rng: np.random.Generator
) -> None:
    data = tiny.swap_network()
    card = tiny.swap_card(data)
    signed = Crop("target", "arcface_128", 128, "NCHW", "BGR", (127.5,) * 3, (127.5,) * 3)  # type: ignore[arg-type]
    result = replace(card.result, colour="BGR", low=-1.0, high=1.0)
    path = shelf.put("swap", data, replace(card, target=signed, result=result))
    network = SwapNetwork.open(brought(path))
    crop = picture(128, rng)
    latent = np.zeros(SIZE, np.float32)
    latent[0] = 1

    (made,) = network([crop], [latent])

    want = (crop / 127.5 - 1) * 0.5 + 0.25 + tiny.tint_matrix()[0][::-1]
    assert np.abs(made.pixels - np.clip(np.rint((want + 1) * 127.5), 0, 255)).max() <= 1


def test_a_network_of_one_face_a_call_is_called_for_each(
    shelf: Shelf, rng: np.random.Generator
) -> None:
    data = tiny.swap_network(batch=1)
    network = SwapNetwork.open(brought(shelf.put("swap", data, tiny.swap_card(data))))
    crops = [picture(128, rng) for _ in range(2)]
    latents = [np.eye(SIZE, dtype=np.float32)[k] for k in range(2)]

    assert not network.batched
    for crop, latent, made in zip(crops, latents, network(crops, latents), strict=True):
        assert np.abs(made.pixels - expected(crop, latent)).max() <= 1


def test_a_mask_comes_with_the_face(shelf: Shelf, rng: np.random.Generator) -> None:
    data = tiny.mask_network()
    card = tiny.swap_card(data, 256)
    card = replace(card, result=replace(card.result, mask="mask"))
    network = SwapNetwork.open(brought(shelf.put("swap", data, card)))
    crop = picture(256, rng)

    (made,) = network([crop], [np.zeros(SIZE, np.float32)])

    sure = np.abs(crop[..., 0] - 127.5) > 5
    assert made.mask is not None
    assert np.allclose(made.mask[sure], (crop[..., 0] > 127)[sure], atol=1e-3)


@pytest.mark.parametrize("rule", ["plain", "normalised", "emap", "file"])
def test_the_latent_follows_the_rule(
    shelf: Shelf, rule: str, tmp_path: Path, rng: np.random.Generator
) -> None:
    emap = rng.normal(size=(SIZE, SIZE)).astype(np.float32)
    data = tiny.swap_network(emap=emap)
    latent = Latent("source", "emap", network="id.toml", emap="emap")
    if rule == "file":
        np.save(tmp_path / "e.npy", emap)
        digest = tiny.sha256((tmp_path / "e.npy").read_bytes())
        latent = replace(latent, emap="e.npy", emap_sha256=digest)
    elif rule != "emap":
        latent = Latent("source", rule, network="id.toml")  # type: ignore[arg-type]
    path = shelf.put("swap", data, replace(tiny.swap_card(data), latent=latent))
    rows = 3 * rng.normal(size=(2, SIZE)).astype(np.float32)

    made = SwapNetwork.open(brought(path)).latent(rows)

    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    mean = unit.mean(axis=0) / np.linalg.norm(unit.mean(axis=0))
    through = mean @ emap
    want = {"plain": rows.mean(axis=0), "normalised": mean}
    assert np.allclose(
        made, want.get(rule, through / np.linalg.norm(through)), rtol=1e-4, atol=1e-5
    )


def test_embeddings_are_those_of_the_network(shelf: Shelf, rng: np.random.Generator) -> None:
    _, one = swap_and_embedding(shelf.card)
    assert one is not None
    network = EmbeddingNetwork(one)
    crop = picture(112, rng)

    (row,) = network([crop])

    mix = np.random.default_rng(6).normal(0, 1, (3, SIZE))
    assert np.allclose(row, (crop.mean(axis=(0, 1)) - 127.5) / 127.5 @ mix, atol=1e-3)


# -- what is wrong is told -----------------------------------------------------------------------


def test_another_file_than_the_cards_is_refused_at_every_use(shelf: Shelf) -> None:
    one = brought(shelf.card)
    assert state_of(one) == "verified"
    one.file.write_bytes(tiny.swap_network() + b"\x08\x08")

    assert state_of(one) == "altered"
    with pytest.raises(ModelError, match="has SHA-256") as told:
        SwapNetwork.open(one)
    assert one.card.sha256 in told.value.expected
    one.file.unlink()
    assert state_of(one) == "missing"
    with pytest.raises(ModelError, match="cannot be read"):
        SwapNetwork.open(one)


TARGET, SOURCE = value("target", ("N", 3, 128, 128)), value("source", ("N", SIZE))
OUTPUT = value("output", ("N", 3, 128, 128))


def wrong(*, inputs: list[bytes] | None = None, outputs: list[bytes] | None = None) -> bytes:
    """The swap network with other declarations than it has."""
    return tiny.network(
        tiny.swap_nodes(),
        tiny.swap_constants(),
        inputs or [TARGET, SOURCE],
        outputs or [OUTPUT],
    )


@pytest.mark.parametrize(
    ("data", "found", "due"),
    [
        (wrong(inputs=[value("target", ("N", 3, 256, 256)), SOURCE]), "256", "3, 128, 128"),
        (wrong(inputs=[value("target", ("N", 128, 128, 3)), SOURCE]), "128, 128, 3", "3, 128, 128"),
        (wrong(inputs=[value("target", ("N", 3, 128)), SOURCE]), "does not fit", "3, 128, 128"),
        (wrong(inputs=[value("target", (8, 3, 128, 128)), SOURCE]), "8, 3", "1 or free"),
        (
            wrong(inputs=[value("target", ("N", 3, 128, 128), tiny.FLOAT16), SOURCE]),
            "'target' float16",
            "float32",
        ),
        (wrong(inputs=[TARGET, value("source", ("N", SIZE), tiny.FLOAT16)]), "float16", "float32"),
        (wrong(inputs=[TARGET, value("source", ("N", SIZE, 2))]), "'source'", "1 or free, d"),
        (wrong(inputs=[TARGET, SOURCE, value("third", (1,))]), "a further input, 'third'", "2,"),
        (wrong(inputs=[value("crop", (1, 3)), SOURCE]), "no input 'target'", "'crop'"),
        (wrong(outputs=[value("y", (1,))]), "no output 'output'", "'y'"),
        (wrong(outputs=[value("output", ("N", 3, 128, 128), tiny.FLOAT16)]), "float16", "float32"),
        (wrong(outputs=[value("output", ("N", 128))]), "does not fit", "3, n, n"),
        (b"not a network", "no ONNX file", "exporters"),
    ],
)
def test_a_network_of_another_contract_is_told(
    shelf: Shelf, data: bytes, found: str, due: str
) -> None:
    path = shelf.put("swap", data, tiny.swap_card(data))

    with pytest.raises(ModelError) as told:
        SwapNetwork.open(brought(path))

    assert found in told.value.found
    assert due in told.value.expected
    assert told.value.todo


def test_sizes_that_a_file_leaves_open_are_the_cards(
    shelf: Shelf, rng: np.random.Generator
) -> None:
    data = wrong(
        inputs=[value("target", ("N", 3, "H", "W")), value("source", ("N", -1))],
        outputs=[value("output", (-1, -1, -1, -1))],
    )
    network = SwapNetwork.open(brought(shelf.put("swap", data, tiny.swap_card(data))))
    crop, latent = picture(128, rng), np.eye(SIZE, dtype=np.float32)[0]

    (made,) = network([crop], [latent])

    assert network.batched
    assert np.abs(made.pixels - expected(crop, latent)).max() <= 1


def test_a_missing_emap_names_those_there_are(shelf: Shelf) -> None:
    data = tiny.swap_network(emap=np.eye(SIZE, dtype=np.float32))
    latent = Latent("source", "emap", network="id.toml", emap="nope")
    path = shelf.put("swap", data, replace(tiny.swap_card(data), latent=latent))

    with pytest.raises(ModelError, match="no constant 'nope'") as told:
        SwapNetwork.open(brought(path))
    assert "'emap' (16, 16)" in told.value.expected


def test_a_latent_of_another_length_names_both(shelf: Shelf, rng: np.random.Generator) -> None:
    network = SwapNetwork.open(brought(shelf.card))

    with pytest.raises(ModelError, match="the latent has 8 numbers"):
        network.latent(rng.normal(size=(1, 8)).astype(np.float32))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_told(shelf: Shelf, bad: float) -> None:
    network = SwapNetwork.open(brought(shelf.card))

    with pytest.raises(ModelError, match="no numbers in 'output'"):
        network([np.zeros((128, 128, 3), np.uint8)], [np.full(SIZE, bad, np.float32)])


def test_a_wrong_range_is_told_before_the_work(shelf: Shelf, rng: np.random.Generator) -> None:
    data = tiny.swap_network()
    latent = np.eye(SIZE, dtype=np.float32)[0]
    crop = picture(128, rng)
    for low, high in ((0.0, 255.0), (0.0, 0.2)):
        card = tiny.swap_card(data)
        card = replace(card, result=replace(card.result, low=low, high=high))
        network = SwapNetwork.open(brought(shelf.put("swap", data, card)))
        with pytest.raises(ModelError, match=r"gives values from 0\.\d+ to 0\.\d+"):
            network.rehearse(crop, latent)
    SwapNetwork.open(brought(shelf.put("swap", data, tiny.swap_card(data)))).rehearse(crop, latent)


def test_a_network_that_heeds_no_source_is_refused(shelf: Shelf, rng: np.random.Generator) -> None:
    """Whose face it shows could not be said, and so no consent could be checked."""
    constants = {**tiny.swap_constants(), "tint": np.zeros((SIZE, 3), np.float32)}
    data = tiny.network(tiny.swap_nodes(), constants, [TARGET, SOURCE], [OUTPUT])
    network = SwapNetwork.open(brought(shelf.put("swap", data, tiny.swap_card(data))))

    with pytest.raises(ModelError, match="the same face whatever the source is"):
        network.rehearse(picture(128, rng), np.eye(SIZE, dtype=np.float32)[0])


def test_a_call_that_takes_too_long_is_ended() -> None:
    side = 1500
    constants = {"m": np.full((side, side), 1e-3, np.float32)}
    names = ["x", *(f"t{k}" for k in range(200)), "y"]
    nodes = [Node("MatMul", (a, "m"), b) for a, b in pairwise(names)]
    data = tiny.network(nodes, constants, [value("x", (side, side))], [value("y", (side, side))])
    session = BroughtSession("slow.onnx", data, device="cpu", threads=1, limit_s=0.2)

    with pytest.raises(ModelError, match="took more than 0 s for one call"):
        session({"x": np.ones((side, side), np.float32)}, ["y"])


def test_a_network_that_fails_is_told_in_one_sentence(shelf: Shelf) -> None:
    data = wrong(inputs=[TARGET, value("source", ("N", "d"))])
    network = SwapNetwork.open(brought(shelf.put("swap", data, tiny.swap_card(data))))

    with pytest.raises(ModelError, match=r"swap\.onnx cannot be run") as told:
        network([np.zeros((128, 128, 3), np.uint8)], [np.zeros(9, np.float32)])
    assert "\n" not in str(told.value)


def test_a_network_that_the_runtime_cannot_open_is_told_in_one_sentence(shelf: Shelf) -> None:
    data = wrong(inputs=[TARGET, value("source", ("N", 9))])
    one = brought(shelf.put("swap", data, tiny.swap_card(data)))

    with pytest.raises(ModelError, match=r"ONNX Runtime cannot open it") as told:
        SwapNetwork.open(one)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 600


def test_the_cards_of_a_pair_have_their_roles(shelf: Shelf) -> None:
    with pytest.raises(UsageError, match="is the card of an embedding network"):
        swap_and_embedding(shelf.folder / "id.toml")
    data = tiny.swap_network()
    card = tiny.swap_card(data)
    shelf.put("swap", data, replace(card, latent=replace(card.latent, network="swap.toml")))
    with pytest.raises(UsageError, match=r"is the card\s+of a swap network"):
        swap_and_embedding(shelf.card)
    shelf.put("swap", data, replace(card, latent=replace(card.latent, network="gone.toml")))
    with pytest.raises(UsageError, match=r"there is no card gone\.toml"):
        swap_and_embedding(shelf.card)


def test_no_device_is_replaced_by_another(shelf: Shelf) -> None:
    with pytest.raises(UsageError, match="no device is named 'tpu'"):
        SwapNetwork.open(brought(shelf.card), device="tpu")
