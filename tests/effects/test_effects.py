"""What each effect does, on a drawn face that looks like nobody."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from masquerade.effects.portrait import Portrait
from masquerade.effects.words import effect, effect_names
from masquerade.faces.mesh import LEFT_EYE, LIPS, OVAL, RIGHT_EYE, topology
from masquerade.types import Face, Frame

SIDE = 320


def portrait(angle_deg: float = 0.0) -> Portrait:
    """A plain face with eyes and lips, on a background with straight lines."""
    neutral = topology().neutral * np.float32(70)
    turn = np.radians(angle_deg)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
    marks = neutral.copy()
    marks[:, :2] = neutral[:, :2] @ spin + SIDE / 2
    pixels = np.full((SIDE, SIDE, 3), (70, 110, 90), np.uint8)
    pixels[::16] = 30

    def fill(ring: tuple[int, ...], colour: tuple[int, int, int]) -> None:
        cv2.fillPoly(pixels, [np.rint(marks[list(ring), :2]).astype(np.int32)], colour)

    skull = marks[list(OVAL), :2]
    skull = np.rint(skull.mean(axis=0) + (skull - skull.mean(axis=0)) * 1.35).astype(np.int32)
    people = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(people, [skull], 1)
    pixels[people > 0] = (60, 45, 30)
    fill(OVAL, (205, 160, 138))
    fill(LIPS, (170, 90, 90))
    for ring, iris in ((RIGHT_EYE, 468), (LEFT_EYE, 473)):
        fill(ring, (235, 232, 228))
        middle = np.rint(marks[iris, :2]).astype(int).tolist()
        cv2.circle(pixels, middle, 5, (80, 60, 40), -1)
    rng = np.random.default_rng(1)
    noisy = np.clip(pixels + rng.normal(0, 2, pixels.shape), 0, 255).astype(np.uint8)
    low, high = marks[:468, :2].min(axis=0), marks[:468, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    face = Face(box, 0.99, marks, (0.0, 0.0, 0.0))
    made = Portrait.of(Frame(noisy), face, people=people.astype(np.float32))
    assert made is not None
    return made


def height(face: Portrait, point: int) -> float:
    """How high a point lies in the face, in units."""
    _, down = face.axes
    return float(-(face.points[point] - face.points[168]) @ down / face.unit)


def width(face: Portrait, one: int, other: int) -> float:
    return float(np.linalg.norm(face.points[one] - face.points[other]) / face.unit)


def redness(face: Portrait, point: int, *, higher: float = 0.0) -> float:
    return float(_lab(face, point, higher)[1])


def lightness(face: Portrait, point: int) -> float:
    return float(_lab(face, point, 0.0)[0])


def _lab(face: Portrait, point: int, higher: float) -> np.ndarray:
    _, down = face.axes
    x, y = np.rint(face.points[point] - down * higher * face.unit).astype(int)
    lab = cv2.cvtColor(face.pixels, cv2.COLOR_RGB2LAB).astype(float)
    return lab[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).mean(axis=0)


MEASURES: dict[str, Callable[[Portrait], float]] = {
    "smile": lambda face: height(face, 61) + height(face, 291),
    "jaw": lambda face: width(face, 172, 397),
    "chin": lambda face: width(face, 168, 152),
    "cheeks": lambda face: width(face, 213, 433),
    "nose": lambda face: width(face, 129, 358),
    "lips": lambda face: width(face, 0, 17),
    "eyes": lambda face: width(face, 159, 145) + width(face, 386, 374),
    "brows": lambda face: height(face, 105) + height(face, 334),
    "turn": lambda face: float((face.points[1] - face.points[234]) @ face.axes[0] / face.unit),
    "gaze": lambda face: float((face.points[468] - face.points[33]) @ face.axes[0]),
    "stubble": lambda face: -lightness(face, 199),
    "hair": lambda face: redness(face, 10, higher=0.25),
    "palsy": lambda face: height(face, 61) - height(face, 291),
    "ptosis": lambda face: width(face, 159, 145) - width(face, 386, 374),
    "flushing": lambda face: redness(face, 50),
    "pallor": lambda face: -redness(face, 17),
    "cyanosis": lambda face: -redness(face, 17),
    "rash": lambda face: redness(face, 117),
    "blush": lambda face: redness(face, 50),
    "lipstick": lambda face: redness(face, 17),
}


@pytest.mark.parametrize("angle_deg", [0.0, 25.0, -80.0])
@pytest.mark.parametrize("name", sorted(MEASURES))
def test_effects_move_what_they_are_named_for(name: str, angle_deg: float) -> None:
    module, before = effect(name), portrait(angle_deg)
    word = module.WORDS[0] if module.WORDS else ""

    more = MEASURES[name](module.apply(before, module.RANGE[1], word))
    less = MEASURES[name](module.apply(before, module.RANGE[0], word))

    assert more > MEASURES[name](before)
    assert less < more


@pytest.mark.parametrize("name", list(effect_names()))
def test_none_of_it_changes_nothing(name: str) -> None:
    module, before = effect(name), portrait()
    word = module.WORDS[0] if module.WORDS else ""

    after = module.apply(before, 0.0, word)

    assert np.abs(after.pixels.astype(int) - before.pixels).max() <= 2
    assert np.allclose(after.points, before.points)


@pytest.mark.parametrize("name", list(effect_names()))
def test_the_background_stays_bit_exact(name: str) -> None:
    module, before = effect(name), portrait()
    word = module.WORDS[0] if module.WORDS else ""

    after = module.apply(before, module.RANGE[1], word)

    changed = (after.pixels != before.pixels).any(axis=2)
    assert changed.any()
    assert not changed[:, :4].any()
    assert not changed[:4].any()
    rows, columns = np.nonzero(changed)
    inside = np.zeros(changed.shape, np.uint8)
    outline = np.rint(before.points[list(OVAL)]).astype(np.int32)
    cv2.fillPoly(inside, [outline], 1)
    away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    assert away[rows, columns].max() < 0.9 * before.unit


@pytest.mark.parametrize(("word", "drooping", "other"), [("left", 291, 61), ("right", 61, 291)])
def test_sides_are_the_persons_own(word: str, drooping: int, other: int) -> None:
    before = portrait()

    after = effect("palsy").apply(before, 1.0, word)

    assert height(after, drooping) < height(before, drooping)
    assert height(after, other) > height(before, other)


def test_a_forehead_that_shines_like_hair_is_not_coloured() -> None:
    before = portrait()
    _, down = before.axes
    hair = tuple(np.rint(before.points[10] - down * 0.25 * before.unit).astype(int).tolist())
    x, y = np.rint(before.points[10] + down * 0.2 * before.unit).astype(int).tolist()
    pixels = before.pixels.copy()
    cv2.rectangle(pixels, (x - 14, y - 6), (x + 14, y + 6), pixels[hair[::-1]].tolist(), -1)
    cv2.line(pixels, (x, y), hair, pixels[hair[::-1]].tolist(), 3)  # a strand
    shining = before.with_pixels(pixels)

    made = effect("hair").apply(shining, 1.0, "#2040d0")

    changed = np.abs(made.pixels.astype(int) - shining.pixels).max(axis=2) > 8
    assert changed[hair[::-1]]
    assert not changed[y - 2 : y + 3, x - 8 : x + 9].any()
