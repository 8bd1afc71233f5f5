"""Footage that a person's mouth is to be learned from, looked at under their consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from masquerade.errors import ConsentError, UsageError
from masquerade.faces.mouth.talker import Sight
from masquerade.faces.readers import FaceReader
from masquerade.hashing import input_sha256
from masquerade.media.read import read_frames
from masquerade.models.store import Progress
from masquerade.pipelines.cast import CastMember
from masquerade.pipelines.findings import look_into, open_target
from masquerade.pipelines.lips.draft import MEMBER, METHOD
from masquerade.pipelines.lips.talking import read_footage
from masquerade.pipelines.people import Person
from masquerade.pipelines.request import only_purpose
from masquerade.pipelines.whose_record import covering
from masquerade.provenance.consent.check import check
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import load_all
from masquerade.types import RGB, Embedding, IdentityUse, InputUse


@dataclass(frozen=True, slots=True)
class LipsFootage:
    """What footage shows of somebody who lets their mouth be learned.

    Attributes:
        sights: Frames, in order of time within each file.
        inputs: SHA-256 of each file.
        identity: (128,) whose face was measured.
        record: Their consent.
        purpose: What for, as it words it.
        photo: (H, W, 3) uint8 a frame in which they are seen.
    """

    sights: tuple[Sight, ...]
    inputs: tuple[str, ...]
    identity: Embedding
    record: ConsentRecord
    purpose: str
    photo: RGB


def lips_footage(
    paths: Sequence[Path],
    consents: Sequence[Path],
    *,
    purpose: str,
    person: str,
    progress: Progress,
) -> LipsFootage:
    """What some videos show of a person's mouth; nothing is studied before consent is checked.

    Args:
        paths: Videos of the person; who is meant is told from the first of them.
        consents: Their record; it has to cover lip sync.
        purpose: What it is for; may be empty where the record names just one.
        person: Who is meant; see `masquerade.pipelines.people.resolve`.
        progress: Told (what, done, in all or 0).

    Raises:
        UsageError: The request makes no sense.
        ConsentError: There is no record, or it does not cover this face.
        InputError: A video is of no use; FaceError where it is the face.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    records = load_all(consents)
    if not records:
        raise ConsentError(
            "no consent record is given for the person whose mouth is learned",
            f"their record, for the face, that covers {METHOD}",
            "add --consent RECORD; `masquerade consent new --help` says how to make one",
        )
    stated = purpose or only_purpose(records)
    reader = FaceReader.open(progress=progress)
    inputs = [
        InputUse("source", one.name, input_sha256(one, "a video of the person"), one)
        for one in paths
    ]
    meant, everybody, photo = _meant(paths[0], person, reader, progress)
    record = _covered(records, meant.embedding, inputs[0], stated)
    sights: list[Sight] = []
    seen = []
    for number, one in enumerate(inputs):
        others = () if number else everybody
        found = read_footage(one, number, meant, others, reader, None, progress)
        _check(record, found.embedding, one, stated)
        seen.append(found.embedding)
        sights += found.sights
    identity: Embedding = np.mean(seen, axis=0, dtype=np.float32)
    digests = tuple(one.sha256 for one in inputs)
    return LipsFootage(tuple(sights), digests, identity, record, stated, photo)


def _meant(
    path: Path, who: str, reader: FaceReader, progress: Progress
) -> tuple[Person, tuple[Person, ...], RGB]:
    """Who is meant, everybody who is seen, and a frame in which the one who is meant is."""
    info = open_target(path)
    if info.kind != "video":
        raise UsageError(f"{path.name} is a {info.kind}", "a video of somebody who talks")
    found = look_into(info, (CastMember(who, ()),), reader, progress)
    meant = found.wanted[MEMBER]
    if meant is None:
        raise UsageError("everyone as the person", "one: auto, left, right, a number, a photo")
    first = next(iter(read_frames(path, start_pts=int(meant.first_s / info.time_base))))
    return meant, found.people, first.pixels


def _covered(
    records: Sequence[ConsentRecord], embedding: Embedding, one: InputUse, purpose: str
) -> ConsentRecord:
    """The record of the person, when it covers learning their mouth."""
    use = IdentityUse("source", "face", embedding, one.sha256)
    wanted = covering(records, use)
    record = next(record for record in records if record.id == wanted)
    _check(record, embedding, one, purpose)
    return record


def _check(record: ConsentRecord, embedding: Embedding, one: InputUse, purpose: str) -> None:
    use = IdentityUse("source", "face", embedding, one.sha256, record.id)
    check(record, use, purpose=purpose, method=METHOD, media="video")
