"""Whoever is to be seen: one photo of a whole person, with the face that tells who it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from masquerade.bodies.centred import centred
from masquerade.bodies.figure import Figure, PhotoFigure, Shown, shown
from masquerade.bodies.fitness import Concern, Range, concerns_of_photo
from masquerade.bodies.light import Light
from masquerade.bodies.photo_things import Thing, things_in
from masquerade.bodies.pose import Body, BodyReader, closely_masked, find_bodies, read_with_mask
from masquerade.bodies.skeleton import skeleton_of, torso_px_of
from masquerade.bodies.track import Cover
from masquerade.errors import FaceError, InputError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.readers import FaceReader
from masquerade.media.as_it_is import as_it_is
from masquerade.media.read import read_image
from masquerade.pipelines.body.face import face_of, is_within
from masquerade.pipelines.body.light import light_of_photo
from masquerade.types import RGB, Embedding, InputUse, SourcePicture

_THING: Final = (235, 60, 160)
_GREY: Final = 200
_LINE: Final = 0.006  # of a picture's height


@dataclass(frozen=True, slots=True)
class Lender:
    """Whose body a file lends.

    Attributes:
        embeddings: Of the face, as measured in the file.
        input: The file.
    """

    embeddings: tuple[Embedding, ...]
    input: InputUse


@dataclass(frozen=True, slots=True)
class BodySource:
    """Somebody who can be drawn, and by whom it is told who they are.

    Attributes:
        figure: How they are drawn.
        range: How far they were seen turned from the camera.
        lender: Who they are.
        concerns: What will go wrong whatever the target.
        way: In what way they are drawn, and why, in a sentence.
        picture: They, for a sheet.
        body: Their reading, where they are known from one picture.
        portraits: Their face in a video.
        light: In which they were pictured; None where that cannot be told.
    """

    figure: Figure
    range: Range
    lender: Lender
    concerns: tuple[Concern, ...]
    way: str
    picture: RGB
    body: Body | None = None
    portraits: tuple[SourcePicture, ...] = ()
    light: Light | None = None


def read_photo_source(path: Path, bodies: BodyReader, faces: FaceReader) -> BodySource:
    """A person as one photo shows them.

    Args:
        path: The photo.
        bodies: The networks that read bodies.
        faces: The networks that read faces.

    Raises:
        InputError: It is no photo of one person; FaceError where no face can be measured.
    """
    with as_it_is(path) as known:
        frame = read_image(path)
    use = InputUse("source", path.name, known.sha256, path)
    body = only_body(find_bodies(frame.pixels, bodies), path)
    seen, mask, crop = read_with_mask(frame.pixels, body.place, bodies)
    body = centred(seen or body, mask, crop)
    coarse = closely_masked(frame.pixels, body, bodies)
    cut = shown(frame.pixels, body, Cover(mask, crop), coarse=coarse)
    if cut is None:
        raise InputError(f"the person in {path.name} is too small", "a photo of a whole person")
    face = face_of(body, find_faces(frame.pixels, faces))
    if face is None or not is_within(face, coarse):
        raise FaceError(
            f"no face that is the body's own can be measured in {path.name}",
            "a photo that shows the whole person and the face, eyes, nose and mouth where the body"
            " has them: whose body it is, is told by it",
            "use another photo",
        )
    turn, things = min(body.yaw_deg, 180.0), things_in(cut)
    return BodySource(
        PhotoFigure(cut, body),
        Range(turn, turn),
        Lender((embed(frame.pixels, face, faces),), use),
        (
            *concerns_of_photo(body, frame.size_wh),
            *_said_of_things(things, cut, body),
            *map(Concern, cut.missing()),
        ),
        "drawn from one photo, whose layers the bones move: nothing shows them in motion",
        _with_things(cut, things),
        body,
        light=light_of_photo(frame.pixels, coarse, face),
    )


def why_unfit(path: Path, bodies: BodyReader, faces: FaceReader) -> str:
    """Why a photo would be refused as a source, in a sentence without a full stop; empty else.

    Args:
        path: The photo.
        bodies: The networks that read bodies.
        faces: The networks that read faces.
    """
    try:
        found = read_photo_source(path, bodies, faces).concerns
    except InputError as error:
        return error.found
    return next((one.words for one in found if one.grave), "")


def _said_of_things(things: Sequence[Thing], cut: Shown, body: Body) -> Iterator[Concern]:
    """What is said of what lies before a person in their photo."""
    corner = skeleton_of(body).segments[0, 0] - cut.skeleton.segments[0, 0]
    for thing in things:
        x0, y0, x1, y1 = thing.box
        x, y = (x0 + x1) / 2 + float(corner[0]), (y0 + y1) / 2 + float(corner[1])
        where = f"around ({x:.0f}, {y:.0f}), {max(x1 - x0, y1 - y0)} pixels"
        if thing.sure:
            words = (
                f"something is held, or lies before the person in the photo, {where}: it would be"
                " drawn as a part of them, and smeared; use a photo without it"
            )
            yield Concern(words, grave=True)
            continue
        yield Concern(
            f"something of another colour lies before the person in the photo, {where}: unless it"
            " is a print, or their own arm, use a photo without it, as it is drawn with what it"
            " lies on, and smeared"
        )


def _with_things(cut: Shown, things: Sequence[Thing]) -> RGB:
    """The picture with a frame around each of them; beside it what is taken for the person."""
    marked = cut.pixels.copy()
    wide = max(round(_LINE * len(marked)), 2)
    for thing in things:
        x0, y0, x1, y1 = thing.box
        cv2.rectangle(marked, (x0, y0), (x1, y1), _THING, wide, cv2.LINE_AA)
    share = cut.matte[..., None]
    alone = np.rint(cut.pixels * share + _GREY * (1 - share)).astype(np.uint8)
    return np.hstack([marked, alone])


def only_body(found: list[Body], path: Path) -> Body:
    """The person of a photo.

    Raises:
        InputError: Nobody is in it, or nobody is by far the tallest.
    """
    if not found:
        raise InputError(f"nobody is seen in {path.name}", "one person, from head to foot")
    if len(found) > 1 and torso_px_of(found[1]) > 0.6 * torso_px_of(found[0]):
        raise InputError(
            f"{len(found)} people are seen in {path.name}",
            "one person, from head to foot",
            "crop the photo to the person meant",
        )
    return found[0]
