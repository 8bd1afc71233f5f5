"""`masquerade portrait`: somebody in a photo says what a recording says."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.make import add_label
from masquerade.cli.reply import Reply
from masquerade.cli.sealing import sealed_reply
from masquerade.cli.spoken_flags import add_consents, add_language, add_said


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    from masquerade.generate.portrait import Options
    from masquerade.media.encoding import Encoding

    parser.description = (
        "A photo of somebody becomes a video in which they say what a recording says: lips and jaw"
        " follow it, the head moves a little, lids blink, and the background stays where it is."
        " The person who is seen has to consent, and so has the person who is heard; the record"
        " of a persona lies beside its picture."
    )
    parser.usage = "masquerade portrait PHOTO --speech SOUND -o OUT --consent RECORD [options]"
    parser.add_argument("photo", type=Path, metavar="PHOTO", help="somebody who faces the camera")
    parser.add_argument(
        "--speech", type=Path, default=None, metavar="SOUND", help="the recording that is heard"
    )
    add_said(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the video goes")
    _add_people(parser)
    add_language(parser)
    add_label(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    add_flags(parser, Options, "options of portrait")
    add_flags(parser, Encoding, "encoding")


def _add_people(parser: argparse.ArgumentParser) -> None:
    add_consents(parser)
    parser.add_argument(
        "--person",
        default="auto",
        metavar="WHO",
        help="who speaks: auto (the only one), largest, left, centre, right, a number from the"
        " left, or a photo; default auto",
    )


def run(given: argparse.Namespace) -> Reply:
    """Make, seal and save; say what was done."""
    from masquerade.generate.portrait import Options
    from masquerade.media.encoding import Encoding
    from masquerade.pipelines.portrait.portrait import Request, portrait

    request = Request(
        speech=given.speech,
        consents=tuple(given.consent),
        person=given.person,
        purpose=given.purpose,
        language=given.language,
        options=read_flags(given, Options),
        text=given.text,
        voice=given.voice,
    )
    return sealed_reply(
        given,
        read_flags(given, Encoding),
        lambda saving, heard: portrait(
            given.photo, given.out, request, saving, progress=heard, tell=heard.tell
        ),
    )
