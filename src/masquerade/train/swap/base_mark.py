"""The mark of a base that was learned here, so that no other file passes for one.

A base shows nobody, and so needs nobody's consent. That a file says it is one proves nothing: a
model of a person says the same once its words are replaced. So a base is taken only if it ships,
or if this installation wrote it: then its header holds a code over the digest of its tensors, made
with a key that never leaves the installation.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from masquerade.errors import ConsentError
from masquerade.models.own_weights import own_card
from masquerade.models.trained.swap_base import BASE_KEY, FORM_KEY, SHIPPED
from masquerade.provenance.consent.model_file import add_metadata, read_model
from masquerade.provenance.keys import rest_key

MARK_KEY: Final = "masquerade.base.mark"
"""Where the code lies in the file's words."""
_PURPOSE: Final = "bases learned here"


def mark_base(path: Path, *, home: Path | None = None) -> None:
    """Puts the mark of this installation into a base that was just learned.

    Args:
        path: The file, with the words of `masquerade.models.trained.swap_base.words_of`.
        home: The installation's folder.

    Raises:
        InputError: It is no safetensors file.
        OutputError: It cannot be written.
        ProvenanceError: The installation's secret cannot be read.
    """
    model = read_model(path)
    add_metadata(model, {MARK_KEY: _code(model.sha256, model.metadata, home)})


def check_base(path: Path, *, home: Path | None = None) -> str:
    """SHA-256 of a base that shows nobody: one that ships, or that was learned here.

    Args:
        path: A file that says that it is a base.
        home: The installation's folder.

    Raises:
        InputError: It is no safetensors file.
        ConsentError: It came from elsewhere, or was changed.
        ProvenanceError: The installation's secret cannot be read.
    """
    model = read_model(path)
    cards = (own_card(name) for name in SHIPPED.values())
    if model.file_sha256 in {card.sha256 for card in cards if card is not None}:
        return model.file_sha256
    mark = model.metadata.get(MARK_KEY, "").encode()
    if hmac.compare_digest(mark, _code(model.sha256, model.metadata, home).encode()):
        return model.file_sha256
    found = "was changed since, or learned elsewhere" if mark else "bears no mark"
    raise ConsentError(
        f"{path.name} says that it is a base, and {found}: whose faces it shows is not known",
        "the base that ships, one learned by this installation, or a model with its consent",
        "leave --start out; or learn one with `python -m train.swap_base` on this installation",
    )


def _code(sha256: str, words: Mapping[str, str], home: Path | None) -> str:
    """The code over the tensors and the words that say how they are read."""
    said = "\n".join((sha256, words.get(BASE_KEY, ""), words.get(FORM_KEY, "")))
    return hmac.digest(rest_key(home, _PURPOSE), said.encode(), "sha256").hex()
