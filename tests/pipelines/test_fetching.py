"""What a job needs from the network is fetched where somebody is told, before any work."""

from pathlib import Path

import pytest

from masquerade.models.store import Verified
from masquerade.pipelines import findings


@pytest.mark.parametrize(("state", "fetched"), [("missing", 1), ("verified", 0), ("altered", 0)])
def test_weights_of_a_gate_are_fetched_with_progress_if_they_are_missing(
    state, fetched, monkeypatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(findings, "verify", lambda name: Verified(name, state, Path("x")))
    monkeypatch.setattr(findings, "fetch", lambda name, *, progress: progress(f"{name}", 1, 2))
    findings.fetch_for_gates(lambda stage, _done, _total: told.append(stage))
    assert told == ["unsafe_content"] * fetched
