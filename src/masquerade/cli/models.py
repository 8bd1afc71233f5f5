"""`masquerade models`: the weights, where they come from, whether they are what they should be."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action",
        choices=["list", "fetch", "verify"],
        help="list: every card; fetch: get what is missing; verify: hash every file anew",
    )
    parser.add_argument("name", nargs="*", help="cards; all when none is named")


def run(given: argparse.Namespace) -> Reply:
    """List, fetch or verify weights."""
    from masquerade.models.store import card, cards

    names = given.name or sorted(cards())
    for name in names:
        card(name)
    return {"list": _list, "fetch": _fetch, "verify": _verify}[given.action](names, given)


def _list(names: Sequence[str], _given: argparse.Namespace) -> Reply:
    from masquerade.models.store import card, verify

    lines, rows = [], []
    for name in names:
        one, state = card(name), verify(name).state
        size_mb = one.size_bytes / 1e6
        lines.append(f"{name:22} {state:9} {size_mb:6.1f} MB  {one.licence:14} {one.task}")
        rows.append(
            {
                "name": name,
                "state": state,
                "bytes": one.size_bytes,
                "licence": one.licence,
                "task": one.task,
                "source": one.source_line,
                "sha256": one.sha256,
            }
        )
    return Reply(tuple(lines), {"models": rows})


def _fetch(names: Sequence[str], given: argparse.Namespace) -> Reply:
    from masquerade.models.store import fetch

    with Progress(quiet=getattr(given, "json", False)) as progress:
        paths = {name: str(fetch(name, progress=progress)) for name in names}
    lines = tuple(f"{name:22} {path}" for name, path in paths.items())
    return Reply(lines, {"models": [{"name": n, "path": p} for n, p in paths.items()]})


def _verify(names: Sequence[str], _given: argparse.Namespace) -> Reply:
    from masquerade.models.store import verify

    found = [verify(name) for name in names]
    lines = [f"{one.name:22} {one.state:9} {one.path}" for one in found]
    altered = [one.name for one in found if one.state == "altered"]
    if altered:
        lines.append(f"altered: {', '.join(altered)}; `masquerade models fetch` gets them anew")
    rows = [{"name": f.name, "state": f.state, "path": str(f.path)} for f in found]
    return Reply(tuple(lines), {"models": rows}, 1 if altered else 0)
