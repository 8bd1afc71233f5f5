"""The pictures of a preview: each moment as the target has it, and as each alternative makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np

from masquerade.faces.following.track import track
from masquerade.pipelines.clock import clock
from masquerade.pipelines.in_front import Glances
from masquerade.pipelines.preview.contact_sheet import MOST_PX, Row, Shown
from masquerade.pipelines.preview.moments import Stretch
from masquerade.pipelines.render import (
    Rig,
    Shoot,
    choose,
    render_span,
    still_tracks,
    with_bare_faces,
)
from masquerade.pipelines.tally import PieceTally
from masquerade.types import (
    RGB,
    Box,
    Face,
    Frame,
    PixelBox,
    Track,
)

Tell: TypeAlias = Callable[[str, int, int], None]
AS_IT_IS: Final = "as it is"
LEFT: Final = "left as it is"
NOT_CHANGED: Final = "not changed"
_AROUND: Final = 0.6  # of a face's size, shown besides it
_ONE: Final = 1.0  # width over height of a picture of one person
_SEVERAL: Final = 1.6
_IDS_APART: Final = 1000


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment of a target.

    Attributes:
        time_s: In seconds, counted from the first picture.
        shot: Number of its shot; 0 where shots were not looked for.
        stretch: Gives its frames; they are read when it is called.
        rigs: Of each alternative; None: frames stay as they are.
    """

    time_s: float
    shot: int
    stretch: Callable[[], Stretch]
    rigs: tuple[Rig | None, ...]


def rows_of(
    moments: Sequence[Moment], shoot: Shoot, marks: Sequence[str], tell: Tell
) -> Iterator[Row]:
    """The row of each moment; the target's pictures are shown to the onlookers first.

    Args:
        moments: In order of time.
        shoot: Who is in the target; its rigs are not used.
        marks: What is said below the picture of each alternative that changed it.
        tell: Told (what, done, in all).
    """
    for number, moment in enumerate(moments):
        tell("making pictures", number, len(moments))
        stretch = moment.stretch()
        for see in shoot.onlookers:
            see(stretch.frame)
        yield _row(moment, stretch, shoot, marks, first_id=number * _IDS_APART)


def _row(
    moment: Moment,
    stretch: Stretch,
    shoot: Shoot,
    marks: Sequence[str],
    *,
    first_id: int,
) -> Row:
    glances = Glances()
    tracks = _tracks(stretch, shoot, first_id, glances)
    roles = with_bare_faces(choose(tracks, shoot), tracks, glances)
    frame = stretch.frame
    faces = roles.chosen.get(frame.pts) or tuple(
        one.faces[frame.pts] for one in tracks if frame.pts in one.faces
    )
    crop = _crop(faces, frame, shoot)
    shown = [Shown(_part(frame, crop, shoot), "")]
    for rig, mark in zip(moment.rigs, marks, strict=True):
        made, words = frame, LEFT
        if rig is not None:
            counts = PieceTally()
            (made,) = render_span(stretch.frames, roles, rig, counts, stretch.span)
            words = mark if counts.swapped else _why(counts)
        shown.append(Shown(_part(made, crop, shoot), words))
    head = [clock(moment.time_s)] if shoot.info.kind != "still" else []
    head += [f"shot {moment.shot}"] if moment.shot and shoot.info.kind != "still" else []
    return Row(tuple(head), crop, tuple(shown))


def _tracks(stretch: Stretch, shoot: Shoot, first_id: int, glances: Glances) -> Sequence[Track]:
    if shoot.info.kind == "still":
        tracks = still_tracks(stretch.frame, shoot.reader)
        glances.see_still(stretch.frame, tracks)
        return tracks
    return track(stretch.wide, shoot.reader, first_id=first_id, see=glances.see)


def _why(counts: PieceTally) -> str:
    if counts.misses:
        return f"{NOT_CHANGED}: {counts.misses[0].reason.partition(':')[0]}"
    return f"{NOT_CHANGED}: nobody meant is seen"


def _crop(faces: Sequence[Face], frame: Frame, shoot: Shoot) -> PixelBox:
    """The faces with what is around them; as much of the frame as fits where there is none."""
    full_wh, pixel_aspect = frame.size_wh, float(shoot.info.pixel_aspect)
    several = len(shoot.wanted) > 1 or None in shoot.wanted.values()
    aspect = (_SEVERAL if several else _ONE) / pixel_aspect  # of pixels as they are stored
    if not shoot.wanted:
        aspect = full_wh[0] / full_wh[1]
    x0, y0, x1, y1 = _around(faces) if faces else (0, 0, *full_wh)
    more = _AROUND * max((face.size_px for face in faces), default=0)
    height = max(y1 - y0 + more, (x1 - x0 + more) / aspect)
    height = min(height, full_wh[1], full_wh[0] / aspect)
    sides = (min(round(height * aspect), full_wh[0]), min(round(height), full_wh[1]))
    left, top = (
        int(np.clip(round(middle - side / 2), 0, full - side))
        for middle, side, full in zip(((x0 + x1) / 2, (y0 + y1) / 2), sides, full_wh, strict=True)
    )
    return left, top, left + sides[0], top + sides[1]


def _around(faces: Sequence[Face]) -> Box:
    boxes = np.array([face.box for face in faces])
    (x0, y0), (x1, y1) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _part(frame: Frame, crop: PixelBox, shoot: Shoot) -> RGB:
    """That part of the frame, pixels square, no larger than a sheet can show."""
    x0, y0, x1, y1 = crop
    height = min(y1 - y0, MOST_PX)
    width = round((x1 - x0) * float(shoot.info.pixel_aspect) * height / (y1 - y0))
    part = np.ascontiguousarray(frame.pixels[y0:y1, x0:x1])
    if (width, height) == (x1 - x0, y1 - y0):
        return part
    way = cv2.INTER_AREA if height < y1 - y0 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (width, height), interpolation=way), np.uint8)
