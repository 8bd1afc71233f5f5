"""`masquerade policy`: every gate, what it goes by, how often it errs, what to do then."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from masquerade.cli.reply import Reply


def configure(_parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments; there are none, since a gate has no switch."""


def run(_given: argparse.Namespace) -> Reply:
    """Explain the gates in the order in which they are passed."""
    from masquerade.provenance.gates.rules import rule
    from masquerade.provenance.policy import GATES

    lines = ["Every gate must be passed; nothing switches one off.", ""]
    data = []
    for number, gate in enumerate(GATES, 1):
        one = rule(gate.name)
        lines += [
            f"{number}. {gate.name}",
            f"   checks      {one.checks}",
            f"   limit       {one.limit}",
            f"   source      {one.source}",
            f"   measured    {one.measured}",
            f"   a mistake?  {one.mistake}",
            "",
        ]
        data.append({**asdict(one), "since": gate.since, "built": gate.check is not None})
    return Reply(tuple(lines[:-1]), {"gates": data})
