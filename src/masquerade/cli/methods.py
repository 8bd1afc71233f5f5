"""`masquerade methods`: what can be made, with every option."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from masquerade import registry
from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", nargs="?", help="one method, with its options")


def run(given: argparse.Namespace) -> Reply:
    """List the methods, or the options of one."""
    if given.name:
        return _one(given.name)
    entries = [registry.entry(name) for name in registry.names()]
    width = max((len(entry.name) for entry in entries), default=0)
    lines = [f"{entry.name:{width}}  {entry.summary}" for entry in entries]
    data = [
        {"name": entry.name, "command": entry.command, "summary": entry.summary}
        for entry in entries
    ]
    return Reply(tuple(lines), {"methods": data})


def _one(name: str) -> Reply:
    entry = registry.entry(name)
    module = registry.get(name)
    schema = module.Options.model_json_schema()
    lines = [f"{name}: {entry.summary}", f"used by: masquerade {entry.command} --method {name}", ""]
    for option, what in schema.get("properties", {}).items():
        flag = option.replace("_", "-")
        words = " ".join(str(what.get("description", "")).split())
        lines.append(f"--{flag}  {words} (default {what.get('default')})")
    known = registry.vocabulary(module)
    width = max(map(len, known), default=0)
    if known:
        lines += ["", *(f"{word:{width}}  {what}".rstrip() for word, what in known.items())]
    data = {
        "name": name,
        "command": entry.command,
        "summary": entry.summary,
        "needs": sorted(module.needs),
        "radius": module.radius,
        "schema": schema,
        "vocabulary": dict(known),
    }
    return Reply(tuple(lines), data)
