"""A queue in a folder of its own, and on a PostgreSQL server where one is named or installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from PIL import Image
from tests.jobs.postgres_server import Server, programs

from masquerade.jobs.files import Files
from masquerade.jobs.queue import Queue

POSTGRES = "MASQUERADE_TEST_POSTGRES"


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server of these tests, which may be stopped."""
    if POSTGRES in os.environ:
        pytest.skip(f"the server that {POSTGRES} names is not ours to stop")
    found = programs()
    if found is None:
        pytest.skip(f"no PostgreSQL server is installed, and none is named by {POSTGRES}")
    made = Server(found)
    yield made
    made.close()


@pytest.fixture
def on_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A new database on the server that is named, or else on one of these tests."""
    named = os.environ.get(POSTGRES)
    url_of = f"{named}/{{}}".format if named else request.getfixturevalue("server").url
    name = f"masquerade_{uuid4().hex[:12]}"
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    yield url_of(name)
    with psycopg.connect(url_of("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a queue may lie: a new file, or a new database on a server."""
    if request.param == "sqlite":
        return str(tmp_path / "studio" / "jobs.sqlite")
    url: str = request.getfixturevalue("on_server")
    return url


@pytest.fixture
def queue(place: str) -> Iterator[Queue]:
    made = Queue(place)
    yield made
    made.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Queue]:
    """A queue in a file."""
    made = Queue(tmp_path / "studio" / "jobs.sqlite")
    yield made
    made.close()


@pytest.fixture
def files(lite: Queue, tmp_path: Path) -> Files:
    return Files(tmp_path / "studio", lite.database, quota_bytes=100_000, upload_bytes=10_000)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 48), (90, 120, 60)).save(path)
    return path
