"""`masquerade models`: the weights, where they come from, whether they are what they should be."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from masquerade.cli import add_json, models_add
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in (
        ("list", "every card, and the networks that you brought"),
        ("fetch", "get what is missing"),
        ("verify", "hash every file anew"),
    ):
        child = actions.add_parser(action, help=text)
        child.add_argument("name", nargs="*", help="cards; all when none is named")
        add_json(child)
    added = actions.add_parser(
        "add", help="write a card for an ONNX network of your own, for swap_network"
    )
    models_add.configure(added)


def run(given: argparse.Namespace) -> Reply:
    """List, fetch, verify or add."""
    if given.action == "add":
        return models_add.run(given)
    from masquerade.models.store import card, cards

    names = given.name or sorted(cards())
    for name in names:
        card(name)
    actions: dict[str, Callable[[Sequence[str], argparse.Namespace], Reply]] = {
        "list": _list,
        "fetch": _fetch,
        "verify": _verify,
    }
    return actions[given.action](names, given)


def _list(names: Sequence[str], given: argparse.Namespace) -> Reply:
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
    own = [] if given.name else _brought()
    lines += [
        f"{row['name']:22} {row['state']:9} yours, {row['role']}; {row['said']}" for row in own
    ]
    return Reply(tuple(lines), {"models": rows, "brought": own})


def _brought() -> list[dict[str, str]]:
    """The networks whose cards lie in the user's folder; a broken card is one of the findings."""
    from masquerade.errors import ModelError
    from masquerade.models.brought.card import networks_dir
    from masquerade.models.brought.found import brought, state_of

    rows = []
    for path in sorted(networks_dir().glob("*.toml")):
        row = {"name": path.stem, "state": "broken", "role": "?", "card": str(path)}
        try:
            one = brought(path)
        except ModelError as error:
            rows.append({**row, "said": error.found})
            continue
        licence = " ".join(one.card.licence.split())
        state = {"state": state_of(one), "role": one.card.role, "sha256": one.card.sha256}
        rows.append({**row, **state, "licence": licence, "said": f"licence: {licence}"})
    return rows


def _fetch(names: Sequence[str], given: argparse.Namespace) -> Reply:
    from masquerade.models.store import fetch

    with Progress(quiet=getattr(given, "json", False)) as progress:
        paths = {name: str(fetch(name, progress=progress)) for name in names}
    lines = tuple(f"{name:22} {path}" for name, path in paths.items())
    return Reply(lines, {"models": [{"name": n, "path": p} for n, p in paths.items()]})


def _verify(names: Sequence[str], given: argparse.Namespace) -> Reply:
    from masquerade.models.store import verify

    found = [verify(name) for name in names]
    lines = [f"{one.name:22} {one.state:9} {one.path}" for one in found]
    altered = [one.name for one in found if one.state == "altered"]
    if altered:
        lines.append(f"altered: {', '.join(altered)}; `masquerade models fetch` gets them anew")
    rows = [{"name": f.name, "state": f.state, "path": str(f.path)} for f in found]
    own = [] if given.name else _brought()
    lines += [f"{row['name']:22} {row['state']:9} {row['card']}" for row in own]
    unfit = bool(altered) or any(row["state"] in ("altered", "broken") for row in own)
    return Reply(tuple(lines), {"models": rows, "brought": own}, 1 if unfit else 0)
