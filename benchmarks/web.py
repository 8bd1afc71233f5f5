"""How long the pages take to be read, in a browser that has seen none of them.

``python -m benchmarks.web [--visits N]``

`masquerade serve` runs in a process of its own, on loopback, without workers. Each visit is a new
headless Chromium profile with nothing kept: from asking for the address until the heading can be
read and pressed. Pages are visited in turn; the first round only wakes the server up.

The last line is JSON.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from benchmarks.report import Bar, publish
from benchmarks.served import chromium, served

FIRST_S = 1.0
PAGES = ("/", "/verify", "/make", "/learn", "/consents")


def main(arguments: list[str] | None = None) -> None:
    """Measure, print, end with 1 where the first page takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=7, help="of each page")
    given = parser.parse_args(arguments)
    program = chromium()
    with served("--workers", "0") as address, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        times = _visits(browser, address, given.visits)
        browser.close()
    _told(times)


def _visits(browser: Browser, address: str, count: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {page: [] for page in PAGES}
    for round_ in range(count + 1):
        for page in PAGES:
            context = browser.new_context()
            tab = context.new_page()
            began = time.monotonic()
            tab.goto(address + page, wait_until="commit")
            tab.locator("h1").wait_for()
            if round_:
                times[page].append(time.monotonic() - began)
            context.close()
    return times


def _told(times: dict[str, list[float]]) -> None:
    results: dict[str, Any] = {}
    for page, taken in times.items():
        low, middle, high = statistics.quantiles(taken, n=4)
        results[page] = {"median_s": round(middle, 3), "iqr_s": [round(low, 3), round(high, 3)]}
        print(f"{page:10} {middle:.2f} s (half of all visits {low:.2f} to {high:.2f} s)")
    first = statistics.median(times["/"])
    bars = [Bar("first load, s", first, FIRST_S)]
    if not publish("web", bars, results):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
