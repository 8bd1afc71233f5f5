"""Consent that was withdrawn: told here or by another installation, and what was made under it.

A revocation stops every later use. It cannot unmake what exists, so it comes with a list of that:
outputs sealed here under the record, models trained under it, which Masquerade refuses to load,
and facesets collected under it, which it refuses to train on. Networks that were exported as ONNX
are listed with the models; other programs go on loading them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import StringConstraints, ValidationError

from masquerade.errors import ConsentError, OutputError, ProvenanceError, UsageError
from masquerade.hashing import small_bytes
from masquerade.provenance import ledger
from masquerade.provenance.canonical import canonical_bytes, named_twice
from masquerade.provenance.consent.on_behalf import Part
from masquerade.provenance.consent.trust import trusted_signers
from masquerade.provenance.home import home_dir, write_private
from masquerade.provenance.keys import is_signed, public_text, sign, signing_key

EXPORTED = ".onnx"
"""How the names of networks for other programs end."""
_TRAINED: Final = (".safetensors", ".mbody")
"""How the names of networks end beside which checkpoints of their training may lie."""
CHECKPOINTS: Final = ".training"
"""How the name of the folder of those ends."""
RECORD_ID = re.compile(r"mqc-[0-9a-f]{16}")
_LIST = "revoked.txt"
_HEAD = (
    "# Ids of consent records that no longer count, one a line; everything after # is ignored.\n"
    "# Lines may be added by hand. Taking out a line of this installation's own has no effect:\n"
    "# the ledger remembers it.\n"
)


@dataclass(frozen=True, slots=True)
class MadeUnder:
    """A file or model that was made under a consent record.

    Attributes:
        id: Its row in the ledger, or the model's id.
        name: As it was called then.
        time: UTC, ISO 8601.
        sha256: Of the file; empty for a model.
    """

    id: str
    name: str
    time: str
    sha256: str = ""

    @property
    def is_exported(self) -> bool:
        """Whether it is a network for other programs, which Masquerade does not load."""
        return self.name.lower().endswith(EXPORTED)

    @property
    def checkpoints(self) -> str:
        """Name of the folder beside it that checkpoints of its training lie in; empty: none do."""
        path = Path(self.name)
        trained = path.suffix.lower() in _TRAINED
        return path.with_suffix(CHECKPOINTS).name if trained else ""

    @property
    def words(self) -> str:
        """It in one line."""
        digest = f", SHA-256 {self.sha256}" if self.sha256 else ""
        return f"{self.time[:10]} {self.name} ({self.id}{digest})"


@dataclass(frozen=True, slots=True)
class Revocation:
    """A consent record that no longer counts, since when, why, and what had been made under it."""

    record_id: str
    time: str
    why: str
    outputs: tuple[MadeUnder, ...] = ()
    models: tuple[MadeUnder, ...] = ()
    facesets: tuple[MadeUnder, ...] = ()

    def lines(self) -> list[str]:
        """What is invalid now, and what to do, in plain words."""
        said = [f"{self.record_id} is revoked; nothing more can be made under it"]
        said.append(f"files made under it before, on this machine: {len(self.outputs)}")
        said += [f"  {one.words}" for one in self.outputs]
        if self.outputs:
            said += [
                "  They cannot be unmade. `masquerade verify` says of each that its consent is"
                " revoked.",
                "  To do: stop showing them, delete your copies, and ask those you gave them to.",
            ]
        said.append(f"models trained under it: {len(self.models)}")
        said += [f"  {one.words}" for one in self.models]
        if self.models:
            said.append(
                "  Masquerade refuses to load them from now on."
                " To do: delete them, train anew without."
            )
        if folders := ", ".join(sorted({one.checkpoints for one in self.models} - {""})):
            said.append(f"  Delete what is left of their training beside them too: {folders}.")
        if exported := ", ".join(one.name for one in self.models if one.is_exported):
            said += [
                f"  Other programs go on loading what was exported: {exported}.",
                "  To do: delete it and its copies, and ask those you gave it to.",
            ]
        if self.facesets:
            said.append(f"facesets collected under it: {len(self.facesets)}")
            said += [f"  {one.words}" for one in self.facesets]
            said.append("  Nothing can be trained on them from now on. To do: delete them.")
        said.append(
            "Other machines do not know of it: send them the file of"
            f" `masquerade consent revoke {self.record_id} --export FILE`."
        )
        return said


class SignedRevocation(Part):
    """A revocation as one installation tells it to another."""

    format: Literal["masquerade revocation 1"] = "masquerade revocation 1"
    record_id: Annotated[str, StringConstraints(pattern=r"^mqc-[0-9a-f]{16}$")]
    time: str
    why: Annotated[str, StringConstraints(max_length=500)]
    signer: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return canonical_bytes(self.model_dump(mode="json", exclude={"signature"}))


def revoke(
    record_id: str, why: str = "", *, unknown: bool = False, home: Path | None = None
) -> Revocation:
    """The revocation of a consent record, at once and for good.

    Args:
        record_id: Of the record.
        why: For the ledger.
        unknown: Revoke it even if this installation has never seen a record of that id.
        home: The installation's folder.

    Raises:
        UsageError: That is not the id of a record, or of none known here.
        ProvenanceError: It cannot be written down.
    """
    if not RECORD_ID.fullmatch(record_id):
        raise UsageError(
            f"{record_id!r} is not the id of a consent record", "such as mqc-0123456789abcdef"
        )
    if not unknown and record_id not in known_ids(home):
        raise UsageError(
            f"no record {record_id} was ever made or used here",
            "the id of a record that was, or the record's file",
            "nothing was revoked; add --unknown to revoke a record from elsewhere by its id alone",
        )
    _write(record_id, {"why": why}, home)
    return revocation_of(record_id, home=home)


def known_ids(home: Path | None = None) -> frozenset[str]:
    """Ids of consent records made here, or used for an output, a model or a faceset.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    made = {row.subject for row in ledger.rows(kind="consent", home=home)}
    rows = [row for kind in ("output", "model", "faceset") for row in _rows(kind, home)]
    return frozenset(made.union(*(records_of(row) for row in rows)))


