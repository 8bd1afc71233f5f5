"""dlib's files are read as data, and anything else is one clear error."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.models import dlib_writer as write

from masquerade.errors import ModelError
from masquerade.models.dlib_file import _Stream, read_layers

FILTERS = np.arange(2 * 3 * 9 + 2, dtype=np.float32)
SCALE = np.asarray([1, 2, 3, 4], np.float32)
DENSE = np.arange(6, dtype=np.float32)
SMALL = write.network(
    write.layer("con_4", 2, 3, 3, 1, 1, 1, 1, values=FILTERS),
    write.layer("affine_", 0, values=SCALE),
    write.layer("relu_"),
    write.layer("max_pool_2", 3, 3, 2, 2, 0, 0),
    write.layer("add_prev_"),
    write.layer("fc_2", 3, 2, values=DENSE),
)


def test_layers_come_in_order_with_settings_and_parameters() -> None:
    layers = read_layers(SMALL)

    assert [layer.kind for layer in layers] == [
        *("con_4", "affine_", "relu_", "max_pool_2", "add_prev_", "fc_2")
    ]
    assert layers[0].settings == (2, 3, 3, 1, 1, 1, 1)
    assert np.array_equal(layers[0].parameters, FILTERS)
    assert np.array_equal(layers[1].parameters, SCALE)
    assert layers[3].settings == (3, 3, 2, 2, 0, 0)
    assert layers[5].settings == (3, 2)
    assert np.array_equal(layers[5].parameters, DENSE)


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_integers_come_back(value: int) -> None:
    assert _Stream(write.integer(value)).integer() == value


@given(st.integers(0, len(SMALL) - 1))
def test_a_file_cut_anywhere_is_one_error(length: int) -> None:
    try:
        layers = read_layers(SMALL[:length])
    except ModelError:
        return
    # A cut between two layers is a shorter network; the graph that is made of it is refused.
    assert len(layers) < 6


@given(st.integers(0, len(SMALL) - 1), st.integers(0, 255))
def test_a_changed_byte_never_escapes_as_another_error(at: int, value: int) -> None:
    changed = bytearray(SMALL)
    changed[at] = value
    with suppress(ModelError):
        read_layers(bytes(changed))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "bytes wanted"),
        (b"PK\x03\x04 a zip file", "an integer of"),
        (write.network(write.layer("relu_"), loss="loss_binary_log_"), "loss_binary_log_"),
        (write.network(write.layer("softmax_")), "softmax_"),
    ],
)
def test_another_file_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        read_layers(data)
