"""A network that a user brings, and that turns a face into numbers which say who it is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from masquerade.models.brought.card import EmbeddingCard
from masquerade.models.brought.check import check_embedding
from masquerade.models.brought.found import Brought
from masquerade.models.brought.session import BroughtSession
from masquerade.models.onnx_reader import read_onnx
from masquerade.types import RGB


class EmbeddingNetwork:
    """The network that says who a face belongs to.

    Args:
        one: A card of role ``embedding``.
        device: Where it runs.
        threads: Threads one call may use on the CPU.

    Raises:
        GivenModelError: The file is not the card's, is not of the contract, or cannot be opened.
    """

    def __init__(self, one: Brought, *, device: str = "cpu", threads: int = 1) -> None:
        assert isinstance(one.card, EmbeddingCard)
        self.name, self.card = one.name, one.card
        data = one.content()
        check_embedding(one.card, read_onnx(data, name=one.file.name), one.file.name)
        self._session = BroughtSession(one.file.name, data, device=device, threads=threads)

    def __call__(self, crops: Sequence[RGB]) -> NDArray[np.float32]:
        """(n, d) embeddings of (size_px, size_px, 3) uint8 crops, as the network gives them.

        Raises:
            GivenModelError: The network fails, or gives something else.
        """
        rows = []
        for crop in crops:
            inputs = {self.card.picture.input: self.card.picture.tensor(crop)}
            (made,) = self._session(inputs, [self.card.output])
            rows.append(made.reshape(-1))
        return np.stack(rows)
