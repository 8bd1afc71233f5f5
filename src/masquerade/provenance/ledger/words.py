"""What a row of the ledger says, in words and in columns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from masquerade.provenance.ledger.row import LedgerRow

KINDS: Final = {
    "output": "sealed",
    "consent": "consent made",
    "challenge": "statement printed",
    "revoke": "consent revoked",
    "trust": "key trusted",
    "model": "model trained",
    "signing": "signer chosen",
    "takedown": "notice of takedown",
    "takedown-done": "takedown done",
    "takedown-withdrawn": "takedown withdrawn",
    "examined": "file examined",
    "clock": "clock set back",
}
_SHORT_ID = 12
_SHORT_SUBJECT = 16
_WIDE = 78


def table(rows: Iterable[LedgerRow]) -> list[str]:
    """The rows in columns, under a heading."""
    head = f"{'row':>6}  {'when (UTC)':16}  {'id':{_SHORT_ID}}  what"
    return [head, *(_line(row) for row in rows)]


def why(row: LedgerRow) -> str:
    """Why the row is there, in words."""
    what = KINDS.get(row.kind, row.kind.replace("-", ", "))
    told = _told(row, _body(row))
    return f"{what}: {told}" if told else what


def full(row: LedgerRow) -> list[str]:
    """All that the row holds."""
    body = json.dumps(_body(row), indent=2, ensure_ascii=False).splitlines()
    return [
        f"row        {row.seq}: {why(row)}",
        f"id         {row.id}",
        f"when       {row.time}",
        f"about      {row.subject}",
        f"hash       {row.hash}",
        f"follows    {row.previous}",
        *(f"{'' if number else 'body':10} {line}" for number, line in enumerate(body)),
    ]


def _line(row: LedgerRow) -> str:
    text = f"{row.seq:6}  {_minute(row.time):16}  {row.id[:_SHORT_ID]:{_SHORT_ID}}  {why(row)}"
    return text if len(text) <= _WIDE else f"{text[: _WIDE - 3]}..."


def _told(row: LedgerRow, body: dict[str, object]) -> str:
    match row.kind:
        case "output":
            return _output(body)
        case "signing":
            return _text(body, "source")
        case "trust" | "model" | "examined":
            return _text(body, "name")
        case "clock":
            return f"row {_text(body, 'row')} says {_minute(_text(body, 'time'))}"
        case "revoke" | "takedown-done" | "takedown-withdrawn":
            return _because(row, body)
        case _:
            return row.subject[:_SHORT_SUBJECT]


def _output(body: dict[str, object]) -> str:
    purpose = _text(body, "purpose")
    stated = f", for {purpose}" if purpose not in ("", "unstated") else ""
    return f"{_text(body, 'name')} ({_text(body, 'method')}{stated})"


def _because(row: LedgerRow, body: dict[str, object]) -> str:
    reason = _text(body, "why")
    return f"{row.subject}{', ' if reason else ''}{reason}"


def _body(row: LedgerRow) -> dict[str, object]:
    try:
        body = json.loads(row.body)
    except ValueError:
        return {"damaged": row.body}
    return body if isinstance(body, dict) else {"": body}


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    return "" if value is None else str(value)


def _minute(time: str) -> str:
    try:
        return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M}"
    except ValueError:
        return time[:16]
