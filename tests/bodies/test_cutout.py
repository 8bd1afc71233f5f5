"""The edge of a person before a place that is known."""

import cv2
import numpy as np
import pytest

from masquerade.bodies.cutout import fine_matte, matte_before

SIZE_WH = (220, 420)


def person() -> np.ndarray:
    """(h, w) in [0, 1] a head, a torso, two legs."""
    made = np.zeros(SIZE_WH[::-1], np.float32)
    cv2.ellipse(made, (110, 70), (24, 30), 0, 0, 360, 1.0, -1)
    cv2.ellipse(made, (110, 180), (42, 90), 0, 0, 360, 1.0, -1)
    for x in (90, 130):
        cv2.ellipse(made, (x, 310), (17, 80), 0, 0, 360, 1.0, -1)
    return cv2.GaussianBlur(made, (0, 0), 0.8)


def textured(rng: np.random.Generator, colour: tuple[int, int, int], by: float) -> np.ndarray:
    grain = cv2.GaussianBlur(rng.normal(0, 1, (*SIZE_WH[::-1], 3)), (0, 0), 2.0)
    return np.clip(np.array(colour) + grain * by, 0, 255).astype(np.float32)


def half_seen(truth: np.ndarray) -> np.ndarray:
    """What a coarse network says: the edge soft, and two pixels beside where it is."""
    soft = cv2.GaussianBlur(truth, (0, 0), 4.0)
    return cv2.warpAffine(soft, np.float32([[1, 0, 2], [0, 1, -2]]), SIZE_WH)


def overlap(matte: np.ndarray, truth: np.ndarray) -> float:
    one, other = matte > 0.5, truth > 0.5
    return float((one & other).sum() / (one | other).sum())


@pytest.fixture
def scene(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, the person's colours, the place."""
    return person(), textured(rng, (150, 90, 80), 30), textured(rng, (90, 120, 140), 60)


def pasted(truth: np.ndarray, colours: np.ndarray, place: np.ndarray) -> np.ndarray:
    both = colours * truth[..., None] + place * (1 - truth[..., None])
    return np.clip(both, 0, 255).astype(np.uint8)


def known(truth: np.ndarray) -> np.ndarray:
    return np.ones(truth.shape, np.bool_)


def test_the_edge_is_found_where_the_picture_leaves_the_place(
    scene: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    truth, _, place = scene
    coarse = half_seen(truth)

    matte = matte_before(pasted(*scene), coarse, place.astype(np.uint8), known(truth))

    assert overlap(matte, truth) > max(0.985, overlap(coarse, truth) + 0.03)
    assert 0 <= matte.min() <= matte.max() <= 1


def test_noise_and_half_a_pixel_are_borne(
    scene: tuple[np.ndarray, np.ndarray, np.ndarray], rng: np.random.Generator
) -> None:
    truth, _, place = scene
    coarse = half_seen(truth)
    noisy = np.clip(pasted(*scene) + rng.normal(0, 3, place.shape), 0, 255).astype(np.uint8)
    beside = cv2.warpAffine(place, np.float32([[1, 0, 0.5], [0, 1, 0.5]]), SIZE_WH)

    matte = matte_before(noisy, coarse, beside.astype(np.uint8), known(truth))

    assert overlap(matte, truth) > overlap(coarse, truth) + 0.02


def test_a_shadow_beside_the_person_is_not_the_person(
    scene: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    truth, colours, place = scene
    dark = np.zeros(truth.shape, np.float32)
    cv2.ellipse(dark, (60, 385), (60, 14), 0, 0, 360, 1.0, -1)
    shaded = place * (1 - 0.4 * cv2.GaussianBlur(dark, (0, 0), 3.0)[..., None])
    coarse = half_seen(truth)

    bare = matte_before(pasted(*scene), coarse, place.astype(np.uint8), known(truth))
    picture = pasted(truth, colours, shaded)
    matte = matte_before(picture, coarse, place.astype(np.uint8), known(truth))

    assert overlap(matte, truth) > overlap(bare, truth) - 0.01


def test_a_place_that_was_never_seen_leaves_the_networks_word(
    scene: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    truth, _, place = scene
    coarse = cv2.GaussianBlur(truth, (0, 0), 4.0)
    blank = np.full_like(place, 128).astype(np.uint8)

    matte = matte_before(pasted(*scene), coarse, blank, ~known(truth))

    assert overlap(matte, truth) > 0.94


def test_far_from_the_edge_nothing_changes(
    scene: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    truth, _, place = scene
    coarse = half_seen(truth)

    matte = matte_before(pasted(*scene), coarse, place.astype(np.uint8), known(truth))

    assert (matte[coarse < 1e-4] == 0).all()
    assert (matte[cv2.erode(coarse, np.ones((7, 7))) > 0.99] == 1).all()


def test_somebody_tiny_stays_as_the_network_says(rng: np.random.Generator) -> None:
    coarse = np.zeros((60, 60), np.float32)
    coarse[20:30, 20:25] = 1
    picture = rng.integers(0, 255, (60, 60, 3)).astype(np.uint8)

    matte = matte_before(picture, coarse, picture, np.ones((60, 60), np.bool_))

    np.testing.assert_array_equal(matte, coarse)
    np.testing.assert_array_equal(fine_matte(picture, coarse), coarse)
