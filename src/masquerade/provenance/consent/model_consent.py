"""Trained models remember whose faces they were trained on, and refuse to load without consent.

A model file made here carries, in the metadata of its safetensors header, every consent record it
was trained under, signed together with digests of its weights and of all else it says of itself.
Records that are revoked, expired
or missing close the file; so does a header that was edited, taken from another model, or emptied.
What this cannot stop: somebody who copies the weights out with other software.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import Field, StringConstraints, ValidationError

from masquerade.errors import ConsentError, UsageError
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json, canonical_bytes, named_twice, unicode_text
from masquerade.provenance.consent.check import check_standing
from masquerade.provenance.consent.model_file import add_metadata, read_model
from masquerade.provenance.consent.on_behalf import Part
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.trust import trusted_signers
from masquerade.provenance.keys import is_signed, public_text, sign, signing_key

KEY = "masquerade.consent"
"""Where the statement lies in the metadata."""


class ModelStatement(Part):
    """What a model file says of itself, signed by the installation that trained it."""

    format: Literal["masquerade model 1"] = "masquerade model 1"
    id: Annotated[str, StringConstraints(pattern=r"^mqm-[0-9a-f]{16}$")]
    name: str
    weights_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    consents: tuple[ConsentRecord, ...] = Field(min_length=1)
    words_sha256: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""
    """Digest of the other metadata; empty in files of before there was one."""
    signer: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        words: dict[str, Json] = {"words_sha256": self.words_sha256} if self.words_sha256 else {}
        return canonical_bytes(
            {
                "format": self.format,
                "id": self.id,
                "name": self.name,
                "weights_sha256": self.weights_sha256,
                "consents": [record.text() for record in self.consents],
                "signer": self.signer,
                **words,
            }
        )

    def text(self) -> str:
        """The statement as it lies in the metadata."""
        values = self.model_dump(mode="json", exclude={"consents"})
        return json.dumps(values | {"consents": [json.loads(one.text()) for one in self.consents]})


def remember(
    records: Sequence[ConsentRecord],
    *,
    name: str,
    weights_sha256: str,
    words: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> dict[str, str]:
    """Metadata for the safetensors header of a model trained under these records.

    The model is entered in the ledger, so that revoking one of the records names it.

    Args:
        records: Of everybody whose face the model was trained on.
        name: What the model is called, for people.
        weights_sha256: Digest of its weights, as `read_model` gives it.
        words: Its other metadata, signed as well; none by default.
        home: The installation's folder.

    Raises:
        UsageError: There is no record, or the digest is none.
        ConsentError: A record is not genuine or not in force.
        ProvenanceError: Keys or ledger cannot be used.
    """
    key = signing_key(home)
    for record in records:
        check_standing(record, home=home)
    try:
        unsigned = ModelStatement(
            id=f"mqm-{uuid4().hex[:16]}",
            name=unicode_text(name),
            weights_sha256=weights_sha256,
            consents=tuple(records),
            words_sha256=_words_sha256(words or {}),
            signer=public_text(key),
        )
    except ValidationError as error:
        raise UsageError(
            f"a model under {len(records)} consent records cannot be signed",
            "at least one record, and the SHA-256 of the weights",
        ) from error
    signed = unsigned.model_copy(update={"signature": sign(unsigned.signed_bytes(), key)})
    consents: list[Json] = [{"id": one.id, "standing": one.standing} for one in signed.consents]
    body = canonical_bytes({"name": signed.name, "sha256": weights_sha256, "consents": consents})
    ledger.append("model", signed.id, body.decode(), home=home)
    return {KEY: signed.text()}


def require_standing(
    metadata: Mapping[str, str], *, weights_sha256: str, home: Path | None = None
) -> tuple[ConsentRecord, ...]:
    """The records a model was trained under, when each of them still holds.

    Args:
        metadata: Of its safetensors header.
        weights_sha256: Digest of the weights that came with it, as `read_model` gives it.
        home: The installation's folder.

    Raises:
        ConsentError: The metadata is missing, was edited, is of other weights or is signed by a key
            that does not count here; or a record is not genuine, revoked or expired.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    statement = _statement(metadata)
    if not is_signed(statement.signed_bytes(), statement.signature, statement.signer):
        raise ConsentError(
            f"the consent statement of the model {statement.name} was changed",
            "the file as it was trained",
            "use the original file, or train the model anew",
        )
    if statement.signer not in {signer.public for signer in trusted_signers(home)}:
        raise ConsentError(
            f"the model {statement.name} was trained by an unknown installation"
            f" ({statement.signer})",
            "a model trained here, or by someone whose key you trust",
            "compare the key with theirs, then `masquerade consent trust RECORD --name NAME`",
        )
    if statement.weights_sha256 != weights_sha256:
        raise ConsentError(
            f"the weights are not those the model {statement.name} was signed with",
            "the file as it was trained",
            "use the original file, or train the model anew",
        )
    if statement.words_sha256 not in ("", _words_sha256(metadata)):
        raise ConsentError(
            f"what the model {statement.name} says of itself was changed",
            "the file as it was trained",
            "use the original file, or train the model anew",
        )
    for record in statement.consents:
        _require(record, statement, home)
    return statement.consents


