"""Whether the lips of whoever is to speak are seen in a video, or lie under a mask, a bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import FaceError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.mouth.covered import covered_spans, within
from masquerade.faces.mouth.talker import Sight, sight
from masquerade.faces.readers import FaceReader
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.models.covered_mouth import UNSURE, CoveredMouth
from masquerade.pipelines.people import Person

_LOOKS: Final = 9  # frames, spread over a video, by which it is told before anything is studied
_ENOUGH: Final = 3  # of them that show the mouth's place
_SAME: Final = 0.68  # distance of two embeddings of one person in one video
_LEAST_S: Final = 1.0  # of lips that are seen, where others are not


def covered(name: str) -> FaceError:
    """The error for a video in which lips are never seen.

    Args:
        name: Of the video.
    """
    return FaceError(
        f"the mouth of whoever is to speak is covered throughout {name}, as by a mask, a bar or a"
        " hand",
        "lips that are seen, for a second at least",
        "use a video in which they are seen: what lies over them would be moved in their place",
    )


def check_seen(info: MediaInfo, person: Person, reader: FaceReader) -> None:
    """Passes unless a few looks at a video find lips covered in all of them.

    Args:
        info: What `probe` said of it.
        person: Who is meant.
        reader: The loaded face networks.

    Raises:
        FaceError: They are.
        InputError: The file is of no use.
    """
    if not info.duration_s:
        return
    judge, told = CoveredMouth.open(), list[float]()
    step = info.duration_s / info.time_base / _LOOKS
    for number in range(_LOOKS):
        start = info.start_pts + int(step * number + step / 2)
        frame = next(iter(read_frames(info.path, start_pts=start)), None)
        if frame is None:
            break
        faces = [
            face
            for face in find_faces(frame.pixels, reader, tilts=(0.0,))
            if distance(embed(frame.pixels, face, reader), person.embedding) <= _SAME
        ]
        for face in faces[:1]:
            on_map = sight(frame.pixels, face, 0.0, 0).map
            told += [judge(on_map)] if on_map is not None else []
        if told and told[-1] >= UNSURE:
            return
    if len(told) >= _ENOUGH:
        raise covered(info.path.name)


def seen_alone(sights: Sequence[Sight], name: str) -> tuple[tuple[Sight, ...], NDArray[np.float64]]:
    """The sights in which no lips are covered, and (m, 2) seconds from when to when they are.

    Args:
        sights: Of one video, in order of time.
        name: Of the video.

    Raises:
        FaceError: Lips are covered in nearly all of it.
    """
    judge = CoveredMouth.open()
    asked = [np.nan if one.map is None else judge(one.map) for one in sights]
    times_s = np.array([one.time_s for one in sights], np.float64)
    spans = covered_spans(times_s, np.array(asked, np.float32))
    if not len(spans):
        return tuple(sights), spans
    hidden = within(times_s, spans)
    left = tuple(one for one, is_hidden in zip(sights, hidden, strict=True) if not is_hidden)
    shown_s = [one.time_s for one in left if one.map is not None]
    step_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    if len(shown_s) * step_s < _LEAST_S:
        raise covered(name)
    return left, spans


def told_of(spans: NDArray[np.float64], name: str) -> tuple[str, ...]:
    """When lips are covered, as a sentence; none where they never are.

    Args:
        spans: (m, 2) seconds from when to when.
        name: Of the video.
    """
    if not len(spans):
        return ()
    when = [f"{start:.1f} to {end:.1f} s" for start, end in spans[:5].tolist()]
    more = f" and {len(spans) - 5} times more" if len(spans) > 5 else ""
    return (
        f"something covers the mouth in {name} at {', '.join(when)}{more}: there it stays as it"
        " is, and nothing is learned",
    )
