"""Ears that a mask of people left out."""

from dataclasses import replace

import cv2
import numpy as np
from tests.effects.test_effects import portrait

from masquerade.effects.ears import ears_of
from masquerade.effects.hair_region import hair_of
from masquerade.effects.portrait import Portrait

SKIN = (205, 160, 138)


def with_ears(behind: tuple[int, int, int]) -> tuple[Portrait, tuple[int, int]]:
    """A face with an ear that no mask knows of, and where it is."""
    face = portrait()
    pixels = face.pixels.copy()
    assert face.people is not None
    people = np.zeros_like(face.people)
    cv2.fillConvexPoly(people, np.rint(cv2.convexHull(face.points[:468])).astype(np.int32), 1)
    pixels[people == 0] = behind
    x, y = np.rint(face.points[454] + np.float32([0.15 * face.unit, 0])).astype(int).tolist()
    cv2.ellipse(
        pixels, (x, y), (round(0.15 * face.unit), round(0.25 * face.unit)), 0, 0, 360, SKIN, -1
    )
    return replace(face, pixels=pixels, people=people), (y, x)


def test_an_ear_before_leaves_is_somebodys() -> None:
    face, ear = with_ears((40, 90, 50))

    found = ears_of(face)

    assert found[ear] > 0.8
    assert found[ear[0], ear[1] + round(0.4 * face.unit)] == 0


def test_nothing_is_told_before_a_wall_of_the_skins_colour() -> None:
    face, ear = with_ears((200, 158, 140))

    assert ears_of(face)[ear] < 0.1


def test_an_ear_in_deep_shade_is_no_hair() -> None:
    face = portrait()
    x, y = np.rint(face.points[454] + np.float32([0.15 * face.unit, 0])).astype(int).tolist()
    size = round(0.15 * face.unit), round(0.25 * face.unit)
    pixels = cv2.ellipse(face.pixels.copy(), (x, y), size, 0, 0, 360, (92, 44, 36), -1)

    hair = hair_of(replace(face, pixels=np.asarray(pixels, np.uint8)))

    assert hair[y, x] < 0.1
    assert hair_of(face)[y, x] > 0.8
