"""What can be said about where a file comes from, in plain words: ours or anybody's.

A file without a manifest is not a fake: most files have none. What a manifest says is a claim of
its signer; a whole signature shows only that the claim is theirs and that the file is unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from masquerade.errors import InputError
from masquerade.hashing import file_sha256
from masquerade.media.probe import probe
from masquerade.provenance import ledger
from masquerade.provenance.c2pa.credentials import read_credentials
from masquerade.provenance.consent.revocation import records_of, standing_now
from masquerade.provenance.copies import find_copies
from masquerade.provenance.ledger import LedgerRow
from masquerade.provenance.verify_report import LedgerState, SealClaims, VerifyReport
from masquerade.provenance.watermark.marking import FoundMark, find_mark, find_sound_mark


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
