"""Whether a consent record covers a use: genuine, in force, of this scope, of this very person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from masquerade.errors import ConsentError
from masquerade.faces.embed import distance
from masquerade.provenance import ledger
from masquerade.provenance.consent.bound_face import is_embedding, open_face
from masquerade.provenance.consent.bound_voice import is_voice, open_voice
from masquerade.provenance.consent.record import (
    ANY,
    ConsentRecord,
    DeclaredProof,
    Kind,
    Media,
)
from masquerade.provenance.consent.records import verify_record
from masquerade.provenance.consent.revocation import revoked_ids
from masquerade.provenance.consent.trust import TrustedSigner, persona_keys, trusted_signers
from masquerade.provenance.consent.voice_reader import apart, voice_network
from masquerade.types import Embedding, IdentityUse, Modality

FACE_THRESHOLD = 0.5
"""Embedding distance within which a face counts as the bound one: takes another person for it in
0.015 % of pairs and refuses the right one in 3.1 % (``benchmarks/consent_threshold.py``)."""

VOICE_THRESHOLD = 0.18
"""Distance of speaker embeddings within which a voice counts as the bound one: takes another voice
for it in 0.04 % of pairs, and refuses none of 43 of one session (``benchmarks/voice_consent.py``);
from another day and microphone more are refused."""

PERSONA_VOICE_THRESHOLD = 0.1
"""The same for a persona's voice, which is made anew and comes out alike: what is a little further
off is somebody else's. Every real voice that was compared is more than twice as far."""

_LENDERS = (Kind.SUBJECT, Kind.PERSONA, Kind.ESTATE)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a record covers a use: whose word it is, and how near the supplied face or voice is.

    Attributes:
        signed_by: Who signed the record, in words.
        distance: Embedding distance of the supplied face or voice to the nearest bound one; None
            for somebody whom a model was trained on, and who is not seen or heard, and for a
            performer whose face is never seen.
    """

    record: ConsentRecord
    signed_by: str
    distance: float | None


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
    """How the record covers this use of a face or voice, when every point is met.

    Args:
        record: The record given for it.
        use: The face or voice actually found in the supplied material.
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
    revoked, today = revoked_ids(home), now or datetime.now(UTC)
    covered = []
    for given, use in pairs:
        record = plain(given)
        signed_by = _standing(record, revoked, today, home)
        _check_scope(record, use, purpose=purpose, method=method, media=media)
        held = check_voice if use.modality == "voice" else check_face
        covered.append(Coverage(record, signed_by, held(record, use.embedding, home=home)))
    return tuple(covered)


def check_standing(
    record: ConsentRecord, *, now: datetime | None = None, home: Path | None = None
) -> str:
    """Whose word the record is, when it is genuine and in force: the name of its signer.

    Raises:
        ConsentError: Signature wrong, signer unknown, revoked, expired or not valid yet.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    return _standing(plain(record), revoked_ids(home), now or datetime.now(UTC), home)


def check_unseen(
    record: ConsentRecord,
    *,
    modality: Modality,
    purpose: str,
    method: str,
    media: Media | None = None,
    home: Path | None = None,
) -> Coverage:
    """How a record covers somebody in the target whose face is never seen: by its word alone.

    Args:
        record: Given for whoever performs.
        modality: What of them is used.
        purpose: What the output is for.
        method: The method that makes it.
        media: The kind of media that is made, where known.
        home: The installation's folder.

    Raises:
        ConsentError: It is not genuine, not in force, or does not cover this.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    given = plain(record)
    signed_by = _standing(given, revoked_ids(home), datetime.now(UTC), home)
    nobody = IdentityUse("target", modality, np.zeros(0, np.float32), "", given.id)
    _check_scope(given, nobody, purpose=purpose, method=method, media=media)
    return Coverage(given, signed_by, None)


def check_face(record: ConsentRecord, embedding: Embedding, *, home: Path | None = None) -> float:
    """Distance of a face to the nearest one bound to the record, when it is that person's.

    Raises:
        ConsentError: It is another face, or the bound one cannot be opened here.
    """
    if not is_embedding(embedding):
        raise ConsentError("the supplied face could not be measured", "a clear face")
    if not record.faces:
        raise ConsentError(f"consent {record.id} is bound to no face", "a record made with photos")
    faces = (open_face(face, record.id, home=home) for face in record.faces)
    nearest = min(distance(embedding, face) for face in faces)
    if not nearest <= FACE_THRESHOLD:
        raise ConsentError(
            f"the supplied face is not the one of consent {record.id} ({record.subject}):"
            f" distance {nearest:.2f}",
            f"at most {FACE_THRESHOLD:.2f}",
            "supply photos of that person, or that person's record; the file to change comes last",
        )
    return nearest


