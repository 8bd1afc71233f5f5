from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from masquerade.provenance.label import PRESETS, Clip, Label, labelled
from masquerade.types import Box, Colour, Frame, Planes

W, H = 640, 360


def _frame(pts: int = 0, shade: int = 128, size_wh: tuple[int, int] = (W, H)) -> Frame:
    pixels = np.full((size_wh[1], size_wh[0], 3), shade, np.uint8)
    return Frame(pixels, pts, Fraction(1, 25), 1)


def _changed(before: Frame, after: Frame) -> Box:
    rows, columns = np.nonzero((before.pixels != after.pixels).any(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def _run(frames: list[Frame], avoid: dict[int, tuple[Box, ...]]) -> list[tuple[Frame, bool]]:
    return list(labelled(iter(frames), Label(), avoid, Clip()))


@pytest.mark.parametrize(
    "size_wh",
    [(64, 64), (64, 1280), (1280, 64), (120, 90), (640, 360), (1920, 1080), (3840, 2160)],
)
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_label_is_inside_top_right_and_seen_on_any_ground(
    size_wh: tuple[int, int], shade: int
) -> None:
    frame = _frame(size_wh=size_wh, shade=shade)
    ((made, covers),) = _run([frame], {})
    x0, y0, x1, y1 = _changed(frame, made)
    assert not covers
    assert x0 >= 0
    assert x1 <= size_wh[0]
    assert (x0 + x1) / 2 > size_wh[0] * 0.45
    assert (y0 + y1) / 2 < size_wh[1] * 0.5
    plate = made.pixels[int(y0) : int(y1), int(x0) : int(x1)].astype(int)
    # Text and plate differ by more than WCAG's contrast of 7:1 asks for.
    assert plate.max() - np.percentile(plate, 20) > 150
    assert (y1 - y0) >= 14


def test_pixels_outside_the_label_stay_as_they_are() -> None:
    frame = _frame()
    ((made, _),) = _run([frame], {})
    x0, y0, x1, y1 = (int(value) for value in _changed(frame, made))
    outside = np.ones((H, W), bool)
    outside[y0:y1, x0:x1] = False
    assert (made.pixels[outside] == frame.pixels[outside]).all()


def test_label_goes_where_no_face_is() -> None:
    face: Box = (W * 0.6, 0, W, H * 0.4)
    frame = _frame()
    ((made, covers),) = _run([frame], {0: (face,)})
    x0, _, x1, _ = _changed(frame, made)
    assert not covers
    assert x1 < face[0] or x0 > face[2]


def test_label_holds_still_when_a_face_comes_later() -> None:
    frames = [_frame(pts) for pts in range(20)]
    avoid: dict[int, tuple[Box, ...]] = dict.fromkeys(range(12, 20), ((W * 0.6, 0, W, H * 0.5),))
    made = _run(frames, avoid)
    places = {_changed(frame, labelled_[0]) for frame, labelled_ in zip(frames, made, strict=True)}
    assert len(places) == 1
    assert not any(covers for _, covers in made)


def test_label_moves_at_most_once_when_every_corner_is_taken_in_turn() -> None:
    left: Box = (0, 0, W * 0.5, H)
    right: Box = (W * 0.5, 0, W, H)
    frames = [_frame(pts) for pts in range(20)]
    avoid = {pts: (left,) if pts < 10 else (right,) for pts in range(20)}
    made = _run(frames, avoid)
    places = [_changed(frame, one) for frame, (one, _) in zip(frames, made, strict=True)]
    assert sum(a != b for a, b in pairwise(places)) == 1
    assert not any(covers for _, covers in made)


def test_a_face_as_large_as_the_picture_is_reported() -> None:
    ((_, covers),) = _run([_frame()], {0: ((0, 0, W, H),)})
    assert covers


def test_label_is_opaque_on_a_transparent_picture() -> None:
    frame = replace(_frame(), alpha=np.zeros((H, W), np.uint8))
    ((made, _),) = _run([frame], {})
    x0, y0, x1, y1 = (int(value) for value in _changed(frame, made))
    assert made.alpha is not None
    assert (made.alpha[y0:y1, x0:x1] == 255).all()
    assert (made.alpha == 0).mean() > 0.9


def test_label_reaches_the_stored_planes() -> None:
    planes = Planes(
        "yuva444p10le",
        (
            np.full((H, W), 502, np.uint16),
            np.full((H, W), 512, np.uint16),
            np.full((H, W), 512, np.uint16),
            np.zeros((H, W), np.uint16),
        ),
        Colour(matrix=1),
    )
    frame = replace(_frame(), planes=planes, alpha=np.zeros((H, W), np.uint8))
    ((made, _),) = _run([frame], {})
    x0, y0, x1, y1 = (int(value) for value in _changed(frame, made))
    assert made.planes is not None
    luma, alpha = made.planes.arrays[0], made.planes.arrays[-1]
    assert luma[y0:y1, x0:x1].max() > 900
    assert (alpha[y0:y1, x0:x1] == 1023).all()
    assert (luma[H // 2 :] == 502).all()


RATE = Fraction(1, 25)


def _marked_at(
    time_s: float, preset: str, clip: Clip, avoid: dict[int, tuple[Box, ...]] | None = None
) -> np.ndarray:
    """Where a frame at that time differs from what it was: (H, W) bool."""
    frame = replace(_frame(round(time_s * 25)), time_base=RATE)
    ((made, _),) = labelled(iter([frame]), Label(preset), avoid or {}, clip)
    return (made.pixels != frame.pixels).any(axis=2)


LONG = Clip(Fraction(0), Fraction(20), changed=("face",))


@pytest.mark.parametrize(
    ("preset", "time_s", "corner", "band"),
    [
        ("eu", 0, True, True),
        ("eu", 2.9, True, True),
        ("eu", 3.1, True, False),
        ("eu", 20, True, False),
        ("minimal", 0, True, False),
        ("minimal", 10, True, False),
        ("minimal", 20, True, False),
        ("film", 0, True, False),
        ("film", 4.9, True, False),
        ("film", 5.1, False, False),
        ("film", 15.9, False, False),
        ("film", 16.1, False, True),
        ("film", 20, False, True),
    ],
)
def test_each_preset_stands_when_and_where_it_should(
    preset: str, time_s: float, corner: bool, band: bool
) -> None:
    marked = _marked_at(time_s, preset, LONG)
    assert marked[: H // 6, W * 3 // 4 :].any() == corner
    assert marked[H * 3 // 4 :, W * 2 // 5 : W * 3 // 5].any() == band


@pytest.mark.parametrize("preset", sorted(PRESETS))
@pytest.mark.parametrize("length_s", [0, 0.5, 2.9, 3, 5, 8, 60])
def test_no_preset_leaves_a_work_without_a_label(preset: str, length_s: float) -> None:
    clip = Clip(Fraction(10), Fraction(10) + Fraction(length_s))
    assert _marked_at(10, preset, clip).any()
    assert _marked_at(10 + length_s, preset, clip).any()


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_still_carries_its_label(preset: str) -> None:
    ((made, _),) = labelled(iter([_frame()]), Label(preset, "en", "AI GENERATED"), {}, Clip())
    assert (made.pixels != 128).any()


@pytest.mark.parametrize(
    "face", [(0, H * 0.5, W, H), (W * 0.3, 0, W * 0.7, H), (W * 0.1, H * 0.3, W * 0.9, H)]
)
def test_no_card_covers_a_face_that_comes_while_it_stands(face: Box) -> None:
    avoid: dict[int, tuple[Box, ...]] = {60: (face,)}
    x0, y0, x1, y1 = (int(value) for value in face)
    assert not _marked_at(0, "eu", LONG, avoid)[y0:y1, x0:x1].any()


def test_the_plate_stands_at_the_end_of_a_film_whose_faces_leave_no_room_for_a_card() -> None:
    avoid: dict[int, tuple[Box, ...]] = {500: ((W * 0.05, H * 0.15, W * 0.7, H * 0.95),)}
    marked = _marked_at(20, "film", LONG, avoid)
    assert marked[: H // 6, W * 3 // 4 :].any()
    assert not marked[H // 2 :].any()


def test_the_card_holds_still() -> None:
    frames = [replace(_frame(pts), time_base=RATE) for pts in range(70)]
    avoid: dict[int, tuple[Box, ...]] = {
        pts: ((W * 0.4, H * 0.9 - 2 * pts, W * 0.6, H - 2 * pts),) for pts in range(70)
    }
    made = labelled(iter(frames), Label(), avoid, LONG)
    shapes = {(one.pixels != 128).any(axis=2).tobytes() for one, _ in made}
    assert len(shapes) == 1


def test_the_label_of_a_part_does_not_depend_on_the_parts_before_it() -> None:
    frames = [replace(_frame(pts), time_base=RATE) for pts in range(50, 100)]
    avoid: dict[int, tuple[Box, ...]] = {80: ((W * 0.6, 0, W, H * 0.5),)}
    whole = list(labelled(iter(frames), Label(), avoid, LONG))
    again = list(labelled(iter(frames), Label(), avoid, LONG))
    for (one, _), (other, _) in zip(whole, again, strict=True):
        assert np.array_equal(one.pixels, other.pixels)


def test_where_every_place_has_a_face_the_label_stays_two_seconds() -> None:
    frames = [replace(_frame(pts), time_base=RATE) for pts in range(40)]
    everywhere: Box = (0, 0, W, H)
    corner: Box = (W * 0.8, 0, W, H * 0.1)
    avoid = {pts: (everywhere, *((corner,) if pts % 2 else ())) for pts in range(40)}
    made = list(labelled(iter(frames), Label("minimal"), avoid, Clip()))
    assert all(covers for _, covers in made)
    assert len({(one.pixels != 128).tobytes() for one, _ in made}) == 1


def test_a_place_at_an_edge_is_taken_before_a_face_is_covered() -> None:
    corners: tuple[Box, ...] = tuple(
        (x, y, x + W * 0.3, y + H * 0.25) for x in (0, W * 0.7) for y in (0, H * 0.75)
    )
    ((made, covers),) = _run([_frame()], {0: corners})
    assert not covers
    x0, y0, x1, _ = _changed(_frame(), made)
    assert y0 < H * 0.1
    assert W * 0.3 < x0 < x1 < W * 0.7
