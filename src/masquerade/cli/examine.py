"""`masquerade examine`: evidence about a file, in plain words, with how sure it is."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade import registry
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", type=Path, help="a picture, video or sound; it is only read")
    parser.add_argument(
        "--signal",
        action="append",
        default=[],
        choices=registry.names("signals"),
        metavar="NAME",
        help="run this signal only (repeatable); all when left out: "
        + ", ".join(registry.names("signals")),
    )


def run(given: argparse.Namespace) -> Reply:
    """Examine one file."""
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        from masquerade.pipelines.examine import examine

        found = examine(given.file, signals=given.signal, tell=progress)
    return Reply(tuple(found.lines()), found.as_json())
