"""Choosing faces: none alike, and views and expressions evenly."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from masquerade.train.collect.spread import balanced, different, goodness
from masquerade.train.facesets.faceset import FaceColumns, FaceRecord, Faceset

Write = Callable[..., Path]
Maker = Callable[..., FaceRecord]


@pytest.fixture
def columns(write: Write, face_maker: Maker) -> FaceColumns:
    """40 frontal faces of two files at one place, and one face turned by each of 20 and 30."""
    faces = [face_maker(seed) for seed in range(40)]
    faces += [face_maker(40, yaw=20.0), face_maker(41, yaw=30.0)]
    with Faceset.open(write(faces)) as faceset:
        return faceset.columns


def _noise(index: int) -> np.ndarray:
    return np.random.default_rng(index).integers(0, 255, (64, 64, 3), dtype=np.uint8)


def _same(_index: int) -> np.ndarray:
    return _noise(0)


def test_of_alike_faces_of_a_file_one_stays(columns: FaceColumns) -> None:
    kept = different(columns, apart=0.25, picture=_noise)

    assert len(kept) == 4  # one of each file, and the two that are turned
    assert {40, 41} <= set(kept.tolist())


def test_a_picture_that_is_there_twice_under_two_names_is_taken_once(columns: FaceColumns) -> None:
    assert len(different(columns, apart=0.25, picture=_same)) == 3


def test_zero_keeps_all(columns: FaceColumns) -> None:
    assert different(columns, apart=0, picture=_noise).tolist() == list(range(42))


def test_of_two_alike_the_better_one_stays(columns: FaceColumns) -> None:
    columns.quality[6, 1] = 30.0  # sharper than the others

    assert 6 in different(columns, apart=0.25, picture=_noise)
    assert goodness(columns).argmax() == 6


def test_rare_views_are_chosen_before_more_of_the_same(columns: FaceColumns) -> None:
    chosen = balanced(columns, np.arange(42), 6)

    assert len(chosen) == 6
    assert {40, 41} <= set(chosen.tolist())


@pytest.mark.parametrize("most", [0, 42, 100])
def test_all_are_taken_where_there_is_room(columns: FaceColumns, most: int) -> None:
    assert len(balanced(columns, np.arange(42), most)) == 42


@pytest.mark.parametrize("most", [1, 2, 3, 5, 41])
def test_never_more_than_asked_and_none_twice(columns: FaceColumns, most: int) -> None:
    chosen = balanced(columns, np.arange(42), most)

    assert len(set(chosen.tolist())) == most
    assert (np.diff(chosen) > 0).all()
