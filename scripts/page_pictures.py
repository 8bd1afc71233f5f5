"""The pictures of `docs/web.md`: pages of a server of its own, as a headless Chromium draws them.

    python scripts/page_pictures.py [-o docs/img] [--wait 300]

The first page, a round of the quiz with its answer, and an examination of the example that the
quiz has made. The server keeps its things in a folder that is removed afterwards.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.served import chromium, served

PICTURES: Final = Path(__file__).resolve().parents[1] / "docs" / "img"
_SHOWN: Final = "/example/hugo-cora"
_WIDTH: Final = 900
_ROUNDS: Final = 9
_QUALITY: Final = 82


def main(arguments: Sequence[str] | None = None) -> None:
    """Draws all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=PICTURES, help="folder they go into")
    parser.add_argument("--wait", type=float, default=300.0, help="seconds for what is made")
    given = parser.parse_args(arguments)
    program = chromium()
    with served() as address, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        size = ViewportSize(width=1280, height=1620)
        page = browser.new_page(base_url=address, viewport=size, reduced_motion="reduce")
        page.set_default_timeout(1000 * given.wait)
        _first(page, given.out)
        _quiz(page, given.out)
        page.emulate_media(color_scheme="dark")
        _examination(page, given.out)
        browser.close()


def _first(page: Page, out: Path) -> None:
    page.goto("/")
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")
    _save(page, out / "web-home.webp", height=1180)


def _quiz(page: Page, out: Path) -> None:
    """Answers rounds until the one that is shown."""
    page.goto("/learn/quiz")
    for _ in range(_ROUNDS):
        page.locator(".choice").first.wait_for()
        if page.locator(f".choice img[src='{_SHOWN}']").count():
            break
        page.locator(".choice").first.click()
        page.get_by_role("button", name="Next round").click()
    page.locator(".choice", has=page.locator("img[src^='/personas']")).first.click()
    page.get_by_role("heading", name="Where to look").wait_for()
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    _save(page, out / "web-quiz.webp")


def _examination(page: Page, out: Path) -> None:
    page.goto("/unmask")
    page.get_by_role("button", name="Use an example").click()
    page.get_by_role("heading", name="The evidence").wait_for()
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    _save(page, out / "web-unmask.webp")


def _save(page: Page, path: Path, *, height: int = 1620) -> None:
    """What the window shows, from the top, in the width of the docs."""
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)
    drawn = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    shown = drawn.crop((0, 0, drawn.width, min(height, drawn.height)))
    size = (_WIDTH, round(shown.height * _WIDTH / shown.width))
    shown.resize(size, Image.Resampling.LANCZOS).save(path, quality=_QUALITY, method=6)
    print(f"{path}: {size[0]} x {size[1]}")


if __name__ == "__main__":
    main()
