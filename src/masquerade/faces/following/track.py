"""Faces through one shot: each followed, named, bridged over gaps, and steadied."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

import numpy as np

from masquerade.faces.detect import PRESENCE, Look, looks, sightings
from masquerade.faces.following.follow import (
    CHECK_EVERY,
    GAP_S,
    STILL_SAME,
    confirmed,
    continues,
    follow,
    keep_watch,
    recover,
    resembles,
    same_place,
)
from masquerade.faces.following.glimpse import NOTHING, Glimpse, glimpse
from masquerade.faces.following.smooth import smooth
from masquerade.faces.following.trail import Trail
from masquerade.faces.landmarks import face_of, place_of, read_face
from masquerade.faces.lids import settle_lids
from masquerade.faces.readers import FaceReader
from masquerade.faces.showing import staged
from masquerade.types import Face, Frame, Track

LOOK_EVERY: Final = 10  # frames between two looks at the whole picture for new faces
TILE_EVERY: Final = 3  # frames between two looks at one tile of it
LEAST_FRAMES: Final = 3  # a face seen more briefly may be an error of the detector
_BACK_BYTES: Final = 64 * 2**20  # pixels kept to follow a new face back to where it came in


@dataclass(frozen=True, slots=True)
class Search:
    """Which squares of the picture are searched when: wholes often, tiles in turn."""

    upright: tuple[Look, ...]
    tilted: tuple[Look, ...]
    tiles: tuple[Look, ...]

    @classmethod
    def of(cls, size_wh: tuple[int, int]) -> Search:
        """The search plan for frames of a size."""
        whole = tuple(looks(size_wh, smallest_px=float(max(size_wh))))
        upright = tuple(look for look in whole if look.angle == 0)
        tiles = tuple(looks(size_wh, tilts=(0.0,)))[len(upright) :]
        return cls(upright, tuple(look for look in whole if look.angle != 0), tiles)

    def at(self, number: int) -> Sequence[Look]:
        """What to search in the frame of this number within the shot."""
        if number == 0:
            return (*self.upright, *self.tilted, *self.tiles)
        if number % LOOK_EVERY == 0:
            turned = number // LOOK_EVERY % (len(self.tilted) + 1)
            return (*self.upright, *self.tilted[turned : turned + 1])
        if number % TILE_EVERY == 0 and self.tiles:
            turn = number // TILE_EVERY % len(self.tiles)
            return self.tiles[turn : turn + 1]
        return ()


def track(
    frames: Iterable[Frame],
    reader: FaceReader,
    *,
    first_id: int = 0,
    see: Callable[[Frame, Sequence[Face]], None] | None = None,
) -> list[Track]:
    """The faces of one shot, in the order in which they come in (the largest first).

    Frames are read once and not kept, but for a few that let a new face be followed back to the
    frame in which it came in.

    Args:
        frames: The frames of a shot in order, all of one size.
        reader: The loaded networks.
        first_id: `track_id` of the first track.
        see: Shown every frame with the faces followed in it, before they are steadied.

    Returns:
        Tracks with an identity each (where the face was ever clear), gaps of up to half a second
        filled with `Face.interpolated` faces (`Face.fade` 0 where something hides them), landmarks
        without tremble. Those seen in fewer than
        `LEAST_FRAMES` frames of a longer shot are marked as `Track.brief`.

    Example:
        >>> tracks = track(read_frames("clip.mp4"), FaceReader.open())  # doctest: +SKIP
    """
    trails: list[Trail] = []
    times: dict[int, Fraction] = {}
    search: Search | None = None
    size_wh: tuple[int, int] | None = None
    back: deque[Frame] = deque(maxlen=LOOK_EVERY)
    for number, frame in enumerate(frames):
        times[frame.pts] = frame.time_s
        if search is None:
            size_wh = frame.size_wh
            search = Search.of(size_wh)
            kept = _BACK_BYTES // max(frame.pixels.nbytes, 1)
            back = deque(maxlen=int(np.clip(kept, 1, LOOK_EVERY)))
        _follow_all(frame, number, trails, reader)
        _part(frame, trails, reader)
        _find_new(frame, search.at(number), trails, back, reader)
        back.append(frame)
        if see:
            see(frame, [one.faces[frame.pts] for one in trails if frame.pts in one.faces])
    least = min(LEAST_FRAMES, len(times))
    lasting = [one for one in trails if len(one.faces) >= least or _by_itself(one, trails)]
    order = sorted(lasting, key=_entrance)
    tracks = [_finished(one, first_id + i, times, reader) for i, one in enumerate(order)]
    if size_wh is None:
        return tracks
    likeness = {first_id + i: one.likeness for i, one in enumerate(order)}
    return staged(tracks, sorted(times), likeness, size_wh)


def _by_itself(trail: Trail, trails: Sequence[Trail]) -> bool:
    """Whether a trail has faces, and no other trail has one of them too."""
    return bool(trail.faces) and not any(
        pts in other.faces and same_place(face, other.faces[pts])
        for pts, face in trail.faces.items()
        for other in trails
        if other is not trail
    )


def _entrance(trail: Trail) -> tuple[int, float]:
    first = min(trail.faces)
    return first, -trail.faces[first].size_px


def _follow_all(frame: Frame, number: int, trails: list[Trail], reader: FaceReader) -> None:
    """Add this frame's face to every trail that goes on."""
    for index, trail in enumerate(list(trails)):
        if trail.lost and frame.time_s - trail.last_s > GAP_S:
            continue
        check = (number + index) % CHECK_EVERY == 0
        face = _seen_again(frame, trail, reader) if trail.lost else None
        if not trail.lost:
            face = follow(frame, trail, reader, check=check)
        look = _glimpse_of(frame, face)
        if face and not trail.lost and not check:
            seen = confirmed(frame, face, look, trail, reader)
            if seen is not face:
                face, look = seen, _glimpse_of(frame, seen)
        if not face:
            trail.lose(frame)
            continue
        trail.add(frame, face, look)
        other = keep_watch(frame, trail, reader, check=check)
        if other:
            trails.append(other)


