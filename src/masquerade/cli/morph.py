"""`masquerade morph`: several faces become one, in the first one's picture."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.make import add_label
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.description = (
        "One face between two, or the mean of many: shape and colours of all faces are averaged in"
        " the first photo, which keeps its hair, clothes and background. Everybody in the photos"
        " has to consent."
    )
    parser.usage = "masquerade morph FIRST OTHER [OTHER ...] -o OUT --consent RECORD ... [options]"
    parser.add_argument(
        "photos",
        nargs="+",
        type=Path,
        metavar="PHOTO",
        help="one person each, towards the camera; the first one's surroundings stay",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the picture goes")
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="consent record of a person in the photos; one for each person, in any order",
    )
    parser.add_argument(
        "--share",
        type=float,
        default=None,
        metavar="X",
        help="how much the others count together; above 0, to 1; default: every photo alike, so"
        " 0.5 for two",
    )
    parser.add_argument(
        "--purpose",
        default="",
        help="what it is for, as the records word it; may be left out where they name just one",
    )
    add_label(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")


def run(given: argparse.Namespace) -> Reply:
    """Make, seal and save; say how near the new face is to each of them."""
    began = time.monotonic()
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        from masquerade.pipelines.morph import morph
        from masquerade.provenance.label import Label

        made = morph(
            given.photos,
            given.out,
            consents=given.consent,
            share=given.share,
            purpose=given.purpose,
            label=Label(given.label, given.label_language),
            overwrite=given.overwrite,
            progress=progress,
        )
    took_s = time.monotonic() - began
    lines = [f"{given.out}: made in {took_s:.1f} s", *made.lines(given.photos)]
    data = {
        "out": str(given.out),
        "identity": [round(apart, 3) for apart in made.apart],
        "seal": made.saved.as_json() if made.saved else None,
    }
    return Reply(tuple(lines), data)
