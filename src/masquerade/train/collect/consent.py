"""Whose face a faceset holds, and whether that person lets a network learn it.

A faceset needs a record that covers the method it is to train. A record of a subject, a persona or
an estate serves for either side of a swap; one of a performer, whose face is replaced, lets a
network learn that face as a target only. The record's own bound faces are the reference: what does
not look like them is a stranger.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from masquerade.errors import ConsentError, UsageError
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.landmarks import face_of
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.provenance.consent.bound_face import open_face
from masquerade.provenance.consent.check import check, check_face
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.provenance.consent.records import load
from masquerade.provenance.keys import rest_key
from masquerade.train.collect.limits import METHOD
from masquerade.train.facesets.faceset import FaceColumns, Faceset
from masquerade.train.facesets.schema import QUALITY
from masquerade.types import Embedding, IdentityUse, Role

_MEASURED: Final = 24
_BEYOND: Final = 12  # of so many measured faces, one may lie beyond the record's: blurred, covered
_DRAWN_WITH: Final = "faces of a faceset to measure"
_STRANGERS: Final = 0.1  # share of faces that may lie far from the middle, as blurred ones do
_FRONTAL_DEG: Final = 25.0
_TURNED: Final = 0.75  # as far as a face that is turned further may be from the record's


@dataclass(frozen=True, slots=True)
class Admitted:
    """A faceset that a network may learn.

    Attributes:
        record: Under which.
        embedding: (128,) float32 identity of its faces, as measured now.
        distance: Of that to the nearest face of the record.
        sha256: Of the file.
    """

    record: ConsentRecord
    embedding: Embedding
    distance: float
    sha256: str


def one_record(paths: Sequence[Path]) -> ConsentRecord:
    """The record in the one file given.

    Raises:
        UsageError: None is given, or several: a faceset holds one person.
        ConsentError: The file is no genuine record.
    """
    if not paths:
        raise UsageError(
            "no consent record is given",
            "the record of the person whose face is collected",
            "add --consent RECORD; `masquerade consent new` makes one",
        )
    records = {record.id: record for record in (load(path) for path in paths)}
    if len(records) > 1:
        names = " and ".join(sorted(record.subject for record in records.values()))
        raise UsageError(
            f"records of {names} are given, and a faceset holds one person",
            "one record",
            "build a faceset for each of them",
        )
    return next(iter(records.values()))


def purpose_of(record: ConsentRecord, stated: str) -> str:
    """What for: as stated, or the one purpose the record names.

    Raises:
        ConsentError: Nothing is stated, and the record names several.
    """
    if stated.strip() or len(record.purposes) == 1:
        return stated.strip() or record.purposes[0]
    raise ConsentError(
        f"consent {record.id} names several purposes: {', '.join(record.purposes)}",
        "one of them",
        "state it with --purpose",
    )


def role_of(record: ConsentRecord) -> Role:
    """The role in which a face under that record is learnt at the least."""
    return "target" if record.kind is Kind.PERFORMER else "source"


def check_learning(
    record: ConsentRecord,
    embedding: Embedding,
    *,
    sha256: str,
    purpose: str,
    role: Role | None = None,
    method: str = METHOD,
    home: Path | None = None,
) -> float:
    """How far this very face is from those of the record, which lets a network learn it.

    Args:
        record: The record given for it.
        embedding: (128,) the face as measured.
        sha256: Of the file it was measured in.
        purpose: What for.
        role: On which side of a swap; whichever the record allows where not given.
        method: Which method is trained.
        home: The installation's folder.

    Raises:
        ConsentError: It does not; the message says which point failed.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    use = IdentityUse(role or role_of(record), "face", embedding, sha256, record.id)
    found = check(record, use, purpose=purpose, method=method, home=home).distance
    assert found is not None  # a face that is given is measured
    return found


def references(
    record: ConsentRecord, more: Sequence[Embedding] = (), *, home: Path | None = None
) -> NDArray[np.float32]:
    """(n, 128) identities a face is compared with: those of the record, and further ones.

    Args:
        record: The consent record.
        more: Of photos that show the same person, as checked here.
        home: The installation's folder.

    Raises:
        ConsentError: A photo shows somebody else, or the record has no faces that can be opened
            here.
    """
    for one in more:
        check_face(record, one, home=home)
    bound = [open_face(face, record.id, home=home) for face in record.faces]
    if not bound:
        raise ConsentError(f"consent {record.id} is bound to no face", "a record made with photos")
    return np.stack([*bound, *more]).astype(np.float32)


def record_of(faceset: Faceset) -> ConsentRecord:
    """The record a faceset was built under, as it lies in the file.

    Raises:
        ConsentError: There is none, or it is not the one that is named.
    """
    try:
        record = ConsentRecord.model_validate_json(faceset.header.record)
    except ValidationError as error:
        raise ConsentError(
            f"{faceset.path.name} does not hold the consent record it was built under",
            "a faceset made by `masquerade faceset build`",
        ) from error
    if record.id != faceset.header.consent:
        raise ConsentError(
            f"{faceset.path.name} names consent {faceset.header.consent}, yet holds {record.id}"
        )
    return record


