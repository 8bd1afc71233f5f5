"""Whoever is to be seen, from a video of them; and whether that serves better than one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from masquerade.bodies.figure import Cut, PhotoFigure, before, cut
from masquerade.bodies.fitness import Concern, Range
from masquerade.bodies.footage import (
    Moment,
    VideoFigure,
    course,
    described,
    detail,
    distance_m,
    mirrored,
)
from masquerade.bodies.light import Light
from masquerade.bodies.pose import Body, BodyReader
from masquerade.bodies.track import BodyTrack, Cover, track_bodies
from masquerade.bodies.usual import cleared, usual_of
from masquerade.errors import FaceError, InputError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.media.as_it_is import as_it_is
from masquerade.media.glance import glances
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.read import read_frames
from masquerade.models.store import Progress
from masquerade.pipelines.body.early import check_one_person, several_people
from masquerade.pipelines.body.light import light_of_video
from masquerade.pipelines.body.source import BodySource, Lender
from masquerade.pipelines.body.study import Watch, plate_times, shots_of
from masquerade.pipelines.body.whose import LOOKS, Faces, shots_of_theirs
from masquerade.pipelines.first_look import find_pieces
from masquerade.pipelines.people import Person, who_is_there
from masquerade.telling import no_words
from masquerade.types import Frame, InputUse, SourcePicture

Way: TypeAlias = Literal["auto", "photo", "video"]
MOST_MOMENTS: Final = 180
_GLANCES: Final = 8
_STEADY_DB: Final = 22.0  # of the place, below which it tells nothing of a person's edge
_MUCH: Final = 0.25  # square torsos of a moment that things hid, from which it is left out
_ENOUGH: Final = 0.3  # of all moments, that must be left then
_SOFT: Final = 0.35  # of the usual detail, below which a picture is smeared
_FAR_M: Final = 0.12  # from a pose, from which a moment has to be bent too far
_ASIDE_DEG: Final = 25.0  # from the camera, from which it is seen to which side somebody is turned
_WORTH: Final = 0.85  # of one picture's distance, below which moments of a video are worth it


@dataclass(frozen=True, slots=True)
class Footage:
    """A person through a video.

    Attributes:
        moments: In order of time, mirrored ones after all others.
        lender: Who they are.
        portraits: Their face.
        light: In which they were filmed; None where that cannot be told.
        held: In how many of the sharp moments something lay before them, which was taken out.
    """

    moments: tuple[Moment, ...]
    lender: Lender
    portraits: tuple[SourcePicture, ...] = ()
    light: Light | None = None
    held: int = 0

    @property
    def concerns(self) -> tuple[Concern, ...]:
        """What will be seen of its moments, whatever the target."""
        if not self.held:
            return ()
        words = f"something lies before the person in {self.held} moments: painted over as they"
        return (Concern(f"{words} usually look there"),)

    @property
    def turns(self) -> Range:
        """How far they are seen turned."""
        turns = [one.body.yaw_deg for one in self.moments]
        low, high = np.percentile(turns, (2, 98))
        return Range(float(low), float(high))


def read_lender(path: Path, bodies: BodyReader, faces: FaceReader) -> Lender:
    """Who a video shows, by their face.

    Args:
        path: The video.
        bodies: The networks that read bodies.
        faces: The networks that read faces.

    Raises:
        UsageError: It is no video.
        InputError: A few looks show nobody, or several people.
        FaceError: No face can be measured in it, or the body is somebody else's.
    """
    with as_it_is(path) as known:
        info = probe(path)
        if info.kind != "video":
            raise UsageError(f"{path.name} is a {info.kind}", "a video of the person to be seen")
        person = _most_seen(faces_there(tuple(glances(info, _GLANCES)), faces), path)
        lender = Lender((person.embedding,), InputUse("source", path.name, known.sha256, path))
        check_one_person(info, lender, bodies, faces)
    return lender


def read_footage(lender: Lender, bodies: BodyReader, say: Progress) -> Footage:
    """The sharp moments of a video of one person.

    Args:
        lender: From `read_lender`.
        bodies: The networks that read bodies.
        say: Told (what, done, in all or 0).

    Raises:
        InputError: Nobody is seen well in it.
        FaceError: The face of the body that is seen is not the lender's, or cannot be measured.
        PolicyError: The video is another one than the lender was read from.
    """
    path = lender.input.path
    assert path is not None  # read_lender says where it lies
    with as_it_is(path, sha256=lender.input.sha256):
        return _read(path, lender, bodies, say)


def _read(path: Path, lender: Lender, bodies: BodyReader, say: Progress) -> Footage:
    """The same, of a file that is held."""
    info = probe(path)
    every = max(1, -(-(info.frame_count or MOST_MOMENTS) // MOST_MOMENTS))
    look_every = max(1, (info.frame_count or LOOKS) // LOOKS)
    faces = Faces(FaceReader.open(progress=say), lender.input)
    cuts: dict[int, Cut] = {}
    length = round((info.duration_s or 0) / info.time_base)
    watch = Watch(plate_times(info, info.start_pts, info.start_pts + length))
    count = 0

    def see(frame: Frame, covers: tuple[Cover, ...]) -> None:
        nonlocal count
        if count % look_every == 0:
            faces.see(frame)
        count += 1
        watch.see(frame, covers)
        if count % every == 0 and covers and len(cuts) < 2 * MOST_MOMENTS:
            found = cut(frame.pixels, max(covers, key=lambda one: one.size_px))
            if found is not None:
                cuts[frame.pts] = found
        if count % 10 == 0:
            say("looking at the source", count, info.frame_count or 0)

    tracks = track_bodies(read_frames(path), bodies, see=see)
    place = watch.plate(tracks)
    if place is not None and place.noise_db > _STEADY_DB:
        cuts = {pts: before(one, place, pts) for pts, one in cuts.items()}
    main = _main(tracks, info)
    shots = shots_of(find_pieces(info, on_damage=no_words, progress=say))
    theirs = shots_of_theirs(shots, main, faces.seen, lender)
    cuts = {pts: one for pts, one in cuts.items() if any(a <= pts <= b for a, b in theirs)}
    plain, held = _moments(main, cuts)
    if not plain:
        raise InputError(f"{path.name} shows nobody well enough", "a sharp video of one person")
    portraits = tuple(faces.portraits(main, theirs, lender))
    light = light_of_video(watch.pictures, main, portraits)
    return Footage((*plain, *map(mirrored, plain)), lender, portraits, light, held)


@dataclass(frozen=True, slots=True)
class Poses:
    """The poses of whoever is replaced in one shot, frame by frame."""

    pts: tuple[int, ...]
    bodies: tuple[Body, ...]


def facing(photo: BodySource, shots: Sequence[Poses]) -> BodySource:
    """The same photo, in a mirror through the shots whose person is turned to the other side.

    Args:
        photo: From `read_photo_source`.
        shots: What they are to do.
    """
    body, figure = photo.body, photo.figure
    if body is None or not isinstance(figure, PhotoFigure) or body.yaw_deg < _ASIDE_DEG:
        return photo
    way = np.sign(body.turn_deg)
    away = [
        shot
        for shot in shots
        if float(np.median([one.turn_deg for one in shot.bodies])) * way < -_ASIDE_DEG
    ]
    if not away:
        return photo
    turned = PhotoFigure(
        figure.photo,
        body,
        mirror=mirrored(Moment(figure.photo, body)).shown,
        mirrored_at=[pts for shot in away for pts in shot.pts],
    )
    words = (
        "the target's person is turned to the other side than the photo's, which is drawn as in a"
        " mirror there: what is worn on one side is seen on the other"
    )
    return replace(photo, figure=turned, concerns=(*photo.concerns, Concern(words)))


def source_from(
    footage: Footage, photo: BodySource | None, shots: Sequence[Poses], way: Way
) -> BodySource:
    """The source that serves a target's poses best, or in the way that was asked for.

    Args:
        footage: Of the person.
        photo: The same person from a photo, where one was given.
        shots: What they are to do.
        way: ``auto`` compares one picture with the moments of the video.
    """
    photo = facing(photo, shots) if photo else None
    courses = [course(footage.moments, shot.bodies) for shot in shots]
    played_m = float(np.concatenate([one.apart_m for one in courses]).mean())
    best, still_m = _one_picture(footage, photo, shots)
    if way == "photo" or (way == "auto" and played_m > _WORTH * still_m):
        reason = (
            f"drawn from one picture: its pose is {still_m:.2f} m from the target's, moments of the"
            f" video are {played_m:.2f} m"
        )
        return replace(_still(footage, photo, best, reason), portraits=footage.portraits)
    reason = (
        f"drawn from {len({int(n) for one in courses for n in one.moments})} moments of the video:"
        f" {played_m:.2f} m from the target's poses, one picture is {still_m:.2f} m;"
        f" {sum(one.jumps for one in courses)} jumps"
    )
    chosen = {
        pts: int(number)
        for shot, found in zip(shots, courses, strict=True)
        for pts, number in zip(shot.pts, found.moments, strict=True)
    }
    figure = VideoFigure(footage.moments, chosen)
    share = float(np.mean(np.concatenate([one.apart_m for one in courses]) > _FAR_M))
    told = (
        f"no moment of the video is within {_FAR_M:.2f} m of the pose in {share:.0%} of the frames"
    )
    concerns = (Concern(told, grave=share > 0.5),) if share > 0.1 else ()
    concerns = (*concerns, *footage.concerns)
    shown = footage.moments[best].shown
    return BodySource(
        figure,
        footage.turns,
        footage.lender,
        concerns,
        reason,
        shown.pixels,
        portraits=footage.portraits,
        light=footage.light,
    )


def _one_picture(
    footage: Footage, photo: BodySource | None, shots: Sequence[Poses]
) -> tuple[int, float]:
    """Which moment alone would serve best, and how far it, or the photo, is from the poses."""
    wanted = [described(body) for shot in shots for body in shot.bodies]
    there = np.stack([described(one.body) for one in footage.moments if not one.mirrored])
    apart = np.mean([distance_m(there, one) for one in wanted], axis=0)
    best = int(np.argmin(apart))
    if photo is None or photo.body is None:
        return best, float(apart[best])
    own = described(photo.body)[None]
    return best, float(np.mean([distance_m(own, one) for one in wanted]))


def _still(footage: Footage, photo: BodySource | None, best: int, reason: str) -> BodySource:
    """One picture: the photo, or else the best moment."""
    if photo is not None:
        return replace(photo, way=reason)
    moment = footage.moments[best]
    turn = moment.body.yaw_deg
    return BodySource(
        PhotoFigure(moment.shown, moment.body),
        Range(turn, turn),
        footage.lender,
        (*footage.concerns, *map(Concern, moment.shown.missing())),
        reason,
        moment.shown.pixels,
        moment.body,
        light=footage.light,
    )


def faces_there(looks: Sequence[Frame], faces: FaceReader) -> tuple[Person, ...]:
    """Everybody whose face is seen on a few frames; nobody where no face is."""
    try:
        return who_is_there(looks, faces)
    except FaceError:
        return ()


def _most_seen(people: Sequence[Person], path: Path) -> Person:
    """Whose face fills most of the pictures: one look at a profile may seem to be another's."""
    if not people:
        raise FaceError(
            f"no face can be measured in {path.name}",
            "a video that shows the face too: whose body it is, is told by it",
            "use another video",
        )
    return max(people, key=lambda one: one.size_px**2 * one.seen)


