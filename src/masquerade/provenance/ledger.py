"""An append-only list of everything this installation sealed, chained so that changes show.

Each row holds the hash of the row before it and is signed; a signed head file says how far the
list goes, so that rows cut off at the end show too. SQLite in WAL mode carries it through kill -9
and lets several processes append. What it cannot show: that the whole folder was put back to an
older copy of itself; export the head's hash somewhere else if that matters.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from masquerade.errors import ProvenanceError
from masquerade.provenance.canonical import Json, canonical_bytes, sha256_hex
from masquerade.provenance.home import home_dir, read_private, write_private
from masquerade.provenance.keys import (
    KEY_FILE,
    LEDGER_FILE,
    is_signed,
    public_text,
    sign,
    signing_key,
)

_HEAD_FILE = "ledger.head"
_WAIT_S = 30
_GENESIS = "0" * 64
_SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, time TEXT NOT NULL, kind TEXT NOT NULL,
    subject TEXT NOT NULL, body TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS by_subject ON rows (kind, subject);
CREATE TRIGGER IF NOT EXISTS no_update BEFORE UPDATE ON rows
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS no_delete BEFORE DELETE ON rows
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""
_COLUMNS = "seq, id, time, kind, subject, body, previous, hash, signature"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row.

    Attributes:
        seq: Position, from 1.
        id: Name of the row, as a manifest quotes it.
        time: UTC, ISO 8601.
        kind: ``output``, ``consent`` or ``revoke``.
        subject: What it is about: the output's SHA-256, or a consent record's id.
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

    def line(self) -> str:
        """The row in one line."""
        return f"{self.seq:6} {self.time[:19]} {self.kind:8} {self.subject[:20]:20} {self.id}"

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
    """How a ledger stands: rows counted, the last row's hash, and what is wrong with it."""

    rows: int
    head: str
    problems: tuple[str, ...]

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
        if self.broken:
            return [f"ledger: BROKEN, {self.rows} rows", *(f"  {text}" for text in self.problems)]
        return [f"ledger: whole, {self.rows} rows, head {self.head[:16]}"]

    def as_json(self) -> dict[str, Json]:
        """The report for programs."""
        return {"rows": self.rows, "head": self.head, "problems": list(self.problems)}


def new_row_id() -> str:
    """A random name for a row that is still to be written."""
    return f"mql-{uuid4().hex}"


def append(
    kind: str, subject: str, body: str, *, row_id: str | None = None, home: Path | None = None
) -> LedgerRow:
    """The row that was added at the end.

    Args:
        kind: What happened.
        subject: What it happened to.
        body: More about it, as JSON.
        row_id: Its name, if one was given out before.
        home: The installation's folder.

    Raises:
        ProvenanceError: The ledger cannot be written, is missing, or is shorter than its head.
    """
    key = signing_key(home)
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    with _connection(home) as connection:
        with _writing(connection):
            last = _last(connection)
            _check_head(last, _read_head(home), public_text(key))
            seq, previous = (last.seq + 1, last.hash) if last else (1, _GENESIS)
            row = LedgerRow(
                seq, row_id or new_row_id(), time, kind, subject, body, previous, "", ""
            )
            digest = row.expected_hash()
            values = (*_values(row)[:-2], digest, sign(digest.encode(), key))
            connection.execute(f"INSERT INTO rows ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", values)  # noqa: S608
        # Under the write lock again, so that heads of several processes cannot go backwards.
        # A kill between the two leaves a signed row beyond the head, which verify accepts.
        with _writing(connection):
            newest = _last(connection)
            if newest is not None:
                _write_head(newest, home)
    return LedgerRow(*values)


def rows(
    *, kind: str = "", subject: str = "", home: Path | None = None, newest: int = 0
) -> tuple[LedgerRow, ...]:
    """Rows in order, all or those of a kind and subject; the last few when `newest` is given.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    clauses = [("kind = ?", kind), ("subject = ?", subject)]
    chosen = [(clause, value) for clause, value in clauses if value]
    where = " AND ".join(clause for clause, _ in chosen) or "1"
    limit = f" LIMIT {int(newest)}" if newest else ""
    query = f"SELECT {_COLUMNS} FROM rows WHERE {where} ORDER BY seq DESC{limit}"  # noqa: S608
    with _connection(home) as connection:
        found = connection.execute(query, [value for _, value in chosen]).fetchall()
    return tuple(LedgerRow(*row) for row in reversed(found))


def outputs_marked(watermark: str, *, home: Path | None = None) -> tuple[LedgerRow, ...]:
    """Rows of outputs that carry that watermark, in order; the same job run twice gives two.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    query = (
        f"SELECT {_COLUMNS} FROM rows WHERE kind = 'output'"  # noqa: S608
        " AND json_extract(body, '$.watermark.id') = ? ORDER BY seq"
    )
    with _connection(home) as connection:
        found = connection.execute(query, [watermark]).fetchall()
    return tuple(LedgerRow(*row) for row in found)


