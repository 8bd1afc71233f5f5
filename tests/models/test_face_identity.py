"""Embeddings are dlib's own, whatever the batch they are computed in."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.models.face_identity import SIDE, SIZE, FaceIdentity
from masquerade.models.store import locate

pytestmark = pytest.mark.weights
CHIPS = 32


@pytest.fixture(scope="module")
def identity() -> FaceIdentity:
    return FaceIdentity.open()


def test_no_chips_give_no_embeddings(identity: FaceIdentity) -> None:
    assert identity(np.zeros((0, SIDE, SIDE, 3), np.uint8)).shape == (0, SIZE)


def test_a_batch_gives_what_single_chips_give(identity: FaceIdentity, rng) -> None:
    chips = rng.integers(0, 256, (18, SIDE, SIDE, 3), dtype=np.uint8)

    together = identity(chips)

    assert together.shape == (18, SIZE)
    assert together.dtype == np.float32
    singles = np.concatenate([identity(chips[i : i + 1]) for i in range(18)])
    assert np.abs(singles - together).max() < 1e-5


@pytest.mark.parametrize(
    "chips",
    [np.zeros((1, 149, 150, 3), np.uint8), np.zeros((1, 150, 150, 3), np.float32)],
)
def test_chips_of_another_size_or_type_are_refused(
    identity: FaceIdentity, chips: np.ndarray
) -> None:
    with pytest.raises(UsageError, match="150"):
        identity(chips)


def test_embeddings_of_noise_are_those_of_dlib(identity: FaceIdentity, rng) -> None:
    chips = rng.integers(0, 256, (4, SIDE, SIDE, 3), dtype=np.uint8)
    assert np.abs(identity(chips) - _dlib(chips)).max() < 1e-3


@pytest.mark.media
def test_embeddings_of_portraits_are_those_of_dlib(identity: FaceIdentity, media_dir: Path) -> None:
    chips = np.stack([_chip(path) for path in sorted((media_dir / "portraits").glob("*.jpg"))])
    chips = chips[:CHIPS]
    assert len(chips) == CHIPS
    assert np.abs(identity(chips) - _dlib(chips)).max() < 1e-3


def _dlib(chips: np.ndarray) -> np.ndarray:
    dlib = pytest.importorskip("dlib", reason="dlib-bin has no wheel for this machine")
    network = dlib.face_recognition_model_v1(str(locate("face_identity")))
    return np.asarray([network.compute_face_descriptor(chip) for chip in chips], np.float32)


def _chip(path: Path) -> np.ndarray:
    """The middle of a portrait: enough of a face to compare two runtimes on."""
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    height, width = picture.shape[:2]
    side = min(height, width) // 2
    top, left = (height - side) // 2, (width - side) // 2
    middle = picture[top : top + side, left : left + side]
    return cv2.resize(middle, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
