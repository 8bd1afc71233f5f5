"""Whether spectacles stay straight, and hands stay as they are, when a face below is changed.

``python -m benchmarks.effects_in_front [--media DIR] [--count N] [--only spectacles|hands]``

Spectacles of four kinds are drawn over portraits of people who do not exist, and every effect that
moves parts of a face is laid on at full strength, either way (not `turn`, with which they go along
as the head does). Where patches of the rims went is looked for in what was made; the best motion of
the whole frame is taken off, and what is left is how far rims were bent, in distances of the eyes'
outer corners. The rival is the same effect without looking for spectacles. Hands: see
`benchmarks.effects_hands`. The last line is JSON.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.drawn_glasses import FRAMES, Worn, worn
from benchmarks.effects import SHAPES
from benchmarks.effects_hands import stills, videos
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.bodies.matte import person_matte
from masquerade.effects.glasses import glasses_of
from masquerade.effects.lay_on import laid_on
from masquerade.effects.portrait import Portrait
from masquerade.effects.words import Wish, effect, effect_names, models_of, room_of
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.models.person_mask import PersonMask
from masquerade.types import RGB, Face
from masquerade.types import Frame as Picture

_LINES: Final = 540
_NOT_HERE: Final = ("gaze", "turn")
_WEARS: Final = ("persona_c24.jpg",)  # spectacles of their own
_SEARCH: Final = 0.13  # units around a place, within which its patch is looked for
_PATCH: Final = 0.06  # units: half a patch
_CLEAR: Final = 0.75  # correlation from which a patch counts as found


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, lay on, measure, publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--count", type=int, default=12, help="portraits; default 12")
    parser.add_argument("--only", choices=("spectacles", "hands"))
    given = parser.parse_args(arguments)
    media, reader = media_dir(given.media), FaceReader.open()
    paths = [p for p in sorted((media / "personas").glob("*.jpg")) if p.name not in _WEARS]
    bars: list[Bar] = []
    results: dict[str, Any] = {}
    if given.only != "hands":
        bars, results = _spectacles(paths[: given.count], reader)
    if given.only != "spectacles":
        photos = (_sized(read_image(path).pixels) for path in paths[: given.count])
        for name, (more, found) in {
            "hands_in_photos": stills(photos, media, reader),
            "hands_in_videos": videos(media, reader),
        }.items():
            bars, results = [*bars, *more], {**results, name: found}
    publish("effects_in_front", bars, results)


def _spectacles(paths: Sequence[Path], reader: FaceReader) -> tuple[list[Bar], dict[str, Any]]:
    network = PersonMask.open()
    names = [name for name in effect_names() if name in SHAPES and name not in _NOT_HERE]
    bent: dict[str, dict[str, list[float]]] = {way: {name: [] for name in names} for way in _WAYS}
    seen, falsely, kinds = 0, 0, list(FRAMES)
    for number, path in enumerate(paths):
        photo = _sized(read_image(path).pixels)
        face = find_faces(photo, reader)[0]
        falsely += glasses_of(_portrait(photo, face, None, ())) is not None
        one = worn(photo, face, FRAMES[kinds[number % len(kinds)]])
        people = person_matte(one.pixels, network)
        seen += glasses_of(_portrait(one.pixels, face, None, ())) is not None
        for name in names:
            for amount in set(effect(name).RANGE) - {0.0}:
                word = (effect(name).WORDS or ("",))[0]
                wish = Wish(name, amount, word)
                for way, lay in _WAYS.items():
                    made = lay(one.pixels, face, people, wish)
                    bent[way][name].append(_bent(one, made, face))
    return _told(bent, seen, falsely, len(paths))


def _sized(photo: RGB) -> RGB:
    scale = _LINES / photo.shape[0]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def _portrait(
    photo: RGB, face: Face, people: NDArray[np.float32] | None, wishes: Sequence[Wish]
) -> Portrait:
    room = room_of(wishes) if wishes else 0.55
    made = Portrait.of(Picture(photo), face, room=room, people=people)
    assert made is not None
    return made


def _with(photo: RGB, face: Face, people: NDArray[np.float32], wish: Wish) -> RGB:
    wanted = people if models_of([wish]) else None
    before = _portrait(photo, face, wanted, [wish])
    return _put(photo, laid_on(before, [wish]))


def _without(photo: RGB, face: Face, people: NDArray[np.float32], wish: Wish) -> RGB:
    wanted = people if models_of([wish]) else None
    before = _portrait(photo, face, wanted, [wish])
    return _put(photo, effect(wish.name).apply(before, wish.amount, wish.word))


_WAYS: Final = {"kept apart": _with, "moved with the skin": _without}


def _put(photo: RGB, made: Portrait) -> RGB:
    x0, y0, x1, y1 = made.box
    whole = photo.copy()
    whole[y0:y1, x0:x1] = made.pixels
    return whole


def _bent(one: Worn, made: RGB, face: Face) -> float:
    """How far rims are from the best motion of the whole: 95 of 100 places within, in units."""
    unit = float(np.linalg.norm(face.landmarks[263, :2] - face.landmarks[33, :2]))
    before, after = _tracked(one, made, unit)
    if len(before) < 20:
        return 1.0  # torn beyond recognition
    motion, _ = cv2.estimateAffinePartial2D(before, after, method=cv2.LMEDS)
    if np.size(motion) != 6:  # none fits
        return 1.0
    left = after - (before @ motion[:, :2].T + motion[:, 2])
    return float(np.percentile(np.linalg.norm(left, axis=1), 95)) / unit


def _tracked(one: Worn, made: RGB, unit: float) -> tuple[NDArray[np.float32], ...]:
    """Places of the rims, and where each is found, to a part of a pixel along what is seen."""
    greys = [cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (one.pixels, made)]
    half, reach = max(round(_PATCH * unit), 4), round(_SEARCH * unit)
    before, after = [], []
    for place in one.rims[::2]:
        x, y = np.rint(place).astype(int)
        far = half + reach
        if min(x, y) < far or x + far >= made.shape[1] or y + far >= made.shape[0]:
            continue
        patch = greys[0][y - half : y + half + 1, x - half : x + half + 1]
        around = greys[1][y - far : y + far + 1, x - far : x + far + 1]
        scores = cv2.matchTemplate(around, patch, cv2.TM_CCOEFF_NORMED)
        # A straight piece slides along itself: of all good places the nearest counts.
        good = np.argwhere(scores >= max(float(scores.max()) - 0.02, _CLEAR))
        if len(good):
            dy, dx = good[np.argmin(np.hypot(*(good - reach).T))] - reach
            before.append((x, y))
            after.append((x + dx, y + dy))
    return np.array(before, np.float32), np.array(after, np.float32)


def _told(
    bent: dict[str, dict[str, list[float]]], seen: int, falsely: int, count: int
) -> tuple[list[Bar], dict[str, Any]]:
    kept, rival = (bent[way] for way in _WAYS)
    bars = [
        Bar("spectacles seen, share of those that are worn", seen / count, 0.95, ">="),
        Bar("spectacles seen where none are worn, share", falsely / count, 0.05),
        *(
            Bar(f"{name}: rims bent, units, worst of 20", float(np.percentile(all_of, 95)), 0.02)
            for name, all_of in kept.items()
        ),
    ]
    results = {
        name: {
            "median": float(np.median(kept[name])),
            "worst_of_20": float(np.percentile(kept[name], 95)),
            "rival_median": float(np.median(rival[name])),
            "rival_worst_of_20": float(np.percentile(rival[name], 95)),
        }
        for name in kept
    }
    return bars, results


if __name__ == "__main__":
    main()
