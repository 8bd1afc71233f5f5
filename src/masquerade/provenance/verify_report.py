"""What was found about where a file comes from: a verdict first, then each mark in a few words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from masquerade.errors import ProvenanceError
from masquerade.provenance.c2pa.credentials import Credentials
from masquerade.provenance.c2pa.walk import Ingredient, Problem
from masquerade.provenance.canonical import Json
from masquerade.provenance.copies import FoundCopies
from masquerade.provenance.ledger import LedgerRow
from masquerade.provenance.verify_words import (
    LEDGER,
    MANIFEST,
    copies_words,
    ingredient_words,
    listed,
    signer_lines,
    watermark_words,
)
from masquerade.provenance.watermark.marking import FoundMark

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
            found.append(Problem("ledger", self.ledger_state, LEDGER[self.ledger_state]))
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
        """All of it in one sentence, and whether the consent behind the file still stands."""
        taken_back = "; the consent behind it was REVOKED since" if self.revoked else ""
        return _verdict(self) + taken_back

    def lines(self) -> list[str]:
        """The report in plain words."""
        return _lines(self)

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


def _verdict(report: VerifyReport) -> str:
    found = report.credentials
    if report.broken:
        first = report.problems[0]
        return f"BROKEN: {first.where}: {first.words}"
    if found.state == "intact" and report.ledger_state == "found":
        return "made here, and unchanged since"
    if found.state == "intact":
        who = {
            "ours": "this installation",
            "known": f"{found.signed_by}, whose root you trust",
        }.get(found.signer, "somebody who is unknown here")
        return f"unchanged since it was signed by {who}"
    if report.marked:
        return "made here: its watermark leads to the ledger, but it is not the file as signed"
    if report.made_into:
        return "no marks were found; a file made here was made from this one"
    if report.copies.matches:
        return "looks like something that was made here, and has no other mark"
    if found.state == "unreadable":
        return "nothing can be said"
    return "no marks were found; that says nothing about whether the file is genuine"


def _lines(report: VerifyReport) -> list[str]:
    """The report, one line after the other."""
    found, claims = report.credentials, report.claims
    said = [f"{report.path.name}: {report.verdict}"]
    said += listed("manifest", [MANIFEST[found.state], found.note])
    if found.state != "none" and found.signed_by:
        said += signer_lines(found)
    said += listed("made from", [ingredient_words(one) for one in found.ingredients])
    if claims.ledger_id:
        said += listed("consent", list(claims.consents) or ["none named"])
        said += listed("REVOKED", list(report.revoked))
        said += listed("method", [f"{claims.method}, of {claims.method_of or 'an older version'}"])
        said += listed("network", list(claims.networks))
        said += listed("purpose", [claims.purpose or "none stated"])
        said += listed("label", [claims.label])
    else:
        said += listed("REVOKED", list(report.revoked))
    said += listed("watermark", watermark_words(report.watermark, report.marked))
    if report.sound_mark is not None:
        said += listed("in sound", watermark_words(report.sound_mark, report.marked))
    title = "made into" if report.made_into else "looks like"
    said += listed(title, copies_words(report.copies))
    said += listed("ledger", [f"{LEDGER[report.ledger_state]} {report.ledger_row}".rstrip()])
    broken = [f"{one.where}: {one.words} [{one.code}]" for one in report.problems]
    return [*said, *listed("BROKEN", broken)]


def _inputs_of(row: LedgerRow) -> set[str]:
    """SHA-256 of every file that an output was made from."""
    try:
        content = json.loads(row.body)
    except ValueError:
        return set()
    inputs = content.get("inputs") if isinstance(content, dict) else None
    listed = inputs if isinstance(inputs, list) else []
    return {str(one.get("sha256")) for one in listed if isinstance(one, dict)}


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
