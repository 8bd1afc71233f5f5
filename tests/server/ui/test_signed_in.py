"""Where a key is asked for: a person signs in with it, works, and is out when it is withdrawn."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from masquerade.jobs.place import open_queue
from masquerade.server.caller import Role
from masquerade.server.keys import Keys

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
_WAIT_MS = 60_000


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a server of its own that asks everybody for a key."""
    command = [sys.executable, "-m", "masquerade", "serve", "--port", "0", "--workers", "0"]
    process = subprocess.Popen(
        [*command, "--sign-in", "always"],
        env={**os.environ, "MASQUERADE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = next((one for one in process.stdout if "http://" in one), "")
        found = re.search(r"http://[\d.]+:\d+", told)
        assert found, told
        yield found[0]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_key_opens_the_pages_until_it_is_withdrawn(
    browser: Browser, served: str, tmp_path: Path
) -> None:
    queue = open_queue(home=tmp_path)
    keys = Keys(queue.database)
    key, secret = keys.new("her", Role.ADMIN)
    _, other = keys.new("him", Role.CREATOR)
    context = browser.new_context(base_url=served)
    page = context.new_page()
    page.set_default_timeout(_WAIT_MS)
    page.goto("/verify")
    assert page.url.endswith("/sign-in")
    for wrong in ("mqk_nothing", other):
        page.get_by_label("An admin").fill(wrong)
        page.keyboard.press("Enter")
        page.get_by_role("alert").filter(has_text="no admin").wait_for()
    page.get_by_label("An admin").fill(secret)
    page.get_by_role("button", name="Open the studio").click()
    page.get_by_role("heading", level=1, name="Synthetic media").wait_for()
    page.goto("/ledger")
    page.get_by_text("signed in").first.wait_for()
    keys.end(key.id)
    page.goto("/ledger")
    assert page.url.endswith("/sign-in")
    context.close()
    queue.close()
