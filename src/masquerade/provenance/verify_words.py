"""The words for what `masquerade verify` finds: of each mark, in a line or a few."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from masquerade.provenance.c2pa.credentials import Credentials
from masquerade.provenance.c2pa.walk import Ingredient
from masquerade.provenance.copies import FoundCopies
from masquerade.provenance.ledger import LedgerRow
from masquerade.provenance.watermark.marking import FoundMark, MarkState

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
MANIFEST: Final = {
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
_NAME = 10  # characters


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


def signer_lines(found: Credentials) -> list[str]:
    """Who signed a manifest, when, and what they claim."""
    name = "" if found.signer == "ours" else f" ({found.signed_by})"
    beside = " (manifest beside the file)" if found.beside else ""
    when = {
        "attested": f"{time_words(found.signed_at)}, as a timestamp authority attests",
        "unknown authority": f"{time_words(found.signed_at)}, as somebody attests who is unknown"
        " here",
        "none": "nobody attested when: no timestamp",
    }[found.time]
    return [
        *listed("signed by", [f"{_SIGNERS[found.signer]}{name}{beside}"]),
        *listed("when", [when]),
        *listed("they claim", [f"made with {found.generator or 'no program named'}", *found.did]),
        *listed("AI model", list(found.ai_models)),
        *listed("machines", list(found.machine_uses)),
    ]


def parted(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(name, item) of lines that `listed` made; an item without a name has the one before it.

    Example:
        >>> parted(listed("made from", ["a.jpg", "b.jpg"]))
        (('made from', 'a.jpg'), ('made from', 'b.jpg'))
    """
    found: list[tuple[str, str]] = []
    for line in lines:
        name = line[2 : 2 + _NAME].strip() or (found[-1][0] if found else "")
        found.append((name, line[3 + _NAME :].strip()))
    return tuple(found)


def listed(name: str, items: Sequence[str]) -> list[str]:
    """Lines of a report: those items that say something, the name before the first."""
    there = [item for item in items if item]
    shown = there[:_MOST_LINES]
    if len(there) > len(shown):
        shown.append(f"... and {len(there) - len(shown)} more (see --json)")
    return [f"  {name if not n else '':{_NAME}} {item}" for n, item in enumerate(shown)]
