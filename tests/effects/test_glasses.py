"""Spectacles that are worn stay as they are, whatever is done to the face below them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.effects.test_effects import portrait

from masquerade.effects.glasses import glasses_of
from masquerade.effects.lay_on import laid_on
from masquerade.effects.portrait import Portrait
from masquerade.effects.words import read_wishes


def wearing(
    face: Portrait, colour: tuple[int, int, int] = (30, 26, 28)
) -> tuple[Portrait, np.ndarray]:
    """The face with round spectacles, and where they are."""
    drawn = np.zeros(face.pixels.shape[:2], np.uint8)
    left, _ = face.axes
    for corners in ((33, 133), (362, 263)):
        middle = face.points[list(corners)].mean(axis=0)
        at = np.rint(middle).astype(int).tolist()
        cv2.circle(drawn, at, round(0.25 * face.unit), 255, max(round(0.035 * face.unit), 1))
    inner = face.points[[133, 362]] + np.stack([left, -left]) * (0.02 * face.unit)
    ends = np.rint(inner - face.axes[1] * 0.04 * face.unit).astype(int).tolist()
    cv2.line(drawn, ends[0], ends[1], 255, max(round(0.035 * face.unit), 1))
    frame = drawn > 0
    pixels = np.where(frame[..., None], np.array(colour, np.uint8), face.pixels)
    return replace(face, pixels=pixels), frame


@pytest.mark.parametrize("angle_deg", [0.0, 20.0])
@pytest.mark.parametrize("said", ["brows=1", "eyes=1", "brows=-1", "swelling=1:both", "jaundice=1"])
def test_their_frame_is_kept_to_the_pixel(said: str, angle_deg: float) -> None:
    before, frame = wearing(portrait(angle_deg))
    inside = cv2.erode(frame.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0

    after = laid_on(before, read_wishes([said]))

    apart = np.abs(after.pixels.astype(int) - before.pixels).max(axis=2)
    assert np.count_nonzero(apart > 40) > 30  # the face is changed
    assert np.mean(apart[inside] <= 6) > 0.97


def test_where_none_are_worn_none_are_seen() -> None:
    for angle_deg in (0.0, 20.0, -35.0):
        assert glasses_of(portrait(angle_deg)) is None


def test_they_turn_with_the_head() -> None:
    before, frame = wearing(portrait())

    after = laid_on(before, read_wishes(["turn=1:left"]))

    assert np.abs(after.pixels.astype(int) - before.pixels)[frame].max() > 60


def test_effects_without_spectacles_are_laid_on_as_they_are_named() -> None:
    plain = portrait()
    wishes = read_wishes(["smile=0.5", "turn=0.5:left", "blush=1"])

    whole = laid_on(plain, wishes)
    steps = plain
    for wish in wishes:
        steps = laid_on(steps, [wish])

    assert np.array_equal(whole.pixels, steps.pixels)
    assert np.allclose(whole.points, steps.points)
