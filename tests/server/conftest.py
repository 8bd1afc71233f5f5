"""An application on a folder of its own, and callers of every role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from masquerade.server.app import create_app
from masquerade.server.caller import Role
from masquerade.server.settings import Settings
from masquerade.server.studio import Studio

As: TypeAlias = Callable[[str], TestClient]


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    home = tmp_path_factory.mktemp("server")
    made = create_app(Settings(rate=1_000_000, upload_mb=1), home=home, mounts=())
    yield made
    made.state.studio.close()


@pytest.fixture
def studio(app: FastAPI) -> Studio:
    found: Studio = app.state.studio
    return found


@pytest.fixture(scope="session")
def as_role(app: FastAPI) -> As:
    """A client with a key of that role; ``another`` is another creator, ``nobody`` has no key."""

    def client(role: str) -> TestClient:
        made = TestClient(app)
        if role != "nobody":
            named = Role.CREATOR if role == "another" else Role(role)
            _, secret = app.state.studio.keys.new(role, named)
            made.headers["Authorization"] = f"Bearer {secret}"
        return made

    clients = {role: client(role) for role in (*Role, "another", "nobody")}
    return clients.__getitem__


@pytest.fixture
def image(media_dir: Path) -> Path:
    """A picture of somebody who does not exist."""
    return next((media_dir / "personas").rglob("*.jpg"))