def revocation_of(record_id: str, *, home: Path | None = None) -> Revocation:
    """When and why a record was revoked, with all that had been made under it.

    Raises:
        UsageError: It was not revoked.
        ConsentError: The list of revocations cannot be read.
        ProvenanceError: The ledger is broken.
    """
    found = _revoked(home)
    if record_id not in found:
        raise UsageError(f"consent {record_id} is not revoked", "the id of a revoked record")
    time, why = found[record_id]
    outputs = tuple(
        MadeUnder(row.id, str(json.loads(row.body).get("name", "")), row.time, row.subject)
        for row in _rows("output", home)
        if record_id in records_of(row)
    )
    models = tuple(
        MadeUnder(row.subject, str(json.loads(row.body).get("name", "")), row.time)
        for row in _rows("model", home)
        if record_id in records_of(row)
    )
    facesets = tuple(
        MadeUnder(row.id, str(json.loads(row.body).get("name", "")), row.time, row.subject)
        for row in _rows("faceset", home)
        if record_id in records_of(row)
    )
    return Revocation(record_id, time, why, outputs, models, facesets)


def revoked_ids(home: Path | None = None) -> frozenset[str]:
    """Ids of consent records that no longer count: of the ledger, and of the list beside it.

    Raises:
        ConsentError: The list cannot be read.
        ProvenanceError: The ledger is broken, so that a revocation may be missing from it.
    """
    return frozenset(_revoked(home))


def standing_now(record_ids: Iterable[str], *, home: Path | None = None) -> Mapping[str, str]:
    """What has to be said of those records that were revoked since, in words, by id.

    Args:
        record_ids: The records that something was made under.
        home: The installation's folder.

    Raises:
        ConsentError: The list of revocations cannot be read.
        ProvenanceError: The ledger is broken.
    """
    found, said = _revoked(home), {}
    for record_id in record_ids:
        if record_id in found:
            time, why = found[record_id]
            since = f" on {time[:10]}" if time else ""
            said[record_id] = (
                f"REVOKED{since}{f' ({why})' if why else ''}: it should not be shown any more"
            )
    return said


