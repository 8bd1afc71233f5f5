"""The lower face on its map: what is unrolled and laid back lies where it was."""

import cv2
import numpy as np

from masquerade.faces.mesh import INNER_LIPS, LIPS, topology
from masquerade.faces.mouth.draw import moved_by, redraw
from masquerade.faces.mouth.shape import moving
from masquerade.faces.mouth.unrolled import HEIGHT, WIDTH, laid_flat, mouth_layout, unroll_mouth
from masquerade.faces.pose import fit_head
from masquerade.faces.warp import widen
from masquerade.types import RGB, Points


def face(scale: float = 80.0) -> Points:
    return topology().neutral * np.float32(scale) + np.array([150, 110, 0], np.float32)


def picture(seed: int = 5) -> RGB:
    coarse = np.random.default_rng(seed).uniform(30, 220, (12, 12, 3)).astype(np.float32)
    return cv2.resize(coarse, (300, 300), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype("u1")


def test_parts_of_the_map_lie_within_each_other() -> None:
    parts = mouth_layout()

    assert parts.mouth.shape == (HEIGHT, WIDTH)
    middle = slice(WIDTH // 2 - 25, WIDTH // 2 + 25)
    assert (parts.mouth[:, middle][parts.lips[:, middle] > 0.5] > 0.9).all()
    assert not (parts.ring & (parts.lips > 0.5)).any()
    assert parts.inside[parts.lips < 0.01].max() < 0.6


def test_the_mouth_is_open_on_the_map_and_no_triangle_is_turned_over() -> None:
    points = mouth_layout().points
    gap = points[14, 1] - points[13, 1]
    corners = points[topology().mouth][..., :2]
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    turned = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]

    assert gap > 20
    assert (np.sign(turned) == np.sign(turned[0])).all()


def test_unrolling_takes_each_point_to_its_place() -> None:
    image = np.zeros((300, 300, 3), np.uint8)
    marks = face()
    nose = marks[164, :2].round().astype(int)
    cv2.circle(image, nose.tolist(), 4, (255, 255, 255), -1)

    shown = unroll_mouth(image, marks)

    x, y = mouth_layout().points[164, :2].round().astype(int)
    assert shown[y, x].min() > 200
    assert shown.mean() < 20


def test_nothing_moves_where_the_shape_stays() -> None:
    image, marks = picture(), face()
    before = widen(marks)

    made = redraw(image, before, before, unroll_mouth(image, marks).astype(np.float32), 150.0)

    assert made is not None
    x0, y0, x1, y1 = made.box
    apart = np.abs(made.pixels.astype(int) - image[y0:y1, x0:x1]).max(axis=2)
    assert apart[made.mask > 0.5].mean() < 3


def test_the_eyes_and_what_is_far_outside_stay() -> None:
    image, marks = picture(), face()
    before = widen(marks)
    index, _ = moving()
    change = np.zeros((len(index), 3), np.float32)
    change[:, 1] = 0.2

    after = moved_by(before, change, fit_head(marks))
    made = redraw(image, before, after, np.zeros((HEIGHT, WIDTH, 3), np.float32), 150.0)

    assert made is not None
    assert made.box[1] > marks[[33, 133, 362, 263], 1].max()
    np.testing.assert_array_equal(after[514:], before[514:])
    assert after[152, 1] - before[152, 1] > 10
    lips = marks[list({*LIPS, *INNER_LIPS}), :2].mean(axis=0).round().astype(int)
    x, y = lips - made.box[:2]
    assert made.mask[y, x] == 1


def test_a_mouth_outside_of_the_picture_is_none() -> None:
    image = picture()
    before = widen(face() + np.array([0, 900, 0], np.float32))

    assert redraw(image, before, before, np.zeros((HEIGHT, WIDTH, 3), np.float32), 150.0) is None


def test_lips_that_curl_inwards_are_laid_flat() -> None:
    points = topology().neutral * 100
    flat = laid_flat(points)

    assert points[42, 1] > points[80, 1]  # the upper lip's second ring hangs over its first
    assert flat[42, 1] <= flat[80, 1] + 1e-4
    assert flat[96, 1] >= flat[95, 1] - 1e-4
    np.testing.assert_array_equal(flat[[61, 13, 14, 199]], points[[61, 13, 14, 199]])
    assert mouth_layout().mouth[:, [0, 159]].max() == 0


def test_a_mouths_own_pixels_fade_towards_its_corners() -> None:
    layout = mouth_layout()
    corner, middle = layout.points[78], layout.points[13]

    assert layout.mouth[round(corner[1]), round(corner[0])] < 0.05
    assert layout.mouth[round(middle[1]), round(middle[0])] > 0.95
