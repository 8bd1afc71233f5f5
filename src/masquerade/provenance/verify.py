"""What can be said about where a file comes from, in plain words: ours or anybody's.

A file without a manifest is not a fake: most files have none. What a manifest says is a claim of
its signer; a whole signature shows only that the claim is theirs and that the file is unchanged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from masquerade.errors import InputError, ProvenanceError
from masquerade.hashing import file_sha256
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json
from masquerade.provenance.credentials import (
    Credentials,
    Ingredient,
    Problem,
    read_credentials,
)
from masquerade.provenance.ledger import LedgerRow
from masquerade.provenance.marking import FoundMark, MarkState, find_mark

LedgerState = Literal["found", "changed", "missing", "not ours", "broken"]

_SIGNERS = {
    "ours": "this installation",
    "known": "a signer whose root you trust",
    "unknown": "an unknown signer: anybody can make such a certificate",
    "invalid": "nobody: the signature or what it covers is broken",
    "none": "nobody",
}
_STATES = {
    "intact": "whole: the file is as its signer signed it",
    "broken": "BROKEN",
    "unreadable": "cannot say",
    "none": "none; that says nothing about whether the file is genuine",
}
_LEDGER = {
    "found": "this very file has a row",
    "changed": "the row it names speaks of a file with another hash",
    "missing": "the row it names is not in this installation's ledger",
    "not ours": "no row speaks of this file",
    "broken": "the ledger itself is broken",
}
_WATERMARKS: dict[MarkState, str] = {
    "found": "found",
    "none": "none that this installation can read; that says nothing about the file",
    "too small": "not looked for: the picture is too small to hold one",
    "no picture": "not looked for: there is no picture",
    "unreadable": "not looked for: the pictures cannot be read",
}


@dataclass(frozen=True, slots=True)
class SealClaims:
    """What our own assertion says: consent, marks, row. Empty for files of other programs."""

    ledger_id: str = ""
    consents: tuple[str, ...] = ()
    label: str = ""
    watermark: str = ""
    method: str = ""
    purpose: str = ""
    history: str = ""


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
        watermark: What was found of this installation's watermark in the pictures.
        marked: The ledger's rows that the watermark leads to: outputs made here, of which the file
            is one or a copy.
    """

    path: Path
    sha256: str
    credentials: Credentials
    claims: SealClaims
    ledger_state: LedgerState
    ledger_row: str
    watermark: FoundMark
    marked: tuple[LedgerRow, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is broken: in the manifest, below it, or between it and the ledger."""
        found = list(self.credentials.problems)
        if self.credentials.signer == "ours" and self.ledger_state in ("changed", "missing"):
            found.append(Problem("ledger", self.ledger_state, _LEDGER[self.ledger_state]))
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

    def lines(self) -> list[str]:
        """The report in plain words."""
        found = self.credentials
        lines = [f"{self.path.name}", f"  manifest   {_STATES[found.state]}"]
        if found.note:
            lines.append(f"             {found.note}")
        if found.state != "none" and found.signed_by:
            beside = " (manifest beside the file)" if found.beside else ""
            lines.append(f"  signed by  {_SIGNERS[found.signer]} ({found.signed_by}){beside}")
            lines.append(f"  when       {found.signed_at or 'no timestamp'}")
            lines += _listed("they claim", [f"made with {found.generator}", *found.did])
        lines += _listed("made from", [_ingredient_words(one) for one in found.ingredients])
        if self.claims.ledger_id:
            lines += _listed("consent", list(self.claims.consents) or ["none named"])
            lines.append(f"  purpose    {self.claims.purpose or 'none stated'}")
            lines.append(f"  label      {self.claims.label}")
        lines += _listed("watermark", self._watermark_words())
        lines.append(f"  ledger     {_LEDGER[self.ledger_state]} {self.ledger_row}".rstrip())
        lines += _listed(
            "BROKEN", [f"{one.where}: {one.words} [{one.code}]" for one in self.problems]
        )
        return lines

    def _watermark_words(self) -> list[str]:
        if self.watermark.state != "found":
            note = f" ({self.watermark.note})" if self.watermark.note else ""
            return [_WATERMARKS[self.watermark.state] + note]
        words = [
            f"{text}: made here (chance below {self.watermark.chance:.0e} otherwise)"
            for text in self.watermark.texts
        ]
        known = [
            f"the ledger knows it: {row.body_value('name')}, made {row.time[:10]}, row {row.id}"
            for row in self.marked
        ]
        return [*words, *(known or ["yet no row of the ledger speaks of it"])]

    def as_json(self) -> dict[str, Json]:
        """The report for programs."""
        found = self.credentials
        return {
            "path": str(self.path),
            "sha256": self.sha256,
            "manifest": found.state,
            "note": found.note,
            "signer": found.signer,
            "signed_by": found.signed_by,
            "signed_at": found.signed_at,
            "generator": found.generator,
            "did": list(found.did),
            "made_from": [_ingredient_words(one).strip() for one in found.ingredients],
            "consents": list(self.claims.consents),
            "label": self.claims.label,
            "watermark": {
                "state": self.watermark.state,
                "ids": list(self.watermark.texts),
                "chance": self.watermark.chance,
                "note": self.watermark.note,
                "rows": [row.id for row in self.marked],
            },
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
    marked = tuple(row for text in mark.texts for row in ledger.outputs_marked(text, home=home))
    return VerifyReport(path, digest, found, claims, state, row, mark, marked)


def _in_ledger(digest: str, claims: SealClaims, home: Path | None) -> tuple[LedgerState, str]:
    if ledger.verify_ledger(home).broken:
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
    return SealClaims(
        ledger_id=str(content.get("ledger") or ""),
        consents=tuple(
            f"{one.get('id')}: {one.get('standing')}"
            for one in (consents if isinstance(consents, list) else [])
            if isinstance(one, dict)
        ),
        label=_label_words(label) if isinstance(label, dict) else "",
        watermark=str(watermark.get("id") or "") if isinstance(watermark, dict) else "",
        method=str(content.get("method") or ""),
        purpose=str(content.get("purpose") or ""),
        history=str(content.get("target_history") or ""),
    )


def _label_words(label: dict[str, object]) -> str:
    """Its text, preset, and language where that is not English."""
    language = label.get("language") or "en"
    kind = f"{label.get('preset')}" if language == "en" else f"{label.get('preset')}, {language}"
    return f"{label.get('text')} ({kind})"


def _ingredient_words(one: Ingredient) -> str:
    signed = f"signed by {one.signed_by}" if one.signed_by else "without a manifest"
    did = f": {', '.join(one.did)}" if one.did else ""
    return f"{'  ' * (one.depth - 1)}{one.title} ({one.relationship}; {signed}){did}"


def _listed(name: str, items: list[str]) -> list[str]:
    return [f"  {name if not n else '':10} {item}" for n, item in enumerate(items)]
