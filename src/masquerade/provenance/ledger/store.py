"""An append-only list of everything this installation sealed, chained so that changes show.

Each row holds the hash of the row before it and is signed; a signed head file says how far the
list goes, so that rows cut off at the end show too. SQLite in WAL mode carries it through kill -9
and lets several processes append. What it cannot show: that the whole folder was put back to an
older copy of itself; export the head's hash somewhere else if that matters.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from masquerade.errors import OutputError, ProvenanceError
from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.home import home_dir
from masquerade.provenance.keys import KEY_FILE, LEDGER_FILE, public_text, sign, signing_key
from masquerade.provenance.ledger.head import (
    HEAD_FILE,
    check_head,
    head_problems,
    is_whole,
    read_head,
    write_head,
)
from masquerade.provenance.ledger.row import CLOCK, GENESIS, Chain, LedgerReport, LedgerRow

_WAIT_S = 30
_RETRY_S = 0.01
_BUSY = ("SQLITE_BUSY", "SQLITE_BUSY_RECOVERY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED")
_NO_ROOM = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_SHMSIZE", "SQLITE_IOERR_FSYNC")
_CLOCK_S = 2.0  # corrections of that size are ordinary
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
    with _connection(home) as connection:
        with _writing(connection):
            last = _last(connection)
            check_head(last, read_head(home), public_text(key))
            now = datetime.now(UTC)
            if last is not None and _set_back_s(last, now) > _CLOCK_S:
                told = canonical_bytes({"row": last.seq, "time": last.time})
                last = _insert(connection, last, now, CLOCK, "set back", told.decode(), key)
            row = _insert(connection, last, now, kind, subject, body, key, row_id)
        # Under the write lock again, so that heads of several processes cannot go backwards.
        # A kill between the two leaves a signed row beyond the head, which verify accepts.
        with _writing(connection):
            newest = _last(connection)
            if newest is not None:
                write_head(newest, home)
    return row


def rows(
    *,
    kind: str = "",
    subject: str = "",
    since: str = "",
    newest: int = 0,
    home: Path | None = None,
) -> tuple[LedgerRow, ...]:
    """Rows in order: all, or those of a kind, a subject, from a time on; the `newest` few.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    clauses = [("kind = ?", kind), ("subject = ?", subject), ("time >= ?", since)]
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


def rows_by_name(start: str, *, home: Path | None = None) -> tuple[LedgerRow, ...]:
    """Rows whose name begins like that, in order.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    query = f"SELECT {_COLUMNS} FROM rows WHERE substr(id, 1, ?) = ? ORDER BY seq"  # noqa: S608
    with _connection(home) as connection:
        found = connection.execute(query, [len(start), start]).fetchall()
    return tuple(LedgerRow(*row) for row in found)


def each_row(home: Path | None = None) -> Iterator[LedgerRow]:
    """Every row in order, one at a time.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    with _connection(home) as connection:
        for values in connection.execute(f"SELECT {_COLUMNS} FROM rows ORDER BY seq"):  # noqa: S608
            yield LedgerRow(*values)


def row_by_id(row_id: str, *, home: Path | None = None) -> LedgerRow | None:
    """The row of that name, or None.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    query = f"SELECT {_COLUMNS} FROM rows WHERE id = ?"  # noqa: S608
    with _connection(home) as connection:
        found = connection.execute(query, [row_id]).fetchone()
    return LedgerRow(*found) if found else None


def verify_ledger(home: Path | None = None, *, every_signature: bool = True) -> LedgerReport:
    """Whether every row is as it was written, in order, none missing.

    Args:
        home: The installation's folder.
        every_signature: Whether rows that the signed head vouches for are held against their own
            signatures too. Their content is proved without, by the chain of hashes, ten times as
            fast; only a change of a signature itself would go unseen.

    Raises:
        ProvenanceError: The ledger cannot be read at all.
    """
    public = public_text(signing_key(home))
    with _connection(home) as connection:
        # The head is read first: rows added meanwhile lie beyond it, which is no fault.
        head = read_head(home)
        vouches = head is not None and not every_signature and is_whole(head, public)
        chain = Chain(public, vouched=head.seq if head is not None and vouches else 0)
        for values in connection.execute(f"SELECT {_COLUMNS} FROM rows ORDER BY seq"):  # noqa: S608
            chain.add(LedgerRow(*values))
    problems = [*chain.problems, *head_problems(chain.last, head, public)]
    beyond = head is not None and chain.last is not None and chain.last.seq > head.seq
    if head is not None and vouches and beyond and chain.vouched_hash != head.hash:
        problems.append(f"row {head.seq} is not the one the head speaks of")
    count = chain.last.seq if chain.last else 0
    return LedgerReport(count, chain.head, tuple(problems), tuple(chain.notes))


def check_ledger(home: Path | None = None) -> None:
    """Passes when the ledger is whole.

    Raises:
        ProvenanceError: It is not; the message says what was found.
    """
    report = verify_ledger(home, every_signature=False)
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
    if not path.exists() and any((place / name).exists() for name in (KEY_FILE, HEAD_FILE)):
        raise ProvenanceError(
            f"the ledger is missing: {path}",
            "the file that is made before the first key",
            "restore it from a backup",
        )
    try:
        connection = sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)
        try:
            path.chmod(0o600)
            _set_up(connection)
            yield connection
        finally:
            connection.close()
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorname", "") in _NO_ROOM:
            raise OutputError(
                f"no room to write the ledger: {path} ({error})",
                "free space, and no limit on the size of files that it would pass",
                "free some and run again; nothing was lost",
            ) from error
        raise ProvenanceError(
            f"the ledger cannot be used: {path} ({error})", "a SQLite file of this installation"
        ) from error


def _set_up(connection: sqlite3.Connection) -> None:
    """Puts a new file into WAL mode; SQLite does not wait by itself when others do so just now."""
    until = monotonic() + _WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname not in _BUSY or monotonic() > until:
                raise
            sleep(_RETRY_S)
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(_SCHEMA)


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _insert(
    connection: sqlite3.Connection,
    last: LedgerRow | None,
    now: datetime,
    kind: str,
    subject: str,
    body: str,
    key: Ed25519PrivateKey,
    row_id: str | None = None,
) -> LedgerRow:
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    time = now.isoformat(timespec="milliseconds")
    row = LedgerRow(seq, row_id or new_row_id(), time, kind, subject, body, previous, "", "")
    digest = row.expected_hash()
    row = replace(row, hash=digest, signature=sign(digest.encode(), key))
    connection.execute(f"INSERT INTO rows ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?)", astuple(row))  # noqa: S608
    return row


def _set_back_s(last: LedgerRow, now: datetime) -> float:
    """By how much this machine's clock stands before the last row's time."""
    try:
        return (datetime.fromisoformat(last.time) - now).total_seconds()
    except (ValueError, TypeError):
        return 0.0  # a row whose time was changed; verify finds it


def _last(connection: sqlite3.Connection) -> LedgerRow | None:
    query = f"SELECT {_COLUMNS} FROM rows ORDER BY seq DESC LIMIT 1"  # noqa: S608
    found = connection.execute(query).fetchone()
    return LedgerRow(*found) if found else None
