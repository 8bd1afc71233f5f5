"""A network that a user brings, tried on a made-up picture before it is used."""

from __future__ import annotations

import cv2
import numpy as np

from masquerade.errors import GivenModelError
from masquerade.models.brought.card import EmbeddingCard
from masquerade.models.brought.embedding import EmbeddingNetwork
from masquerade.models.brought.found import Brought, embedding_of
from masquerade.models.brought.swap import SwapNetwork
from masquerade.types import RGB


def try_out(one: Brought, *, device: str = "cpu", threads: int = 4) -> tuple[str, ...]:
    """What a network did with a made-up picture, in sentences.

    Args:
        one: Its card.
        device: Where it is tried.
        threads: Threads one call may use on the CPU.

    Raises:
        UsageError: The card of its embedding network is not there.
        GivenModelError: It, or its embedding network, is not what its card says.
    """
    if isinstance(one.card, EmbeddingCard):
        return _try_embedding(one, device, threads)
    network = SwapNetwork.open(one, device=device, threads=threads)
    target, source = (_picture(one.card.target.size_px, seed) for seed in (1, 2))
    if one.card.picture is not None:
        source = _picture(one.card.picture.size_px, 2)
        latent = one.card.picture.tensor(source)[0]
    else:
        named = embedding_of(one)
        assert named is not None
        assert isinstance(named.card, EmbeddingCard)
        embed = EmbeddingNetwork(named, device=device, threads=threads)
        latent = network.latent(embed([_picture(named.card.picture.size_px, 2)]))
    network.rehearse(target, latent)
    (made,) = network([target], [latent])
    side, mask = len(made.pixels), "" if made.mask is None else ", and its mask"
    several = "several faces" if network.batched else "one face"
    return (f"tried: it gives {side} x {side} pixels{mask}, {several} in a call",)


def _try_embedding(one: Brought, device: str, threads: int) -> tuple[str, ...]:
    assert isinstance(one.card, EmbeddingCard)
    network = EmbeddingNetwork(one, device=device, threads=threads)
    side = one.card.picture.size_px
    rows = network([_picture(side, seed) for seed in (1, 2)])
    if np.allclose(rows[0], rows[1]):
        raise GivenModelError(
            f"{one.file.name} gives the same numbers for every picture",
            "numbers that tell people apart",
            "check the card, mean and std above all",
        )
    return (f"tried: it gives {rows.shape[1]} numbers for a face",)


def _picture(side: int, seed: int) -> RGB:
    """(side, side, 3) soft blots of every brightness, the same for the same seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 255, (6, 6, 3)).astype(np.float32)
    soft = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.asarray(soft), 0, 255).astype(np.uint8)
