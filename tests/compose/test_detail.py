from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.compose.detail import BUCKETS, buckets, doubled, enlarged, learned
from masquerade.types import Face, InputUse, SourcePicture


def face_picture(size: int = 40, side: int = 200) -> SourcePicture:
    rows, columns = np.mgrid[0:side, 0:side]
    waves = 128 + 60 * np.sin(rows / 5) * np.cos(columns / 7)
    pixels = waves.astype(np.uint8)[..., None].repeat(3, axis=2)
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[:, 0] = np.linspace(100, 100 + size, 478)
    landmarks[:, 1] = np.linspace(90, 90 + size, 478)
    landmarks[:, 2] = 3
    box = (100.0, 90.0, 100.0 + size, 90.0 + size)
    face = Face(box, 1.0, landmarks, (0.0, 0.0, 0.0))
    return SourcePicture(pixels, face, np.zeros(128, np.float32), InputUse("source", "a", ""))


def test_what_comes_with_the_program_is_whole() -> None:
    filters = learned()
    assert filters.weights.shape == (BUCKETS, 81)
    np.testing.assert_allclose(filters.weights.sum(axis=1), 1, atol=0.01)
    assert (np.diff(filters.strengths) > 0).all()


def test_a_flat_picture_stays_flat() -> None:
    made = doubled(np.full((30, 40, 3), (200, 120, 60), np.uint8))
    assert made.shape == (60, 80, 3)
    assert np.abs(made.astype(int) - (200, 120, 60)).max() <= 2


def test_at_the_small_size_the_result_is_what_was_given(rng: np.random.Generator) -> None:
    small = cv2.GaussianBlur(rng.integers(0, 256, (50, 60, 3), dtype=np.uint8), (0, 0), 1.0)
    back = cv2.resize(doubled(small), (60, 50), interpolation=cv2.INTER_AREA)
    assert np.abs(back.astype(int) - small).mean() < 2.5


def test_every_pixel_has_a_bucket(rng: np.random.Generator) -> None:
    number = buckets(
        rng.uniform(0, 255, (20, 24)).astype(np.float32),
        learned().strengths,
        learned().coherences,
    )
    assert number.shape == (20, 24)
    assert 0 <= number.min() <= number.max() < BUCKETS


@pytest.mark.parametrize(("wanted", "times"), [(30, 1), (50, 1), (90, 2), (150, 4), (900, 4)])
def test_a_face_grows_to_what_is_wanted_and_no_further_than_four_times(
    wanted: float, times: int
) -> None:
    before = face_picture()
    made = enlarged(before, wanted)
    assert made.face.size_px == pytest.approx(times * 40, abs=2)
    if times == 1:
        assert made is before


def test_landmarks_stay_on_what_they_mark() -> None:
    before = face_picture()
    made = enlarged(before, 160)
    for point in (0, 200, 477):
        x, y = before.face.landmarks[point, :2]
        u, v = made.face.landmarks[point, :2]
        ours = cv2.getRectSubPix(made.pixels, (5, 5), (float(u), float(v))).mean()
        theirs = cv2.getRectSubPix(before.pixels, (3, 3), (float(x), float(y))).mean()
        assert ours == pytest.approx(theirs, abs=8)
    assert made.embedding is before.embedding


def test_a_face_at_the_pictures_edge_can_grow() -> None:
    before = face_picture(size=100, side=200)
    made = enlarged(replace(before, pixels=before.pixels[:190, :200]), 300)
    assert made.face.size_px == pytest.approx(400, abs=2)


@pytest.mark.media
def test_people_who_do_not_exist_are_enlarged_better_than_by_interpolation(media_dir: Path) -> None:
    gains = []
    for path in sorted((media_dir / "personas").glob("*.jpg"))[:6]:
        whole = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        truth = cv2.resize(whole, (256, 256), interpolation=cv2.INTER_AREA)
        small = cv2.resize(truth, (128, 128), interpolation=cv2.INTER_AREA)
        plain = cv2.resize(small, (256, 256), interpolation=cv2.INTER_CUBIC)
        errors = [np.mean((x.astype(float) - truth) ** 2) for x in (plain, doubled(small))]
        gains.append(10 * np.log10(errors[0] / errors[1]))
    assert np.mean(gains) > 0.2
