from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from masquerade.bodies.hands import Hand, HandReader, find_hands, place_of, read_hand, same_hand
from masquerade.models.hand_detector import Palms
from masquerade.models.hand_pose import HandReading

POINTS = np.array(
    [(0, 0), (-30, 20), (-50, 40), (-60, 55), (-70, 70)]
    + [(x, y) for x in (-25, -8, 8, 25) for y in (90, 120, 140, 155)],
    np.float32,
)


def hand_at(x: float, y: float, *, angle_deg: float = 0.0, scale: float = 1.0) -> np.ndarray:
    """(21, 3) points of an open hand whose wrist is there, fingers up before it is turned."""
    turn = cv2.getRotationMatrix2D((0.0, 0.0), angle_deg, scale)[:, :2]
    flat = (POINTS * (1, -1)) @ turn.T + (x, y)
    return np.column_stack([flat, np.zeros(21)]).astype(np.float32)


@dataclass
class Dots:
    """Stands for both networks: a hand is dots of colours that number its points."""

    palms: list[tuple[float, float, float, float]]
    side: int = 224
    score: float = 0.9
    seen: list[np.ndarray] = field(default_factory=list)

    def __call__(self, crop: np.ndarray) -> HandReading:
        self.seen.append(crop)
        points = np.zeros((21, 3), np.float32)
        for n in range(21):
            rows, columns = np.nonzero(
                (crop[..., 1] > 250) & (np.abs(crop[..., 0].astype(int) - 40 - 10 * n) <= 4)
            )
            if len(rows) == 0:
                return HandReading(points, 0.1, 0.5)
            points[n, :2] = columns.mean(), rows.mean()
        return HandReading(points, self.score, 0.8)


def drawn(points: np.ndarray, size_wh: tuple[int, int] = (600, 500)) -> np.ndarray:
    picture = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    for n, (x, y, _) in enumerate(points):
        cv2.circle(picture, (round(float(x)), round(float(y))), 5, (40 + 10 * n, 255, 0), -1)
    return picture


@pytest.mark.parametrize("angle_deg", [0.0, 70.0, 180.0, -120.0])
def test_points_are_those_of_the_picture_however_the_hand_is_turned(angle_deg: float) -> None:
    points = hand_at(300, 250, angle_deg=angle_deg)
    dots = Dots([])
    hand = read_hand(drawn(points), place_of(points), HandReader(dots, dots))  # type: ignore[arg-type]

    assert hand is not None
    assert np.abs(hand.points - points).max() < 2
    rows = np.nonzero(dots.seen[0].any(axis=2))[0]
    assert dots.seen[0][: rows.min() + 1].shape[0] > 10  # all of the hand is in the crop


def test_what_is_no_hand_is_none() -> None:
    points = hand_at(300, 250)
    dots = Dots([], score=0.3)
    assert read_hand(drawn(points), place_of(points), HandReader(dots, dots)) is None  # type: ignore[arg-type]


def test_a_hand_seen_in_several_squares_is_one() -> None:
    points = hand_at(500, 250)

    class Detector:
        side = 192

        def __call__(self, picture: np.ndarray, *, score: float) -> Palms:
            rows, columns = np.nonzero(picture[..., 1] > 20)
            if len(rows) == 0:
                return Palms(
                    *(np.zeros(shape, np.float32) for shape in ((0, 4), (0, 2), (0, 2), 0))
                )
            low, high = np.array([columns.min(), rows.min()]), np.array([columns.max(), rows.max()])
            palm = (high - low).max() / 2
            middle = (low + high) / 2 + np.array([0, palm / 2])
            box = np.concatenate([middle - palm / 2, middle + palm / 2])[None]
            wrist, root = middle + np.array([0, palm / 2]), middle - np.array([0, palm / 4])
            one = (box, wrist[None], root[None], np.array([0.8]))
            return Palms(*(each.astype(np.float32) for each in one))

    reader = HandReader(Detector(), Dots([]))  # type: ignore[arg-type]
    found = find_hands(drawn(points, (1000, 500)), reader)
    assert len(found) == 1
    assert np.abs(found[0].points - points).max() < 2


def test_hands_beside_each_other_are_two() -> None:
    one, other = (
        Hand(points, 0.9, 0.5, place_of(points))
        for points in (hand_at(100, 200), hand_at(260, 200))
    )
    assert same_hand(one, one)
    assert not same_hand(one, other)
