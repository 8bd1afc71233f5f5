"""Consent: who allows whom to use which face for what, until when; made, read, and checked.

A record is a JSON document signed with Ed25519 over its canonical form. The face it covers is
bound to it as an identity embedding: for a real person encrypted with a key of the installation
that made the record (a face embedding is biometric data), for a persona in plain, since no such
person exists. The record is checked at every use, against the face actually supplied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from masquerade.errors import ConsentError, OutputError, UsageError
from masquerade.faces.embed import distance
from masquerade.provenance import ledger
from masquerade.provenance.bound_face import bind_face, is_embedding, open_face
from masquerade.provenance.canonical import canonical_bytes, sha256_file
from masquerade.provenance.home import write_private
from masquerade.provenance.keys import is_signed, public_text, sign, signing_key
from masquerade.provenance.record import (
    ANY,
    ConsentRecord,
    DeclaredProof,
    Kind,
    MadeProof,
    Media,
)
from masquerade.provenance.trust import persona_keys, revoked_ids, trusted_signers
from masquerade.types import Embedding, IdentityUse, Modality

__all__ = [
    "FACE_THRESHOLD",
    "ConsentRecord",
    "Coverage",
    "DeclaredProof",
    "Kind",
    "MadeProof",
    "check",
    "check_each",
    "load",
    "new_record",
    "proof_sha256",
    "save_record",
    "verify_record",
]

FACE_THRESHOLD = 0.5
_MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a record covers a use: whose word it is, and how near the supplied face is.

    Attributes:
        signed_by: Who signed the record, in words.
        distance: Embedding distance of the supplied face to the nearest bound one.
    """

    record: ConsentRecord
    signed_by: str
    distance: float


def new_record(
    *,
    kind: Kind | Literal["subject", "persona", "performer"],
    subject: str,
    grantee: str,
    purposes: Sequence[str],
    embeddings: Sequence[Embedding],
    valid_until: datetime,
    adult_attested: bool,
    valid_from: datetime | None = None,
    modality: Sequence[Modality] = ("face",),
    methods: Sequence[str] = (ANY,),
    media: Sequence[Media] = ("still", "animation", "video"),
    territory: str = "worldwide",
    reference_sha256: Sequence[str] = (),
    proof: MadeProof | DeclaredProof | None = None,
    key: Ed25519PrivateKey | None = None,
    home: Path | None = None,
) -> ConsentRecord:
    """A new signed record.

    Args:
        kind: Whose face it is.
        subject: Name or pseudonym.
        grantee: Who may use it.
        purposes: What for; ``any`` for personas only.
        embeddings: (128,) float32 each, of the face as found in the reference photos.
        valid_until: End, at most ten years after the beginning.
        adult_attested: Whether the person is of age; a record for a minor cannot be made yet.
        valid_from: Beginning; now when not given.
        modality: What of the person: face.
        methods: Methods or families of methods; all when not given.
        media: Kinds of media.
        territory: Where, in words.
        reference_sha256: SHA-256 of the reference photos.
        proof: For a persona: why no such person exists.
        key: Signs the record; this installation's own when not given. With another key (the
            maker of the package's personas) nothing is written to the ledger.
        home: The installation's folder.

    Raises:
        UsageError: The values do not make a valid record; the message says which.
        ProvenanceError: Keys or ledger cannot be used.
    """
    record_id = f"mqc-{uuid4().hex[:16]}"
    plain = Kind(kind) is Kind.PERSONA
    signer = key or signing_key(home)
    values = {
        "id": record_id,
        "kind": kind,
        "subject": subject,
        "grantee": grantee,
        "modality": tuple(modality),
        "purposes": tuple(purposes),
        "methods": tuple(methods),
        "media": tuple(media),
        "territory": territory,
        "valid_from": valid_from or datetime.now(UTC),
        "valid_until": valid_until,
        "adult_attested": adult_attested,
        "reference_sha256": tuple(reference_sha256),
        "faces": tuple(bind_face(one, record_id, plain=plain, home=home) for one in embeddings),
        "proof": proof,
        "signer": public_text(signer),
    }
    try:
        record = ConsentRecord.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"no consent record can be made: {_first_fault(error)}") from error
    signed = record.model_copy(update={"signature": sign(record.signed_bytes(), signer)})
    if key is None:
        body = canonical_bytes({"kind": record.kind.value})
        ledger.append("consent", record_id, body.decode(), home=home)
    return signed


def save_record(record: ConsentRecord, path: Path) -> None:
    """Writes a record to a file that is not there yet.

    Raises:
        OutputError: The file exists, or cannot be written.
    """
    if path.exists():
        raise OutputError(f"{path} exists", "a new file", "choose another name")
    try:
        write_private(path, record.text().encode())
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror})") from error


