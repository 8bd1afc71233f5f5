"""Fixtures of the pipeline tests: consent records that need no network."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from masquerade.provenance.consent.records import new_record, save_record


@pytest.fixture
def make_record(tmp_path: Path):
    """Writes a consent record of a made-up face."""

    def make(**changes: object) -> Path:
        vector = np.random.default_rng(1).normal(size=128).astype(np.float32)
        values: dict[str, object] = {
            "kind": "subject",
            "subject": "Ann",
            "grantee": "tests",
            "purposes": ["test"],
            "embeddings": [vector / np.linalg.norm(vector)],
            "valid_until": datetime.now(UTC) + timedelta(days=1),
            "adult_attested": True,
        }
        record = new_record(**(values | changes))  # type: ignore[arg-type]
        path = tmp_path / f"{record.id}.consent"
        save_record(record, path)
        return path

    return make