def records_of(row: ledger.LedgerRow) -> frozenset[str]:
    """Ids of the consent records that a row of the ledger names."""
    listed = json.loads(row.body).get("consents")
    if not isinstance(listed, list):
        return frozenset()
    return frozenset(str(one.get("id")) for one in listed if isinstance(one, dict))


def export_revocation(record_id: str, out: Path, *, home: Path | None = None) -> SignedRevocation:
    """The signed word of this installation that a record is revoked, written to a new file.

    Raises:
        UsageError: The record is not revoked here.
        OutputError: The file exists, or cannot be written.
    """
    told, key = revocation_of(record_id, home=home), signing_key(home)
    unsigned = SignedRevocation(
        record_id=record_id, time=told.time, why=told.why[:500], signer=public_text(key)
    )
    signed = unsigned.model_copy(update={"signature": sign(unsigned.signed_bytes(), key)})
    if out.exists():
        raise OutputError(f"{out} exists", "a new file", "choose another name")
    try:
        write_private(out, signed.model_dump_json(indent=2).encode() + b"\n")
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror})") from error
    return signed


def read_revocation(path: Path) -> SignedRevocation | None:
    """The revocation in a file, its signature not checked yet; None where it is another file.

    Raises:
        ConsentError: The file cannot be read, or is too large to be one.
    """
    try:
        text = small_bytes(path)
        signed = SignedRevocation.model_validate_json(text)
    except OSError as error:
        raise ConsentError(
            f"{path} cannot be read: {error.strerror}",
            "a consent record, or what `masquerade consent revoke --export` wrote",
        ) from error
    except ValidationError:
        return None
    return None if named_twice(text) else signed


def import_revocation(given: SignedRevocation, *, home: Path | None = None) -> Revocation:
    """A revocation told by another installation, from now on in force here too.

    Raises:
        ConsentError: It was changed, or is signed by a key that does not count here.
        ProvenanceError: It cannot be written down.
    """
    if not is_signed(given.signed_bytes(), given.signature, given.signer):
        raise ConsentError(
            f"the signature of the revocation of {given.record_id} is wrong", "the file unchanged"
        )
    names = {signer.public: signer.name for signer in trusted_signers(home)}
    if given.signer not in names:
        raise ConsentError(
            f"the revocation of {given.record_id} is signed by an unknown key ({given.signer})",
            "one of an installation whose key you trust",
            f"if you believe it: `masquerade consent revoke {given.record_id} --unknown`",
        )
    _write(given.record_id, {"why": given.why, "told_by": names[given.signer]}, home)
    return revocation_of(given.record_id, home=home)


def _write(record_id: str, body: dict[str, str], home: Path | None) -> None:
    path = home_dir(home) / _LIST
    row = ledger.append("revoke", record_id, canonical_bytes({**body}).decode(), home=home)
    words = " ".join(body["why"].split())
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else _HEAD
        write_private(path, f"{text}{record_id}  # {row.time[:19]} {words}\n".encode())
    except OSError as error:
        raise ProvenanceError(f"{path} cannot be written ({error.strerror})") from error


def _revoked(home: Path | None) -> dict[str, tuple[str, str]]:
    """(time, why) of each revoked record; a line that was added by hand has no time."""
    ledger.check_ledger(home)
    path = home_dir(home) / _LIST
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConsentError(f"the revocation list cannot be read: {path}") from error
    found = {line.partition("#")[0].strip(): ("", "") for line in text.splitlines()}
    found.pop("", None)
    for row in reversed(_rows("revoke", home)):  # the first word counts
        found[row.subject] = (row.time, str(json.loads(row.body).get("why", "")))
    return found


def _rows(kind: str, home: Path | None) -> tuple[ledger.LedgerRow, ...]:
    return ledger.rows(kind=kind, home=home)
