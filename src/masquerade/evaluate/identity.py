"""Is the person shown the source? Embeddings of results against the source and against others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from masquerade.types import Embedding


@dataclass(frozen=True, slots=True)
class IdentityScore:
    """How a result's identity compares with its source's.

    Attributes:
        retrieval: Share in [0, 1] of results nearer to the source than to every other person.
        distance: (n,) float32 of each result to the source; below 0.6 dlib's embedding says the
            same person.
    """

    retrieval: float
    distance: NDArray[np.float32]


def identity_score(
    results: NDArray[np.float32], source: Embedding, others: NDArray[np.float32]
) -> IdentityScore:
    """Retrieval and distance of results against a source among other people.

    Retrieval as in FaceShifter (Li et al. 2020), there among 1,000 identities.

    Args:
        results: (n, d) embeddings of the results' faces.
        source: (d,) embedding of the source.
        others: (m, d) embeddings of people who are not the source.

    Example:
        >>> import numpy as np
        >>> identity_score(np.eye(2, dtype=np.float32), np.zeros(2), np.ones((1, 2))).retrieval
        0.0
    """
    to_source = np.linalg.norm(results - source, axis=1)
    to_others = np.linalg.norm(results[:, None] - others[None], axis=2).min(axis=1)
    nearer = float(np.mean(to_source < to_others)) if len(results) else 0.0
    return IdentityScore(nearer, to_source.astype(np.float32))
