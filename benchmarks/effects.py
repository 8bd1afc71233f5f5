"""Whether effects on a face do what they are named for, leave the rest alone, and how fast.

``python -m benchmarks.effects [--media DIR] [--count N] [--only EFFECT ...]``

Every effect of `masquerade edit` is laid on portraits of people who do not exist, at half of its
strength and at full strength. Shapes are measured on the changed picture, by reading the mesh anew;
colours in the areas that are meant. A change counts where the measure moves the intended way. The
distance of the identity before and after, pixels changed beside the face, and the processor's time
on a photo of 720 lines are measured too. The last line is JSON.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.bodies.matte import person_matte
from masquerade.effects.glasses import glasses_of
from masquerade.effects.lay_on import laid_on
from masquerade.effects.portrait import Portrait
from masquerade.effects.words import Wish, effect, effect_names, models_of, room_of
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.mesh import OVAL
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.models.person_mask import PersonMask
from masquerade.types import RGB, Face, Frame

_LINES: Final = 720
_WIDE: Final = ("hair", "turn")
_LINED: Final = (50, 280, 9, 151, 117, 346)  # cheeks, brow and forehead, below the eyes
_BESIDE: Final = 0.9  # units beside the face, within which pixels may change
Measure = Callable[[RGB, Face], float]


def _apart(one: int, other: int) -> Measure:
    def measured(_pixels: RGB, face: Face) -> float:
        marks = face.landmarks[:, :2]
        return float(np.linalg.norm(marks[one] - marks[other]) / _scale(face))

    return measured


def _high(*points: int) -> Measure:
    def measured(_pixels: RGB, face: Face) -> float:
        marks = face.landmarks[:, :2]
        down = marks[152] - marks[10]
        down = down / np.linalg.norm(down)
        return float(-sum((marks[p] - marks[168]) @ down for p in points) / _scale(face))

    return measured


def _scale(face: Face) -> float:
    return float(np.linalg.norm(face.landmarks[263, :2] - face.landmarks[33, :2]))


def _colour(point: int, channel: int, sign: int = 1) -> Measure:
    """Mean of L, a or b of CIE Lab around a point."""

    def measured(pixels: RGB, face: Face) -> float:
        x, y = face.landmarks[point, :2]
        reach = max(0.04 * _scale(face), 1)
        x0, y0, x1, y1 = np.rint([x - reach, y - reach, x + reach, y + reach]).astype(int)
        part = np.ascontiguousarray(pixels[y0 : y1 + 1, x0 : x1 + 1], np.float32) / 255
        return sign * float(cv2.cvtColor(part, cv2.COLOR_RGB2LAB)[..., channel].mean())

    return measured


def _sum(*measures: Measure) -> Measure:
    return lambda pixels, face: sum(one(pixels, face) for one in measures)


def _rough(pixels: RGB, face: Face, skin: NDArray[np.bool_], point: int) -> float:
    """Detail of the skin around a point, between pores and shading."""
    x, y = face.landmarks[point, :2]
    reach = 0.12 * _scale(face)
    x0, y0, x1, y1 = np.rint([x - reach, y - reach, x + reach, y + reach]).astype(int)
    grey = cv2.cvtColor(np.ascontiguousarray(pixels[y0:y1, x0:x1]), cv2.COLOR_RGB2GRAY)
    fine = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 0.014 * _scale(face))
    detail = fine - cv2.GaussianBlur(fine, (0, 0), 0.05 * _scale(face))
    here = skin[y0:y1, x0:x1]
    return float(detail[here].std() if here.any() else 0.0)


def _rims(pixels: RGB, face: Face) -> NDArray[np.bool_]:
    """(H, W) where spectacles are, or too near to tell skin."""
    near = np.zeros(pixels.shape[:2], np.bool_)
    portrait = Portrait.of(Frame(pixels), face)
    frame = glasses_of(portrait) if portrait else None
    if portrait is None or frame is None:
        return near
    wide = 2 * round(0.08 * _scale(face)) + 1
    x0, y0, x1, y1 = portrait.box
    near[y0:y1, x0:x1] = cv2.dilate((frame > 0).astype(np.uint8), np.ones((wide, wide))) > 0
    return near


def _uneven(pixels: RGB, face: Face) -> float:
    """How different the colours of cheeks, forehead and chin are, the other way round."""
    places = (50, 280, 151, 199)
    return -sum(
        float(np.std([_colour(place, channel)(pixels, face) for place in places]))
        for channel in (1, 2)
    )


def _gaze(face: Face) -> float:
    """How far the irises lie to the face's left, between the corners of the eyes."""
    marks = face.landmarks[:, :2]
    middle = (marks[468] + marks[473] - marks[[33, 133, 362, 263]].sum(axis=0) / 2) / 2
    return float(middle @ (marks[263] - marks[33]) / _scale(face) ** 2)


