"""Who of several people in a video is heard: the one whose lips go with its sound."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np

from masquerade.errors import FaceError
from masquerade.faces.following.track import track
from masquerade.faces.mouth.shape import on_skull, opening
from masquerade.faces.readers import FaceReader
from masquerade.media.audio import read_audio
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.models.speech_content import SpeechContent
from masquerade.pipelines.first_look import find_pieces
from masquerade.pipelines.people import Person, belongs
from masquerade.speech.heard import hear
from masquerade.speech.sync import footage_lag
from masquerade.telling import no_words

_SR: Final = 16_000
_MOST_FRAMES: Final = 1500
_AHEAD: Final = 0.1  # correlation by which the one who talks exceeds all others


def who_talks(
    info: MediaInfo, people: Sequence[Person], reader: FaceReader, content: SpeechContent
) -> Person:
    """The person whose lips go with the sound of a video.

    Args:
        info: What `probe` said of it.
        people: Who was seen in it.
        reader: The loaded face networks.
        content: The loaded network of speech.

    Raises:
        FaceError: It cannot be told.
        InputError: The file is of no use.
    """
    moves: list[list[tuple[float, float]]] = [[] for _ in people]
    looked, end_s = 0, Fraction(1)
    for piece in find_pieces(info, on_damage=no_words):
        for span in piece.spans:
            frames = read_frames(info.path, start_pts=span.first, stop_pts=span.last + 1)
            for one in track(frames, reader):
                who = [k for k, person in enumerate(people) if belongs(one, person, people)]
                for pts, face in one.faces.items() if who and not one.brief else ():
                    moment = (float(pts * info.time_base), opening(on_skull(face.landmarks)))
                    moves[who[0]].append(moment)
        looked += piece.frames
        end_s = piece.last * info.time_base + 1
        if looked >= _MOST_FRAMES:
            break
    heard = hear(read_audio(info.path, sr=_SR, mono=True, span_s=(Fraction(0), end_s)), content)
    scores = []
    for some in moves:
        times_s, gaps = np.array(sorted(some)).reshape(-1, 2).T
        lag = footage_lag(heard, times_s, gaps.astype(np.float32))
        scores.append(lag.correlation if lag is not None and lag.is_clear else 0.0)
    order = np.argsort(scores)[::-1]
    if scores[order[0]] <= 0 or (len(order) > 1 and scores[order[0]] < scores[order[1]] + _AHEAD):
        raise FaceError(
            f"{len(people)} people in {info.path.name}, and it cannot be told whose lips go with"
            " its sound",
            "one person, or to be told who is to speak",
            "add --speaker left, right, largest, a number from the left, or a photo",
        )
    return people[int(order[0])]
