"""What can be said about where a file comes from, in plain words: ours or anybody's.

A file without a manifest is not a fake: most files have none. What a manifest says is a claim of
its signer; a whole signature shows only that the claim is theirs and that the file is unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from masquerade.errors import InputError, ProvenanceError
from masquerade.hashing import file_sha256
from masquerade.media.probe import probe
from masquerade.provenance import ledger, verify_words
from masquerade.provenance.c2pa.credentials import Credentials, read_credentials
from masquerade.provenance.c2pa.walk import Ingredient, Problem
from masquerade.provenance.canonical import Json
from masquerade.provenance.consent.revocation import records_of, standing_now
from masquerade.provenance.copies import FoundCopies, find_copies
from masquerade.provenance.ledger import LedgerRow
from masquerade.provenance.watermark.marking import FoundMark, find_mark, find_sound_mark

LedgerState = Literal["found", "changed", "missing", "not ours", "broken"]


@dataclass(frozen=True, slots=True)
class SealClaims:
    """What our own assertion says: consent, marks, row. Empty for files of other programs."""

    ledger_id: str = ""
    consents: tuple[str, ...] = ()
    consent_ids: tuple[str, ...] = ()
    label: str = ""
    watermark: str = ""
    method: str = ""
    method_of: str = ""
    networks: tuple[str, ...] = ()
    purpose: str = ""
    history: str = ""
    timestamp: str = ""


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Everything found about one file.

    Attributes:
        path: The file.
        sha256: Its hash.
        credentials: Its C2PA manifest, walked to the ground.
        claims: Our own assertion, where it has one.
        ledger_state: What this installation's ledger knows of it.
        ledger_row: The row, when there is one.
        watermark: What was found of this installation's watermark in the pictures, or in a sound.
        sound_mark: The same in the sound of a video; None where there is none.
        marked: The ledger's rows that the watermark leads to: outputs made here, of which the file
            is one or a copy.
        copies: Outputs made here whose pictures look like the file's.
        revoked: Consent that the file rests on and that was taken back since, in sentences.
    """

    path: Path
    sha256: str
    credentials: Credentials
    claims: SealClaims
    ledger_state: LedgerState
    ledger_row: str
    watermark: FoundMark
    marked: tuple[LedgerRow, ...]
    copies: FoundCopies
    revoked: tuple[str, ...]
    sound_mark: FoundMark | None = None

    @property
    def made_into(self) -> tuple[LedgerRow, ...]:
        """Rows of outputs that were made from this very file, among those it looks like."""
        return tuple(one.row for one in self.copies.matches if self.sha256 in _inputs_of(one.row))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is broken: in the manifest, below it, or between it and the ledger."""
        found = list(self.credentials.problems)
        if self.credentials.signer == "ours" and self.ledger_state in ("changed", "missing"):
            found.append(
                Problem("ledger", self.ledger_state, verify_words.LEDGER[self.ledger_state])
            )
        if self.ledger_state == "broken":
            found.append(Problem("ledger", "broken", "see `masquerade ledger verify`"))
        return tuple(found)

    @property
    def broken(self) -> bool:
        """Whether something that was signed or written down no longer fits. No manifest is not."""
        return bool(self.problems)

    @property
    def exit_code(self) -> int:
        """5 when broken, else 0."""
        return ProvenanceError.exit_code if self.broken else 0

    @property
    def verdict(self) -> str:
        """All of it in one sentence."""
        return verify_words.verdict(self)

    def lines(self) -> list[str]:
        """The report in plain words."""
        return verify_words.lines(self)

    def as_json(self) -> dict[str, Json]:
        """The report for programs."""
        found = self.credentials
        return {
            "path": str(self.path),
            "sha256": self.sha256,
            "verdict": self.verdict,
            "manifest": found.state,
            "note": found.note,
            "signer": found.signer,
            "signed_by": found.signed_by,
            "signed_at": found.signed_at,
            "time": found.time,
            "manifest_beside": found.beside,
            "generator": found.generator,
            "did": list(found.did),
            "ai_models": list(found.ai_models),
            "machine_uses": list(found.machine_uses),
            "made_from": [_ingredient_json(one) for one in found.ingredients],
            "consents": list(self.claims.consents),
            "revoked": list(self.revoked),
            "method": self.claims.method,
            "method_of": self.claims.method_of,
            "networks": list(self.claims.networks),
            "purpose": self.claims.purpose,
            "label": self.claims.label,
            "timestamp": self.claims.timestamp,
            "watermark": _watermark_json(self.watermark, self.marked),
            "watermark_in_sound": None
            if self.sound_mark is None
            else _watermark_json(self.sound_mark, self.marked),
            "looks_like": _copies_json(self.copies),
            "ledger": self.ledger_state,
            "ledger_row": self.ledger_row,
            "broken": self.broken,
            "problems": [
                {"where": one.where, "code": one.code, "words": one.words} for one in self.problems
            ],
        }


def verify(path: Path, *, home: Path | None = None) -> VerifyReport:
    """Everything that can be said about a file's provenance; nothing is fetched from elsewhere.

    Args:
        path: Any file.
        home: The installation's folder.

    Raises:
        InputError: The file cannot be read.
        ProvenanceError: This installation's own keys or ledger cannot be read.
    """
    path = Path(path)
    try:
        digest = file_sha256(path)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "a file") from error
    found = read_credentials(path, home=home)
    claims = _claims(found.seal)
    state, row = _in_ledger(digest, claims, home)
    mark = find_mark(path, home=home)
    heard = _sound_mark(path, home)
    texts = dict.fromkeys((*mark.texts, *(heard.texts if heard else ())))
    marked = tuple(row for text in texts for row in ledger.outputs_marked(text, home=home))
    copies = find_copies(path, home=home)
    revoked = () if state == "broken" else _revoked(claims, marked, home)
    return VerifyReport(
        path, digest, found, claims, state, row, mark, marked, copies, revoked, heard
    )


def _sound_mark(path: Path, home: Path | None) -> FoundMark | None:
    """What was found in the sound of a video."""
    try:
        info = probe(path)
    except InputError:
        return None
    return find_sound_mark(path, home=home) if info.kind == "video" and info.audio else None


def _inputs_of(row: LedgerRow) -> set[str]:
    """SHA-256 of every file that an output was made from."""
    try:
        content = json.loads(row.body)
    except ValueError:
        return set()
    inputs = content.get("inputs") if isinstance(content, dict) else None
    listed = inputs if isinstance(inputs, list) else []
    return {str(one.get("sha256")) for one in listed if isinstance(one, dict)}


def _revoked(claims: SealClaims, marked: Sequence[LedgerRow], home: Path | None) -> tuple[str, ...]:
    """What has to be said of the records that the manifest, or the watermark's rows, name."""
    named = set(claims.consent_ids).union(*(records_of(row) for row in marked))
    said = standing_now(sorted(named), home=home)
    return tuple(f"consent {record_id} is {words}" for record_id, words in said.items())