def admit(
    faceset: Faceset,
    *,
    role: Role | None = None,
    purpose: str = "",
    method: str = METHOD,
    reader: FaceReader | None = None,
    home: Path | None = None,
) -> Admitted:
    """A faceset that a network may learn, and the record that lets it, now.

    Some of its faces are measured anew, whatever the file says of them. Which ones is decided by
    the file's hash and a key of this installation: who makes a file cannot know.

    Args:
        faceset: The faces.
        role: source or target of the swap that is learnt; whichever the record allows where not
            given.
        purpose: What for; that of the faceset where not given.
        method: Which method is trained.
        reader: The loaded face networks; loaded here where not given.
        home: The installation's folder.

    Raises:
        ConsentError: The record is missing, not genuine, revoked, expired, of another person or of
            another scope; or the file shows two people.
        UsageError: The faceset is empty.
        InputError: It is damaged.
    """
    record = record_of(faceset)
    if not len(faceset):
        raise UsageError(f"{faceset.path.name} is empty", "a faceset with faces")
    check_one_person(faceset.columns, faceset.path.name)
    digest = file_sha256(faceset.path)
    numbers = drawn(len(faceset), digest, home)
    each = _measured(faceset, numbers, reader or FaceReader.open())
    turns = np.abs(faceset.columns.pose_deg[numbers, :2]).max(axis=1)
    limits = np.where(turns > _FRONTAL_DEG, _TURNED, SAME_PERSON)
    _check_each(each, limits, record, faceset.path.name, home)
    shown = np.asarray(np.median(each, axis=0), np.float32)
    apart = check_learning(
        record,
        shown,
        sha256=digest,
        purpose=purpose or faceset.header.purpose,
        role=role,
        method=method,
        home=home,
    )
    return Admitted(record, shown, apart, digest)


def middle_of(columns: FaceColumns) -> Embedding:
    """(128,) float32 mean identity of the half of the faces that say most clearly whose they are.

    Args:
        columns: Figures of at least one face.
    """
    order = np.argsort(columns.quality[:, QUALITY.index("distance")], kind="stable")
    clear = columns.embedding[order[: (len(order) + 1) // 2]]
    return np.asarray(clear.mean(axis=0), np.float32)


def check_one_person(columns: FaceColumns, name: str) -> None:
    """Passes when almost all identities of faces towards the camera lie around one middle.

    Raises:
        ConsentError: They are those of two people.
    """
    frontal = np.abs(columns.pose_deg[:, :2]).max(axis=1) <= _FRONTAL_DEG
    embeddings = columns.embedding[frontal] if frontal.any() else columns.embedding
    middle = np.median(embeddings, axis=0)
    near = np.linalg.norm(embeddings - middle, axis=1) <= SAME_PERSON
    strangers = len(near) - int(near.sum())
    if strangers > _STRANGERS * len(near):
        raise ConsentError(
            f"{name} shows two people: {strangers} of {len(near)} faces are far from the others",
            "one person in a faceset",
            "build one for each of them, under their own records",
        )


def drawn(count: int, digest: str, home: Path | None = None) -> list[int]:
    """Numbers of the faces of a faceset that are measured, one of each part of it.

    Args:
        count: How many faces it holds.
        digest: SHA-256 of its file.
        home: The installation's folder.
    """
    secret = hmac.digest(rest_key(home, _DRAWN_WITH), digest.encode(), "sha256")
    chance = np.random.default_rng(list(secret))
    parts = np.array_split(np.arange(count), min(_MEASURED, count))
    return [int(chance.choice(part)) for part in parts]


def _measured(faceset: Faceset, numbers: Sequence[int], reader: FaceReader) -> NDArray[np.float32]:
    """(n, 128) identities of some faces.

    Raises:
        ConsentError: They are not those that the file states.
    """
    found = []
    for number in numbers:
        record = faceset[number]
        one = embed(record.pixels, face_of(record.landmarks, 1.0), reader)
        if distance(one, record.embedding) > SAME_PERSON:
            raise ConsentError(
                f"{faceset.path.name} states another identity than its pictures show",
                "a faceset as it was built",
                "build it anew",
            )
        found.append(one)
    return np.asarray(found, np.float32)


def _check_each(
    measured: NDArray[np.float32],
    limits: NDArray[np.float64],
    record: ConsentRecord,
    name: str,
    home: Path | None,
) -> None:
    """Passes when almost every face is that of the record, whatever the file states of them.

    Raises:
        ConsentError: The file shows somebody else too, or the record's faces cannot be opened here.
    """
    known = references(record, home=home)
    apart = np.linalg.norm(measured[:, None] - known[None], axis=2).min(axis=1)
    beyond, most = int((apart > limits).sum()), math.ceil(len(measured) / _BEYOND)
    if beyond > most:
        raise ConsentError(
            f"{name} shows somebody else too: {beyond} of {len(measured)} faces that were measured"
            f" lie more than {SAME_PERSON} from those of consent {record.id} ({record.subject})",
            f"at most {most}",
            "build it anew from material of that person alone",
        )
