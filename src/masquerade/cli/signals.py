"""`masquerade signals`: what is looked at in an examination, and how often each errs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from masquerade import registry
from masquerade.cli.reply import Reply
from masquerade.forensics.calibration import calibration


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.add_argument("name", nargs="?", help="one signal, with its options and error rates")


def run(given: argparse.Namespace) -> Reply:
    """List the signals, or all that is known of one."""
    if given.name:
        return _one(given.name)
    entries = [registry.entry(name, "signals") for name in registry.names("signals")]
    width = max((len(entry.name) for entry in entries), default=0)
    lines = [f"{entry.name:{width}}  {entry.summary}" for entry in entries]
    data = [{"name": entry.name, "summary": entry.summary} for entry in entries]
    return Reply(tuple(lines), {"signals": data})


def _one(name: str) -> Reply:
    entry, module = registry.entry(name, "signals"), registry.get(name, "signals")
    known = calibration(name)
    schema = module.Options.model_json_schema()
    kinds = [(one.name, known.errs(one.name)) for one in known.bins] if known else []
    lines = [
        f"{name}: {entry.summary}",
        f"used by: masquerade examine FILE --signal {name}",
        f"family: {module.family.value}",
        f"limits: {module.limits}",
        *(f"on {kind}: {words}" for kind, words in kinds),
    ]
    if not kinds:
        lines.append(known.error_rate if known else "not weighed: shown in the report alone")
    if known:
        lines.append(f"measured on: {known.data} ({known.made})")
    for option, what in schema.get("properties", {}).items():
        flag = option.replace("_", "-")
        lines.append(f"--{flag}  {what.get('description', '')} (default {what.get('default')})")
    data = {
        "name": name,
        "summary": entry.summary,
        "family": module.family.value,
        "limits": module.limits,
        "error_rates": dict(kinds) or ({"": known.error_rate} if known else {}),
        "measured_on": known.data if known else "",
        "schema": schema,
    }
    return Reply(tuple(lines), data)
