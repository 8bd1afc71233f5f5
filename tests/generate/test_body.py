"""Whole-body replacement on mannequins: no network is needed."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.figure import PhotoFigure, Shown, shown
from masquerade.bodies.plate import Plate
from masquerade.bodies.puppet import Puppet
from masquerade.bodies.skeleton import NUMBER, build_of, skeleton_of
from masquerade.bodies.usual import usual_of
from masquerade.compose.blend import ComposeOptions, compose
from masquerade.errors import UsageError
from masquerade.generate import body as method
from masquerade.generate.body import Act, Cue, Options, Script
from masquerade.types import Frame, Miss, Patch, Window

SHAPE_HW = (240, 320)
WALL = np.full((*SHAPE_HW, 3), 120, np.uint8)
OLD = mannequin.body(Pose(arms=30, middle=(160.0, 100.0), torso_px=48.0))
RED = (220, 30, 30)


def figure() -> PhotoFigure:
    """A mannequin in red."""
    body = mannequin.body(Pose(middle=(120.0, 150.0), torso_px=70.0))
    pixels = mannequin.painted(body, np.full((400, 260, 3), 60, np.uint8))
    mask = mannequin.mask(body, (400, 260)) > 0
    pixels[mask] = RED
    cut = shown(pixels, body, mannequin.cover(body, (400, 260)))
    assert cut is not None
    return PhotoFigure(cut, body)


ACT = Act(
    "0",
    build_of([OLD]),
    Plate(WALL, np.ones(SHAPE_HW, np.bool_), (0, 0), "still", {0: np.eye(3)}, 40.0),
)
CUE = Cue(skeleton_of(OLD), mannequin.cover(OLD, SHAPE_HW))


class OneScript(Script):
    """The mannequin in every frame but the second."""

    def __init__(self, act: Act) -> None:
        self._act = act

    def act(self, pts: int) -> Act:
        return self._act

    def cue(self, pts: int) -> Cue | None:
        return None if pts == 1 else CUE


def made(frame: Frame, options: Options | None = None) -> Patch:
    return method.drawn(frame, CUE, ACT, figure(), options or Options())


def test_the_old_person_is_gone_and_the_new_one_is_there() -> None:
    frame = Frame(mannequin.painted(OLD, WALL), 0)
    patch = made(frame)
    out = compose(frame, [patch], ComposeOptions(blend="feather")).pixels
    x0, y0, x1, y1 = patch.box
    assert out[100, 160].tolist() != frame.pixels[100, 160].tolist()
    inside = mannequin.mask(OLD, SHAPE_HW) > 0
    reddish = (patch.pixels[..., 0].astype(int) - patch.pixels[..., 1] > 100).sum()
    assert reddish > 0.6 * inside.sum()
    shirt = np.abs(patch.pixels.astype(int) - mannequin.SHIRT).sum(axis=2) < 60
    assert (shirt & (patch.mask > 0.9)).sum() < 20
    free = np.ones(SHAPE_HW, np.bool_)
    free[y0:y1, x0:x1] = patch.mask == 0
    assert (out[free] == frame.pixels[free]).all()


def test_what_passes_in_front_stays_there() -> None:
    pixels = mannequin.painted(OLD, WALL)
    pixels[60:90, 200:260] = (20, 200, 40)  # beside the body, where no part of it is
    frame = Frame(pixels, 0)
    kept, painted_over = made(frame), made(frame, Options(keep_objects="off"))
    assert kept.visible is not None
    assert painted_over.visible is None
    x0, y0, _, _ = kept.box
    assert kept.visible[75 - y0, 230 - x0] < 0.1
    assert kept.visible[100 - y0, 160 - x0] > 0.9


def test_what_is_held_before_the_body_stays_there() -> None:
    plain = mannequin.painted(OLD, WALL)
    there = np.rint(CUE.cover.in_frame(SHAPE_HW) * 255).astype(np.uint8)
    usual = usual_of([Shown(plain, there, CUE.skeleton)] * 8)
    x, y = np.rint(OLD.joints[[11, 12, 23, 24], :2].mean(axis=0)).astype(int).tolist()
    pixels = cv2.circle(plain.copy(), (x, y), 14, (250, 250, 250), -1)  # before the shirt
    act, frame = replace(ACT, usual=usual), Frame(pixels, 0)
    kept = method.drawn(frame, CUE, act, figure(), Options())
    front = method.drawn(frame, CUE, act, figure(), Options(keep_objects="front"))
    assert kept.visible is not None
    assert front.visible is not None
    x0, y0, _, _ = kept.box
    assert kept.visible[y - y0, x - x0] < 0.1
    assert front.visible[y - y0, x - x0] > 0.9
    assert kept.visible[y - 28 - y0, x - x0] > 0.9


def test_a_frame_without_the_person_and_a_shot_that_will_not_do_stay_as_they_are() -> None:
    frames = [Frame(mannequin.painted(OLD, WALL), pts) for pts in (0, 1)]
    windows = [Window((frame,), ((),)) for frame in frames]
    cast = {"0": figure()}
    first, second = method.prepare(cast, Options(), script=OneScript(ACT))(iter(windows))
    assert isinstance(first[0], Patch)
    assert second == [Miss(1, -1, "the person is not seen")]
    refused = replace(ACT, refused="the shot will not do: too small")
    (items, _) = method.prepare(cast, Options(), script=OneScript(refused))(iter(windows))
    assert items == [Miss(0, -1, "the shot will not do: too small")]


def test_it_draws_with_the_processor_and_whole_people_alone() -> None:
    with pytest.raises(UsageError, match="cuda"):
        method.prepare({"0": figure()}, Options(), device="cuda")
    with pytest.raises(UsageError, match="faces were given"):
        method.prepare({"0": ()}, Options(), script=OneScript(ACT))


@pytest.mark.parametrize("refiner", [False, True])
def test_the_person_takes_on_the_light_of_the_place_and_the_place_stays(refiner: bool) -> None:
    class Silent:
        side = 64

        def __call__(self, seen: np.ndarray) -> np.ndarray:
            return np.zeros((7, 64, 64), np.float32)

    dim = np.repeat((np.arange(256) // 2).astype(np.uint8)[:, None], 3, axis=1)[None]
    act = replace(ACT, light=dim, refiner=Silent() if refiner else None)
    frame = Frame(mannequin.painted(OLD, WALL), 0)
    one = method.drawn(frame, CUE, act, figure(), Options())
    off = method.drawn(frame, CUE, act, figure(), Options(match="off"))
    red = (off.pixels == RED).all(axis=2)
    assert red.sum() > 1000
    assert np.abs(one.pixels[red].astype(int) - (110, 15, 15)).max() <= 2
    wall = (off.pixels == WALL[0, 0]).all(axis=2)
    assert np.abs(one.pixels[wall].astype(int) - WALL[0, 0]).max() <= 2


def test_a_trained_network_mends_the_person_and_nothing_else() -> None:
    class Green:
        side = 64

        def __call__(self, seen: np.ndarray) -> np.ndarray:
            said = np.array([0, 0, 0, 1, 0, 1, 0], np.float32)  # all of the colour is painted
            return np.tile(said[:, None, None], (1, 64, 64))

    frame = Frame(mannequin.painted(OLD, WALL), 0)
    plain = made(frame)
    mended = method.drawn(frame, CUE, replace(ACT, refiner=Green()), figure(), Options())
    assert mended.box == plain.box
    assert np.abs(mended.mask - plain.mask).max() < 0.02
    green = (mended.pixels == (0, 255, 0)).all(axis=2)
    assert green.sum() > 1000
    reddish = (plain.pixels[..., 0].astype(int) - plain.pixels[..., 1]) > 100
    assert reddish[green].all()


def test_the_shadow_begins_at_the_soles_that_are_drawn_and_not_at_the_bones() -> None:
    class Short:
        """The red mannequin without anything below its ankles."""

        build = figure().build

        def puppet(self, pts: int, torso_px: float) -> Puppet:
            whole = figure().puppet(pts, torso_px)
            ankle = whole.skeleton.segments[NUMBER["left foot"], :, 1].min()
            masks = {layer: one.copy() for layer, one in whole.masks.items()}
            for one in masks.values():
                one[int(ankle) :] = 0
            return replace(whole, masks=masks)

    frame = Frame(WALL, 0)
    for who in (figure(), Short()):
        plain = method.drawn(frame, CUE, ACT, who, Options(shadow=0.0))
        patch = method.drawn(frame, CUE, ACT, who, Options())
        darker = plain.pixels.astype(int).sum(axis=2) - patch.pixels.astype(int).sum(axis=2)
        red = (plain.pixels[..., 0].astype(int) - plain.pixels[..., 1]) > 100
        sole = np.flatnonzero(red.any(axis=1)).max()
        assert darker.min() >= 0
        assert abs(int(darker.max(axis=1).argmax()) - sole) <= 3
        assert darker.max() > 30
        assert (darker[red & (np.arange(len(red))[:, None] < sole - 8)] == 0).all()
