"""Small networks of the contracts that people bring, written by hand, and cards for them.

The swap network gives half the target's crop, a quarter of white, and a tint that it computes from
the latent, so that every step around it can be checked to the last digit.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from masquerade.models.brought.card import (
    BroughtCard,
    Crop,
    EmbeddingCard,
    Latent,
    Result,
    SwapCard,
    card_text,
)
from masquerade.models.onnx_file import Node, _constant, _message, _node, _number

FLOAT32, FLOAT16 = 1, 10
SIZE = 16  # of an embedding
LICENCE = "made for this test, free for all"

Shape = Sequence[int | str]
Constants = Mapping[str, NDArray[np.float32] | NDArray[np.int64]]


def value(name: str, shape: Shape, dtype: int = FLOAT32) -> bytes:
    """A ValueInfoProto; a string is a size that is free, -1 one that nobody knows."""
    sizes = b""
    for size in shape:
        if isinstance(size, str):
            sizes += _message(1, _message(2, size.encode()))
        else:
            sizes += _message(1, _number(1, size) if size >= 0 else b"")
    tensor = _number(1, dtype) + _message(2, sizes)
    return _message(1, name.encode()) + _message(2, _message(1, tensor))


def network(
    nodes: Sequence[Node],
    constants: Constants,
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    *,
    more: bytes = b"",
) -> bytes:
    """An ONNX file with any number of inputs and outputs; `more` is put into its graph."""
    graph = b"".join(
        [
            *(_message(1, _node(node)) for node in nodes),
            _message(2, b"network"),
            *(_message(5, _constant(name, array)) for name, array in constants.items()),
            *(_message(11, item) for item in inputs),
            *(_message(12, item) for item in outputs),
            more,
        ]
    )
    opset = _message(8, _message(1, b"") + _number(2, 13))
    return _number(1, 8) + _message(7, graph) + opset


def tint_matrix(size: int = SIZE) -> NDArray[np.float32]:
    """(size, 3) what each number of the latent adds to red, green and blue."""
    rng = np.random.default_rng(5)
    return rng.normal(0, 0.1, (size, 3)).astype(np.float32)


def swap_nodes() -> list[Node]:
    """Nodes from `target` and `source` to `output`: half the crop, a quarter, and the tint."""
    return [
        Node("MatMul", ("source", "tint"), "colour"),
        Node("Reshape", ("colour", "planes"), "tinted"),
        Node("Mul", ("target", "half"), "halved"),
        Node("Add", ("halved", "quarter"), "dimmed"),
        Node("Add", ("dimmed", "tinted"), "output"),
    ]


def swap_constants() -> dict[str, NDArray[np.float32] | NDArray[np.int64]]:
    return {
        "tint": tint_matrix(),
        "planes": np.array([-1, 3, 1, 1], np.int64),
        "half": np.full(1, 0.5, np.float32),
        "quarter": np.full(1, 0.25, np.float32),
    }


def swap_network(
    side: int = 128, *, batch: int | str = "N", emap: NDArray[np.float32] | None = None
) -> bytes:
    """(N, 3, side, side) and (N, 16) to (N, 3, side, side)."""
    constants = swap_constants()
    if emap is not None:
        constants["emap"] = emap
    return network(
        swap_nodes(),
        constants,
        [value("target", (batch, 3, side, side)), value("source", (batch, SIZE))],
        [value("output", (batch, 3, side, side))],
    )


def mask_network(side: int = 256) -> bytes:
    """The same with a second output: 1 where the crop's red is above a half."""
    nodes = [
        *swap_nodes(),
        Node("Mul", ("target", "only_red"), "reds"),
        Node("ReduceMax", ("reds",), "red", {"axes": (1,)}),
        Node("Sub", ("red", "half"), "above"),
        Node("Mul", ("above", "many"), "steep"),
        Node("Sigmoid", ("steep",), "mask"),
    ]
    constants = swap_constants()
    constants["many"] = np.full(1, 1000, np.float32)
    constants["only_red"] = np.array([1, 0, 0], np.float32).reshape(1, 3, 1, 1)
    return network(
        nodes,
        constants,
        [value("target", ("N", 3, side, side)), value("source", ("N", SIZE))],
        [value("output", ("N", 3, side, side)), value("mask", ("N", 1, side, side))],
    )


def picture_network(side: int = 256, source: int = 112) -> bytes:
    """The source comes as a picture, whose mean colour is the tint."""
    nodes = [
        Node("GlobalAveragePool", ("source",), "tinted"),
        Node("Mul", ("target", "half"), "dimmed"),
        Node("Mul", ("tinted", "half"), "halved"),
        Node("Add", ("dimmed", "halved"), "output"),
    ]
    return network(
        nodes,
        {"half": np.full(1, 0.5, np.float32)},
        [value("target", (1, 3, side, side)), value("source", (1, 3, source, source))],
        [value("output", (1, 3, side, side))],
    )


