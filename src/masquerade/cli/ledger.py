"""`masquerade ledger`: the chained record of every consent and every output made here."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from masquerade.cli.reply import Reply
from masquerade.errors import UsageError


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "action", choices=["show", "verify"], help="show: the newest rows; verify: the whole chain"
    )
    parser.add_argument("--last", type=int, default=20, metavar="N", help="how many rows to show")


def run(given: argparse.Namespace) -> Reply:
    """Show rows, or look for a changed, removed or reordered one."""
    from masquerade.provenance import ledger

    if given.action == "verify":
        report = ledger.verify_ledger()
        return Reply(tuple(report.lines()), report.as_json(), report.exit_code)
    if given.last < 1:
        raise UsageError(f"--last {given.last}", "1 or more")
    rows = ledger.rows(newest=given.last)
    lines = tuple(row.line() for row in rows) or ("nothing was made here yet",)
    return Reply(lines, {"rows": [asdict(row) for row in rows]})
