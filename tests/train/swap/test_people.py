"""Both sides of a training are used for one purpose, which both records cover."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from masquerade.errors import ConsentError
from masquerade.provenance.consent.records import new_record
from masquerade.train.facesets.faceset import Faceset
from masquerade.train.swap.people import Person, Role, check_purpose
from masquerade.types import Embedding

FACE: Embedding = np.eye(1, 128, dtype=np.float32)[0]


def person(role: Role, purposes: list[str], built_for: str) -> Person:
    record = new_record(
        kind="subject" if role == "source" else "performer",
        subject="Ann",
        grantee="tests",
        purposes=purposes,
        embeddings=[FACE],
        valid_until=datetime.now(UTC) + timedelta(days=1),
        adult_attested=True,
    )
    said = SimpleNamespace(path=Path(f"{role}.faceset"), header=SimpleNamespace(purpose=built_for))
    return Person(role, cast("Faceset", said), "0" * 64, record, FACE, 0.0)


@pytest.mark.parametrize(
    ("purposes", "covered"), [(["film"], True), (["research", "film"], True), (["research"], False)]
)
def test_the_target_s_record_covers_what_the_source_is_used_for(
    purposes: list[str], covered: bool
) -> None:
    source, target = person("source", ["film"], "film"), person("target", purposes, purposes[0])
    if covered:
        check_purpose(source, target)
        return
    with pytest.raises(ConsentError, match=r"source\.faceset was built for 'film'; of the target"):
        check_purpose(source, target)
