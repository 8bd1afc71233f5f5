"""What a file says of itself is read; what is torn, hostile or not plain is refused in words."""

import numpy as np
import pytest
from tests.models.tiny_networks import FLOAT16, network, swap_network, value

from masquerade.errors import ModelError
from masquerade.models.onnx_file import Node, _constant, _message, _node, _number
from masquerade.models.onnx_reader import Constant, read_onnx


def node_of(operator: str, *, domain: str = "", more: bytes = b"") -> bytes:
    """A node of a graph, as the graph's field."""
    return _message(1, _node(Node(operator, ("x",), "y")) + _message(7, domain.encode()) + more)


def plain(more: bytes = b"", outer: bytes = b"") -> bytes:
    """A network that copies; `more` goes into its graph, `outer` beside it."""
    nodes = [Node("Identity", ("x",), "y")]
    return network(nodes, {}, [value("x", (1, 3))], [value("y", (1, 3))], more=more) + outer


def test_inputs_outputs_and_constants_are_told_with_their_shapes() -> None:
    emap = np.arange(256, dtype=np.float32).reshape(16, 16)

    found = read_onnx(swap_network(64, emap=emap), name="swap.onnx")

    assert [one.words for one in found.inputs] == [
        "'target' float32 (N, 3, 64, 64)",
        "'source' float32 (N, 16)",
    ]
    assert [one.words for one in found.outputs] == ["'output' float32 (N, 3, 64, 64)"]
    assert found.operators == {"MatMul", "Reshape", "Mul", "Add"}
    assert np.array_equal(found.constants["emap"].array(), emap)


def test_constants_listed_as_inputs_are_none() -> None:
    nodes = [Node("Add", ("x", "c"), "y")]
    constants = {"c": np.ones(3, np.float32)}
    data = network(nodes, constants, [value("x", (1, 3)), value("c", (3,))], [value("y", (1, 3))])

    assert [one.name for one in read_onnx(data, name="n").inputs] == ["x"]


def test_unknown_sizes_and_other_types_are_told_as_such() -> None:
    nodes = [Node("Identity", ("x",), "y")]
    data = network(nodes, {}, [value("x", (-1, "H", 3), FLOAT16)], [value("y", (-1,))])

    assert read_onnx(data, name="n").inputs[0].words == "'x' float16 (?, H, 3)"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (plain(node_of("Conv", domain="my.own")), "the operator 'Conv' of 'my.own'"),
        (plain(node_of("Gelu", domain="com.microsoft")), "of 'com.microsoft'"),
        (plain(node_of("Loop")), r"a loop \(Loop\)"),
        (plain(outer=_message(25, b"")), "functions of its own"),
        (plain(outer=_message(20, b"")), "training steps"),
        (plain(_message(5, _number(14, 1))), "data in other files"),
        (plain(_message(5, _message(13, b""))), "data in other files"),
        (plain(_message(15, _message(1, _number(14, 1)))), "data in other files"),
        (
            plain(node_of("If", more=_message(5, _message(6, _message(5, _number(14, 1)))))),
            "data in other files",
        ),
        (
            plain(node_of("Constant", more=_message(5, _message(5, _number(14, 1))))),
            "data in other files",
        ),
        (plain(node_of("If", more=_message(5, _message(6, node_of("Scan"))))), "a loop"),
    ],
)
def test_what_is_not_plain_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        read_onnx(data, name="n.onnx")


def test_graphs_within_graphs_end_somewhere() -> None:
    inner = b""
    for _ in range(50):
        inner = node_of("If", more=_message(5, _message(6, inner)))

    with pytest.raises(ModelError, match="deep"):
        read_onnx(plain(inner), name="n")


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00", b"GIF89a", b"\xff" * 40, b"\x3a\xff\xff\xff\xff\x0f", _message(7, b""), b"\x3f"],
)
def test_other_bytes_are_no_onnx_file(data: bytes) -> None:
    with pytest.raises(ModelError, match="no ONNX file that can be read"):
        read_onnx(data, name="n.onnx")


def test_every_cut_of_a_file_is_an_error_in_words() -> None:
    data = swap_network(64)
    for end in range(0, len(data) - 1, 7):
        with pytest.raises(ModelError):
            read_onnx(data[:end], name="n.onnx")


def test_changed_bytes_never_raise_anything_else(rng: np.random.Generator) -> None:
    data = bytearray(swap_network(64))
    for _ in range(500):
        torn = bytearray(data)
        for at in rng.integers(0, len(torn), 3):
            torn[at] = rng.integers(0, 256)
        try:
            found = read_onnx(bytes(torn), name="n.onnx")
        except ModelError:
            continue
        assert found.inputs


def test_a_constant_of_the_wrong_length_is_told() -> None:
    content = memoryview(_constant("c", np.ones(4, np.float32)))

    with pytest.raises(ModelError, match="holds 3 bytes"):
        Constant("c", "float32", (4,), content[:3]).array()
    with pytest.raises(ModelError, match="is int64"):
        Constant("c", "int64", (4,), content).array()
