"""`masquerade gallery`: a photo in every style, or with every effect, to choose by eye."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli.make import add_label
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply

if TYPE_CHECKING:
    from masquerade.pipelines.preview.gallery import Kind


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.description = (
        "One picture of a photo in every style that `masquerade style` knows by heart, or with"
        " every effect of `masquerade edit`, with their names; sealed like everything else."
    )
    parser.add_argument("photo", type=Path, help="the photo to show them on")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the sheet, such as .png")
    parser.add_argument(
        "--of",
        choices=("styles", "effects"),
        default="styles",
        help="what is shown; default styles",
    )
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="for effects: the consent record of the person in the photo",
    )
    parser.add_argument("--purpose", default="", help="what it is for, as the record words it")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    add_label(parser)


def run(given: argparse.Namespace) -> Reply:
    """Paint, seal and save the sheet."""
    return written(given, given.photo, given.of)


def written(given: argparse.Namespace, photo: Path, of: Kind, effects: Sequence[str] = ()) -> Reply:
    """The sheet of a photo; effects that are named are shown in every strength, else all once."""
    began = time.monotonic()
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        from masquerade.pipelines.preview.gallery import gallery
        from masquerade.provenance.label import Label

        saved = gallery(
            photo,
            given.out,
            of=of,
            effects=effects,
            consents=given.consent,
            purpose=given.purpose,
            label=Label(given.label, given.label_language),
            overwrite=given.overwrite,
            progress=progress,
        )
    took_s = time.monotonic() - began
    what = f"strengths of {', '.join(effects)}" if effects else f"all {of}"
    lines = [f"{given.out}: {what}, in {took_s:.1f} s", *saved.lines()]
    return Reply(tuple(lines), {"out": str(given.out), "seal": saved.as_json()})
