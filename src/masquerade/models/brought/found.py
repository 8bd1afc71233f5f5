"""Networks that users bring: their cards found, their files read and verified.

A file is read once; the bytes that were hashed are those that are opened.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from masquerade.errors import GivenModelError, UsageError
from masquerade.hashing import file_sha256, small_bytes
from masquerade.models.brought.card import (
    BroughtCard,
    EmbeddingCard,
    SwapCard,
    beside,
    brought_from,
    find_card,
    is_there,
)
from masquerade.types import NetworkUse

MAX_BYTES: Final = (1 << 31) - 1  # more does not fit a Protocol Buffers message


@dataclass(frozen=True, slots=True)
class Brought:
    """A card with its place and hash; the network itself is not read yet."""

    path: Path
    card: BroughtCard
    card_sha256: str

    @property
    def name(self) -> str:
        """The card's file name without ending, as text that can be signed."""
        return self.path.stem.encode("utf-8", "backslashreplace").decode("utf-8")

    @property
    def file(self) -> Path:
        """Where the network lies."""
        return beside(self.path, self.card.file)

    @property
    def use(self) -> NetworkUse:
        """What manifests and ledgers say of it."""
        return NetworkUse(self.name, self.card.sha256, self.card_sha256, self.card.licence.strip())

    def verify(self) -> None:
        """Passes when the network's file has the hash that the card states.

        Raises:
            GivenModelError: It is missing, too large, or another one.
        """
        self.content()

    def content(self) -> bytes:
        """The network's bytes, which have the hash that the card states.

        Raises:
            GivenModelError: The file is missing, too large, or another one.
        """
        return read_verified(self.file, self.card.sha256, f"the card {self.name!r}", MAX_BYTES)


def brought(given: Path) -> Brought:
    """The card that a user names by its file, or by its name in their ``networks`` folder.

    Raises:
        UsageError: There is none.
        GivenModelError: It is not valid.
    """
    path = find_card(given)
    try:
        data = small_bytes(path)
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GivenModelError(f"the card {path} cannot be read ({error})", "a TOML file") from error
    return Brought(path, brought_from(text, name=path.name), hashlib.sha256(data).hexdigest())


def state_of(one: Brought) -> Literal["verified", "missing", "altered"]:
    """What the file of a card is on this machine, by hashing it anew."""
    try:
        return "verified" if file_sha256(one.file) == one.card.sha256 else "altered"
    except OSError:
        return "missing"


def swap_and_embedding(given: Path) -> tuple[Brought, Brought | None]:
    """The card of a swap network and that of the network which makes its latents, if any.

    Raises:
        UsageError: A card is not there, or is of the other role.
        GivenModelError: A card is not valid.
    """
    swap = brought(given)
    if not isinstance(swap.card, SwapCard):
        raise UsageError(
            f"{swap.path.name} is the card of an embedding network",
            "that of a swap network, which names the other as its latent's network",
        )
    return swap, embedding_of(swap)


def embedding_of(swap: Brought) -> Brought | None:
    """The card of the network that makes the latents of a swap network; None for pictures.

    Raises:
        UsageError: It is not there, or is of the other role.
        GivenModelError: It is not valid.
    """
    assert isinstance(swap.card, SwapCard)
    named = swap.card.latent.network
    if not named:
        return None
    path = beside(swap.path, named)
    embedding = brought(path if is_there(path) else Path(named))
    if not isinstance(embedding.card, EmbeddingCard):
        raise UsageError(
            f"{embedding.path.name}, named as the latent's network of {swap.path.name}, is the card"
            " of a swap network",
            "that of an embedding network",
        )
    return embedding


def read_verified(path: Path, sha256: str, who: str, max_bytes: int) -> bytes:
    """A file's bytes, which have the hash that a card states.

    Args:
        path: The file.
        sha256: The hash it must have.
        who: What messages call the card.
        max_bytes: It must not be larger.

    Raises:
        GivenModelError: It is missing, too large, or another one.
    """
    try:
        data = small_bytes(path, max_bytes=max_bytes)
    except OSError as error:
        raise GivenModelError(
            f"{path}, named by {who}, cannot be read ({error.strerror or error})",
            f"a file of at most {max_bytes / 1e6:.0f} MB",
            "put it there, or correct the card",
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != sha256:
        raise GivenModelError(
            f"{path} has SHA-256 {digest}",
            f"{sha256}, as {who} says",
            "get the file the card was written for, or write a new card: `masquerade models add`",
        )
    return data
