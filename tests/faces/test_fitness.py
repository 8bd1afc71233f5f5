"""A poor photo of a source is told in words, a good one passes in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.faces.detect import find_faces
from masquerade.faces.fitness import advice, faults
from masquerade.faces.mesh import LEFT_EYE, RIGHT_EYE, topology
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.types import RGB, Face, Points

SIDE = 320


def photo(rng: np.random.Generator) -> RGB:
    return rng.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)


def face(*, open_by: float = 1.0, lips: float = 0.0, size: float = 80.0, yaw: float = 0.0) -> Face:
    marks = topology().neutral * np.float32(size) + np.array([160, 140, 0], np.float32)
    for eye in (RIGHT_EYE, LEFT_EYE):
        upper, lower = list(eye[1:8]), list(eye[:8:-1])
        marks[upper] = marks[lower] + open_by * (marks[upper] - marks[lower])
    marks[14, 1] = marks[13, 1] + lips * size
    low, high = marks[:, :2].min(axis=0), marks[:, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Face(box, 1.0, marks.astype(np.float32), (yaw, 0.0, 0.0))


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (face(), None),
        (face(open_by=0.3), "eyes are shut"),
        (face(lips=0.4), "mouth is wide open"),
        (face(size=25), "face is small"),
        (face(yaw=40), "turned by 40 degrees"),
        (face(yaw=40, open_by=0.3), "turned by 40 degrees"),
    ],
)
def test_each_fault_is_named(rng: np.random.Generator, seen: Face, words: str | None) -> None:
    found = faults(photo(rng), seen)
    assert len(found) == (words is not None)
    assert words is None or words in found[0]


def test_blur_is_told_but_not_of_small_faces_too(rng: np.random.Generator) -> None:
    soft = np.asarray(cv2.GaussianBlur(photo(rng), (0, 0), 8), np.uint8)
    assert faults(soft, face()) == ("the face is blurred",)
    assert "small" in " ".join(faults(soft, face(size=25)))


def test_advice_is_one_sentence_with_the_photos_name(rng: np.random.Generator) -> None:
    words = advice("ada.jpg", photo(rng), face(open_by=0.3, lips=0.4))
    assert words is not None
    assert words.startswith("ada.jpg: the eyes are shut or nearly so, and the mouth is wide open;")
    assert advice("ada.jpg", photo(rng), face()) is None


@pytest.mark.media
@pytest.mark.weights
def test_real_photos_pass_and_their_spoilt_copies_do_not(media_dir: Path) -> None:
    reader = FaceReader.open()
    for name in ("a00", "b02", "c26"):  # narrow, wide and smiling eyes
        image = read_image(media_dir / "personas" / f"persona_{name}.jpg").pixels
        seen = max(find_faces(image, reader), key=lambda one: one.size_px)
        assert faults(image, seen) == ()
    soft = np.asarray(cv2.GaussianBlur(image, (0, 0), 9), np.uint8)
    assert faults(soft, seen) == ("the face is blurred",)
    away: Points = seen.landmarks - np.float32(0)
    assert faults(image, replace(seen, landmarks=away, pose_deg=(-50.0, 0.0, 0.0)))
