"""What was done over the network stands in the ledger: by whom, what, to what."""

from __future__ import annotations

from pathlib import Path

from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json, canonical_bytes
from masquerade.server.caller import Caller

KIND = "server"


def note(
    action: str,
    subject: str,
    caller: Caller,
    *,
    home: Path | None = None,
    **more: Json,
) -> None:
    """Enters one thing that was done.

    Args:
        action: What, in a word: asked, cancelled, fetched, erased, key.
        subject: To what.
        caller: By whom.
        home: The installation's folder.
        **more: What else there is to say.

    Raises:
        ProvenanceError: The ledger cannot be written; what was asked for is then not done.
    """
    body: dict[str, Json] = {
        "action": action,
        "key": caller.id,
        "role": caller.role.value,
        **more,
    }
    ledger.append(KIND, subject, canonical_bytes(body).decode(), home=home)
