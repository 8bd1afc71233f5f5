import numpy as np
import pytest
from pydantic import ValidationError

from masquerade.errors import UsageError
from masquerade.provenance.consent.bound_face import BoundFace, bind_face, is_embedding, open_face


def _vector() -> np.ndarray:
    return np.random.default_rng(3).normal(size=128).astype(np.float32)


@pytest.mark.parametrize("plain", [True, False])
def test_a_bound_face_is_the_face(plain: bool) -> None:
    bound = bind_face(_vector(), "mqc-1", plain=plain)
    assert np.allclose(open_face(bound, "mqc-1"), _vector(), atol=1e-6)


@pytest.mark.parametrize("shape", [(127,), (1, 128), (0,)])
def test_only_an_embedding_can_be_bound(shape: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match=r"\(128,\)"):
        bind_face(np.ones(shape, np.float32), "mqc-1", plain=True)


def test_a_bound_face_is_plain_or_encrypted_never_both_or_none() -> None:
    for values in ({}, {"plain": [1.0] * 128, "encrypted": "AA", "installation": "x"}):
        with pytest.raises(ValidationError):
            BoundFace(**values)  # type: ignore[arg-type]


def test_a_vector_of_zeros_is_no_embedding() -> None:
    assert is_embedding(_vector())
    assert not is_embedding(np.zeros(128, np.float32))