def load(path: Path) -> ConsentRecord:
    """The record in a file, with its signature checked.

    Raises:
        ConsentError: The file is missing, is no record, or was changed after it was signed.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConsentError(f"{path.name} is too large for a consent record")
        record = ConsentRecord.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConsentError(
            f"the consent record cannot be read: {path} ({error.strerror})",
            "a file made by `masquerade consent new`",
        ) from error
    except ValidationError as error:
        raise ConsentError(
            f"{path.name} is not a valid consent record: {_first_fault(error)}",
            "a file made by `masquerade consent new`, unchanged",
        ) from error
    verify_record(record)
    return record


def verify_record(record: ConsentRecord) -> None:
    """Passes when the record is as its signer signed it; whether that signer counts, `check` says.

    Raises:
        ConsentError: The signature is wrong.
    """
    if not is_signed(record.signed_bytes(), record.signature, record.signer):
        raise ConsentError(
            f"the signature of consent {record.id} is wrong",
            "the record exactly as it was signed",
            "use the original file, or have it signed anew",
        )


def proof_sha256(proof: Path) -> str:
    """SHA-256 of a declared persona's proof file.

    Raises:
        UsageError: The file cannot be read.
    """
    try:
        return sha256_file(proof)
    except OSError as error:
        raise UsageError(f"the proof cannot be read: {proof} ({error.strerror})") from error


def check(
    record: ConsentRecord,
    use: IdentityUse,
    *,
    purpose: str,
    method: str,
    media: Media | None = None,
    now: datetime | None = None,
    home: Path | None = None,
) -> Coverage:
    """How the record covers this use of a face; it comes back only when every point is met.

    Args:
        record: The record given for it.
        use: The face actually found in the supplied material.
        purpose: What the output is for.
        method: The method that makes it.
        media: The kind of media that is made, where known.
        now: The time of use.
        home: The installation's folder.

    Raises:
        ConsentError: It does not; the message says which point failed.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    pair = ((record, use),)
    return check_each(pair, purpose=purpose, method=method, media=media, now=now, home=home)[0]


def check_each(
    pairs: Sequence[tuple[ConsentRecord, IdentityUse]],
    *,
    purpose: str,
    method: str,
    media: Media | None = None,
    now: datetime | None = None,
    home: Path | None = None,
) -> tuple[Coverage, ...]:
    """What `check` gives for each record and use, with trust and revocations read once.

    Raises:
        ConsentError: One of them fails; the message says which point.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    revoked = revoked_ids(home)
    covered = []
    for record, use in pairs:
        verify_record(record)
        signed_by = _signed_by(record, home)
        if record.id in revoked:
            raise ConsentError(
                f"consent {record.id} was revoked", "a record that still holds", "ask for a new one"
            )
        _check_dates(record, now or datetime.now(UTC))
        _check_scope(record, use, purpose=purpose, method=method, media=media)
        covered.append(Coverage(record, signed_by, _check_face(record, use, home)))
    return tuple(covered)


def _signed_by(record: ConsentRecord, home: Path | None) -> str:
    if record.signer in persona_keys():
        if record.kind is Kind.PERSONA and isinstance(record.proof, MadeProof):
            return "the project's persona key"
        raise ConsentError(
            f"consent {record.id} is signed by the persona key, yet covers a {record.kind.value}",
            "personas only",
        )
    for signer in trusted_signers(home):
        if signer.public == record.signer:
            return signer.name
    raise ConsentError(
        f"consent {record.id} is signed by an unknown key ({record.signer})",
        "a record made here, or by someone whose key you trust",
        "ask the signer for their key, compare it, then `masquerade consent trust KEY --name NAME`",
    )


def _check_dates(record: ConsentRecord, now: datetime) -> None:
    if now < record.valid_from:
        raise ConsentError(
            f"consent {record.id} is not valid yet", f"from {record.valid_from:%Y-%m-%d %H:%M %Z}"
        )
    if now >= record.valid_until:
        raise ConsentError(
            f"consent {record.id} expired on {record.valid_until:%Y-%m-%d}",
            "a record that still holds",
            "ask for a new one",
        )


def _check_scope(
    record: ConsentRecord, use: IdentityUse, *, purpose: str, method: str, media: Media | None
) -> None:
    kinds = (Kind.SUBJECT, Kind.PERSONA) if use.role == "source" else tuple(Kind)
    if record.kind not in kinds:
        raise ConsentError(
            f"consent {record.id} is for a {record.kind.value}, yet the face is used as {use.role}",
            " or ".join(kinds),
        )
    if use.modality not in record.modality:
        raise ConsentError(
            f"consent {record.id} does not cover the {use.modality}", ", ".join(record.modality)
        )
    if use.modality != "face":
        raise ConsentError(
            f"a {use.modality} cannot be compared with its consent in this version", "a face"
        )
    family = method.partition("_")[0]
    if not {ANY, method.lower(), family.lower()} & set(record.methods):
        raise ConsentError(
            f"consent {record.id} does not cover the method {method}", ", ".join(record.methods)
        )
    if media is not None and media not in record.media:
        raise ConsentError(f"consent {record.id} does not cover {media}", ", ".join(record.media))
    if not {ANY, purpose.strip().lower()} & set(record.purposes):
        stated = f"the purpose {purpose!r}" if purpose.strip() else "a use without a purpose"
        raise ConsentError(
            f"consent {record.id} does not cover {stated}",
            ", ".join(record.purposes),
            "state one of these purposes, if it is true",
        )


def _check_face(record: ConsentRecord, use: IdentityUse, home: Path | None) -> float:
    if not is_embedding(use.embedding):
        raise ConsentError("the supplied face could not be measured", "a clear face")
    faces = (open_face(face, record.id, home=home) for face in record.faces)
    nearest = min(float(distance(use.embedding, face)) for face in faces)
    if not nearest <= FACE_THRESHOLD:
        raise ConsentError(
            f"the supplied face is not the one of consent {record.id} ({record.subject}):"
            f" distance {nearest:.2f}",
            f"at most {FACE_THRESHOLD:.2f}",
            "supply photos of that person, or that person's record",
        )
    return nearest


def _first_fault(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