def _seen_again(frame: Frame, trail: Trail, reader: FaceReader) -> Face | None:
    """A lost face that is back where it was."""
    face = recover(frame.pixels, None, trail.expected(), reader)
    if face and resembles(frame.pixels, face, trail, reader) >= STILL_SAME:
        return None
    return face


def _glimpse_of(frame: Frame, face: Face | None) -> Glimpse:
    return glimpse(frame.pixels, place_of(face.landmarks)) if face else NOTHING


def _part(frame: Frame, trails: list[Trail], reader: FaceReader) -> None:
    """Where two trails have come to follow one face, leave it to the one whose face it is."""
    here = [one for one in trails if frame.pts in one.faces]
    for i, one in enumerate(here):
        for other in here[i + 1 :]:
            if frame.pts not in one.faces or frame.pts not in other.faces:
                continue
            face = one.faces[frame.pts]
            if not same_place(face, other.faces[frame.pts]):
                continue
            mine, theirs = (resembles(frame.pixels, face, t, reader) for t in (one, other))
            wrong = other if mine <= theirs else one
            wrong.drop(frame)


def _find_new(
    frame: Frame,
    searched: Sequence[Look],
    trails: list[Trail],
    back: deque[Frame],
    reader: FaceReader,
) -> None:
    """Begin a trail for every face nobody follows, or take up a lost one."""
    known = [one.faces[frame.pts] for one in trails if frame.pts in one.faces]
    for seen in sightings(frame.pixels, searched, reader, known=known):
        face = read_face(frame.pixels, seen.place, reader, passes=2)
        if face.score < PRESENCE or any(same_place(face, other) for other in known):
            continue
        known.append(face)
        lost = continues(frame, face, trails, reader)
        if lost:
            lost.recent.clear()
            lost.add(frame, face, _glimpse_of(frame, face))
            continue
        trail = Trail()
        _retrace(face, trail, trails, back, reader)
        trail.recent.clear()
        trail.add(frame, face, _glimpse_of(frame, face))
        trails.append(trail)


def _retrace(
    face: Face,
    trail: Trail,
    trails: list[Trail],
    back: deque[Frame],
    reader: FaceReader,
) -> None:
    """Follow a new face back through the last frames, as long as it is surely there."""
    past = Trail(recent=[face])
    found: list[tuple[Frame, Face]] = []
    for earlier in reversed(back):
        before = follow(earlier, past, reader, check=True)
        others = [one.faces[earlier.pts] for one in trails if earlier.pts in one.faces]
        if before is None or any(same_place(before, other) for other in others):
            break
        past.recent = [*past.recent[-1:], before]
        found.append((earlier, before))
    for earlier, before in reversed(found):
        trail.add(earlier, before, _glimpse_of(earlier, before))


def _finished(trail: Trail, track_id: int, times: dict[int, Fraction], reader: FaceReader) -> Track:
    """The track of a trail: gaps filled, landmarks steadied, identity read."""
    bridged = _bridged(trail, times)
    order = sorted(bridged)
    marks = np.stack([bridged[pts].landmarks for pts in order])
    seconds = np.array([float(times[pts]) for pts in order])
    steady = settle_lids(smooth(marks, seconds))
    faces = {
        pts: replace(
            face_of(landmarks, bridged[pts].score),
            track_id=track_id,
            interpolated=bridged[pts].interpolated,
            fade=bridged[pts].fade,
        )
        for pts, landmarks in zip(order, steady, strict=True)
    }
    brief = len(trail.faces) < min(LEAST_FRAMES, len(times))
    return Track(track_id, faces, trail.portraits.embedding(reader), brief)


def _bridged(trail: Trail, times: dict[int, Fraction]) -> dict[int, Face]:
    """The faces with gaps of at most `GAP_S` filled on the straight line between both ends.

    Where something else is seen in its place, a face is there but does not show.
    """
    faces = trail.faces
    made = dict(faces)
    order = sorted(faces)
    between = sorted(times)
    place = {pts: index for index, pts in enumerate(between)}
    for left, right in pairwise(order):
        span = times[right] - times[left]
        missing = between[place[left] + 1 : place[right]]
        if not missing or span > GAP_S:
            continue
        a, b = faces[left], faces[right]
        for pts in missing:
            at = np.float32((times[pts] - times[left]) / span)
            landmarks = (1 - at) * a.landmarks + at * b.landmarks
            face = face_of(landmarks, min(a.score, b.score))
            hidden = _hidden(trail, pts, face, (left, right))
            made[pts] = replace(face, interpolated=True, fade=0.0 if hidden else 1.0)
    return made


def _hidden(trail: Trail, pts: int, face: Face, ends: tuple[int, int]) -> bool:
    """Whether something else was seen where the face should be."""
    shred = trail.shreds.get(pts)
    rims = [trail.rims[end] for end in ends if end in trail.rims]
    return (
        shred is not None
        and bool(rims)
        and not shred.shows(place_of(face.landmarks), rims[0], rims[-1])
    )
