"""Rows of the ledger, and whether they are as they were written: in order, none missing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from masquerade.errors import ProvenanceError
from masquerade.provenance.canonical import Json, canonical_bytes, sha256_hex
from masquerade.provenance.keys import is_signed

GENESIS: Final = "0" * 64
CLOCK: Final = "clock"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row.

    Attributes:
        seq: Position, from 1.
        id: Name of the row, as a manifest quotes it.
        time: UTC, ISO 8601.
        kind: ``output``, ``consent``, ``revoke``, ``trust``, ``signing``, ``clock``, ...
        subject: What it is about: the output's SHA-256, a consent record's id, ...
        body: Everything else, as canonical JSON.
        previous: Hash of the row before.
        hash: SHA-256 over all of the above.
        signature: Ed25519 of the hash, base64.
    """

    seq: int
    id: str
    time: str
    kind: str
    subject: str
    body: str
    previous: str
    hash: str
    signature: str

    def body_value(self, name: str) -> str:
        """A plain value of the body, as text; empty where it has none of that name."""
        body = json.loads(self.body)
        return str(body.get(name, "")) if isinstance(body, dict) else ""

    def expected_hash(self) -> str:
        """The hash its content should have."""
        return sha256_hex(
            canonical_bytes(
                [self.seq, self.id, self.time, self.kind, self.subject, self.body, self.previous]
            )
        )


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """How a ledger stands.

    Attributes:
        rows: How many there are.
        head: The last row's hash.
        problems: What is wrong.
        notes: What is not wrong, but worth knowing.
    """

    rows: int
    head: str
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether any row was changed, removed, added or reordered."""
        return bool(self.problems)

    @property
    def exit_code(self) -> int:
        """0, or 5 when broken."""
        return ProvenanceError.exit_code if self.broken else 0

    def lines(self) -> list[str]:
        """The report in plain words."""
        notes = [f"  note: {text}" for text in self.notes]
        if self.broken:
            problems = [f"  {text}" for text in self.problems]
            return [f"ledger: BROKEN, {self.rows} rows", *problems, *notes]
        return [f"ledger: whole, {self.rows} rows, head {self.head[:16]}", *notes]

    def as_json(self) -> dict[str, Json]:
        """The report for programs."""
        return {
            "rows": self.rows,
            "head": self.head,
            "problems": list(self.problems),
            "notes": list(self.notes),
        }


class Chain:
    """Rows looked at one after the other: do they follow each other, are they as they were written?

    Args:
        public: The key that signed them.
        vouched: Rows up to this one have no need of their own signatures, because a later signature
            covers its hash, and with that every row before it: see `vouched_hash`.

    Attributes:
        public: The key that signed them.
        vouched_hash: Hash of the row that `vouched` names, once it was looked at.
        problems: What is wrong so far.
        notes: What else was found.
        last: The row that was looked at last.
    """

    def __init__(self, public: str, *, vouched: int = 0) -> None:
        self.public = public
        self.vouched_hash = ""
        self._vouched = vouched
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.last: LedgerRow | None = None

    @property
    def head(self) -> str:
        """Hash of the last row."""
        return self.last.hash if self.last else GENESIS

    def add(self, row: LedgerRow) -> None:
        """Looks at the next row."""
        expected = self.last.seq + 1 if self.last else 1
        public = self.public if row.seq > self._vouched else None
        self.problems += _row_problems(row, expected, self.head, public)
        if row.seq == self._vouched:
            self.vouched_hash = row.hash
        if row.kind == CLOCK:
            self.notes.append(f"row {row.seq}: this machine's clock had been set back")
        self.last = row


def _row_problems(row: LedgerRow, seq: int, previous: str, public: str | None) -> list[str]:
    """What is wrong with a row; without a key, its signature is not looked at."""
    problems = []
    if row.seq != seq:
        problems.append(f"rows {seq} to {row.seq - 1} are missing")
    elif row.previous != previous:
        problems.append(f"row {row.seq} does not follow the row before it")
    if row.hash != row.expected_hash():
        problems.append(f"row {row.seq} was changed")
    elif public is not None and not is_signed(row.hash.encode(), row.signature, public):
        problems.append(f"row {row.seq} was not written by this installation")
    return problems