def _main(tracks: Sequence[BodyTrack], info: MediaInfo) -> BodyTrack:
    """The one person of a video.

    Raises:
        InputError: Nobody is in it, or several are.
    """
    if not tracks:
        raise InputError(f"nobody is seen in {info.path.name}", "a person, from head to foot")
    order = sorted(tracks, key=lambda one: -one.height_px * len(one.bodies))
    if len(order) > 1 and len(order[1].bodies) > 0.3 * len(order[0].bodies):
        pts, body = next(iter(order[1].bodies.items()))
        raise several_people(info, len(order), pts, body)
    return order[0]


def _empty_handed(moments: Sequence[Moment]) -> tuple[tuple[Moment, ...], int]:
    """The moments without things before the person, and in how many of them there was one.

    Moments in which much had to be painted are left out, where they are not too many.
    """
    usual = usual_of([one.shown for one in moments])
    if usual is None:
        return tuple(moments), 0
    pairs = [(one, *cleared(one.shown, usual)) for one in moments]
    held = sum(area > 0 for _, _, area in pairs)
    little = [one for one in pairs if one[2] < _MUCH]
    kept = little if len(little) > _ENOUGH * len(pairs) else pairs
    return tuple(replace(one, shown=shown) for one, shown, _ in kept), held


def _moments(track: BodyTrack, cuts: Mapping[int, Cut]) -> tuple[tuple[Moment, ...], int]:
    """The moments of a track that are sharp, things before the person taken out of them; and in
    how many there were such things.
    """
    found: list[Moment] = []
    for pts, one in cuts.items():
        body = track.bodies.get(pts)
        if body is not None and np.array_equal(track.crops[pts], one.cover.crop_from_frame):
            found.append(Moment(one.with_bones(body), body))
    details = [detail(one.shown) for one in found]
    usual = float(np.median(details)) if details else 0.0
    sharp = [one for one, fine in zip(found, details, strict=True) if fine >= _SOFT * usual]
    return _empty_handed(sharp)
