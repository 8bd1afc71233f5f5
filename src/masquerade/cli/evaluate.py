"""`masquerade evaluate swap`: the table of the papers on your own files, and a picture of it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.errors import UsageError

if TYPE_CHECKING:
    from masquerade.evaluate.sheet import Row

_MISSED = "   <- not reached"


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="WHAT")
    swap = actions.add_parser("swap", help="identity, pose, expression, eyes, flicker, sharpness")
    swap.add_argument("target", type=Path, metavar="TARGET", help="the file before the swap")
    swap.add_argument("output", type=Path, metavar="OUTPUT", help="the file after it")
    swap.add_argument(
        "--source",
        type=Path,
        nargs="+",
        required=True,
        metavar="PHOTO",
        help="photos of the person who was put in",
    )
    swap.add_argument(
        "--picture", type=Path, metavar="PNG", help="also draw faces, numbers and curves"
    )
    swap.add_argument(
        "--frames", type=int, default=1500, metavar="N", help="at most so many; default 1500"
    )
    swap.add_argument("--overwrite", action="store_true", help="replace PNG if it exists")
    swap.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(given: argparse.Namespace) -> Reply:
    """Measure a swap and say how good it is."""
    from masquerade.evaluate.report import evaluate_swap
    from masquerade.evaluate.sheet import png, sheet, table, worst
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.report_file import put

    _check(given)
    with Progress(quiet=getattr(given, "json", False)) as progress:
        report = evaluate_swap(
            given.target,
            given.output,
            given.source,
            FaceReader.open(progress=progress),
            most_frames=given.frames,
            tell=progress,
        )
    rows = table(report)
    lines = [f"{row.name:34} {row.value:8} {_good(row)}".rstrip() for row in rows]
    missed = [row.name for row in rows if row.missed]
    if missed:
        lines.append(f"not reached: {', '.join(missed)}")
    lines += worst(report)
    if given.picture:
        put(given.picture, png(sheet(report)))
        lines.append(f"picture: {given.picture}")
    picture = str(given.picture) if given.picture else None
    return Reply(tuple(lines), {**report.numbers(), "missed": missed, "picture": picture})


def _good(row: Row) -> str:
    return f"good: {row.good}{_MISSED if row.missed else ''}" if row.good else ""


def _check(given: argparse.Namespace) -> None:
    """What is wrong with the request, told before any work."""
    if given.frames < 1:
        raise UsageError(f"--frames {given.frames}", "1 or more")
    out = given.picture
    if out is None:
        return
    from masquerade.pipelines.report_file import check_no_link

    check_no_link(out)
    if out.suffix.lower() != ".png":
        raise UsageError(f"{out} is to hold a PNG picture", "a name that ends in .png")
    if out.exists() and not given.overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")
