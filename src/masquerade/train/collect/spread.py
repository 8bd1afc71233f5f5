"""Faces that differ from each other, and as many of each view and expression as of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.coverage import PITCH_EDGES, YAW_EDGES
from masquerade.train.facesets.schema import EXPRESSION, QUALITY, FaceColumns
from masquerade.types import RGB

Look = NDArray[np.float32]
_UNITS: Final = (8.0, 8.0, 0.06, 0.1, 0.06, 0.15, 0.15, 25.0)
"""What is a difference worth having: degrees of yaw and pitch, eye distances of the mouth's gap,
opening of the eyes, eye distances of the smile, light from the side and from below, brightness."""
_MOUTH_EDGES: Final = (0.05, 0.15)
_SHUT: Final = 0.16
_SMILE: Final = 0.06
_LOOK_PX: Final = 16
_SAME_PICTURE: Final = 0.97  # correlation of two pictures of different files that are one


@dataclass(slots=True)
class _Kept:
    """Faces kept so far, their places in rows that grow by doubling."""

    places: NDArray[np.float32]
    ids: list[int] = field(default_factory=list)

    def near(self, place: NDArray[np.float32], apart: float) -> list[int]:
        """Which of them lie nearer than that."""
        count = len(self.ids)
        away = np.abs(self.places[:count] - place).max(axis=1)
        close = np.flatnonzero(away < apart)
        sums = np.linalg.norm(self.places[close] - place, axis=1)
        return [self.ids[k] for k in close[sums < apart]]

    def add(self, index: int, place: NDArray[np.float32]) -> None:
        if len(self.ids) == len(self.places):
            self.places = np.concatenate([self.places, np.empty_like(self.places)])
        self.places[len(self.ids)] = place
        self.ids.append(index)


def different(
    columns: FaceColumns, *, apart: float, picture: Callable[[int], RGB]
) -> NDArray[np.int64]:
    """Indices, rising, of faces of which no two are alike; of two alike the better one stays.

    Faces of one file are alike when they lie nearer than `apart`; those of two files when besides
    their pictures are the same, as of a photo that was saved twice.

    Args:
        columns: Figures of all faces.
        apart: See `masquerade.train.collect.limits.Limits.apart`; 0 keeps all.
        picture: The (S, S, 3) picture of a face.
    """
    count = len(columns.source)
    if apart <= 0 or not count:
        return np.arange(count, dtype=np.int64)
    places = places_of(columns)
    looks: dict[int, Look] = {}

    def look(index: int) -> Look:
        if index not in looks:
            looks[index] = _look(picture(index))
        return looks[index]

    kept = _Kept(np.empty((64, places.shape[1]), np.float32))
    for index in np.argsort(-goodness(columns), kind="stable").tolist():
        near = kept.near(places[index], apart)
        alike = any(columns.source[one] == columns.source[index] for one in near) or any(
            float((look(one) * look(index)).sum()) > _SAME_PICTURE for one in near
        )
        if not alike:
            kept.add(index, places[index])
    return np.sort(np.array(kept.ids, np.int64))


def balanced(columns: FaceColumns, among: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most so many faces, rising: each view and expression gives one in turn, its best first.

    Args:
        columns: Figures of all faces.
        among: Indices of those to choose from.
        most: How many; 0 for all.
    """
    if not most or len(among) <= most:
        return among
    better = goodness(columns)
    kinds = _kinds(columns)
    shelves: dict[int, list[int]] = {}
    for index in sorted(among.tolist(), key=lambda one: (-better[one], one)):
        shelves.setdefault(int(kinds[index]), []).append(index)
    rounds = zip_longest(*(shelves[kind] for kind in sorted(shelves)))
    chosen: list[int] = []
    for turn in rounds:
        there = [one for one in turn if one is not None]
        room = most - len(chosen)
        if len(there) > room:
            there = sorted(there, key=lambda one: (-better[one], one))[:room]
        chosen += there
        if len(chosen) == most:
            break
    return np.sort(np.array(chosen, np.int64))


def places_of(columns: FaceColumns) -> NDArray[np.float32]:
    """(n, 8) where each face lies among the others; 1 apart is a difference worth having."""
    pose, doing, seen = columns.pose_deg, _named(columns), _qualities(columns)
    rows: list[NDArray[np.float32]] = [
        pose[:, 0],
        pose[:, 1],
        doing["mouth"],
        np.asarray((doing["eye_right"] + doing["eye_left"]) / 2, np.float32),
        doing["smile"],
        seen["light_side"],
        seen["light_down"],
        seen["brightness"],
    ]
    return np.asarray(np.stack(rows, axis=1) / np.array(_UNITS), np.float32)


def goodness(columns: FaceColumns) -> NDArray[np.float64]:
    """(n,) how well each face is seen, in [0, 1]: sharp, large, bare and within the picture."""
    seen = _qualities(columns)
    sharp = np.clip(seen["sharpness"] / 20, 0, 1)
    large = np.clip(seen["size_px"] / 300, 0, 1)
    shown = (1 - seen["occluded"]) * (1 - seen["outside"]) * (1 - seen["clipped"])
    return np.asarray(sharp * np.sqrt(large) * shown, np.float64)


def _kinds(columns: FaceColumns) -> NDArray[np.int64]:
    """(n,) which view and expression each is: yaw, pitch, mouth, eyes, smile in steps."""
    doing = _named(columns)
    eyes = (doing["eye_right"] + doing["eye_left"]) / 2
    steps: Sequence[tuple[NDArray[np.int64], int]] = (
        (np.digitize(columns.pose_deg[:, 0], YAW_EDGES), len(YAW_EDGES) + 1),
        (np.digitize(columns.pose_deg[:, 1], PITCH_EDGES), len(PITCH_EDGES) + 1),
        (np.digitize(doing["mouth"], _MOUTH_EDGES), len(_MOUTH_EDGES) + 1),
        ((eyes < _SHUT).astype(np.int64), 2),
        ((doing["smile"] > _SMILE).astype(np.int64), 2),
    )
    kind = np.zeros(len(columns.source), np.int64)
    for step, count in steps:
        kind = kind * count + step
    return kind


def _named(columns: FaceColumns) -> dict[str, NDArray[np.float32]]:
    return {name: columns.expression[:, k] for k, name in enumerate(EXPRESSION)}


def _qualities(columns: FaceColumns) -> dict[str, NDArray[np.float32]]:
    return {name: columns.quality[:, k] for k, name in enumerate(QUALITY)}


def _look(picture: RGB) -> Look:
    """(16, 16) a tiny grey picture of mean 0 and length 1."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_LOOK_PX, _LOOK_PX), interpolation=cv2.INTER_AREA)
    tiny = np.asarray(small, np.float32)
    tiny -= tiny.mean()
    return np.asarray(tiny / max(float(np.linalg.norm(tiny)), 1e-6), np.float32)
