"""Fixtures for every test: where media is, and a seeded generator."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # begun in the background of a script
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def media_dir() -> Path:
    """The folder of shared test media, or a skip that says where it was looked for."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "media"
    place = Path(os.environ.get("MASQUERADE_MEDIA", beside))
    if not place.is_dir():
        pytest.skip(f"no test media at {place} (set MASQUERADE_MEDIA)")
    return place


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator with a fixed seed."""
    return np.random.default_rng(20261121)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys and ledgers of a test lie in a folder of its own, never in the user's."""
    monkeypatch.setenv("MASQUERADE_HOME", str(tmp_path_factory.mktemp("home")))
