"""`masquerade voice build`: a voice out of minutes of somebody's speech, under their consent."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the action's arguments."""
    parser.description = (
        "Everybody who speaks in the recordings is measured and has to be the person of the record."
        " One minute of speech is needed, two sound usable, five good; ten are used."
    )
    parser.usage = "masquerade voice build RECORDING... -o NAME.mvoice --consent RECORD [options]"
    parser.add_argument(
        "recordings", nargs="+", type=Path, metavar="RECORDING", help="speech of one person"
    )
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="MVOICE", help="ends in .mvoice"
    )
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="consent record of the person, for the voice; the file carries it",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace MVOICE if it exists")


def run(given: argparse.Namespace) -> Reply:
    """Build the voice and say what it is."""
    from masquerade.pipelines.voice.build import make_voice

    with Progress(quiet=getattr(given, "json", False)) as progress:
        built = make_voice(
            given.recordings,
            given.out,
            given.consent,
            overwrite=given.overwrite,
            progress=progress,
        )
    lines = [*built.lines(), f"use it: masquerade voice convert in.wav --as {given.out} -o out.wav"]
    return Reply(tuple(lines), built.as_json())
