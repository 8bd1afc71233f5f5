"""Footage of somebody talking, studied: how their mouth moves and looks, what is heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import FaceError
from masquerade.faces.embed import distance
from masquerade.faces.following.track import track
from masquerade.faces.mouth.talker import Sight, sight
from masquerade.faces.readers import FaceReader
from masquerade.media.as_it_is import as_it_is
from masquerade.media.audio import read_audio
from masquerade.media.probe import probe
from masquerade.media.read import read_frames
from masquerade.models.store import Progress
from masquerade.pipelines.first_look import find_pieces
from masquerade.pipelines.lips.covered import seen_alone
from masquerade.pipelines.people import Person, belongs
from masquerade.speech.content import SpeechContent
from masquerade.speech.heard import Heard, hear
from masquerade.telling import no_words
from masquerade.types import Embedding, Face, Frame, InputUse, Track

SR: Final = 16_000
MOST_FRAMES: Final = 6000
"""Frames of one footage that are studied; the rest of a longer one is left out."""
_SAME: Final = 0.6  # distance of two embeddings of one person


@dataclass(frozen=True, slots=True)
class Footage:
    """What one file shows of somebody.

    Attributes:
        input: The file, as a source.
        embedding: (128,) whose face was measured in it.
        sights: Frames in order of time.
        heard: Its sound; None where it has none.
        covered_s: (m, 2) seconds from when to when something covers the mouth; no sights there.
    """

    input: InputUse
    embedding: Embedding
    sights: tuple[Sight, ...]
    heard: Heard | None
    covered_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))


def read_footage(
    input_: InputUse,
    number: int,
    person: Person,
    others: Sequence[Person],
    reader: FaceReader,
    content: SpeechContent | None,
    say: Progress,
) -> Footage:
    """What a file shows of a person.

    Args:
        input_: A video.
        number: Of the footage.
        person: Who is meant.
        others: Everybody who is there, where that is known.
        reader: The loaded face networks.
        content: The loaded network of speech; None where its sound does not count.
        say: Told (what, done, in all or 0).

    Raises:
        FaceError: The person is not in it, or their mouth is covered.
        InputError: It is of no use.
        PolicyError: It is another file than its hash says.
    """
    path = input_.path
    assert path is not None
    with as_it_is(path, sha256=input_.sha256):
        return _studied(path, input_, number, person, others, reader, content, say)


def _studied(
    path: Path,
    input_: InputUse,
    number: int,
    person: Person,
    others: Sequence[Person],
    reader: FaceReader,
    content: SpeechContent | None,
    say: Progress,
) -> Footage:
    """The same, of a file that is held."""
    info = probe(path)
    sights: list[Sight] = []
    seen: list[Embedding] = []
    for piece in find_pieces(info, on_damage=no_words):
        for span in piece.spans:
            frames = {
                frame.pts: frame
                for frame in read_frames(path, start_pts=span.first, stop_pts=span.last + 1)
            }
            for one in track(frames.values(), reader):
                if one.brief or not _is(one, person, others):
                    continue
                if one.embedding is not None:
                    seen.append(one.embedding)
                sights += _sights(one, frames, number)
            say("studying the footage", len(sights), info.frame_count or 0)
        if len(sights) >= MOST_FRAMES:
            break
    if not sights or not seen:
        raise FaceError(
            f"the person who is to speak is not seen in {path.name}",
            "footage of that person, eyes and mouth visible",
            "leave it out, or use other footage",
        )
    bare, covered_s = seen_alone(sorted(sights, key=lambda one: one.time_s), path.name)
    embedding: Embedding = np.mean(seen, axis=0, dtype=np.float32)
    heard = None
    if info.audio and content is not None:
        say("listening to the footage", 0, 0)
        heard = hear(read_audio(path, sr=SR, mono=True, span_s=(Fraction(0), _end(bare))), content)
    return Footage(input_, embedding, bare, heard, covered_s)


def _end(sights: Sequence[Sight]) -> Fraction:
    """A second after the last frame that was studied."""
    return Fraction(max(one.time_s for one in sights)) + 1


def _is(one: Track, person: Person, others: Sequence[Person]) -> bool:
    if others:
        return belongs(one, person, others)
    return one.embedding is not None and distance(one.embedding, person.embedding) <= _SAME


def _sights(one: Track, frames: dict[int, Frame], number: int) -> list[Sight]:
    """The frames of a track in which a network saw the face."""
    found: list[tuple[Frame, Face]] = [
        (frames[pts], face)
        for pts, face in one.faces.items()
        if not face.interpolated and pts in frames
    ]
    return [sight(frame.pixels, face, float(frame.time_s), number) for frame, face in found]
