"""What a video of a source shows, held against what docs/body.md asks to be filmed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from masquerade.bodies.figure import PhotoFigure
from masquerade.bodies.fitness import concerns_of_video
from masquerade.bodies.footage import Moment
from masquerade.bodies.pose import BodyReader
from masquerade.faces.readers import FaceReader
from masquerade.media.probe import probe
from masquerade.models.store import Progress
from masquerade.pipelines.body.expression import FEWEST, LEAST_PX
from masquerade.pipelines.body.footage import read_footage, read_lender
from masquerade.pipelines.body.source import BodySource
from masquerade.types import RGB

_SHOWN: Final = 6  # moments on the sheet, from the front to the furthest turn
_HIGH: Final = 300  # pixels of one
_GREY: Final = 200


def read_video_source(
    path: Path, bodies: BodyReader, faces: FaceReader, say: Progress
) -> BodySource:
    """A person as a video shows them, and what it lacks; whatever the target.

    Args:
        path: The video.
        bodies: The networks that read bodies.
        faces: The networks that read faces.
        say: Told (what, done, in all or 0).

    Raises:
        UsageError: It is no video.
        InputError: Nobody is seen well in it; FaceError where it is the face that is not.
    """
    footage = read_footage(read_lender(path, bodies, faces), bodies, say)
    moments = [one for one in footage.moments if not one.mirrored]
    front = min(moments, key=lambda one: one.body.yaw_deg)
    large = [one for one in footage.portraits if one.face.size_px >= LEAST_PX]
    moves = "it moves as the target's does" if len(large) >= FEWEST else "it stays as pictured"
    return BodySource(
        PhotoFigure(front.shown, front.body),
        footage.turns,
        footage.lender,
        (
            *concerns_of_video([one.body for one in moments], probe(path).size_wh),
            *footage.concerns,
        ),
        f"{len(moments)} sharp moments (see in the picture whether the hands are empty);"
        f" {len(large)} pictures show a face of {LEAST_PX:.0f} pixels or more, {FEWEST} are needed"
        f" to move it: {moves}",
        _strip(moments),
    )


def _strip(moments: Sequence[Moment]) -> RGB:
    """Some moments side by side, from the front to the furthest turn, over grey."""
    order = sorted(moments, key=lambda one: one.body.yaw_deg)
    picked = np.unique(np.linspace(0, len(order) - 1, _SHOWN).astype(int))
    tiles = []
    for number in picked.tolist():
        shown = order[number].shown
        share = shown.matte[..., None]
        picture = shown.pixels * share + _GREY * (1 - share)
        wide = max(round(picture.shape[1] * _HIGH / picture.shape[0]), 1)
        small = cv2.resize(picture, (wide, _HIGH), interpolation=cv2.INTER_AREA)
        tiles.append(np.asarray(small, np.uint8))
    return np.hstack(tiles)
