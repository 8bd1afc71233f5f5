"""`masquerade source`: what pictures of a person show, and a model of their looks made of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.errors import FaceError


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    look = actions.add_parser("inspect", help="views, expressions, light, and what is missing")
    look.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="photos or videos of one person, or folders of them; or one model that `masquerade"
        " source build` made",
    )
    look.add_argument("-o", "--out", type=Path, metavar="PNG", help="a picture of it all")
    make = actions.add_parser("build", help="a model of a person's looks, as a file, for swaps")
    make.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="videos or photos of one person, or folders of them; half a minute of talking is best",
    )
    make.add_argument(
        "-o", "--out", type=Path, required=True, metavar="MFACE", help="ends in .mface"
    )
    make.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="consent record of the person; the model carries it",
    )
    for action, what in ((look, "PNG"), (make, "MFACE")):
        action.add_argument("--overwrite", action="store_true", help=f"replace {what} if it exists")
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(given: argparse.Namespace) -> Reply:
    """Do the action."""
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        return _build(given, progress) if given.action == "build" else _inspect(given, progress)


def _inspect(given: argparse.Namespace, progress: Progress) -> Reply:
    """Look at the pictures, say what they show, write the picture where one is asked for."""
    from masquerade.faces.appearance.file import is_appearance
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.source.inspect_appearance import AppearanceReport, inspect_appearance
    from masquerade.pipelines.source.inspection import (
        SourceReport,
        check_picture,
        inspect,
        save_picture,
    )

    if given.out:
        check_picture(given.out, overwrite=given.overwrite)
    report: AppearanceReport | SourceReport
    if any(is_appearance(path) for path in given.inputs):
        report = inspect_appearance(given.inputs)
    else:
        report = inspect(given.inputs, FaceReader.open(progress=progress), progress=progress)
    lines = report.lines()
    if given.out:
        save_picture(report.picture, given.out, overwrite=given.overwrite)
        lines.append(f"picture: {given.out}")
    refused = isinstance(report, SourceReport) and report.refused
    return Reply(tuple(lines), report.as_json(), FaceError.exit_code if refused else 0)


def _build(given: argparse.Namespace, progress: Progress) -> Reply:
    """Build a model and say what it is."""
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.source.build import build_source

    built = build_source(
        given.inputs,
        given.out,
        given.consent,
        FaceReader.open(progress=progress),
        overwrite=given.overwrite,
        progress=progress,
    )
    lines = [*built.lines(), f"use it: masquerade swap {given.out} clip.mp4 -o out.mp4"]
    return Reply(tuple(lines), built.as_json())