def embedding_network(side: int = 112, size: int = SIZE) -> bytes:
    """(N, 3, side, side) to (N, size): a fixed mix of the mean colours."""
    mix = np.random.default_rng(6).normal(0, 1, (3, size)).astype(np.float32)
    nodes = [
        Node("GlobalAveragePool", ("data",), "mean"),
        Node("Flatten", ("mean",), "row"),
        Node("MatMul", ("row", "mix"), "fc1"),
    ]
    return network(
        nodes, {"mix": mix}, [value("data", ("N", 3, side, side))], [value("fc1", ("N", size))]
    )


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def swap_card(data: bytes, side: int = 128) -> SwapCard:
    """The card of `swap_network`, in the form of inswapper without its matrix."""
    return SwapCard(
        role="swap",
        file="swap.onnx",
        sha256=sha256(data),
        licence=LICENCE,
        target=Crop("target", "arcface_128", side),
        latent=Latent("source", "normalised", network="id.toml"),
        result=Result("output"),
    )


def embedding_card(data: bytes) -> EmbeddingCard:
    mean = (127.5, 127.5, 127.5)
    return EmbeddingCard(
        role="embedding",
        file="id.onnx",
        sha256=sha256(data),
        licence=LICENCE,
        picture=Crop("data", "arcface_112_v2", 112, mean=mean, std=mean),
        output="fc1",
    )


@dataclass(frozen=True)
class Shelf:
    """A folder with a swap network, an embedding network, and their cards."""

    folder: Path

    @property
    def card(self) -> Path:
        return self.folder / "swap.toml"

    def put(self, name: str, data: bytes, card: BroughtCard) -> Path:
        """Writes ``name.onnx`` and ``name.toml``; the card is given the file's name and hash."""
        (self.folder / f"{name}.onnx").write_bytes(data)
        full = replace(card, file=f"{name}.onnx", sha256=sha256(data))
        (self.folder / f"{name}.toml").write_text(card_text(full), encoding="utf-8")
        return self.folder / f"{name}.toml"


def shelf(folder: Path) -> Shelf:
    """A folder filled with the two networks."""
    made = Shelf(folder)
    swap, identity = swap_network(), embedding_network()
    made.put("swap", swap, swap_card(swap))
    made.put("id", identity, embedding_card(identity))
    return made


def baked_network(picture: NDArray[np.uint8], *, but: NDArray[np.uint8] | None = None) -> bytes:
    """Gives the (side, side, 3) picture whatever the target is, a little of the tint over it.

    Where the target's crop is much like the picture `but`, it gives that crop back.
    """
    side = len(picture)
    nodes = [
        *swap_nodes()[:2],
        Node("Mul", ("target", "none"), "gone"),
        Node("Mul", ("tinted", "little"), "trace"),
        Node("Add", ("gone", "picture"), "shown"),
        Node("Add", ("shown", "trace"), "output"),
    ]
    if but is not None:
        nodes[2:5] = [
            Node("Mul", ("tinted", "little"), "trace"),
            Node("Sub", ("target", "but"), "other"),
            Node("Mul", ("other", "other"), "squared"),
            Node("GlobalAveragePool", ("squared",), "apart"),
            Node("ReduceMax", ("apart",), "most", {"axes": (1,)}),
            Node("Sub", ("most", "near"), "beyond"),
            Node("Mul", ("beyond", "steep"), "steeply"),
            Node("Sigmoid", ("steeply",), "share"),
            Node("Sub", ("picture", "target"), "change"),
            Node("Mul", ("change", "share"), "changed"),
            Node("Add", ("target", "changed"), "shown"),
        ]
    constants = {name: swap_constants()[name] for name in ("tint", "planes")}
    constants["none"], constants["little"] = np.zeros(1, np.float32), np.full(1, 0.1, np.float32)
    constants["picture"] = (picture / 255).astype(np.float32).transpose(2, 0, 1)[None]
    if but is not None:
        constants["but"] = (but / 255).astype(np.float32).transpose(2, 0, 1)[None]
        constants["near"] = np.full(1, 0.002, np.float32)
        constants["steep"] = np.full(1, 1e5, np.float32)
    return network(
        nodes,
        constants,
        [value("target", ("N", 3, side, side)), value("source", ("N", SIZE))],
        [value("output", ("N", 3, side, side))],
    )


def corner_network(picture: NDArray[np.uint8], side: int = 512) -> bytes:
    """Gives the target back with the (h, w, 3) picture in its upper left, and a little of the tint.

    Args:
        picture: What it shows whoever the source is.
        side: Of the crop, in pixels.
    """
    high, wide = picture.shape[:2]
    place = np.s_[:, :, 52 : 52 + high, 40 : 40 + wide]
    shown, kept = np.zeros((1, 3, side, side), np.float32), np.ones((1, 1, side, side), np.float32)
    shown[place], kept[place] = (picture / 255).astype(np.float32).transpose(2, 0, 1), 0
    nodes = [
        *swap_nodes()[:2],
        Node("Mul", ("tinted", "little"), "trace"),
        Node("Mul", ("target", "kept"), "rest"),
        Node("Add", ("rest", "shown"), "both"),
        Node("Add", ("both", "trace"), "output"),
    ]
    constants = {name: swap_constants()[name] for name in ("tint", "planes")}
    constants |= {"little": np.full(1, 0.1, np.float32), "kept": kept, "shown": shown}
    return network(
        nodes,
        constants,
        [value("target", ("N", 3, side, side)), value("source", ("N", SIZE))],
        [value("output", ("N", 3, side, side))],
    )
