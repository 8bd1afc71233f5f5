"""The faces of a target that the gates will ask a record for, with pictures of them.

What is taken for a face and is none refuses a job: nothing can tell that safely but people, who are
shown where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from masquerade.hashing import file_sha256
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.provenance.consent.measured import MeasuredPerson, people_in
from masquerade.provenance.gates.consent_measured import BYSTANDER
from masquerade.types import RGB

_HIGH: Final = 160  # pixels of one picture
_MOST: Final = 8
_ROOM: Final = 0.6  # of a face's size, that is shown around it


@dataclass(frozen=True, slots=True)
class Asked:
    """The faces that need a record.

    Attributes:
        said: Where each is, in sentences.
        picture: (h, w, 3) uint8 RGB they, side by side.
    """

    said: tuple[str, ...]
    picture: RGB


def faces_asked_for(info: MediaInfo) -> Asked | None:
    """Whom the gates ask a record for in a target, eight at most; None where they see no face.

    Args:
        info: Of the target.

    Raises:
        ConsentError: The file cannot be measured.
    """
    people = people_in(info.path, file_sha256(info.path))
    large = [one for one in people if one.size_px > BYSTANDER * people[0].size_px]
    seen = [one for one in large if one.sight is not None][:_MOST]
    if not seen:
        return None
    said = tuple(
        f"face {number}, {one.sight.words() if one.sight else ''}, {one.size_px:.0f} pixels, seen"
        f" {_often(one.seen)}: a record has to cover it"
        for number, one in enumerate(seen, 1)
    )
    hint = "a thing that is taken for a face refuses the job: cover it, or cut the clip elsewhere"
    if len(seen) > 1:
        said = (*said, hint)
    return Asked(said, np.hstack([_part(info, one) for one in seen]))


def _part(info: MediaInfo, one: MeasuredPerson) -> RGB:
    assert one.sight is not None
    x0, y0, x1, y1 = one.sight.box
    room = _ROOM * max(x1 - x0, y1 - y0)
    pts = one.sight.pts
    frame = next(read_frames(info.path, start_pts=pts, stop_pts=pts + 1), None)
    if frame is None:
        return np.full((_HIGH, _HIGH, 3), 255, np.uint8)
    high, wide = frame.pixels.shape[:2]
    left, top = max(int(x0 - room), 0), max(int(y0 - room), 0)
    part = frame.pixels[top : min(int(y1 + room), high), left : min(int(x1 + room), wide)]
    size = max(round(part.shape[1] * _HIGH / part.shape[0]), 1), _HIGH
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)


def _often(seen: int) -> str:
    return "once" if seen == 1 else f"{seen} times"
