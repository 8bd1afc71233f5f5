"""Embeddings as records keep them: in plain, or encrypted with a key of one installation."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from masquerade.errors import ConsentError, ProvenanceError
from masquerade.provenance.keys import (
    decrypt,
    encrypt,
    key_fingerprint,
    public_text,
    rest_key,
    signing_key,
)
from masquerade.types import Embedding


@dataclass(frozen=True, slots=True)
class Kept:
    """An embedding as text: one of plain numbers, or ciphertext and whose it is.

    Attributes:
        plain: Its numbers; None where it is encrypted.
        encrypted: Base64; empty where it is plain.
        installation: Fingerprint of the key of the installation that can open it.
    """

    plain: tuple[float, ...] | None = None
    encrypted: str = ""
    installation: str = ""


def keep(
    vector: Embedding, record_id: str, *, what: str, plain: bool, home: Path | None = None
) -> Kept:
    """The embedding as a record of that id keeps it; encrypted, it opens under that id only.

    Args:
        vector: (n,) float32, checked by the caller.
        record_id: Of the record.
        what: What it is of, such as ``face``: one key for each.
        plain: For a persona.
        home: The installation's folder.

    Raises:
        ProvenanceError: Keys cannot be used.
    """
    if plain:
        # Six digits are far below the noise of the network, and keep the file readable.
        return Kept(plain=tuple(round(float(value), 6) for value in vector))
    values = np.asarray(vector, dtype="<f4").tobytes()
    data = encrypt(values, rest_key(home, f"bound {what}"), record_id.encode())
    return Kept(
        encrypted=base64.b64encode(data).decode(),
        installation=key_fingerprint(public_text(signing_key(home))),
    )


def opened(kept: Kept, record_id: str, *, what: str, home: Path | None = None) -> Embedding:
    """(n,) float32, as it was kept.

    Raises:
        ConsentError: It was encrypted by another installation, or was changed.
    """
    if kept.plain:
        return np.asarray(kept.plain, dtype=np.float32)
    own = key_fingerprint(public_text(signing_key(home)))
    if kept.installation != own:
        raise ConsentError(
            f"the {what} of consent {record_id} was encrypted by installation {kept.installation}",
            f"a record made by this installation ({own})",
            "make the record here, or do the work there",
        )
    try:
        data = base64.b64decode(kept.encrypted, validate=True)
        values = decrypt(data, rest_key(home, f"bound {what}"), record_id.encode())
    except (ProvenanceError, ValueError) as error:
        raise ConsentError(f"the {what} bound to consent {record_id} cannot be opened") from error
    return np.frombuffer(values, dtype="<f4").astype(np.float32)
