"""A video that a renderer of a body is to be learned from, looked at under the person's consent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade.bodies.footage import Moment
from masquerade.bodies.pose import BodyReader
from masquerade.errors import ConsentError
from masquerade.faces.readers import FaceReader
from masquerade.models.store import Progress
from masquerade.pipelines.body.draft import METHOD
from masquerade.pipelines.body.footage import read_footage, read_lender
from masquerade.pipelines.request import only_purpose
from masquerade.provenance.consent.check import check
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import load
from masquerade.types import Embedding, IdentityUse, InputUse

FEW: Final = 60
"""Moments below which a renderer learns little."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a video shows of somebody who lets their body be learned.

    Attributes:
        moments: Sharp ones, in order of time.
        source: The video.
        identity: (128,) of the face above the body, as measured.
        record: Their consent.
        purpose: What for.
    """

    moments: tuple[Moment, ...]
    source: InputUse
    identity: Embedding
    record: ConsentRecord
    purpose: str


def body_lesson(
    video: Path,
    consents: Sequence[Path],
    *,
    purpose: str,
    progress: Progress,
    tell: Callable[[str], None],
) -> Lesson:
    """What a video shows of one person; nothing is studied before consent is checked.

    Args:
        video: Of the person, from head to foot.
        consents: Their record; it has to cover the body, and whole-body replacement.
        purpose: What it is for; may be empty where the record names just one.
        progress: Told (what, done, in all).
        tell: Told, in a sentence, what the user should know.

    Raises:
        ConsentError: The record does not cover this, or is another person's.
        InputError: Nobody is seen well; FaceError where it is the face.
    """
    records = tuple(map(load, consents))
    if len({one.id for one in records}) != 1:
        raise ConsentError(
            f"{len(records) or 'no'} consent records are given",
            "that of the person who is seen, for the body",
            "add --consent RECORD once; `masquerade consent new --body` makes one",
        )
    record = records[0]
    faces = FaceReader.open(progress=progress)
    bodies = BodyReader.open(progress=progress)
    lender = read_lender(video, bodies, faces)
    stated = purpose or only_purpose(records)
    for face in lender.embeddings:
        use = IdentityUse("source", "body", face, lender.input.sha256, record.id)
        check(record, use, purpose=stated, method=METHOD)
    footage = read_footage(lender, bodies, progress)
    moments = tuple(one for one in footage.moments if not one.mirrored)
    if len(moments) < FEW:
        tell(
            f"{video.name} shows {len(moments)} sharp moments: a renderer learns little from fewer"
            f" than {FEW}; half a minute of movement is better"
        )
    return Lesson(moments, lender.input, lender.embeddings[0], record, stated)
