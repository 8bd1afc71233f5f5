"""`masquerade person`: enrol a consenting person from their footage, to compare videos with."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from masquerade.cli import add_json
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply

_EXAMPLES: Final = """\
examples:
  masquerade consent new -o ada.consent --kind subject --purpose examination ...
  masquerade person enrol Ada 2023/ 2024/ interview.mp4 --consent ada.consent -o ada.person
  masquerade person show ada.person
  masquerade examine questioned.mp4 --person ada.person
Each file or folder is one occasion: 3 of them with 10 minutes in all are wanted.
"""


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    enrol = actions.add_parser("enrol", help="features of a person's face and ways of moving")
    enrol.add_argument("name", help="what the person is called in reports")
    enrol.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="their own footage: videos, or folders of them; each is one occasion",
    )
    enrol.add_argument(
        "--consent",
        type=Path,
        metavar="RECORD",
        help="their consent record, for the purpose examination; the file carries it",
    )
    enrol.add_argument(
        "-o", "--out", type=Path, required=True, metavar="PERSON", help="ends in .person"
    )
    enrol.add_argument("--overwrite", action="store_true", help="replace PERSON if it exists")
    show = actions.add_parser("show", help="who is enrolled, from how much, on whose word")
    show.add_argument("person", type=Path, metavar="PERSON", help="the file")
    for action in (enrol, show):
        add_json(action)


def run(given: argparse.Namespace) -> Reply:
    """Do the action."""
    if given.action == "show":
        from masquerade.pipelines.examine.known_person import known_person

        known = known_person(given.person)
        return Reply(tuple(known.lines()), known.as_json())
    return _enrol(given)


def _enrol(given: argparse.Namespace) -> Reply:
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        from masquerade.faces.readers import FaceReader
        from masquerade.pipelines.examine.enrol_person import enrol

        made = enrol(
            given.name,
            given.inputs,
            given.out,
            given.consent,
            FaceReader.open(progress=progress),
            overwrite=given.overwrite,
            tell=progress,
        )
    last = f"use it: masquerade examine questioned.mp4 --person {given.out}"
    data = made.known.as_json() | {"out": str(given.out), "notes": list(made.notes)}
    return Reply((*made.lines(), last), data)
