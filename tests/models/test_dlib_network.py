"""The exported network gives dlib's own numbers, and its file is the one the card names."""

import hashlib

import numpy as np
import onnxruntime
import pytest
from tests.models import dlib_writer as write

from masquerade.errors import ModelError
from masquerade.models.card import card
from masquerade.models.dlib_network import onnx_from_dlib
from masquerade.models.store import locate


def _small(rng: np.random.Generator) -> bytes:
    """Convolution, pooling, one block that halves the picture and doubles the channels, dense."""

    def filters(out: int, into: int, side: int) -> np.ndarray:
        return rng.normal(size=out * into * side * side + out).astype(np.float32) / side

    def scale(channels: int) -> np.ndarray:
        return rng.uniform(0.5, 1.5, 2 * channels).astype(np.float32)

    return write.network(
        write.layer("con_4", 2, 7, 7, 2, 2, 0, 0, values=filters(2, 3, 7)),
        write.layer("affine_", 0, values=scale(2)),
        write.layer("relu_"),
        write.layer("max_pool_2", 3, 3, 2, 2, 0, 0),
        write.layer("con_4", 4, 3, 3, 2, 2, 0, 0, values=filters(4, 2, 3)),
        write.layer("affine_", 0, values=scale(4)),
        write.layer("avg_pool_2", 2, 2, 2, 2, 0, 0),
        write.layer("add_prev_"),
        write.layer("relu_"),
        write.layer("avg_pool_2", 0, 0, 1, 1, 0, 0),
        write.layer("fc_2", 128, 4, values=rng.normal(size=512).astype(np.float32)),
    )


def test_a_small_network_becomes_a_graph_that_runs(rng: np.random.Generator) -> None:
    session = onnxruntime.InferenceSession(onnx_from_dlib(_small(rng)))
    chips = rng.random((3, 3, 150, 150), dtype=np.float32)

    (got,) = session.run(None, {"chips": chips})

    assert got.shape == (3, 128)
    assert np.isfinite(got).all()
    (one,) = session.run(None, {"chips": chips[1:2]})
    assert np.allclose(one[0], got[1], atol=1e-5)


def test_a_network_without_an_embedding_is_refused() -> None:
    with pytest.raises(ModelError, match="128"):
        onnx_from_dlib(write.network(write.layer("relu_")))


@pytest.mark.weights
def test_the_export_is_the_one_the_card_names() -> None:
    export = card("face_identity").export
    assert export is not None

    data = onnx_from_dlib(locate("face_identity").read_bytes())

    assert hashlib.sha256(data).hexdigest() == export.sha256
    assert len(data) == export.size_bytes
