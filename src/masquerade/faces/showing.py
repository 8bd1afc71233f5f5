"""What whoever draws over faces must know of the moments around: turn, size, what is in sight.

With that a face fades out before it has to go and in after it has come back
(`masquerade.faces.staging.strength`), never from one frame to the next. Only a few frames on both
sides count, so pieces of a long shot agree where they meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import OVAL
from masquerade.faces.staging import REACH, height_px, turn_deg
from masquerade.types import Face, Track

Values = NDArray[np.float64]

_LEAVES_DEG: Final = 35.0  # a face lost while turned so far has turned away
_AWAY_DEG: Final = 90.0
_EDGE_PX: Final = 3.0
_COVERED: Final = 0.2  # share of a face behind another head from which it is not shown
_HEAD: Final = 1.35  # size of a head in sizes of its face


def staged(
    tracks: Sequence[Track],
    order: Sequence[int],
    likeness: Mapping[int, Mapping[int, float]],
    size_wh: tuple[int, int],
) -> list[Track]:
    """The tracks of one shot with `Face.course` and `Face.fade` set.

    Args:
        tracks: All of the shot, `Face.fade` 0 where a face is hidden.
        order: Pts of all frames of the shot, in order.
        likeness: By track and pts, how much a face looks like itself, in [-1, 1].
        size_wh: Of the frames.
    """
    place = {pts: number for number, pts in enumerate(order)}
    behind = _behind(tracks, place, likeness)
    return [_staged(one, place, behind[k], size_wh) for k, one in enumerate(tracks)]


def _staged(
    one: Track, place: Mapping[int, int], behind: Values, size_wh: tuple[int, int]
) -> Track:
    if not one.faces:
        return one
    numbers = np.array([place[pts] for pts in one.faces])
    faces = list(one.faces.values())
    turns = _filled([turn_deg(face) for face in faces], numbers, len(place))
    sizes = _filled([height_px(face.landmarks) for face in faces], numbers, len(place))
    shown = _filled([face.fade for face in faces], numbers, len(place)) * (1 - behind)
    for face, gone in _absences(faces, numbers, len(place)):
        if turn_deg(face) > _LEAVES_DEG:
            turns[gone] = _AWAY_DEG
        elif not _at_edge(face, size_wh):
            shown[gone] = 0.0
    values = np.stack([turns, sizes, shown], axis=1).astype(np.float32)
    padded = np.pad(values, ((REACH, REACH), (0, 0)), mode="edge")
    courses = {n: padded[n : n + 2 * REACH + 1] for n in numbers.tolist()}
    made = {
        pts: replace(face, course=courses[n], fade=float(shown[n]))
        for (pts, face), n in zip(one.faces.items(), numbers.tolist(), strict=True)
    }
    return replace(one, faces=made)


def _absences(
    faces: Sequence[Face], numbers: NDArray[np.int64], count: int
) -> Iterator[tuple[Face, slice]]:
    """The frames without a face, each stretch with the faces beside it."""
    yield faces[0], slice(0, int(numbers[0]))
    for k in np.flatnonzero(np.diff(numbers) > 1).tolist():
        gone = slice(int(numbers[k]) + 1, int(numbers[k + 1]))
        yield faces[k], gone
        yield faces[k + 1], gone
    yield faces[-1], slice(int(numbers[-1]) + 1, count)


def _filled(values: Sequence[float], numbers: NDArray[np.int64], count: int) -> Values:
    """(count,) the values at their frames, held beyond both ends."""
    return np.asarray(np.interp(np.arange(count), numbers, values))


def _at_edge(face: Face, size_wh: tuple[int, int]) -> bool:
    """Whether a face leaves the picture, where nobody sees it go."""
    x0, y0, x1, y1 = face.box
    right, bottom = size_wh[0] - _EDGE_PX, size_wh[1] - _EDGE_PX
    return x0 < _EDGE_PX or y0 < _EDGE_PX or x1 > right or y1 > bottom


def _behind(
    tracks: Sequence[Track],
    place: Mapping[int, int],
    likeness: Mapping[int, Mapping[int, float]],
) -> list[Values]:
    """For each track (n,) how far it is covered by others that pass before it, in [0, 1].

    Of two faces that overlap for some frames the one that looks less like itself is behind.
    """
    found = [np.zeros(len(place)) for _ in tracks]
    for i, j in combinations(range(len(tracks)), 2):
        one, other = tracks[i], tracks[j]
        common = [
            pts
            for pts, face in one.faces.items()
            if pts in other.faces and not (face.interpolated or other.faces[pts].interpolated)
        ]
        shares = {pts: _shares(one.faces[pts], other.faces[pts]) for pts in common}
        over = [pts for pts in common if max(shares[pts]) > 0]
        if not over:
            continue
        own = [
            min((likeness.get(t.track_id, {}).get(pts, 1.0) for pts in over), default=1.0)
            for t in (one, other)
        ]
        back, which = (i, 0) if own[0] < own[1] else (j, 1)
        for pts in over:
            cover = min(1.0, shares[pts][which] / _COVERED)
            found[back][place[pts]] = max(found[back][place[pts]], cover)
    return found


def _shares(face: Face, other: Face) -> tuple[float, float]:
    """Which share of each face's outline lies within the other's head."""
    a, b = face.box, other.box
    reach = (_HEAD - 1) / 2 * max(face.size_px, other.size_px)
    if min(a[2], b[2]) + reach <= max(a[0], b[0]) or min(a[3], b[3]) + reach <= max(a[1], b[1]):
        return 0.0, 0.0
    rims = [
        np.asarray(cv2.convexHull(one.landmarks[list(OVAL), :2]), np.float32)
        for one in (face, other)
    ]
    heads = [rim.mean(axis=0) + np.float32(_HEAD) * (rim - rim.mean(axis=0)) for rim in rims]
    return _within(rims[0], heads[1]), _within(rims[1], heads[0])


def _within(rim: NDArray[np.float32], head: NDArray[np.float32]) -> float:
    common, _ = cv2.intersectConvexConvex(rim, head)
    return float(common) / max(float(cv2.contourArea(rim)), 1e-6)
