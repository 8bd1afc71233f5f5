"""Turns the weights of pyannote's segmentation 3.0 into an ONNX graph.

Bredin, "pyannote.audio 2.1 speaker diarization pipeline" (2023); Plaquet and Bredin, "Powerset
multi-class cross entropy loss for neural speaker diarization" (2023); its first layer is that of
Ravanelli and Bengio, "Speaker Recognition from Raw Waveform with SincNet" (2018). The stored file
is PyTorch's, a zip of values and a pickle; the pickle is never run. The file's hash is pinned, so
which tensor lies under which number is known. The filters of the first layer are left to the
runtime to compute, so that the file has the same bytes on every machine.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError
from masquerade.models.onnx_file import Node, onnx_bytes

SAMPLES: Final = 160_000
FRAMES: Final = 589
PEOPLE: Final = 3
_HIDDEN: Final = 128
_GATES: Final = 4 * _HIDDEN
_LAYERS: Final = 4
_STATES: Final = 16  # the file of all weights of the recurrent layers: matrices, then biases
_LEAST_HZ: Final = 50.0
_MOST_HZ: Final = 8000.0
_SINC: Final = {"low": (2, 40, 1), "wide": (3, 40, 1), "window": (4, 125), "places": (5, 1, 125)}
_CONVOLUTIONS: Final = {1: (6, 60, 80, 5), 2: (8, 60, 60, 5)}
_NORMS: Final = {"in": (0, 1), "0": (10, 80), "1": (12, 60), "2": (14, 60)}
_LINEAR: Final = {0: (17, 128, 256), 1: (19, 128, 128), 2: (21, 7, 128)}
_WHO: Final = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, 0, 1), (0, 1, 1))
"""Who speaks in each of the classes: nobody, one of three, or two of them."""

_Constants: TypeAlias = dict[str, NDArray[np.float32] | NDArray[np.int64]]


def onnx_from_pyannote(data: bytes) -> bytes:
    """The ONNX file of the network in segmentation 3.0's ``pytorch_model.bin``.

    Args:
        data: The file, its hash checked.

    Returns:
        The file's bytes: ``samples`` (N, 1, 160 000) to ``speaks`` (N, 589, 3), probabilities.

    Raises:
        ModelError: The bytes are no such file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as stored:
            nodes, constants = _filters(stored)
            _convolved(stored, nodes, constants)
            _heard(stored, nodes, constants)
            _told(stored, nodes, constants)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ModelError(
            f"{len(data)} bytes that are no weights of pyannote ({error})",
            "segmentation 3.0's pytorch_model.bin",
        ) from error
    return onnx_bytes(
        nodes, constants, source=("samples", (1, SAMPLES)), result=("speaks", (FRAMES, PEOPLE))
    )


def _filters(stored: zipfile.ZipFile) -> tuple[list[Node], _Constants]:
    """The 80 filters of the first layer: 40 bands, each as a cosine and a sine."""
    nodes = [*_bands(), *_halves(), *_mirrored()]
    return nodes, _bands_of(stored)


def _bands_of(stored: zipfile.ZipFile) -> _Constants:
    """What the nodes of the filters name: the bands that were learned, limits, steps."""
    learned = {name: _tensor(stored, number, *shape) for name, (number, *shape) in _SINC.items()}
    return {
        **learned,
        "least": np.full(1, _LEAST_HZ, np.float32),
        "most": np.full((), _MOST_HZ, np.float32),
        "lowest": np.full((), _LEAST_HZ, np.float32),
        "two": np.full(1, 2, np.float32),
        "end": np.full(1, -1, np.int64),
        "begin": np.full(1, np.iinfo(np.int64).min, np.int64),
        "columns": np.ones(1, np.int64),
        "back": np.full(1, -1, np.int64),
        "shape": np.array([80, 1, 251], np.int64),
    }


def _bands() -> list[Node]:
    """Where each band begins and ends."""
    return [
        Node("Abs", ("low",), "low_hz"),
        Node("Add", ("low_hz", "least"), "from_hz"),
        Node("Abs", ("wide",), "wide_hz"),
        Node("Add", ("from_hz", "least"), "least_to"),
        Node("Add", ("least_to", "wide_hz"), "free_to"),
        Node("Clip", ("free_to", "lowest", "most"), "to_hz"),
        Node("Sub", ("to_hz", "from_hz"), "band"),
        Node("Mul", ("band", "two"), "scale"),
        Node("Div", ("places", "two"), "half_places"),
        Node("MatMul", ("from_hz", "places"), "phase_from"),
        Node("MatMul", ("to_hz", "places"), "phase_to"),
    ]


def _halves() -> Iterator[Node]:
    """The left half of each filter, and its mirror."""
    for name, wave, (first, second) in (
        ("even", "Sin", ("to", "from")),
        ("odd", "Cos", ("from", "to")),
    ):
        yield from (
            Node(wave, (f"phase_{first}",), f"{name}_plus"),
            Node(wave, (f"phase_{second}",), f"{name}_minus"),
            Node("Sub", (f"{name}_plus", f"{name}_minus"), f"{name}_wave"),
            Node("Div", (f"{name}_wave", "half_places"), f"{name}_sinc"),
            Node("Mul", (f"{name}_sinc", "window"), f"{name}_left"),
            Node("Slice", (f"{name}_left", "end", "begin", "columns", "back"), f"{name}_mirror"),
        )


