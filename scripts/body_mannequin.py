"""Draws docs/img/body.jpg: what one photo gives and what it does not, on people drawn by code.

``python -m scripts.body_mannequin``, from the root of the repository; neither media nor networks
are needed. From above: the photo, the target, and what is made of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from tests.bodies import mannequin
from tests.bodies.mannequin import SHIRT, Pose

from masquerade.bodies.figure import PhotoFigure, shown
from masquerade.bodies.plate import Plate
from masquerade.bodies.pose import Body
from masquerade.bodies.skeleton import build_of, skeleton_of
from masquerade.compose.blend import compose
from masquerade.generate.body import Act, Cue, Options, drawn
from masquerade.pipelines.body.draft import BLENDING
from masquerade.types import RGB, Frame

OUT = Path(__file__).parents[1] / "docs" / "img" / "body.jpg"
SHAPE_HW = (420, 300)
WALL, FLOOR, GREY = (190, 196, 184), (140, 124, 106), 198
STRIPES = ((170, 58, 58), (240, 220, 150))
GAP, CAPTION, WIDE = 6, 24, 240
STANDING = Pose(arms=14, elbows=6, middle=(150.0, 190.0), torso_px=88.0)


@dataclass(frozen=True)
class Case:
    """A photo and a target: the angles of both, and what is said of it."""

    words: str
    photo: Pose
    target: Pose
    turned_deg: float = 0.0
    ball: bool = False


CASES = (
    Case("as it should be", STANDING, replace(STANDING, arms=55, elbows=10, legs=16)),
    Case("arms bent in the photo", replace(STANDING, elbows=120), replace(STANDING, arms=38)),
    Case("turned 70 degrees: narrow", STANDING, STANDING, turned_deg=70.0),
    Case("arms before the torso", replace(STANDING, elbows=-115), replace(STANDING, arms=42)),
    Case("a ball in the photo", replace(STANDING, arms=30), replace(STANDING, arms=50), ball=True),
)


def place() -> RGB:
    """A wall over a floor, with some texture, so that what is left of it is seen."""
    rng = np.random.default_rng(0)
    picture = np.full((*SHAPE_HW, 3), WALL, np.float32)
    picture[290:] = FLOOR
    coarse = rng.normal(0, 7, (SHAPE_HW[0] // 6, SHAPE_HW[1] // 6)).astype(np.float32)
    noise = cv2.resize(coarse, SHAPE_HW[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(picture + noise[..., None], 0, 255), np.uint8)


def photo_of(case: Case) -> tuple[RGB, PhotoFigure]:
    """The photo, in a striped shirt, and whoever is cut out of it."""
    body = mannequin.body(case.photo)
    picture = mannequin.painted(body, np.full((*SHAPE_HW, 3), GREY, np.uint8))
    rows = np.arange(SHAPE_HW[0]) // 9 % 2
    worn = (picture == SHIRT).all(axis=2)
    picture[worn] = np.array(STRIPES, np.uint8)[np.broadcast_to(rows[:, None], SHAPE_HW)[worn]]
    mask = mannequin.mask(body, SHAPE_HW)
    if case.ball:
        hand = np.rint(body.joints[19, :2]).astype(int).tolist()
        for radius, colour in ((22, (40, 40, 44)), (19, (245, 245, 245))):
            cv2.circle(picture, hand, radius, colour, -1, cv2.LINE_AA)
        cv2.circle(mask, hand, 22, 1.0, -1)
    cut = shown(picture, body, mannequin.cover(body, SHAPE_HW), coarse=mask)
    assert cut is not None
    return picture, PhotoFigure(cut, body)


def made(wall: RGB, target: Body, figure: PhotoFigure) -> tuple[RGB, RGB]:
    """The target over the wall, and the same with the figure in its place."""
    frame = Frame(mannequin.painted(target, wall), 0)
    known = np.ones(SHAPE_HW, np.bool_)
    plate = Plate(wall, known, (0, 0), "still", {0: np.eye(3)}, 40.0)
    cue = Cue(skeleton_of(target), mannequin.cover(target, SHAPE_HW))
    patch = drawn(frame, cue, Act("0", build_of([target]), plate), figure, Options())
    return frame.pixels, compose(frame, [patch], BLENDING).pixels


def column(case: Case, wall: RGB) -> RGB:
    """A photo above its target above the result, with a caption."""
    picture, figure = photo_of(case)
    target = mannequin.turned(mannequin.body(case.target), case.turned_deg)
    head = np.full((CAPTION, SHAPE_HW[1], 3), 255, np.uint8)
    place_of = (4, CAPTION - 8)
    cv2.putText(
        head, case.words, place_of, cv2.FONT_HERSHEY_SIMPLEX, 0.52, (30, 30, 30), 1, cv2.LINE_AA
    )
    whole = np.vstack([head, picture, *made(wall, target, figure)])
    size = WIDE, round(whole.shape[0] * WIDE / whole.shape[1])
    small = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.pad(small, ((0, 0), (0, GAP), (0, 0)), constant_values=255)


def main() -> None:
    """Writes the picture."""
    wall = place()
    sheet = np.hstack([column(case, wall) for case in CASES])
    done, data = cv2.imencode(".jpg", sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])
    assert done
    OUT.write_bytes(data.tobytes())


if __name__ == "__main__":
    main()
