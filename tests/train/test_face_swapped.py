"""Portraits swapped with the same person: all that a swap leaves, and nobody else's face."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.face_material import material
from train.face_swapped import MESH, swapped_with_themselves

from masquerade import personas
from masquerade.faces.readers import FaceReader

pytestmark = pytest.mark.weights


def test_a_portrait_gets_its_own_mirror_image(tmp_path: Path) -> None:
    folder = personas.load("ada").picture.parent
    (one,) = material([folder], tmp_path)
    reader = FaceReader.open()
    found, again = (swapped_with_themselves([[one]], reader, seed=3) for _ in "ab")
    (swap,), (same,) = found, again
    assert swap.how == MESH
    assert swap.picture.person == one.person
    np.testing.assert_array_equal(swap.fake, same.fake)
    changed = np.abs(swap.fake.astype(int) - swap.picture.pixels).max(axis=2) > 4
    middle = changed.shape[0] // 2
    assert changed[middle - 20 : middle + 20, middle - 20 : middle + 20].mean() > 0.5
    assert not changed[:4].any()
    assert not changed[:, :4].any()
