"""`masquerade source inspect`: what pictures of a person show, and what is missing."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    look = actions.add_parser("inspect", help="views, expressions, light, and what is missing")
    look.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="photos or videos of one person, or folders of them",
    )
    look.add_argument("-o", "--out", type=Path, metavar="PNG", help="a picture of it all")
    look.add_argument("--overwrite", action="store_true", help="replace PNG if it exists")
    look.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(given: argparse.Namespace) -> Reply:
    """Look at the pictures, say what they show, write the picture where one is asked for."""
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        from masquerade.faces.readers import FaceReader
        from masquerade.pipelines.inspect_source import check_picture, inspect, save_picture

        if given.out:
            check_picture(given.out, overwrite=given.overwrite)
        report = inspect(given.inputs, FaceReader.open(progress=progress), progress=progress)
        lines = report.lines()
        if given.out:
            save_picture(report.picture, given.out, overwrite=given.overwrite)
            lines.append(f"picture: {given.out}")
    return Reply(tuple(lines), report.as_json())
