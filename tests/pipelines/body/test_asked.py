"""Faces that a record is asked for, as they are told."""

from pathlib import Path

import numpy as np
import pytest

from masquerade.media.probe import probe
from masquerade.pipelines.body import asked
from masquerade.provenance.consent.measured import MeasuredPerson, Sight


def test_faces_of_bystanders_are_not_told_to_need_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    photo = Path(asked.__file__).parents[2] / "personas" / "ada" / "picture.jpg"
    one = np.zeros(128, np.float32)
    people = tuple(
        MeasuredPerson(one, size, 1, Sight(0, None, (10.0, 10.0, 10.0 + size, 10.0 + size)))
        for size in (100.0, 50.0, 30.0)
    )
    monkeypatch.setattr(asked, "people_in", lambda *_: people)
    found = asked.faces_asked_for(probe(photo))
    assert found is not None
    assert len([line for line in found.said if "a record has to cover it" in line]) == 2