def _turned(face: Face) -> float:
    """How far the nose lies to the face's left, between its edges."""
    marks = face.landmarks[:, :2]
    across = marks[454] - marks[234]
    return float((marks[1] - marks[234]) @ across / (across @ across))


def _like(pixels: RGB, face: Face, colour: tuple[int, int, int]) -> float:
    """How near the crown of the head is to a colour: a and b of CIE Lab, the other way round."""
    marks = face.landmarks[:, :2]
    crown = marks[10] + (marks[10] - marks[168]) * 0.75
    x, y = np.clip(np.rint(crown), 2, (pixels.shape[1] - 3, pixels.shape[0] - 3)).astype(int)
    part = np.ascontiguousarray(pixels[y - 2 : y + 3, x - 2 : x + 3], np.float32) / 255
    wanted = cv2.cvtColor(np.array([[colour]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    apart = cv2.cvtColor(part, cv2.COLOR_RGB2LAB).reshape(-1, 3).mean(axis=0) - wanted
    return -float(np.linalg.norm(apart[1:]))


MEASURES: Final[dict[str, Measure]] = {
    "smile": _high(61, 291),
    "jaw": _apart(172, 397),
    "chin": _apart(168, 152),
    "cheeks": _apart(213, 433),
    "nose": _apart(129, 358),
    "lips": _apart(0, 17),
    "eyes": _sum(_apart(159, 145), _apart(386, 374)),
    "brows": _high(105, 334),
    "lipstick": _colour(17, 1),
    "blush": _sum(_colour(50, 1), _colour(280, 1)),
    "shadow": _sum(_colour(27, 2, -1), _colour(257, 2, -1)),
    "liner": _sum(_colour(159, 0, -1), _colour(386, 0, -1)),
    "iris": _sum(_colour(468, 2, -1), _colour(473, 2, -1)),
    "foundation": _uneven,
    "turn": lambda _pixels, face: _turned(face),
    "gaze": lambda _pixels, face: _gaze(face),
    "hair": lambda pixels, face: _like(pixels, face, (122, 59, 30)),
    "stubble": _sum(_colour(199, 0, -1), _colour(136, 0, -1), _colour(365, 0, -1)),
    "palsy": _sum(_high(61), lambda pixels, face: -_high(291)(pixels, face)),
    "ptosis": _sum(_apart(159, 145), lambda pixels, face: -_apart(386, 374)(pixels, face)),
    "jaundice": _colour(50, 2),
    "pallor": _colour(17, 1, -1),
    "cyanosis": _colour(17, 2, -1),
    "flushing": _colour(50, 1),
    "rash": _sum(_colour(117, 1), _colour(346, 1)),
    "swelling": _sum(_apart(168, 361), lambda pixels, face: -_apart(168, 132)(pixels, face)),
    "bruise": _colour(374, 0, -1),
}

LINED: Final[dict[str, tuple[int, tuple[int, ...]]]] = {"smooth": (-1, (50,)), "age": (1, _LINED)}
"""Which way these change the detail of the skin, and around which points it is measured."""

SHAPES: Final = frozenset(
    (
        "smile",
        "jaw",
        "chin",
        "cheeks",
        "nose",
        "lips",
        "eyes",
        "brows",
        "palsy",
        "ptosis",
        "swelling",
        "gaze",
        "turn",
    )
)
"""What is measured on the mesh as it is read anew."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Lay on, measure, publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--count", type=int, default=30, help="portraits; default 30")
    parser.add_argument("--only", nargs="+", choices=list(effect_names()), metavar="EFFECT")
    given = parser.parse_args(arguments)
    names = given.only or list(effect_names())
    reader = FaceReader.open()
    right: dict[str, list[bool]] = defaultdict(list)
    moved: dict[str, list[float]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    beside = 0
    for path in sorted((media_dir(given.media) / "personas").glob("*.jpg"))[: given.count]:
        photo = _sized(read_image(path).pixels)
        face = find_faces(photo, reader)[0]
        before = embed(photo, face, reader)
        for name in names:
            low, high = effect(name).RANGE
            for amount in {high, high / 2, low, low / 2} - {0.0}:
                began = time.process_time()
                made, outside = _made(photo, face, name, amount)
                seconds[name].append(time.process_time() - began)
                beside = max(beside, outside)
                after = read_face(made, place_of(face.landmarks), reader)
                shown = after if name in SHAPES else face  # colours: where they were meant
                change = _change(name, (photo, face), (made, shown))
                right[name].append(bool(change * amount > 0))
                moved[name].append(distance(before, embed(made, after, reader)))
    _publish(right, moved, seconds, beside)


def _change(name: str, before: tuple[RGB, Face], after: tuple[RGB, Face]) -> float:
    """How far the measure of an effect moved.

    What spectacles cover counts neither before nor after; creases that an effect draws are none.
    """
    if name not in LINED:
        return MEASURES[name](*after) - MEASURES[name](*before)
    way, points = LINED[name]
    skin = ~_rims(*before)
    return way * sum(_rough(*after, skin, at) - _rough(*before, skin, at) for at in points)


def _sized(photo: RGB) -> RGB:
    scale = _LINES / photo.shape[0]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _made(photo: RGB, face: Face, name: str, amount: float) -> tuple[RGB, int]:
    """The photo with an effect, and by how many levels a pixel far beside the face changed."""
    module = effect(name)
    wish = Wish(name, amount)
    people = person_matte(photo, PersonMask.open()) if "person_mask" in models_of([wish]) else None
    portrait = Portrait.of(Frame(photo), face, room=room_of([wish]), people=people)
    assert portrait is not None
    word = module.WORDS[0] if module.WORDS else ""
    after = laid_on(portrait, [Wish(name, amount, word)])
    x0, y0, x1, y1 = portrait.box
    made = photo.copy()
    made[y0:y1, x0:x1] = after.pixels
    inside = np.zeros(photo.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.rint(face.landmarks[list(OVAL), :2]).astype(np.int32)], 1)
    beside = np.inf if name in _WIDE else _BESIDE * portrait.unit  # it falls where it likes
    far = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5) > beside
    return made, int(cv2.absdiff(made, photo).max(axis=2)[far].max(initial=0))


def _publish(
    right: dict[str, list[bool]],
    moved: dict[str, list[float]],
    seconds: dict[str, list[float]],
    beside: int,
) -> None:
    bars = [
        Bar(f"{name}: share that moves as meant", _share(right[name]), 0.95, ">=") for name in right
    ]
    farthest = {name: float(np.max(found)) for name, found in moved.items()}
    slowest = max(float(np.median(found)) for found in seconds.values())
    bars += [
        Bar("largest distance of the identity", max(farthest.values()), 0.45),
        Bar("levels changed far beside the face", beside, 0, "=="),
        Bar("processor seconds of the slowest effect at 720 lines, median", slowest, 1.0),
    ]
    results = {
        name: {
            "right": _share(right[name]),
            "pictures": len(right[name]),
            "distance_median": float(np.median(moved[name])),
            "distance_max": farthest[name],
            "seconds": float(np.median(seconds[name])),
        }
        for name in right
    }
    publish("effects", bars, results)


def _share(found: list[bool]) -> float:
    return sum(found) / len(found)


if __name__ == "__main__":
    main()
