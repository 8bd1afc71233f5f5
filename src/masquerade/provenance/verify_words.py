"""A verify report as a newcomer reads it: a verdict first, then each mark in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from masquerade.provenance.c2pa.credentials import Credentials
from masquerade.provenance.c2pa.walk import Ingredient
from masquerade.provenance.copies import FoundCopies
from masquerade.provenance.ledger import LedgerRow
from masquerade.provenance.watermark.marking import FoundMark, MarkState

if TYPE_CHECKING:
    from masquerade.provenance.verify import VerifyReport

LEDGER: Final = {
    "found": "this very file has a row",
    "changed": "the row it names speaks of a file with another hash",
    "missing": "the row it names is not in this installation's ledger",
    "not ours": "no row speaks of this file",
    "broken": "the ledger itself is broken",
}
_SIGNERS: Final = {
    "ours": "this installation",
    "known": "a signer whose root you trust",
    "unknown": "an unknown signer: anybody can make such a certificate",
    "invalid": "nobody: the signature or what it covers is broken",
    "none": "nobody",
}
_STATES: Final = {
    "intact": "whole: the file is as its signer signed it",
    "broken": "BROKEN",
    "unreadable": "cannot say",
    "none": "none; that says nothing about whether the file is genuine",
}
_WATERMARKS: Final[dict[MarkState, str]] = {
    "found": "found",
    "none": "none that this installation can read; that says nothing about the file",
    "too small": "not looked for: it is too small or too short to hold one",
    "unreadable": "not looked for: it cannot be read",
}
_COPIES: Final = {
    "found": "",
    "none": "nothing that was made here",
    "nothing to compare": "nothing: the ledger holds no fingerprints",
    "no picture": "not looked up: there is no picture that tells anything",
    "unreadable": "not looked up: the pictures cannot be read",
}
_SHOWN = 3
_MOST_LINES = 40


def verdict(report: VerifyReport) -> str:
    """The report in one sentence, and whether the consent behind the file still stands."""
    taken_back = "; the consent behind it was REVOKED since" if report.revoked else ""
    return _verdict(report) + taken_back


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


def lines(report: VerifyReport) -> list[str]:
    """The report, one line after the other."""
    found, claims = report.credentials, report.claims
    said = [f"{report.path.name}: {verdict(report)}"]
    said += _listed("manifest", [_STATES[found.state], found.note])
    if found.state != "none" and found.signed_by:
        said += _signer_lines(found)
    said += _listed("made from", [ingredient_words(one) for one in found.ingredients])
    if claims.ledger_id:
        said += _listed("consent", list(claims.consents) or ["none named"])
        said += _listed("REVOKED", list(report.revoked))
        said += _listed("method", [f"{claims.method}, of {claims.method_of or 'an older version'}"])
        said += _listed("network", list(claims.networks))
        said += _listed("purpose", [claims.purpose or "none stated"])
        said += _listed("label", [claims.label])
    else:
        said += _listed("REVOKED", list(report.revoked))
    said += _listed("watermark", watermark_words(report.watermark, report.marked))
    if report.sound_mark is not None:
        said += _listed("in sound", watermark_words(report.sound_mark, report.marked))
    title = "made into" if report.made_into else "looks like"
    said += _listed(title, copies_words(report.copies))
    said += _listed("ledger", [f"{LEDGER[report.ledger_state]} {report.ledger_row}".rstrip()])
    broken = [f"{one.where}: {one.words} [{one.code}]" for one in report.problems]
    return [*said, *_listed("BROKEN", broken)]


def ingredient_words(one: Ingredient) -> str:
    """An ingredient: what it is to the file above it, and what its own manifest says."""
    words = [one.part]
    if one.signed_by:
        when = f" on {time_words(one.signed_at)}" if one.signed_at else ""
        words.append(f"signed by {one.signed_by}{when}")
        words += [f"who says: {', '.join(one.did)}"] if one.did else []
    else:
        words.append("without a manifest of its own")
    words += [f"BROKEN: {broken}" for broken in one.broken]
    return f"{'  ' * (one.depth - 1)}{one.title}: {'; '.join(words)}"


def watermark_words(mark: FoundMark, marked: Sequence[LedgerRow]) -> list[str]:
    """What was found of this installation's watermark, and where it leads."""
    if mark.state != "found":
        return [_WATERMARKS[mark.state] + (f" ({mark.note})" if mark.note else "")]
    words = [f"{text}: made here (chance below {mark.chance:.0e} otherwise)" for text in mark.texts]
    known = [
        f"the ledger knows it: {row.body_value('name')}, made {row.time[:10]}, row {row.id}"
        for row in marked
    ]
    return [*words, *(known or ["yet no row of the ledger speaks of it"])]


def copies_words(found: FoundCopies) -> list[str]:
    """What the fingerprints lead to."""
    if not found.matches:
        return [_COPIES[found.state]]
    words = [
        f"{one.row.body_value('name')}, made {one.row.time[:10]}, row {one.row.id}"
        f" ({one.share:.0%} of the pictures; {one.distance} of 256 bits apart)"
        for one in found.matches[:_SHOWN]
    ]
    more = len(found.matches) - _SHOWN
    return [*words, f"and {more} more"] if more > 0 else words


def time_words(text: str) -> str:
    """A time of a timestamp, without seconds.

    Example:
        >>> time_words("2024-08-06T21:53:37+00:00")
        '2024-08-06 21:53 UTC'
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if time.tzinfo else text


def _signer_lines(found: Credentials) -> list[str]:
    name = "" if found.signer == "ours" else f" ({found.signed_by})"
    beside = " (manifest beside the file)" if found.beside else ""
    when = {
        "attested": f"{time_words(found.signed_at)}, as a timestamp authority attests",
        "unknown authority": f"{time_words(found.signed_at)}, as somebody attests who is unknown"
        " here",
        "none": "nobody attested when: no timestamp",
    }[found.time]
    return [
        *_listed("signed by", [f"{_SIGNERS[found.signer]}{name}{beside}"]),
        *_listed("when", [when]),
        *_listed("they claim", [f"made with {found.generator or 'no program named'}", *found.did]),
        *_listed("AI model", list(found.ai_models)),
        *_listed("machines", list(found.machine_uses)),
    ]


def _listed(name: str, items: Sequence[str]) -> list[str]:
    there = [item for item in items if item]
    shown = there[:_MOST_LINES]
    if len(there) > len(shown):
        shown.append(f"... and {len(there) - len(shown)} more (see --json)")
    return [f"  {name if not n else '':10} {item}" for n, item in enumerate(shown)]
