"""Holdout mattes: what they keep, when, and what they never keep."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from masquerade.bodies.track import Cover
from masquerade.errors import PolicyError, UsageError
from masquerade.media.probe import MediaInfo, probe
from masquerade.pipelines.holdout import Replaced, open_holdout
from masquerade.types import Frame, Patch

WIDE, HIGH, RATE, COUNT = 64, 48, 10, 12


def _video(path: Path, pictures: Sequence[np.ndarray]) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "10", "g": "5"})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for number, one in enumerate(pictures):
            colours = np.ascontiguousarray(np.repeat(one[..., None], 3, axis=2))
            picture = av.VideoFrame.from_ndarray(colours, format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


@pytest.fixture
def target(tmp_path: Path) -> MediaInfo:
    grey = np.full((HIGH, WIDE), 90, np.uint8)
    return probe(_video(tmp_path / "clip.mp4", [grey] * COUNT))


def _step(number: int) -> np.ndarray:
    """A white bar that goes to the right, four pixels a picture."""
    out = np.zeros((HIGH, WIDE), np.uint8)
    out[:, 4 * number : 4 * number + 4] = 255
    return out


def _still(path: Path, picture: np.ndarray) -> Path:
    cv2.imwrite(str(path), picture)
    return path


def _frame(info: MediaInfo, number: int) -> Frame:
    step = Fraction(1, RATE) / info.time_base
    pts = info.start_pts + int(number * step)
    return Frame(np.zeros((HIGH, WIDE, 3), np.uint8), pts, info.time_base)


def _patch(visible: np.ndarray | None = None) -> Patch:
    box = (8, 8, 56, 40)
    shape = (32, 48)
    pixels, mask = np.zeros((*shape, 3), np.uint8), np.ones(shape, np.float32)
    return Patch(pixels, mask, box, visible=visible)


def _nobody(_pts: int) -> tuple[Replaced, ...]:
    return ()


def _cover(box: tuple[int, int, int, int]) -> Cover:
    """A person who fills a box of a frame."""
    x0, y0, x1, y1 = box
    mask = np.zeros((256, 256), np.float32)
    mask[4 * y0 : 4 * y1, 4 * x0 : 4 * x1] = 1
    return Cover(mask, np.array([[4, 0, 0], [0, 4, 0]], np.float64))


def test_a_picture_holds_throughout(target: MediaInfo, tmp_path: Path) -> None:
    white = np.zeros((2 * HIGH, 2 * WIDE), np.uint8)
    white[:, :WIDE] = 255
    beside = open_holdout(_still(tmp_path / "m.png", white), target).over(_nobody)
    for number in (3, 4):
        (kept,), hidden = beside.keep([_patch()], _frame(target, number))
        assert kept.visible is not None
        assert not hidden
        assert not kept.visible[:, :22].any()
        assert kept.visible[:, 26:].min() == 1


@pytest.mark.parametrize("first", [0, 7])
def test_each_picture_of_a_video_holds_for_its_own(
    first: int, target: MediaInfo, tmp_path: Path
) -> None:
    path = _video(tmp_path / "m.mp4", [_step(number) for number in range(COUNT)])
    beside = open_holdout(path, target).over(_nobody)
    for number in range(first, 10):
        (kept,), _ = beside.keep([_patch()], _frame(target, number))
        assert kept.visible is not None
        held = np.flatnonzero(kept.visible[16] < 0.5) + 8
        wanted = range(max(4 * number, 8), min(4 * number + 4, 56))
        assert held.tolist() == list(wanted)


def test_a_matte_may_have_its_shape_in_its_alpha(target: MediaInfo, tmp_path: Path) -> None:
    layers = np.full((HIGH, WIDE, 4), 255, np.uint8)
    layers[..., 3] = _step(4)
    matte = open_holdout(_still(tmp_path / "m.png", layers), target)
    (kept,), _ = matte.over(_nobody).keep([_patch()], _frame(target, 0))
    assert kept.visible is not None
    assert not kept.visible[:, 8:12].any()
    assert kept.visible[:, 13:].min() == 1


def test_what_was_found_in_front_stays_there_too(target: MediaInfo, tmp_path: Path) -> None:
    found = np.ones((32, 48), np.float32)
    found[:4] = 0
    matte = open_holdout(_still(tmp_path / "m.png", _step(4)), target)
    (kept,), _ = matte.over(_nobody).keep([_patch(found)], _frame(target, 0))
    assert kept.visible is not None
    assert not kept.visible[:4].any()
    assert not kept.visible[:, 8:12].any()
    assert kept.visible[4:, 12:].min() == 1


def test_a_head_is_never_kept(target: MediaInfo, tmp_path: Path) -> None:
    white = np.full((HIGH, WIDE), 255, np.uint8)
    matte = open_holdout(_still(tmp_path / "m.png", white), target)
    (kept,), hidden = matte.over(
        lambda _pts: (Replaced((20, 12, 36, 32), _cover((24, 16, 32, 28))),)
    ).keep([_patch()], _frame(target, 0))
    assert not hidden
    assert kept.visible is not None
    assert kept.visible[14, 20] == 1
    assert not kept.visible[:, :8].any()


@pytest.mark.parametrize(
    ("white", "is_made"),
    [((0, 0, 64, 48), False), ((0, 24, 64, 48), False), ((0, 40, 64, 48), True)],
)
def test_a_body_is_not_kept_under_anothers_head(
    white: tuple[int, int, int, int], is_made: bool, target: MediaInfo, tmp_path: Path
) -> None:
    x0, y0, x1, y1 = white
    picture = np.zeros((HIGH, WIDE), np.uint8)
    picture[y0:y1, x0:x1] = 255
    who = Replaced((24, 4, 40, 16), _cover((20, 4, 44, 46)))
    beside = open_holdout(_still(tmp_path / "m.png", picture), target).over(lambda _pts: (who,))
    kept, hidden = beside.keep([_patch()], _frame(target, 0))
    assert bool(kept) is is_made
    assert [one.reason.startswith("the holdout matte keeps much") for one in hidden] == (
        [] if is_made else [True]
    )


def test_a_patch_that_is_hidden_whole_is_told(target: MediaInfo, tmp_path: Path) -> None:
    white = np.full((HIGH, WIDE), 255, np.uint8)
    matte = open_holdout(_still(tmp_path / "m.png", white), target)
    kept, (hidden,) = matte.over(_nobody).keep([_patch()], _frame(target, 2))
    assert not kept
    assert "keeps all" in hidden.reason


def test_one_of_another_shape_or_length_is_refused(target: MediaInfo, tmp_path: Path) -> None:
    square = _still(tmp_path / "square.png", np.zeros((48, 48), np.uint8))
    with pytest.raises(UsageError, match="48 x 48, the video 64 x 48"):
        open_holdout(square, target)
    short = _video(tmp_path / "short.mp4", [_step(0)] * 4)
    with pytest.raises(UsageError, match=r"lasts 0\.40 s, the video 1\.20 s"):
        open_holdout(short, target)


def test_a_matte_that_is_exchanged_meanwhile_is_not_read(tmp_path: Path, target: MediaInfo) -> None:
    path = _still(tmp_path / "matte.png", np.zeros((HIGH, WIDE), np.uint8))
    beside = open_holdout(path, target).over(lambda _: ())
    _still(path, np.full((HIGH, WIDE), 255, np.uint8))
    with pytest.raises(PolicyError, match="was changed while it was worked on"):
        beside.keep([_patch()], _frame(target, 0))


def test_a_video_that_is_exchanged_meanwhile_is_not_read(tmp_path: Path, target: MediaInfo) -> None:
    path = _video(tmp_path / "matte.mp4", [_step(0)] * COUNT)
    beside = open_holdout(path, target).over(lambda _: ())
    _video(path, [_step(5)] * COUNT)
    with pytest.raises(PolicyError, match="was changed while it was worked on"):
        beside.keep([_patch()], _frame(target, 0))


def test_a_matte_that_ends_early_without_saying_so_is_refused_where_it_does(
    target: MediaInfo, tmp_path: Path
) -> None:
    path = _video(tmp_path / "m.mp4", [_step(number) for number in range(5)])
    matte = open_holdout(path, replace(target, duration_s=None)).over(_nobody)
    for number in range(7):  # two pictures fewer are borne
        matte.keep([_patch()], _frame(target, number))
    with pytest.raises(UsageError, match=r"has no picture at 0\.70 s"):
        matte.keep([_patch()], _frame(target, 7))
