"""Things that come between a face and the camera, cut out of test media or drawn, with alpha.

Cut-outs are real hands and objects of two videos of the test media, traced by hand a little inside
their outline. What the media do not have (cups, microphones, glasses, hair, a hand of the speaker's
own skin) is drawn with shading and texture.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Occluder:
    """A picture with alpha.

    Attributes:
        pixels: (h, w, 3) float32 RGB, 0 to 255.
        alpha: (h, w) float32 in [0, 1].
        size: Its longer side as a share of the height of the face it comes in front of.
    """

    pixels: Picture
    alpha: Picture
    size: float


@dataclass(frozen=True, slots=True)
class _Outline:
    """Where in a video something was traced: corners in pixels of a part enlarged by `zoom`."""

    file: str
    frame: int
    corner_xy: tuple[int, int]
    zoom: float
    points: tuple[tuple[int, int], ...]
    size: float


_DOG: Final = "body/dog_woman.mp4"
_MAN: Final = "body/juggle_man.mp4"
_TRACED: Final = {
    "open hand": _Outline(
        _DOG, 48, (200, 80), 3.0,
        ((72, 470), (130, 480), (160, 510), (215, 545), (270, 562), (320, 560), (360, 567),
         (400, 580), (404, 592), (380, 592), (365, 590), (395, 602), (435, 602), (442, 612),
         (420, 625), (385, 632), (345, 622), (300, 607), (240, 595), (175, 578), (120, 560),
         (85, 540), (68, 500)),
        1.7,
    ),
    "hand with stick": _Outline(
        _DOG, 48, (200, 80), 3.0,
        ((322, 480), (370, 465), (400, 458), (440, 440), (470, 415), (487, 395), (510, 330),
         (528, 305), (540, 305), (535, 330), (510, 390), (505, 415), (510, 440), (500, 470),
         (492, 488), (470, 482), (440, 488), (400, 500), (360, 512), (325, 522)),
        1.3,
    ),
    "hand with bracelet": _Outline(
        _MAN, 0, (560, 40), 3.0,
        ((606, 592), (680, 590), (690, 620), (725, 668), (775, 682), (800, 700), (818, 728),
         (812, 760), (800, 798), (770, 804), (742, 796), (738, 780), (755, 765), (735, 745),
         (720, 725), (680, 712), (640, 695), (612, 660)),
        1.2,
    ),
    "arm and apple": _Outline(
        _DOG, 0, (200, 200), 2.5,
        ((400, 372), (455, 372), (470, 430), (490, 470), (520, 510), (560, 545), (600, 560),
         (630, 562), (650, 550), (680, 552), (700, 560), (700, 590), (660, 608), (630, 608),
         (610, 590), (560, 565), (500, 520), (450, 475), (420, 450), (405, 410)),
        1.5,
    ),
    "dog's head": _Outline(
        _DOG, 0, (200, 200), 2.5,
        ((625, 530), (640, 515), (670, 505), (680, 480), (700, 465), (750, 458), (800, 465),
         (850, 480), (850, 560), (800, 600), (780, 575), (740, 560), (710, 550), (690, 550),
         (655, 548), (632, 540)),
        1.0,
    ),
    "ball": _Outline(
        _MAN, 0, (560, 40), 3.0,
        tuple((round(281 + 100 * np.cos(a)), round(842 + 100 * np.sin(a)))
              for a in np.linspace(0, 2 * np.pi, 24, endpoint=False)),
        0.6,
    ),
}  # fmt: skip


def occluder(name: str, media: Path, skin: Picture) -> Occluder:
    """The occluder of a name.

    Args:
        name: One of `names`.
        media: The folder of test media.
        skin: (3,) colour of the speaker's own skin, for hands of their own.
    """
    if name in _TRACED:
        return _traced(_TRACED[name], media)
    return _DRAWN[name](skin)


def names() -> list[str]:
    """Every occluder there is."""
    return [*_TRACED, *_DRAWN]


def _traced(outline: _Outline, media: Path) -> Occluder:
    with av.open(str(media / outline.file)) as container:
        frames = (f for n, f in enumerate(container.decode(video=0)) if n == outline.frame)
        picture = next(frames).to_ndarray(format="rgb24")
    points = np.array(outline.points, np.float32) / outline.zoom + outline.corner_xy
    x0, y0 = np.floor(points.min(axis=0) - 4).astype(int)
    x1, y1 = np.ceil(points.max(axis=0) + 4).astype(int)
    part = cv2.resize(picture[y0:y1, x0:x1], None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    alpha = np.zeros(part.shape[:2], np.float32)
    corners = np.round((points - (x0, y0)) * 4).astype(np.int32)
    cv2.fillPoly(alpha, [corners], 1.0, cv2.LINE_AA)
    alpha = np.asarray(cv2.erode(alpha, np.ones((5, 5), np.uint8)), np.float32)
    return Occluder(part.astype(np.float32), _soft(alpha, 2.0), outline.size)


def _soft(alpha: Picture, sigma: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), sigma), np.float32)


def _texture(shape_hw: tuple[int, int], seed: int) -> Picture:
    """(h, w) noise of all scales, mean 0, about -1 to 1."""
    rng = np.random.default_rng(seed)
    out = np.zeros(shape_hw, np.float32)
    for octave in range(5):
        side = 2 ** (octave + 2)
        coarse = rng.normal(0, 1, (side, side)).astype(np.float32)
        out += cv2.resize(coarse, shape_hw[::-1], interpolation=cv2.INTER_CUBIC) / (octave + 1)
    return np.asarray(out / 2, np.float32)


def _lit(alpha: Picture, colour: Picture, *, depth: float, grain: float, seed: int) -> Picture:
    """Pixels of a rounded thing of one colour, lit from above left."""
    solid = (alpha > 0.5).astype(np.uint8)
    inside = cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    swell: Picture = np.sqrt(np.clip(inside / depth, 0, 1)).astype(np.float32)
    slope_y, slope_x = np.gradient(_soft(swell, depth / 8))
    light = 1 + 0.12 * (swell - 0.7) - 2.0 * (slope_x + 1.4 * slope_y)
    light += grain * _texture((alpha.shape[0], alpha.shape[1]), seed)
    return np.clip(colour * light[..., None], 0, 255).astype(np.float32)


def _limb(fingers: tuple[tuple[float, float, float, float], ...], thumb: bool) -> Picture:
    """(480, 480) alpha of a forearm and hand from below: fingers as (root x, tip x, tip y, r)."""
    alpha = np.zeros((480, 480), np.float32)

    def bone(x0: float, y0: float, x1: float, y1: float, r0: float, r1: float) -> None:
        for t in np.linspace(0, 1, 60):
            place = (round(16 * (x0 + t * (x1 - x0))), round(16 * (y0 + t * (y1 - y0))))
            cv2.circle(alpha, place, round(16 * (r0 + t * (r1 - r0))), 1.0, -1, cv2.LINE_AA, 4)

    bone(240, 560, 240, 360, 58, 50)
    bone(240, 350, 240, 280, 56, 66)
    bone(200, 280, 285, 280, 40, 40)
    for root, x, y, r in fingers:
        bone(root, 265, x, y, r + 2, r - 2)
    if thumb:
        bone(195, 330, 120, 245, 28, 18)
    return _soft(alpha, 1.5)


def _hand(skin: Picture, alpha: Picture, tint: Picture, seed: int) -> Picture:
    colour = np.clip(skin * tint, 0, 255)
    pixels = _lit(alpha, colour, depth=45.0, grain=0.035, seed=seed)
    edges = cv2.Canny((alpha * 255).astype(np.uint8), 60, 120)
    lines: Picture = edges.astype(np.float32) / np.float32(255)
    creases = _soft(lines, 3.0)
    return pixels * (1 - 0.5 * np.clip(creases * 3, 0, 1))[..., None]


def _own_hand(skin: Picture) -> Occluder:
    fingers = (
        (185, 165, 120, 19), (220, 212, 80, 20), (255, 262, 85, 20), (288, 312, 125, 17),
    )  # fmt: skip
    alpha = _limb(fingers, thumb=True)
    tint = np.array([1.03, 0.97, 0.96], np.float32)
    return Occluder(_hand(skin, alpha, tint, 3), alpha, 1.25)


def _pointing_hand(skin: Picture) -> Occluder:
    fingers = ((190, 185, 90, 20), (225, 226, 210, 21), (258, 262, 215, 21), (288, 292, 225, 19))
    alpha = _limb(fingers, thumb=False)
    tint = np.array([0.94, 0.9, 0.92], np.float32)
    return Occluder(_hand(skin, alpha, tint, 5), alpha, 1.2)


def _mug(_: Picture) -> Occluder:
    alpha = np.zeros((420, 400), np.float32)
    cv2.rectangle(alpha, (40, 60), (290, 370), 1.0, -1)
    cv2.ellipse(alpha, (165, 370), (125, 34), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    cv2.ellipse(alpha, (165, 60), (125, 34), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    cv2.ellipse(alpha, (290, 210), (75, 90), 0, -90, 90, 1.0, 30, cv2.LINE_AA)
    x = np.clip((np.arange(400) - 40) / 250, 0, 1)
    side = 0.55 + 0.5 * np.exp(-(((x - 0.3) / 0.22) ** 2)) + 0.12 * x
    pixels = np.empty((420, 400, 3), np.float32)
    pixels[:] = np.array([186, 62, 48], np.float32) * side[None, :, None]
    pixels[150:190] = np.array([235, 228, 210], np.float32) * side[None, :, None]
    cv2.ellipse(pixels, (165, 60), (125, 34), 0, 0, 360, (120, 40, 32), -1, cv2.LINE_AA)
    cv2.ellipse(pixels, (165, 66), (112, 26), 0, 0, 360, (52, 30, 20), -1, cv2.LINE_AA)
    return Occluder(np.clip(pixels, 0, 255), _soft(alpha, 1.2), 0.75)


def _microphone(_: Picture) -> Occluder:
    alpha = np.zeros((560, 220), np.float32)
    cv2.circle(alpha, (110, 110), 95, 1.0, -1, cv2.LINE_AA)
    handle = np.array([(60, 190), (160, 190), (140, 560), (80, 560)], np.int32)
    cv2.fillPoly(alpha, [handle], 1.0, cv2.LINE_AA)
    pixels = _lit(alpha, np.array([48, 48, 52], np.float32), depth=90.0, grain=0.05, seed=7)
    mesh = 18 * np.sin(np.arange(220) / 2.2)[None] * np.sin(np.arange(210) / 2.2)[:, None]
    pixels[:210] += mesh.astype(np.float32)[..., None] + 26
    pixels[188:206] = 150
    return Occluder(np.clip(pixels, 0, 255), _soft(alpha, 1.2), 1.1)


def _card(_: Picture) -> Occluder:
    alpha = np.zeros((300, 440), np.float32)
    alpha[12:-12, 12:-12] = 1
    pixels = np.full((300, 440, 3), 226, np.float32)
    pixels[12:80] = (40, 90, 160)
    for row in range(105, 270, 28):
        cv2.line(pixels, (40, row), (400 - row % 90, row), (70, 70, 80), 7, cv2.LINE_AA)
    return Occluder(pixels, _soft(alpha, 1.2), 0.8)


def _cloth(_: Picture) -> Occluder:
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = 150 + 22 * np.sin(3 * angle + 1) + 14 * np.sin(5 * angle)
    places = np.stack([200 + radius * np.cos(angle), 200 + radius * np.sin(angle)], axis=1)
    alpha = np.zeros((400, 400), np.float32)
    cv2.fillPoly(alpha, [np.round(places).astype(np.int32)], 1.0, cv2.LINE_AA)
    colour = np.array([128, 132, 96], np.float32)
    return Occluder(_lit(alpha, colour, depth=120.0, grain=0.3, seed=11), _soft(alpha, 1.5), 0.8)


def _lock(_: Picture) -> Occluder:
    alpha = np.zeros((520, 260), np.float32)
    pixels = np.full((520, 260, 3), 40, np.float32)
    rng = np.random.default_rng(13)
    for _strand in range(240):
        x0, bend, shade = rng.normal(120, 24), rng.normal(0, 16), rng.uniform(0.5, 1.5)
        t = np.linspace(0, 1, 40)
        x = x0 + 55 * np.sin(2.4 * t) + bend * t**2
        line = np.round(np.stack([x, 10 + 490 * t], axis=1)).astype(np.int32)
        tone = (70 * shade, 46 * shade, 30 * shade)
        cv2.polylines(pixels, [line], False, tone, 4, cv2.LINE_AA)
        cv2.polylines(alpha, [line], False, 1.0, 5, cv2.LINE_AA)
    return Occluder(pixels, _soft(alpha, 1.5), 1.0)


def _glasses(_: Picture) -> Occluder:
    alpha = np.zeros((240, 560), np.float32)
    pixels = np.full((240, 560, 3), 34, np.float32)
    for middle in (150, 410):
        cv2.ellipse(alpha, (middle, 120), (108, 88), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
        cv2.ellipse(pixels, (middle, 120), (92, 72), 0, 0, 360, (58, 52, 50), -1, cv2.LINE_AA)
        cv2.ellipse(pixels, (middle - 30, 90), (26, 12), -30, 0, 360, (120, 122, 128), -1)
    cv2.ellipse(alpha, (280, 112), (40, 30), 0, 180, 360, 1.0, 20, cv2.LINE_AA)
    cv2.line(alpha, (0, 92), (60, 92), 1.0, 18, cv2.LINE_AA)
    cv2.line(alpha, (500, 92), (559, 92), 1.0, 18, cv2.LINE_AA)
    return Occluder(_soft_colour(pixels), _soft(alpha, 1.2), 0.86)


def _soft_colour(pixels: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 2.0), np.float32)


_DRAWN: Final[dict[str, Callable[[Picture], Occluder]]] = {
    "own hand": _own_hand,
    "own pointing hand": _pointing_hand,
    "mug": _mug,
    "microphone": _microphone,
    "card": _card,
    "cloth": _cloth,
    "lock of hair": _lock,
    "sunglasses": _glasses,
}
