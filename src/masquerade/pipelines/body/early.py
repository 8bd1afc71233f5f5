"""What refuses a job, looked for at a few moments before anybody is followed through a whole video.

Whatever passes here is asked again, of every frame, once it is known: a look spares time, and lets
nothing through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from masquerade.bodies.fitness import SMALL_PX, Range, hopeless
from masquerade.bodies.pose import Body, BodyReader, find_bodies
from masquerade.bodies.track import LOOK_EVERY
from masquerade.errors import ConsentError, FaceError, InputError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.media.glance import glances
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.pipelines.body.face import face_at_head, face_of
from masquerade.pipelines.body.source import BodySource, Lender
from masquerade.pipelines.body.whose import is_covered
from masquerade.pipelines.clock import clock
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.types import Box, Face, Frame

_GLANCES: Final = 8  # of a source video, as many as its face is told by
_CLOSER: Final = 24  # of one in which no face was above its body
_MOST_SHOTS: Final = 12  # of a target, more than which are not looked at beforehand
_LOOKS: Final = 3  # at each
_MOST_FRAMES: Final = 1500  # of a target, more than which are not searched for anybody beforehand
NO_SHOT: Final = "the shot will not do"
_OFTEN: Final = 0.5  # of the moments at which anybody is seen, that others are there as well
_TURNED_DEG: Final = 45.0  # from the camera, beyond which a face is measured wrongly


def check_one_person(
    info: MediaInfo, lender: Lender, bodies: BodyReader, faces: FaceReader
) -> None:
    """Passes where a source video seems to show one person, whose own face is the lender's.

    Args:
        info: Of the video.
        lender: Whose face was measured in it.
        bodies: The networks that read bodies.
        faces: The networks that read faces.

    Raises:
        InputError: Nobody is seen in it, or several people are.
        FaceError: The face above the body is somebody else's, or none is ever seen there.
    """
    looks = [(one, find_bodies(one.pixels, bodies)) for one in glances(info, _GLANCES)]
    there = [(one, found) for one, found in looks if found]
    if not there:
        raise InputError(f"nobody is seen in {info.path.name}", "a person, from head to foot")
    several = [(one, found) for one, found in there if len(found) > 1]
    if len(several) > _OFTEN * len(there):
        frame, found = several[0]
        raise several_people(info, len(found), frame.pts, found[1])
    own, others = _faces_above(there, faces)
    if not own:
        closer = ((one, find_bodies(one.pixels, bodies)) for one in glances(info, _CLOSER))
        own, _ = _faces_above([(one, found) for one, found in closer if found], faces)
    if not own:
        where = f": the one {_where(info, *others[0])} is none of its own" if others else ""
        raise FaceError(
            f"no face can be measured above the body in {info.path.name}{where}",
            "a video that shows the face too: whose body it is, is told by it",
            "cover what shows another face, or use another video",
        )
    straight = [one for one in own if abs(one[1].pose_deg[0]) < _TURNED_DEG]
    apart = [
        min(distance(embed(frame.pixels, face, faces), one) for one in lender.embeddings)
        for frame, face in straight
    ]
    if len(apart) >= _LOOKS and float(np.median(apart)) > SAME_PERSON:
        frame, face = straight[int(np.argmax(apart))]
        raise FaceError(
            f"the body in {info.path.name} is that of somebody else than the largest face: its own"
            f" is {_where(info, frame, face)}",
            "a video of one person, whose own face is seen",
            "cut it to that person, or cover the other face",
        )


def several_people(info: MediaInfo, count: int, pts: int, other: Body) -> InputError:
    """What is said of a source in which others are seen as well.

    Args:
        info: Of the video.
        count: How many are seen.
        pts: At which one of them is.
        other: They.
    """
    when, place = _at(info, pts), _around(other.box)
    return InputError(
        f"{count} people are seen in {info.path.name}, one of them {when} {place},"
        f" {other.height_px:.0f} px high",
        "one person, and no picture of somebody on a wall either",
        "cut the video to one person, or cover whoever else is seen",
    )


def check_photo(photo: BodySource) -> None:
    """Passes where a photo can be drawn from, whatever the target.

    Args:
        photo: From `read_photo_source`.

    Raises:
        InputError: Something in it will be seen in every picture.
    """
    grave = [one.words for one in photo.concerns if one.grave]
    if grave:
        raise InputError(
            f"{photo.lender.input.name} will not do: {grave[0]}",
            "a photo of the whole person, standing, with empty hands",
            "use another photo, or add --force-quality; `masquerade body inspect` shows what is"
            " taken for the person",
        )


def check_performers(
    info: MediaInfo,
    shots: Sequence[tuple[int, int]],
    records: Sequence[ConsentRecord],
    readers: tuple[BodyReader, FaceReader],
    *,
    source: Range | None,
    force_quality: bool,
) -> None:
    """Passes where somebody may be replaced, and a shot could be made, as far as a look can tell.

    Args:
        info: Of the target.
        shots: First and last pts of each.
        records: All that are given.
        readers: The networks that read bodies, and those that read faces.
        source: How far the source is seen turned; None where that is not known yet.
        force_quality: Shots that will look wrong are made all the same.

    Raises:
        ConsentError: No face above a body is one that a record covers.
        FaceError: Nobody is seen.
        InputError: No shot will do.
    """
    if len(shots) > _MOST_SHOTS:
        return
    bodies, faces = readers
    seen = [[(one, find_bodies(one.pixels, bodies)) for one in _looks(info, *at)] for at in shots]
    found_in = [bool(found) for shot in seen for _, found in shot]
    if 2 * sum(found_in) < len(found_in) and _nobody(info, shots, bodies):
        raise nobody_is_seen()
    _check_faces(info, [look for shot in seen for look in shot], records, faces)
    if force_quality:
        return
    reasons = []
    for shot in seen:
        alone = [found[0] for _, found in shot if len(found) == 1]
        if len(alone) < len(shot) or len(shot) < _LOOKS:
            return
        why = hopeless(alone, info.size_wh, source)
        if not why:
            return
        reasons.append(f"{NO_SHOT}: {why}")
    if reasons:
        raise no_shot_will_do(reasons)


def nobody_is_seen() -> FaceError:
    """What is said where nobody can be followed in any shot."""
    return FaceError(
        "nobody is seen in any shot",
        f"a person, most of them in the picture, a torso of {SMALL_PX:.0f} pixels or more",
        "`masquerade body inspect TARGET` says what is seen in each shot",
    )


def no_shot_will_do(reasons: Sequence[str]) -> InputError:
    """What is said where every shot is better left as it is.

    Args:
        reasons: One for each shot.
    """
    return InputError(
        "; ".join(dict.fromkeys(reasons)),
        "a shot that can be made",
        "nothing was made; see `masquerade body inspect`, or add --force-quality",
    )


def _check_faces(
    info: MediaInfo,
    looks: Sequence[tuple[Frame, list[Body]]],
    records: Sequence[ConsentRecord],
    faces: FaceReader,
) -> None:
    """Passes where a face above a body is covered, or hardly any was seen."""
    own = [
        (frame, face)
        for frame, found in looks
        for body in found
        if (face := face_at_head(frame.pixels, body, faces)) is not None
        and abs(face.pose_deg[0]) < _TURNED_DEG
    ]
    if len(own) < _LOOKS:
        return
    if any(is_covered(embed(frame.pixels, face, faces), records) for frame, face in own):
        return
    frame, face = max(own, key=lambda one: one[1].size_px)
    raise ConsentError(
        "nobody may be replaced: the face above the body is that of somebody whom no record covers"
        f" (seen {_where(info, frame, face)})",
        "a performer's record of whoever is replaced",
        "make one with `masquerade consent new --kind performer --body`, of several pictures",
    )


def _nobody(info: MediaInfo, shots: Sequence[tuple[int, int]], bodies: BodyReader) -> bool:
    """Whether the frames in which a study looks for people who come in show none of them."""
    if (info.frame_count or _MOST_FRAMES + 1) > _MOST_FRAMES:
        return False
    for first, last in shots:
        frames = read_frames(info.path, start_pts=first, stop_pts=last + 1)
        for number, frame in enumerate(frames):
            if number % LOOK_EVERY == 0 and find_bodies(frame.pixels, bodies):
                return False
    return True


def _looks(info: MediaInfo, first: int, last: int) -> Iterator[Frame]:
    """A few frames of a shot, none of them at its very ends."""
    for number in range(_LOOKS):
        pts = first + (last - first) * (2 * number + 1) // (2 * _LOOKS)
        frame = next(read_frames(info.path, start_pts=pts, stop_pts=last + 1), None)
        if frame is not None:
            yield frame


def _faces_above(
    looks: Sequence[tuple[Frame, list[Body]]], faces: FaceReader
) -> tuple[list[tuple[Frame, Face]], list[tuple[Frame, Face]]]:
    """The faces of the tallest bodies that can be measured, and the largest others."""
    own: list[tuple[Frame, Face]] = []
    others: list[tuple[Frame, Face]] = []
    for frame, found in looks:
        there = find_faces(frame.pixels, faces)
        face = face_of(found[0], there)
        if face is not None:
            own.append((frame, face))
        elif there:
            others.append((frame, there[0]))
    return own, sorted(others, key=lambda one: -one[1].size_px)


def _where(info: MediaInfo, frame: Frame, face: Face) -> str:
    return f"{_at(info, frame.pts)} {_around(face.box)}, {face.size_px:.0f} px"


def _at(info: MediaInfo, pts: int) -> str:
    return f"at {clock(Fraction((pts - info.start_pts) * info.time_base))}"


def _around(box: Box) -> str:
    x0, y0, x1, y1 = box
    return f"around ({(x0 + x1) / 2:.0f}, {(y0 + y1) / 2:.0f})"
