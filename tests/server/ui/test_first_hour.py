"""A user's first hour in a browser: the pages as people see and use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from masquerade import personas
from masquerade.media.probe import probe
from masquerade.models.card import card
from masquerade.provenance.consent import statement_check
from masquerade.provenance.consent.challenge import challenges
from masquerade.provenance.consent.heard_voice import HeardVoice
from masquerade.provenance.ledger import rows
from masquerade.server.studio import Studio
from masquerade.server.ui import examples
from masquerade.server.ui.records import filed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# NiceGUI looks for the server among all objects there are: some of PyTorch's warn when asked.
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::FutureWarning")]
_WAIT_MS = 60_000


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails the test where it asks another host, or a script of it fails."""
    context = browser.new_context(base_url=address)
    made, faults = context.new_page(), list[str]()
    made.set_default_timeout(_WAIT_MS)
    made.on("pageerror", lambda error: faults.append(str(error)))
    inside = (address, address.replace("http", "ws"), "data:", "blob:")
    made.on(
        "request", lambda asked: None if asked.url.startswith(inside) else faults.append(asked.url)
    )
    yield made
    context.close()
    assert not faults


def drop(page: Page, path: Path) -> None:
    """Chooses a file at the first place for files."""
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Choose a file").first.click()
    asked.value.set_files(path)


def test_from_the_first_page_to_the_marks_of_a_file_and_a_round_of_the_quiz(
    page: Page, ui_studio: Studio
) -> None:
    for name in examples.EXAMPLES:  # the slow test makes them; here any picture will do
        shutil.copyfile(personas.load("ada").picture, examples.place(ui_studio, name))
    page.goto("/")
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role(
        "link", name="Verify"
    ).click()
    drop(page, personas.load("hugo").picture)
    page.get_by_role("heading", name="No marks were found").wait_for()
    page.goto("/learn")
    page.get_by_role("link", name="Play the quiz").click()
    choice = page.locator(".choice").first
    choice.wait_for()
    choice.click()
    page.get_by_role("button", name="Next round").wait_for()
    page.get_by_role("status").filter(has_text="Right").or_(
        page.get_by_role("status").filter(has_text="Not")
    ).first.wait_for()
    for name in examples.EXAMPLES:
        examples.place(ui_studio, name).unlink()


def test_a_statement_is_recorded_by_the_microphone(page: Page, ui_home: Path) -> None:
    page.goto("/consents")
    page.get_by_role("button", name="New record").click()
    page.get_by_label("What may be used?").select_option("voice")
    page.get_by_role("button", name="Record it now").click()
    page.get_by_role("button", name="Stop recording (1 s)").click()
    taken = page.get_by_role("button", name="Take statement.webm away")
    taken.wait_for()
    (kept,) = ui_home.rglob("statement.webm")
    assert probe(kept).audio
    taken.click()
    taken.wait_for(state="detached")


def test_the_wizard_leads_to_a_signed_record(
    page: Page, ui_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hear(path: Path, *_: object, **__: object) -> HeardVoice:
        """Whatever is in the recording, as if it were the statement that was shown."""
        drawn = challenges(ui_home)[-1].id
        vector = np.full(256, 1 / 16, np.float32)
        return HeardVoice(vector, card("speaker").sha256, "e" * 64, 12.0, drawn, "I, Ada Roth")

    monkeypatch.setattr(statement_check, "hear_statement", hear)
    monkeypatch.setattr(statement_check.StatementReader, "open", lambda **_: None)
    recording = tmp_path / "statement.wav"
    recording.write_bytes(b"RIFF" + bytes(100))
    page.goto("/consents")
    page.get_by_role("button", name="New record").click()
    page.get_by_label("What may be used?").select_option("voice")
    page.get_by_role("button", name="Sign and keep the record").click()
    page.get_by_role("alert").filter(has_text="an answer is missing: name").wait_for()
    page.get_by_label("Name or pseudonym").fill("Ada Roth")
    page.get_by_label("Who may use it?").fill("Studio North")
    page.get_by_label("What for?").fill("short film, training")
    page.get_by_role("button", name="Show the statement").click()
    page.get_by_text("I, Ada Roth, consent that Studio North").wait_for()
    drop(page, recording)
    page.get_by_role("button", name="Take statement.wav away").wait_for()
    page.get_by_label("I attest that this person is of age.").check()
    page.get_by_role("button", name="Sign and keep the record").click()
    page.get_by_role("status").filter(has_text="The record of Ada Roth is signed").wait_for()
    page.get_by_text("in force").first.wait_for()
    (one,) = filed(ui_home)
    assert not one.fault
    assert one.record.purposes == ("short film", "training")
    assert one.record.voices
    assert [row.subject for row in rows(kind="consent", home=ui_home)] == [one.record.id]


def test_pages_fit_a_telephone_and_can_be_dark(browser: Browser, address: str) -> None:
    context = browser.new_context(
        base_url=address, viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    page = context.new_page()
    for path in ("/", "/make", "/consents"):
        page.goto(path)
        page.locator("h1").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    red, *_ = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert red < 60
    page.get_by_text("Menu").click()
    page.get_by_role("button", name="Light").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.keyboard.press("Escape")
    context.close()


def test_the_keyboard_alone_reaches_the_content_first(page: Page) -> None:
    page.goto("/verify")
    page.get_by_role("heading", name="Verify a file").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Choose a file"


@pytest.mark.slow
@pytest.mark.weights
def test_a_swap_of_personas_is_made_verified_and_examined(page: Page, ui_home: Path) -> None:
    surroundings = {**os.environ, "MASQUERADE_HOME": str(ui_home), "OMP_NUM_THREADS": "1"}
    worker = subprocess.Popen(
        [sys.executable, "-m", "masquerade", "jobs", "worker"], env=surroundings
    )
    try:
        page.goto("/make")
        page.get_by_role("radio", name="Cora").click()
        page.get_by_text("No file at hand?").click()
        page.get_by_role("button", name="Hugo", exact=True).click()
        page.get_by_text("hugo.jpg").wait_for()
        page.get_by_role("button", name="Make it", exact=True).click()
        page.get_by_role("heading", name="Made and sealed").wait_for(timeout=120_000)
        page.get_by_role("link", name="Verify it").click()
        page.get_by_role("heading", name="Made here, and unchanged since").wait_for()
        page.get_by_role("link", name="Examine it as well").click()
        page.get_by_role("heading", name="Declared synthetic").wait_for(timeout=120_000)
        assert page.get_by_role("link", name="Web page").get_attribute("href")
    finally:
        worker.terminate()
        worker.wait(30)