def check_voice(record: ConsentRecord, embedding: Embedding, *, home: Path | None = None) -> float:
    """Distance of a voice to the nearest one bound to the record, when it is that person's.

    Raises:
        ConsentError: It is another voice, or the bound one cannot be opened or compared here.
    """
    if not is_voice(embedding):
        raise ConsentError("the supplied voice could not be measured", "five seconds of speech")
    if not record.voices:
        raise ConsentError(
            f"consent {record.id} is bound to no voice",
            "a record made with a statement read aloud",
            "make one with `masquerade consent statement` and `masquerade consent new --voice`",
        )
    _check_made(record)
    network = voice_network()
    known = [one for one in record.voices if one.network == network]
    if not known:
        raise ConsentError(
            f"the voice of consent {record.id} was measured with another network",
            f"the one of this version, SHA-256 {network[:16]}",
            "make the record anew, with a statement read aloud",
        )
    nearest = min(apart(embedding, open_voice(one, record.id, home=home)) for one in known)
    most = PERSONA_VOICE_THRESHOLD if record.kind is Kind.PERSONA else VOICE_THRESHOLD
    if not nearest <= most:
        raise ConsentError(
            f"the supplied voice is not the one of consent {record.id} ({record.subject}):"
            f" distance {nearest:.2f}",
            f"at most {most:.2f}",
            "supply recordings of that person alone; if they are, have the statement read again"
            " with the microphone that they were made with",
        )
    return nearest


def _check_made(record: ConsentRecord) -> None:
    """Passes when the voice of a persona was made with the package: nobody's word is enough.

    A recording that is said to be of no person is of whoever speaks in it.

    Raises:
        ConsentError: It is a persona's record of any other voice.
    """
    if record.kind is Kind.PERSONA and record.signer not in persona_keys():
        raise ConsentError(
            f"consent {record.id} is of a persona, and its voice was not made here",
            "the voice of a persona that comes with the package",
            "make one with `masquerade personas voice NAME -o NAME.mvoice`; a voice in a recording"
            " is somebody's: make a record of theirs, of kind subject or estate",
        )


def plain(record: ConsentRecord) -> ConsentRecord:
    """The record read anew from its own text: what was signed is then what is checked.

    A record in memory may be of a derived class, or hold values that compare as they please.

    Raises:
        ConsentError: Its text is not that of a record.
    """
    try:
        return ConsentRecord.model_validate_json(ConsentRecord.text(record))
    except (ValueError, TypeError, AttributeError) as error:
        raise ConsentError(
            "a consent record was put together by hand", "one given back by load or new_record"
        ) from error


def _standing(
    record: ConsentRecord, revoked: frozenset[str], now: datetime, home: Path | None
) -> str:
    verify_record(record)
    signed_by = _signed_by(record, home)
    if record.id in revoked:
        raise ConsentError(
            f"consent {record.id} was revoked", "a record that still holds", "ask for a new one"
        )
    _check_dates(record, now)
    return signed_by


def _signed_by(record: ConsentRecord, home: Path | None) -> str:
    if record.signer in persona_keys():
        made = not any(isinstance(one, DeclaredProof) for one in record.proofs)
        if record.kind is Kind.PERSONA and made:
            return "the project's persona key"
        raise ConsentError(
            f"consent {record.id} is signed by the persona key, yet covers a {record.kind.value}",
            "personas only",
        )
    for place, signer in enumerate(trusted_signers(home)):
        if signer.public == record.signer:
            _check_remembered(record, signer, is_own=place == 0, home=home)
            return signer.name
    raise ConsentError(
        f"consent {record.id} is signed by an unknown key ({record.signer})",
        "a record made here, or by someone whose key you trust",
        "compare the key with the signer's, then `masquerade consent trust RECORD --name NAME`",
    )


def _check_remembered(
    record: ConsentRecord, signer: TrustedSigner, *, is_own: bool, home: Path | None
) -> None:
    """Passes when the ledger knows the record, or the trust in its signer.

    A ledger that was emptied, and has forgotten what was revoked, knows neither.
    """
    kind, subject = ("consent", record.id) if is_own else ("trust", signer.fingerprint)
    if not ledger.rows(kind=kind, subject=subject, newest=1, home=home):
        what = f"consent {record.id}" if is_own else f"the trust in the key of {signer.name}"
        raise ConsentError(
            f"the ledger of this installation does not know {what}",
            "what was made or decided here is in its ledger",
            "restore the folder from a backup; or make the record, or trust the key, anew",
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
    kinds = _LENDERS if use.role == "source" else tuple(Kind)
    if record.kind not in kinds:
        raise ConsentError(
            f"consent {record.id} is for a {record.kind.value}, yet the {use.modality} is used as"
            f" {use.role}",
            " or ".join(kinds),
        )
    if use.modality not in record.modality:
        raise ConsentError(
            f"consent {record.id} does not cover the {use.modality}; it covers: "
            + ", ".join(record.modality),
            f"a record that covers the {use.modality}",
            "give that one with --consent, or make it: `masquerade consent new --help`",
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
