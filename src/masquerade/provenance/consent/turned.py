"""Who a face is that looks away, measured where the same shot shows it straighter.

The network of identities knows faces from the front (King 2017): turned by half a right angle, one
person is measured as far from themselves as two people are. The face is followed through the
moments around, and measured where it is clearest; nothing is taken for granted of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from masquerade.faces.embed import distance
from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.media.shots import cuts
from masquerade.types import Embedding, Face, Track

TURNED_DEG: Final = 40.0
"""From the camera, beyond which a face is looked for from nearer the front."""
_AROUND_S: Final = 2.0
_STRAIGHT_DEG: Final = 30.0
_SAME_PLACE: Final = 0.5  # of a face's size
_FAR: Final = 0.75  # between the two measurements, beyond which it was another face after all


def is_turned(face: Face) -> bool:
    """Whether a face looks too far away to be measured by itself."""
    return abs(face.pose_deg[0]) > TURNED_DEG


def around(info: MediaInfo, pts: int, reader: FaceReader) -> list[Track]:
    """The faces of a shot through the moments around a frame.

    Args:
        info: Of the video.
        pts: Of the frame.
        reader: The networks that read faces.
    """
    first, stop = _shot(info, pts, round(_AROUND_S / info.time_base))
    return track(read_frames(info.path, start_pts=first, stop_pts=stop), reader)


def straighter(
    tracks: Sequence[Track], pts: int, face: Face, measured: Embedding
) -> Embedding | None:
    """(128,) the identity of a face from the moments around; None where it is seen no better.

    Args:
        tracks: From `around`.
        pts: Of the frame.
        face: In it.
        measured: What it was measured as there.
    """
    for one in tracks:
        here = one.faces.get(pts)
        if here is None or here.interpolated or one.embedding is None:
            continue
        if not _same_place(here, face):
            continue
        straight = any(abs(other.pose_deg[0]) < _STRAIGHT_DEG for other in one.faces.values())
        if straight and distance(one.embedding, measured) < _FAR:
            return one.embedding
    return None


def _shot(info: MediaInfo, pts: int, reach: int) -> tuple[int, int]:
    """First pts, and the one after the last, of the shot that a moment belongs to, kept short."""
    first, stop = max(pts - reach, info.start_pts), pts + reach
    for frame, begins in cuts(read_frames(info.path, start_pts=first, stop_pts=stop)):
        if begins and frame.pts <= pts:
            first = frame.pts
        elif begins:
            return first, frame.pts
    return first, stop


def _same_place(one: Face, other: Face) -> bool:
    room = _SAME_PLACE * other.size_px
    return all(abs(a - b) < room for a, b in zip(one.box, other.box, strict=True))
