"""What is known of every shot before a person of it is replaced: who is where, what lies behind."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.cutout import around
from masquerade.bodies.figure import Shown
from masquerade.bodies.light import Light
from masquerade.bodies.lost import may_be
from masquerade.bodies.plate import MOST, CameraPath, PackedPlate, Plate, make_plate
from masquerade.bodies.pose import BodyReader
from masquerade.bodies.skeleton import shifted, skeleton_of
from masquerade.bodies.track import BodyTrack, Cover, track_bodies
from masquerade.bodies.usual import Usual, usual_of
from masquerade.errors import MasqueradeError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.models.store import Progress
from masquerade.pipelines.body.early import nobody_is_seen
from masquerade.pipelines.body.light import light_of_shot
from masquerade.pipelines.body.whose import faces_of_stretches
from masquerade.pipelines.memory import give_back
from masquerade.pipelines.pieces import Piece
from masquerade.types import RGB, Embedding, Frame, PixelBox

_GROW: Final = 0.02  # of a frame's height, around people, that is not used for the plate
_TELL_EVERY: Final = 10
_LOOKED_AT: Final = 30  # pictures of a shot that a person's looks are learned from
_DIGITS: Final = 4  # of a number that says who
_PLACES: Final = ("largest", "left", "right")


@dataclass(frozen=True, slots=True)
class ShotStudy:
    """One shot.

    Attributes:
        first: Pts of its first frame.
        last: Pts of its last frame.
        frames: How many there are.
        tracks: Everybody in it, from left to right.
        packed: The place without anybody; None where nobody is there.
        lost: Share of frames in which the camera's movement could not be told.
        measured: By the first pts of each time in which whoever is meant was followed unbroken,
            the identities measured above them; empty where nobody asked.
        usual: Looks of whoever is meant; None where nobody asked, or too little was seen.
        light: In which they are seen; likewise.
    """

    first: int
    last: int
    frames: int
    tracks: tuple[BodyTrack, ...]
    packed: PackedPlate | None
    lost: float
    measured: Mapping[int, tuple[Embedding, ...]] = field(default_factory=dict)
    usual: Usual | None = None
    light: Light | None = None

    @property
    def plate(self) -> Plate | None:
        """The place without anybody, unpacked anew each time."""
        return self.packed.opened() if self.packed else None

    def chosen(self, who: str) -> BodyTrack | None:
        """Who is replaced in this shot; None where they are not there.

        Args:
            who: largest, left, right, or a number from the left.

        Raises:
            UsageError: It is none of these.
        """
        check_who(who)
        if not self.tracks:
            return None
        if who.isdecimal():
            number = int(who) - 1
            return self.tracks[number] if 0 <= number < len(self.tracks) else None
        if who == "left":
            return self.tracks[0]
        if who == "right":
            return self.tracks[-1]
        return max(self.tracks, key=lambda one: one.height_px * len(one.bodies))


def check_who(who: str) -> None:
    """Passes where somebody can be meant by this.

    Args:
        who: See `ShotStudy.chosen`.

    Raises:
        UsageError: Nobody can.
    """
    if who not in (*_PLACES, "auto") and not (who.isdecimal() and len(who) <= _DIGITS and int(who)):
        raise UsageError(
            f"--person {who[:40]}", "one of auto, largest, left, right, or a number from the left"
        )


@dataclass(frozen=True, slots=True)
class Study:
    """All shots of a target, in order of time."""

    shots: tuple[ShotStudy, ...]

    def nobody(self, who: str) -> MasqueradeError:
        """What is said where nobody can be replaced in any shot.

        Args:
            who: Who was meant.
        """
        most = max((len(shot.tracks) for shot in self.shots), default=0)
        if most:
            seen = "1 person is" if most == 1 else f"{most} people are"
            return UsageError(
                f"--person {who}: at most {seen} seen in a shot",
                "1" if most == 1 else f"a number from 1 to {most}",
                "`masquerade body inspect TARGET` says who is seen in each shot",
            )
        return nobody_is_seen()

    def shot(self, pts: int) -> ShotStudy | None:
        """The shot a frame belongs to."""
        index = bisect_right([one.first for one in self.shots], pts) - 1
        if index < 0 or pts > self.shots[index].last:
            return None
        return self.shots[index]


def study(
    info: MediaInfo,
    pieces: Sequence[Piece],
    reader: BodyReader,
    say: Progress,
    *,
    who: str = "auto",
    faces: FaceReader | None = None,
) -> Study:
    """What is known of every shot of a video, read through once.

    Args:
        info: What `probe` said of it.
        pieces: From `find_pieces`.
        reader: The loaded networks.
        say: Told (what, done, in all or 0).
        who: Who is meant; see `ShotStudy.chosen`.
        faces: Measures their face, where that is asked for.

    Raises:
        MediaError: The file is of no use.
    """
    done = 0
    shots = []
    for first, last in shots_of(pieces):
        wanted = plate_times(info, first, last)
        watch = Watch(wanted)
        frames = read_frames(info.path, start_pts=first, stop_pts=last + 1)
        tracks = track_bodies(_counted(frames, info, done, say), reader, see=watch.see)
        done += watch.count
        shot = watch.study(first, last, tuple(tracks))
        chosen = shot.chosen(who)
        if faces and chosen:
            measured = faces_of_stretches(chosen, watch.pictures, faces)
            usual = _usual(chosen, watch.pictures)
            light = light_of_shot(watch.pictures, chosen, faces)
            shot = replace(shot, measured=measured, usual=usual, light=light)
        shots.append(shot)
        give_back()
    return Study(tuple(shots))


def _usual(track: BodyTrack, pictures: Mapping[int, RGB]) -> Usual | None:
    """What a person usually looks like through a shot."""
    there = [pts for pts in pictures if pts in track.bodies]
    looks = []
    for pts in there[:: max(len(there) // _LOOKED_AT, 1)]:
        picture = pictures[pts]
        mask = track.cover(pts).in_frame((picture.shape[0], picture.shape[1]))
        x0, y0, x1, y1 = around(mask, room=0.12) or (0, 0, picture.shape[1], picture.shape[0])
        part = np.rint(mask[y0:y1, x0:x1] * 255).astype(np.uint8)
        bones = shifted(skeleton_of(track.bodies[pts]), -x0, -y0)
        looks.append(Shown(picture[y0:y1, x0:x1], part, bones))
    return usual_of(looks)


def shots_of(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """First and last pts of each shot; a long one that was cut in pieces is one again."""
    shots: list[tuple[int, int]] = []
    open_end = False
    for span in chain.from_iterable(piece.spans for piece in pieces):
        if open_end and span.before < span.first:
            shots[-1] = shots[-1][0], span.last
        else:
            shots.append((span.first, span.last))
        open_end = span.after > span.last
    return shots


class Watch:
    """Notes what a plate is made of while a shot goes by."""

    def __init__(self, wanted: Sequence[int]) -> None:
        self._left = list(wanted)
        self._path = CameraPath()
        self._kept: list[tuple[int, RGB, NDArray[np.bool_]]] = []
        self._shape_hw = (0, 0)
        self.count = 0

    def see(self, frame: Frame, covers: tuple[Cover, ...]) -> None:
        """Takes up the next frame."""
        self.count += 1
        self._shape_hw = frame.pixels.shape[0], frame.pixels.shape[1]
        people = _people(covers, self._shape_hw)
        self._path.see(frame.pts, frame.pixels, people)
        if self._left and frame.pts >= self._left[0]:
            self._left = [pts for pts in self._left if pts > frame.pts]
            self._kept.append((frame.pts, frame.pixels, people))

    @property
    def pictures(self) -> dict[int, RGB]:
        """By pts, the pictures that were noted."""
        return {pts: picture for pts, picture, _ in self._kept}

    def plate(self, tracks: Sequence[BodyTrack] = ()) -> Plate | None:
        """The place without anybody; None where no picture was taken of it.

        Args:
            tracks: Everybody in the shot; where one may be while lost from sight is no place.
        """
        if not self._kept:
            return None
        for pts, _, people in self._kept:
            for x0, y0, x1, y1 in (box for one in tracks for box in self._lost(one, pts)):
                people[y0:y1, x0:x1] = True
        camera, moves = self._path.settled(self._shape_hw)
        return make_plate(self._kept, camera, moves, self._shape_hw)

    def _lost(self, track: BodyTrack, pts: int) -> tuple[PixelBox, ...]:
        height, width = self._shape_hw
        return may_be(track, pts, (width, height))

    def study(self, first: int, last: int, tracks: tuple[BodyTrack, ...]) -> ShotStudy:
        """The shot, once all of it was seen."""
        plate = self.plate(tracks) if tracks else None
        lost = self._path.weak / max(self.count, 1)
        packed = PackedPlate.of(plate) if plate else None
        return ShotStudy(first, last, self.count, tracks, packed, lost)


def _people(covers: Sequence[Cover], shape_hw: tuple[int, int]) -> NDArray[np.bool_]:
    """(H, W) where anybody is, generously."""
    there = np.zeros(shape_hw, np.uint8)
    for cover in covers:
        there |= (cover.in_frame(shape_hw) > 0.15).astype(np.uint8)
    grow = max(round(_GROW * shape_hw[0]), 2)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1, 2 * grow + 1))
    return np.asarray(cv2.dilate(there, kernel), np.uint8) > 0


def plate_times(info: MediaInfo, first: int, last: int) -> list[int]:
    """Pts of the pictures that a plate is made of."""
    step = max(1, round(1 / ((info.frame_rate or 25) * info.time_base)))
    count = min(MOST, max((last - first) // (4 * step), 3))
    return [round(pts) for pts in np.linspace(first, last, count)]


def _counted(frames: Iterator[Frame], info: MediaInfo, done: int, say: Progress) -> Iterator[Frame]:
    for number, frame in enumerate(frames, done):
        if number % _TELL_EVERY == 0:
            say("following the person", number, info.frame_count or 0)
        yield frame
