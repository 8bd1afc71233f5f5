"""Pages can be read, heard and used by the keyboard: names, contrast, headings; see audit.js."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::FutureWarning")]

_AUDIT = Path(__file__).with_name("audit.js").read_text().partition("\n")[2]
_SHIFTS = """window.shifted = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: "layout-shift", buffered: true });"""
_SETTLE_MS = 150
_PAGES = ("/", "/make", "/train", "/jobs", "/verify", "/unmask", "/consents", "/ledger", "/learn")


_WIDE, _TELEPHONE = (1440, "light"), (390, "dark")


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    made = context.new_page()
    made.add_init_script(_SHIFTS)
    yield made
    context.close()


@pytest.mark.parametrize("page", [_TELEPHONE], indirect=True)
def test_every_page_has_names_contrast_and_calm(page: Page) -> None:
    for path in _PAGES:
        page.goto(path)
        page.locator("h1").wait_for()
        page.wait_for_timeout(_SETTLE_MS)
        assert page.evaluate(_AUDIT) == [], path
        assert page.evaluate("window.shifted") < 0.1, path


@pytest.mark.parametrize("page", [_WIDE], indirect=True)
def test_every_form_has_names_and_contrast(page: Page) -> None:
    page.goto("/make")
    for number in range(page.locator("[aria-label='What to make'] [role=radio]").count()):
        choice = page.locator("[aria-label='What to make'] [role=radio]").nth(number)
        choice.click()
        page.wait_for_function("(one) => one.ariaChecked === 'true'", arg=choice.element_handle())
        page.evaluate("document.querySelectorAll('details.more').forEach((one) => one.open = true)")
        assert page.evaluate(_AUDIT) == [], choice.inner_text()


@pytest.mark.parametrize("page", [_WIDE], indirect=True)
def test_what_is_missing_is_gone_to_by_the_keyboard(page: Page) -> None:
    page.goto("/make")
    page.get_by_role("button", name="Make it", exact=True).press("Enter")
    page.wait_for_function("document.activeElement.getAttribute('role') === 'group'")
    told = "(id) => document.getElementById(id).textContent"
    said = page.evaluate(
        f"document.activeElement.getAttribute('aria-describedby').split(' ').map({told})"
    )
    assert said[-1] == "Nobody's face is chosen: choose one."


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<input>", "has no name"),
        ("<p style='color:#999;background:#fff'>pale</p>", "contrast 2.8"),
        ("<img src='data:,'>", "says nothing"),
        ("<input aria-label='a' aria-describedby='nobody'>", "leads nowhere"),
        ("<h4>deep</h4>", "a heading is left out"),
        ("<div style='width:3000px'>wide</div>", "px wide"),
    ],
)
def test_the_audit_finds_what_it_looks_for(browser: Browser, markup: str, fault: str) -> None:
    page = browser.new_page()
    page.set_content(f"<main><h1>One</h1>{markup}</main>")
    found = page.evaluate(_AUDIT)
    page.close()
    assert len(found) == 1, found
    assert fault in found[0]
