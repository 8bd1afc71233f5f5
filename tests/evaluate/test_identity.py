from __future__ import annotations

import numpy as np
import pytest

from masquerade.evaluate.identity import identity_score


def test_retrieval_counts_results_nearer_to_the_source() -> None:
    source = np.zeros(4, np.float32)
    others = np.ones((3, 4), np.float32)
    results = np.stack([np.full(4, 0.1), np.full(4, 0.9)]).astype(np.float32)
    score = identity_score(results, source, others)
    assert score.retrieval == 0.5
    assert score.distance == pytest.approx([0.2, 1.8])
