from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from masquerade.errors import OutputError, UsageError
from masquerade.provenance.label import draw_plate, labelled, preset
from masquerade.types import Box, Colour, Frame, Planes

W, H = 640, 360


def _frame(pts: int = 0, shade: int = 128, size_wh: tuple[int, int] = (W, H)) -> Frame:
    pixels = np.full((size_wh[1], size_wh[0], 3), shade, np.uint8)
    return Frame(pixels, pts, Fraction(1, 25), 1)


def _changed(before: Frame, after: Frame) -> Box:
    rows, columns = np.nonzero((before.pixels != after.pixels).any(axis=2))
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def _run(frames: list[Frame], avoid: dict[int, tuple[Box, ...]]) -> list[tuple[Frame, bool]]:
    return list(labelled(iter(frames), "AI MODIFIED", "eu", avoid))


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


def test_text_is_drawn_not_only_a_plate() -> None:
    one, other = draw_plate("AI GENERATED", (W, H)), draw_plate("AI MODIFIED", (W, H))
    share = float((one.colour > 128).mean())
    assert 0.1 < share < 0.5
    assert one.colour.shape != other.colour.shape or not np.array_equal(one.colour, other.colour)


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


def test_too_small_a_picture_is_refused() -> None:
    with pytest.raises(OutputError, match="cannot carry a label"):
        _run([_frame(size_wh=(32, 200))], {})


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(UsageError, match="eu"):
        preset("none")