def row_by_id(row_id: str, *, home: Path | None = None) -> LedgerRow | None:
    """The row of that name, or None.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    query = f"SELECT {_COLUMNS} FROM rows WHERE id = ?"  # noqa: S608
    with _connection(home) as connection:
        found = connection.execute(query, [row_id]).fetchone()
    return LedgerRow(*found) if found else None


def verify_ledger(home: Path | None = None) -> LedgerReport:
    """Whether every row is as it was written, in order, none missing.

    Raises:
        ProvenanceError: The ledger cannot be read at all.
    """
    public = public_text(signing_key(home))
    problems: list[str] = []
    previous, expected_seq, last = _GENESIS, 1, None
    with _connection(home) as connection:
        # The head is read first: rows added meanwhile lie beyond it, which is no fault.
        head = _read_head(home)
        for values in connection.execute(f"SELECT {_COLUMNS} FROM rows ORDER BY seq"):  # noqa: S608
            last = LedgerRow(*values)
            problems += _row_problems(last, expected_seq, previous, public)
            previous, expected_seq = last.hash, last.seq + 1
    problems += _head_problems(last, head, public)
    count = last.seq if last else 0
    return LedgerReport(count, last.hash if last else _GENESIS, tuple(problems))


def check_ledger(home: Path | None = None) -> None:
    """Passes when the ledger is whole.

    Raises:
        ProvenanceError: It is not; the message says what was found.
    """
    report = verify_ledger(home)
    if report.broken:
        raise ProvenanceError(
            "the ledger is broken: " + "; ".join(report.problems[:3]),
            "the rows as they were written",
            "see `masquerade ledger verify`; restore the folder from a backup",
        )


@contextmanager
def _connection(home: Path | None) -> Iterator[sqlite3.Connection]:
    place = home_dir(home)
    path = place / LEDGER_FILE
    if not path.exists() and any((place / name).exists() for name in (KEY_FILE, _HEAD_FILE)):
        raise ProvenanceError(
            f"the ledger is missing: {path}",
            "the file that is made before the first key",
            "restore it from a backup",
        )
    try:
        connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
        try:
            path.chmod(0o600)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
            yield connection
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        raise ProvenanceError(
            f"the ledger cannot be used: {path} ({error})", "a SQLite file of this installation"
        ) from error


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _values(row: LedgerRow) -> tuple[int, str, str, str, str, str, str, str, str]:
    return (
        row.seq, row.id, row.time, row.kind, row.subject, row.body, row.previous, row.hash,
        row.signature,
    )  # fmt: skip


def _last(connection: sqlite3.Connection) -> LedgerRow | None:
    query = f"SELECT {_COLUMNS} FROM rows ORDER BY seq DESC LIMIT 1"  # noqa: S608
    found = connection.execute(query).fetchone()
    return LedgerRow(*found) if found else None


def _row_problems(row: LedgerRow, seq: int, previous: str, public: str) -> list[str]:
    problems = []
    if row.seq != seq:
        problems.append(f"rows {seq} to {row.seq - 1} are missing")
    elif row.previous != previous:
        problems.append(f"row {row.seq} does not follow the row before it")
    if row.hash != row.expected_hash():
        problems.append(f"row {row.seq} was changed")
    elif not is_signed(row.hash.encode(), row.signature, public):
        problems.append(f"row {row.seq} was not written by this installation")
    return problems


@dataclass(frozen=True, slots=True)
class _Head:
    seq: int
    hash: str
    signature: str

    def signed_bytes(self) -> bytes:
        return canonical_bytes([self.seq, self.hash])


def _write_head(row: LedgerRow, home: Path | None) -> None:
    unsigned = _Head(row.seq, row.hash, "")
    signature = sign(unsigned.signed_bytes(), signing_key(home))
    data = canonical_bytes({"seq": row.seq, "hash": row.hash, "signature": signature})
    write_private(home_dir(home) / _HEAD_FILE, data)


def _read_head(home: Path | None) -> _Head | None:
    path = home_dir(home) / _HEAD_FILE
    try:
        content = json.loads(read_private(path))
        return _Head(int(content["seq"]), str(content["hash"]), str(content["signature"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return _Head(-1, "", "")


def _head_problems(last: LedgerRow | None, head: _Head | None, public: str) -> list[str]:
    if head is None:
        # A ledger of one row may have been killed before its first head.
        return ["the head file is missing"] if last is not None and last.seq > 1 else []
    if not is_signed(head.signed_bytes(), head.signature, public):
        return ["the head file was changed"]
    if last is None or last.seq < head.seq:
        found = last.seq if last else 0
        return [f"rows {found + 1} to {head.seq} were cut off at the end"]
    if last.seq == head.seq and last.hash != head.hash:
        return [f"row {last.seq} is not the one the head speaks of"]
    return []


def _check_head(last: LedgerRow | None, head: _Head | None, public: str) -> None:
    problems = _head_problems(last, head, public)
    if problems:
        raise ProvenanceError(
            "the ledger is broken: " + problems[0],
            "the rows as they were written",
            "see `masquerade ledger verify`; restore the folder from a backup",
        )
