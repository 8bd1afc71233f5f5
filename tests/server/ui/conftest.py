"""One application with its pages, and a browser's stand-in; NiceGUI has one of them a process."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

pytest.importorskip("nicegui", reason="the pages need the extra `server`")

from masquerade.server.app import create_app
from masquerade.server.settings import Settings
from masquerade.server.studio import Studio
from masquerade.server.ui import mount

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",  # a microphone that beeps
    "--use-fake-ui-for-media-stream",  # and whoever allows it to be used
]
ADDRESS = "http://127.0.0.1:8420"


@pytest.fixture(scope="session")
def ui_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="session")
def ui_app(ui_home: Path) -> Iterator[FastAPI]:
    made = create_app(Settings(upload_mb=1), home=ui_home, mounts=(mount,))
    yield made
    made.state.studio.close()


@pytest.fixture
def ui_studio(ui_app: FastAPI) -> Studio:
    found: Studio = ui_app.state.studio
    return found


@pytest.fixture
def visitor(ui_app: FastAPI) -> TestClient:
    """A browser that has opened nothing yet."""
    return TestClient(ui_app, base_url=ADDRESS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium here (such as `apt-get install chromium`)")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=found, args=_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(ui_app: FastAPI) -> Iterator[str]:
    """Where a browser finds the pages; it ends with its module: no server runs beside forms."""
    import uvicorn

    config = uvicorn.Config(ui_app, host="127.0.0.1", port=0, log_level="error", ws="wsproto")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    ends = time.monotonic() + 30
    while not server.started and thread.is_alive() and time.monotonic() < ends:
        time.sleep(0.05)
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