def _words_sha256(metadata: Mapping[str, str]) -> str:
    """Digest of a model's metadata, but for the statement itself."""
    words: dict[str, Json] = {key: said for key, said in metadata.items() if key != KEY}
    return hashlib.sha256(canonical_bytes(words)).hexdigest()


def _require(record: ConsentRecord, statement: ModelStatement, home: Path | None) -> None:
    try:
        check_standing(record, home=home)
    except ConsentError as error:
        raise ConsentError(
            f"the model {statement.name} ({statement.id}) cannot be used: {error.found}",
            error.expected,
            "delete it, and train a new one without that person or with their new consent",
        ) from error


def _statement(metadata: Mapping[str, str]) -> ModelStatement:
    if KEY not in metadata:
        raise ConsentError(
            "the model does not say under whose consent it was trained",
            f"the metadata {KEY!r} in its safetensors header, signed",
            "train it with `masquerade train`, or use the file as it was before it was edited",
        )
    try:
        statement = ModelStatement.model_validate_json(metadata[KEY])
        if named_twice(metadata[KEY]):
            raise ValueError("a name is there twice")
        return statement
    except ValueError as error:  # or pydantic's own
        raise ConsentError(
            "what the model says of its consent cannot be read", "the file as it was trained"
        ) from error


def held(path: Path, wanted: str, records: Sequence[ConsentRecord]) -> ConsentRecord:
    """The one of a model's records that its description names.

    Args:
        path: The model.
        wanted: Id of the record.
        records: Of `check_model`.

    Raises:
        ConsentError: It is none of them.
    """
    found = next((one for one in records if one.id == wanted), None)
    if found is None:
        raise ConsentError(
            f"{path.name} names consent {wanted}, and does not hold it", "the file as it was made"
        )
    return found


def mark_model(
    path: Path, records: Sequence[ConsentRecord], *, name: str = "", home: Path | None = None
) -> None:
    """Puts the consent a model was trained under into its own file, in one step.

    Args:
        path: A safetensors file; its other metadata is kept.
        records: Of everybody whose face the model was trained on.
        name: What the model is called; its file's name when empty.
        home: The installation's folder.

    Raises:
        InputError: It is no safetensors file.
        ConsentError: A record is not genuine or not in force.
        OutputError: The file cannot be written.
    """
    model = read_model(path)
    title = name or path.name
    signed = remember(
        records, name=title, weights_sha256=model.sha256, words=model.metadata, home=home
    )
    add_metadata(model, signed)


def check_model(
    path: Path, *, sha256: str | None = None, home: Path | None = None
) -> tuple[ConsentRecord, ...]:
    """The records behind a model file, when it may be loaded.

    Args:
        path: The file.
        sha256: Of the file that will be loaded; None where it is not known yet.
        home: The installation's folder.

    Raises:
        InputError: It is no safetensors file.
        ConsentError: See `require_standing`; or it is another file.
    """
    model = read_model(path)
    if sha256 is not None and model.file_sha256 != sha256:
        raise ConsentError(
            f"{path.name} was changed while it was read",
            "the same file all through a job",
            "leave it alone while a job runs, and run it again",
        )
    return require_standing(model.metadata, weights_sha256=model.sha256, home=home)