def _mirrored() -> list[Node]:
    """The filters put together."""
    return [
        Node("Sub", ("scale", "scale"), "nothing"),
        Node("Neg", ("odd_mirror",), "odd_right"),
        Node("Concat", ("even_left", "scale", "even_mirror"), "even", values={"axis": 1}),
        Node("Concat", ("odd_left", "nothing", "odd_right"), "odd", values={"axis": 1}),
        Node("Div", ("even", "scale"), "even_filters"),
        Node("Div", ("odd", "scale"), "odd_filters"),
        Node("Concat", ("even_filters", "odd_filters"), "both", values={"axis": 0}),
        Node("Reshape", ("both", "shape"), "filters"),
    ]


def _convolved(stored: zipfile.ZipFile, nodes: list[Node], constants: _Constants) -> None:
    """Adds three layers of filters: samples to ``x0`` (589, N, 60)."""
    for name, (number, size) in _NORMS.items():
        constants[f"norm_{name}"] = _tensor(stored, number, size)
        constants[f"shift_{name}"] = _tensor(stored, number + 1, size)
    for layer, (number, *shape) in _CONVOLUTIONS.items():
        constants[f"kernel{layer}"] = _tensor(stored, number, *shape)
        constants[f"offset{layer}"] = _tensor(stored, number + 1, shape[0])
    nodes += [
        _norm("samples", "in", "level"),
        Node("Conv", ("level", "filters"), "waves", lists={"strides": (10,)}),
        Node("Abs", ("waves",), "found0"),
    ]
    for layer in range(3):
        if layer:
            weights = (f"kernel{layer}", f"offset{layer}")
            nodes.append(Node("Conv", (f"sound{layer}", *weights), f"found{layer}"))
        pool: dict[str, tuple[int, ...]] = {"kernel_shape": (3,), "strides": (3,)}
        nodes += [
            Node("MaxPool", (f"found{layer}",), f"pooled{layer}", lists=pool),
            _norm(f"pooled{layer}", str(layer), f"even{layer}"),
            Node("LeakyRelu", (f"even{layer}",), f"sound{layer + 1}", values={"alpha": 0.01}),
        ]
    nodes.append(Node("Transpose", ("sound3",), "x0", lists={"perm": (2, 0, 1)}))


def _heard(stored: zipfile.ZipFile, nodes: list[Node], constants: _Constants) -> None:
    """Adds four recurrent layers that look both ways: ``x0`` to ``x4``."""
    states = np.frombuffer(stored.read(f"archive/data/{_STATES}"), "<f4")
    at, biases_at = 0, states.size - _LAYERS * 2 * 2 * _GATES
    constants["joined"] = np.array([0, 0, -1], np.int64)
    for layer in range(_LAYERS):
        width = 2 * _HIDDEN if layer else 60
        entries, hidden = [], []
        for _ in range(2):
            entries.append(_gates(states[at : at + _GATES * width].reshape(_GATES, width)))
            at += _GATES * width
            hidden.append(_gates(states[at : at + _GATES * _HIDDEN].reshape(_GATES, _HIDDEN)))
            at += _GATES * _HIDDEN
        biases = states[biases_at : biases_at + 4 * _GATES].reshape(2, 2, _GATES)
        biases_at += 4 * _GATES
        constants |= {
            f"w{layer}": np.stack(entries),
            f"r{layer}": np.stack(hidden),
            f"b{layer}": np.stack([np.concatenate([_gates(b) for b in one]) for one in biases]),
        }
        how: dict[str, int | float | str] = {"hidden_size": _HIDDEN, "direction": "bidirectional"}
        weights = (f"w{layer}", f"r{layer}", f"b{layer}")
        nodes += [
            Node("LSTM", (f"x{layer}", *weights), f"y{layer}", values=how),
            Node("Transpose", (f"y{layer}",), f"z{layer}", lists={"perm": (0, 2, 1, 3)}),
            Node("Reshape", (f"z{layer}", "joined"), f"x{layer + 1}"),
        ]


def _told(stored: zipfile.ZipFile, nodes: list[Node], constants: _Constants) -> None:
    """Adds the linear layers: ``x4`` (589, N, 256) to ``speaks``."""
    nodes.append(Node("Transpose", (f"x{_LAYERS}",), "linear0", lists={"perm": (1, 0, 2)}))
    for layer, (number, *shape) in _LINEAR.items():
        constants[f"matrix{layer}"] = np.ascontiguousarray(_tensor(stored, number, *shape).T)
        constants[f"bias{layer}"] = _tensor(stored, number + 1, shape[0])
        nodes += [
            Node("MatMul", (f"linear{layer}", f"matrix{layer}"), f"product{layer}"),
            Node("Add", (f"product{layer}", f"bias{layer}"), f"sum{layer}"),
        ]
        if layer < len(_LINEAR) - 1:
            act = Node("LeakyRelu", (f"sum{layer}",), f"linear{layer + 1}", values={"alpha": 0.01})
            nodes.append(act)
    constants["who"] = np.array(_WHO, np.float32)
    nodes += [
        Node("Softmax", (f"sum{len(_LINEAR) - 1}",), "classes", values={"axis": 2}),
        Node("MatMul", ("classes", "who"), "speaks"),
    ]


def _norm(source: str, name: str, result: str) -> Node:
    return Node("InstanceNormalization", (source, f"norm_{name}", f"shift_{name}"), result)


def _gates(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gates in ONNX's order (in, out, forget, cell) from PyTorch's (in, forget, cell, out)."""
    entry, forget, cell, out = np.split(values, 4)
    return np.concatenate([entry, out, forget, cell])


def _tensor(stored: zipfile.ZipFile, number: int, *shape: int) -> NDArray[np.float32]:
    return np.frombuffer(stored.read(f"archive/data/{number}"), "<f4").reshape(shape).copy()
