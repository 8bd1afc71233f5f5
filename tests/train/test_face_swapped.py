"""Swaps of people who do not exist with one another: all that a swap leaves, to learn from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.face_material import material
from train.face_swapped import MESH, swapped_among

from masquerade import personas
from masquerade.faces.readers import FaceReader

pytestmark = pytest.mark.weights


def test_people_who_do_not_exist_are_put_into_one_another(tmp_path: Path) -> None:
    two = [
        replace(one, person=name, exists=False)
        for name in ("ada", "hugo")
        for one in material([personas.load(name).picture.parent], tmp_path)
    ]
    reader = FaceReader.open()
    found, again = (swapped_among(two, reader, each=3, seed=3) for _ in "ab")
    assert [(one.how, one.picture.person) for one in found] == [(MESH, "hugo"), (MESH, "ada")]
    assert not any(one.picture.exists for one in found)
    for swap, same in zip(found, again, strict=True):
        np.testing.assert_array_equal(swap.fake, same.fake)
        changed = np.abs(swap.fake.astype(int) - swap.picture.pixels).max(axis=2) > 4
        middle = changed.shape[0] // 2
        assert changed[middle - 20 : middle + 20, middle - 20 : middle + 20].mean() > 0.5
        assert not changed[:4].any()
        assert not changed[:, :4].any()
