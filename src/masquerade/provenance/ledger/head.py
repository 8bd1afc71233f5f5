"""The signed head of the ledger: how far the list goes, so that rows cut off at its end show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade.errors import ProvenanceError
from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.home import home_dir, read_private, write_private
from masquerade.provenance.keys import is_signed, sign, signing_key
from masquerade.provenance.ledger.row import LedgerRow

HEAD_FILE: Final = "ledger.head"


@dataclass(frozen=True, slots=True)
class Head:
    """How far the list goes.

    Attributes:
        seq: Position of the last row; -1 where the file cannot be read.
        hash: Of that row.
        signature: Ed25519 over both, base64.
    """

    seq: int
    hash: str
    signature: str

    def signed_bytes(self) -> bytes:
        """What the signature covers."""
        return canonical_bytes([self.seq, self.hash])


def write_head(row: LedgerRow, home: Path | None) -> None:
    """Signs and keeps that the list goes as far as this row.

    Raises:
        OSError: The folder cannot be written.
    """
    unsigned = Head(row.seq, row.hash, "")
    signature = sign(unsigned.signed_bytes(), signing_key(home))
    data = canonical_bytes({"seq": row.seq, "hash": row.hash, "signature": signature})
    write_private(home_dir(home) / HEAD_FILE, data)


def read_head(home: Path | None) -> Head | None:
    """The head; None where none was ever written, one that nobody signed where it is damaged."""
    path = home_dir(home) / HEAD_FILE
    try:
        content = json.loads(read_private(path))
        return Head(int(content["seq"]), str(content["hash"]), str(content["signature"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Head(-1, "", "")


def is_whole(head: Head, public: str) -> bool:
    """Whether the holder of `public` signed the head as it is."""
    return is_signed(head.signed_bytes(), head.signature, public)


def head_problems(last: LedgerRow | None, head: Head | None, public: str) -> list[str]:
    """What does not fit between the last row and the head that `public` should have signed."""
    if head is None:
        # A ledger of one row may have been killed before its first head.
        return ["the head file is missing"] if last is not None and last.seq > 1 else []
    if not is_whole(head, public):
        return ["the head file was changed"]
    if last is None or last.seq < head.seq:
        found = last.seq if last else 0
        return [f"rows {found + 1} to {head.seq} were cut off at the end"]
    if last.seq == head.seq and last.hash != head.hash:
        return [f"row {last.seq} is not the one the head speaks of"]
    return []


def check_head(last: LedgerRow | None, head: Head | None, public: str) -> None:
    """Passes when the last row and the head fit.

    Raises:
        ProvenanceError: They do not.
    """
    problems = head_problems(last, head, public)
    if problems:
        raise ProvenanceError(
            "the ledger is broken: " + problems[0],
            "the rows as they were written",
            "see `masquerade ledger verify`; restore the folder from a backup",
        )
