"""Consent: who allows whom to use which face or voice for what, until when; made, read, written.

A record is a JSON document signed with Ed25519 over its canonical form. The face or voice it covers
is bound to it as an embedding: for a real person encrypted with a key of the installation that made
the record (an embedding is biometric data), for a persona in plain, since no such person exists.
`masquerade.provenance.consent.check` holds it against the face or voice actually supplied.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal, TypedDict, Unpack
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from masquerade.errors import ConsentError, OutputError, UsageError
from masquerade.hashing import file_sha256, small_bytes
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json, canonical_bytes, named_twice
from masquerade.provenance.consent.bound_face import bind_face
from masquerade.provenance.consent.bound_voice import bind_voice
from masquerade.provenance.consent.heard_voice import HeardVoice
from masquerade.provenance.consent.on_behalf import Estate, Guardian
from masquerade.provenance.consent.record import (
    ConsentRecord,
    DeclaredProof,
    Kind,
    MadeProof,
    MadeVoiceProof,
    Media,
)
from masquerade.provenance.home import write_private
from masquerade.provenance.keys import is_signed, public_text, sign, signing_key
from masquerade.types import Embedding, Modality

__all__ = [
    "ConsentRecord",
    "DeclaredProof",
    "Estate",
    "Guardian",
    "Kind",
    "MadeProof",
    "MadeVoiceProof",
    "Terms",
    "load",
    "load_all",
    "load_lender",
    "new_record",
    "proof_sha256",
    "save_record",
    "verify_record",
]

_HOW_TO_LEND: Final = {
    "face": "add --consent RECORD; `masquerade consent new --help` says how to make one",
    "voice": "make one with `masquerade consent statement` and `masquerade consent new --voice`",
}


class Terms(TypedDict, total=False):
    """What a record may say beyond the necessary; see `ConsentRecord` for each and its default."""

    modality: Sequence[Modality]
    methods: Sequence[str]
    media: Sequence[Media]
    territory: str
    valid_from: datetime
    reference_sha256: Sequence[str]
    proof: MadeProof | DeclaredProof | None
    voice_proof: MadeVoiceProof | DeclaredProof | None
    estate: Estate | None
    guardians: Sequence[Guardian]
    of_age_on: date | None


def new_record(
    *,
    kind: Kind | Literal["subject", "persona", "performer", "estate"],
    subject: str,
    grantee: str,
    purposes: Sequence[str],
    embeddings: Sequence[Embedding] = (),
    voices: Sequence[HeardVoice] = (),
    valid_until: datetime,
    adult_attested: bool,
    key: Ed25519PrivateKey | None = None,
    home: Path | None = None,
    **terms: Unpack[Terms],
) -> ConsentRecord:
    """A new signed record.

    Args:
        kind: Whose face or voice it is.
        subject: Name or pseudonym.
        grantee: Who may use it.
        purposes: What for; ``any`` for personas only.
        embeddings: (128,) float32 each, of the face as found in the reference photos.
        voices: As heard in recordings; a living person's in a statement they read aloud.
        valid_until: End, at most ten years after the beginning.
        adult_attested: Whether the person is, or was, of age; a minor needs ``guardians`` and
            ``of_age_on`` instead.
        key: Signs the record; this installation's own when not given. With another key (the
            maker of the package's personas) nothing is written to the ledger.
        home: The installation's folder.
        **terms: Any of `Terms`; a persona needs its ``proof``, a dead person an ``estate``.

    Raises:
        UsageError: The values do not make a valid record; the message says which.
        ProvenanceError: Keys or ledger cannot be used.
    """
    record_id, now = f"mqc-{uuid4().hex[:16]}", datetime.now(UTC)
    plain = kind == Kind.PERSONA
    signer = key or signing_key(home)
    necessary = {
        "id": record_id,
        "kind": kind,
        "subject": subject,
        "grantee": grantee,
        "purposes": tuple(purposes),
        "valid_until": valid_until,
        "adult_attested": adult_attested,
        "faces": tuple(bind_face(one, record_id, plain=plain, home=home) for one in embeddings),
        "voices": tuple(
            bind_voice(one, record_id, plain=plain, day=now.date(), home=home) for one in voices
        ),
        "signer": public_text(signer),
    }
    try:
        values = {"valid_from": now, **_usual(embeddings, voices), **terms, **necessary}
        record = ConsentRecord.model_validate(values)
    except ValidationError as error:
        raise UsageError(f"no consent record can be made: {_first_fault(error)}") from error
    signed = record.model_copy(update={"signature": sign(record.signed_bytes(), signer)})
    if key is None:
        _enter(record, voices, home)
    return signed


def _enter(record: ConsentRecord, voices: Sequence[HeardVoice], home: Path | None) -> None:
    """Puts a new record into the ledger, with the words that were asked to be read aloud."""
    body: dict[str, Json] = {"kind": record.kind.value, "standing": record.standing}
    if read_aloud := [one.challenge for one in voices if one.challenge]:
        body["challenge"] = read_aloud[0]
    ledger.append("consent", record.id, canonical_bytes(body).decode(), home=home)


def _usual(embeddings: Sequence[Embedding], voices: Sequence[HeardVoice]) -> Terms:
    """What a record covers if nothing else is said: what it is bound to, in all media for that."""
    modality: list[Modality] = ["face"] if embeddings else []
    media: list[Media] = ["still", "animation", "video"] if embeddings else ["video"]
    if voices:
        modality.append("voice")
        media.append("audio")
    return {"modality": tuple(modality or ["face"]), "media": tuple(media)}


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
        text = small_bytes(path)
        record = ConsentRecord.model_validate_json(text)
    except OSError as error:
        raise ConsentError(
            f"the consent record cannot be read: {path} ({error.strerror})",
            "a file made by `masquerade consent new`",
            "give the path of the record, or make one first",
        ) from error
    except ValidationError as error:
        raise ConsentError(
            f"{path.name} is not a valid consent record: {_first_fault(error)}",
            "a file made by `masquerade consent new`, unchanged",
            "give the record's own file, which mostly ends in .consent, or make one first",
        ) from error
    twice = named_twice(text)
    if twice:
        raise ConsentError(
            f"{path.name} is not a valid consent record: it names {twice!r} twice",
            "a file made by `masquerade consent new`, unchanged",
        )
    verify_record(record)
    return record


def load_all(paths: Iterable[Path]) -> tuple[ConsentRecord, ...]:
    """The records in files, each once, in the order in which they are named first.

    Raises:
        ConsentError: As for `load`.
    """
    return tuple({one.id: one for one in map(load, paths)}.values())


def load_lender(paths: Iterable[Path], *, lent: Literal["face", "voice"]) -> ConsentRecord:
    """The one record of somebody who lends a face or a voice.

    Raises:
        ConsentError: There is none, there are several, or it is of somebody in a target.
    """
    records = load_all(paths)
    kinds = "of kind subject, persona or estate"
    if len(records) != 1:
        raise ConsentError(
            f"{len(records)} consent records are given for the {lent}",
            f"one record {kinds} that covers the {lent}",
            _HOW_TO_LEND[lent],
        )
    if records[0].kind is Kind.PERFORMER:
        raise ConsentError(
            f"consent {records[0].id} is for a performer, who is changed and lends no {lent}",
            f"a record {kinds}",
            f"give the record of whoever lends the {lent}",
        )
    return records[0]


def verify_record(record: ConsentRecord) -> None:
    """Passes when the record is as its signer signed it, whoever that is.

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
        return file_sha256(proof)
    except OSError as error:
        raise UsageError(f"the proof cannot be read: {proof} ({error.strerror})") from error


def _first_fault(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