def _in_ledger(digest: str, claims: SealClaims, home: Path | None) -> tuple[LedgerState, str]:
    if ledger.verify_ledger(home, every_signature=False).broken:
        return "broken", ""
    by_hash = ledger.rows(kind="output", subject=digest, home=home)
    if by_hash:
        return "found", by_hash[-1].id
    if not claims.ledger_id:
        return "not ours", ""
    by_id = ledger.row_by_id(claims.ledger_id, home=home)
    return ("changed", by_id.id) if by_id else ("missing", claims.ledger_id)


def _claims(text: str) -> SealClaims:
    """Our assertion's content; a foreign file may carry one of any shape."""
    content = json.loads(text) if text else None
    if not isinstance(content, dict):
        return SealClaims()
    consents = content.get("consents")
    label, watermark = content.get("label"), content.get("watermark")
    named = [one for one in consents if isinstance(one, dict)] if isinstance(consents, list) else []
    return SealClaims(
        ledger_id=str(content.get("ledger") or ""),
        consents=tuple(f"{one.get('id')}: {one.get('standing')}" for one in named),
        consent_ids=tuple(str(one.get("id")) for one in named),
        label=_label_words(label) if isinstance(label, dict) else "",
        watermark=str(watermark.get("id") or "") if isinstance(watermark, dict) else "",
        method=_method_words(content),
        method_of=str(content.get("method_of") or ""),
        networks=tuple(_network_words(content)),
        purpose=str(content.get("purpose") or ""),
        history=str(content.get("target_history") or ""),
        timestamp=str(content.get("timestamp") or ""),
    )


def _method_words(content: dict[str, object]) -> str:
    """All methods that made a part of it, with commas between them."""
    also = content.get("also")
    listed = also if isinstance(also, list) else []
    others = [one.get("method") for one in listed if isinstance(one, dict)]
    return ", ".join(str(name) for name in (content.get("method"), *others) if name)


def _network_words(content: dict[str, object]) -> Iterator[str]:
    """Networks that its maker brought: name, hash, and on which terms."""
    listed = content.get("networks")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict):
            digest = str(one.get("sha256"))[:16]
            yield f"{one.get('name')} (SHA-256 {digest}...), on these terms: {one.get('licence')}"


def _label_words(label: dict[str, object]) -> str:
    """Its text, preset, and language where that is not English."""
    language = label.get("language") or "en"
    kind = f"{label.get('preset')}" if language == "en" else f"{label.get('preset')}, {language}"
    return f"{label.get('text')} ({kind})"


def _watermark_json(mark: FoundMark, marked: Sequence[LedgerRow]) -> dict[str, Json]:
    return {
        "state": mark.state,
        "ids": list(mark.texts),
        "chance": mark.chance,
        "note": mark.note,
        "rows": [row.id for row in marked],
    }


def _copies_json(copies: FoundCopies) -> dict[str, Json]:
    rows: list[Json] = [
        {"row": one.row.id, "bits": one.distance, "share": one.share, "turned": one.turned}
        for one in copies.matches
    ]
    return {"state": copies.state, "pictures": copies.pictures, "rows": rows}


def _ingredient_json(one: Ingredient) -> dict[str, Json]:
    return {
        "depth": one.depth,
        "title": one.title,
        "part": one.part,
        "signed_by": one.signed_by,
        "signed_at": one.signed_at,
        "did": list(one.did),
        "broken": list(one.broken),
    }
