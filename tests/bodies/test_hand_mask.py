import cv2
import numpy as np
import pytest
from tests.bodies.test_hands import hand_at

from masquerade.bodies.hand_mask import hand_mask, palm_px
from masquerade.bodies.hands import FINGERS, Hand, place_of

SKIN, BEHIND = (196, 150, 128), (70, 90, 110)


def scene(
    *, angle_deg: float = 0.0, arm: bool = False, behind: tuple[int, int, int] = BEHIND
) -> tuple[np.ndarray, Hand, np.ndarray]:
    """A picture of a hand, with its arm or cut at the wrist; the hand; where both are."""
    points = hand_at(300, 260, angle_deg=angle_deg)
    drawn = np.zeros((520, 600), np.uint8)
    flat = np.rint(points[:, :2]).astype(np.int32)
    cv2.fillPoly(drawn, [cv2.convexHull(flat[[0, 1, 5, 9, 13, 17]])], 255)
    for finger in FINGERS:
        cv2.polylines(drawn, [flat[list(finger)]], False, 255, 17)
    cv2.circle(drawn, flat[0].tolist(), 28, 255, -1)
    if arm:
        along = points[0, :2] - points[9, :2]
        end = points[0, :2] + 260 * along / np.linalg.norm(along)
        cv2.line(drawn, flat[0].tolist(), np.rint(end).astype(int).tolist(), 255, 56)
    grain = np.random.default_rng(0).normal(0, 2, (520, 600, 3))
    pixels = np.where(drawn[..., None] > 0, np.array(SKIN), np.array(behind)) + grain
    hand = Hand(points, 0.9, 0.5, place_of(points))
    return np.clip(pixels, 0, 255).astype(np.uint8), hand, drawn > 0


def found_in(picture: np.ndarray, hand: Hand) -> np.ndarray:
    mask, (x0, y0, x1, y1) = hand_mask(picture, hand)
    whole = np.zeros(picture.shape[:2], np.float32)
    whole[y0:y1, x0:x1] = mask
    return whole > 0.5


@pytest.mark.parametrize("angle_deg", [0.0, 35.0, 180.0])
@pytest.mark.parametrize("arm", [False, True])
def test_a_hand_and_its_arm_are_found_to_their_edges(angle_deg: float, arm: bool) -> None:
    picture, hand, truth = scene(angle_deg=angle_deg, arm=arm)
    found = found_in(picture, hand)

    assert np.mean(found[truth]) > (0.85 if arm else 0.95)
    near = cv2.dilate(truth.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    assert np.mean(near[found]) > 0.97


def test_without_an_arm_nothing_is_found_behind_the_wrist() -> None:
    picture, hand, _ = scene()
    assert not found_in(picture, hand)[340:].any()


def test_a_palm_is_as_long_as_it_is_drawn() -> None:
    points = hand_at(300, 260, scale=1.5)
    hand = Hand(points, 0.9, 0.5, place_of(points))
    drawn = float(np.linalg.norm(points[9] - points[0]))
    assert palm_px(hand) == pytest.approx(drawn, rel=0.25)


def test_a_hand_outside_the_picture_is_nothing() -> None:
    points = hand_at(3000, 260)
    mask, _ = hand_mask(np.zeros((40, 50, 3), np.uint8), Hand(points, 0.9, 0.5, place_of(points)))
    assert not mask.any()
