"""A mouth's looks: tones follow the shape, detail comes from frames that belong together."""

import dataclasses

import numpy as np
import pytest

from masquerade.faces.mouth import look as mouth_look
from masquerade.faces.mouth.look import MouthLook, in_light
from masquerade.faces.mouth.shape import PARTS
from masquerade.faces.mouth.unrolled import HEIGHT, WIDTH


def look(count: int = 30) -> MouthLook:
    """Frames that grow brighter with the first number of the shape."""
    rng = np.random.default_rng(2)
    shapes = np.zeros((count, PARTS), np.float32)
    shapes[:, 0] = np.linspace(-2, 2, count)
    grain = rng.normal(0, 3, (HEIGHT, WIDTH, 3))
    maps = [np.clip(120 + 30 * one[0] + grain, 0, 255).astype(np.uint8) for one in shapes]
    follows = np.arange(count) > 0
    openings = np.linspace(0.2, 0, count, dtype=np.float32)
    return MouthLook.of(maps, shapes, openings, follows, 120.0)


def test_tones_follow_the_shape_and_not_the_frame_that_lends_detail() -> None:
    known = look()
    dark = known.drawn(known.shapes[3], [(25, 1.0)])
    bright = known.drawn(known.shapes[27], [(25, 1.0)])

    assert abs(float(dark.mean()) - float(known.maps[3].mean())) < 8
    assert abs(float(bright.mean()) - float(known.maps[27].mean())) < 8


def test_detail_is_that_of_the_frame() -> None:
    known = look()
    drawn = known.drawn(known.shapes[10], [(10, 1.0)])

    assert np.abs(drawn - known.maps[10]).mean() < 2


def test_a_sentence_of_the_footage_is_found_again() -> None:
    known = look()

    np.testing.assert_array_equal(
        known.chosen(known.shapes[5:20], known.openings[5:20]), np.arange(5, 20)
    )


def test_long_sentences_are_chosen_for_in_parts_that_follow_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = look()
    monkeypatch.setattr(mouth_look, "_AT_ONCE", 6)

    np.testing.assert_array_equal(
        known.chosen(known.shapes[5:20], known.openings[5:20]), np.arange(5, 20)
    )


def test_frames_are_chosen_for_a_single_shape() -> None:
    known = look()

    assert known.chosen(known.shapes[7:8], known.openings[7:8]).tolist() == [7]


def test_open_lips_are_not_borrowed_from_a_mouth_that_is_shut() -> None:
    known = look()
    openings = np.where(np.arange(30) == 15, 0.0, 0.08).astype(np.float32)
    slits = dataclasses.replace(known, openings=openings)

    assert known.chosen(known.shapes[15:16], known.openings[15:16]).tolist() == [15]
    assert slits.chosen(known.shapes[15:16], np.array([0.08], np.float32)).tolist() != [15]


def test_a_mouth_is_brought_to_the_light_of_the_skin() -> None:
    drawn = np.full((HEIGHT, WIDTH, 3), 90.0, np.float32)
    seen = np.full((HEIGHT, WIDTH, 3), 140, np.uint8)

    assert abs(float(in_light(drawn, seen).mean()) - 140) < 2


def test_what_lies_over_some_of_the_skin_colours_no_lips() -> None:
    drawn = np.full((HEIGHT, WIDTH, 3), (190.0, 140.0, 120.0), np.float32)
    seen = np.full((HEIGHT, WIDTH, 3), (180, 130, 110), np.uint8)
    seen[:, WIDTH * 3 // 5 :] = (60, 62, 70)  # a microphone

    bare = in_light(drawn, seen)[:, : WIDTH // 2]

    assert np.abs(bare - (180, 130, 110)).max() < 4


def test_one_frame_is_a_look_too() -> None:
    frame = np.full((HEIGHT, WIDTH, 3), 100, np.uint8)
    none = np.zeros((1, PARTS), np.float32)
    one = MouthLook.of([frame], none, none[:, 0], np.zeros(1, bool), 100.0)

    assert np.abs(one.drawn(np.zeros(PARTS, np.float32), [(0, 1.0)]) - 100).max() < 2
