"""A queue in a folder of its own, and on a PostgreSQL server where one is named."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from masquerade.jobs.files import Files
from masquerade.jobs.queue import Queue

POSTGRES = "MASQUERADE_TEST_POSTGRES"


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a queue may lie: a new file, or a new database on the server that is named."""
    if request.param == "sqlite":
        yield str(tmp_path / "studio" / "jobs.sqlite")
        return
    url = os.environ.get(POSTGRES)
    if not url:
        pytest.skip(f"no PostgreSQL server is named by {POSTGRES}")
    import psycopg

    name = f"masquerade_{uuid4().hex[:12]}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    yield f"{url}/{name}"
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


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
