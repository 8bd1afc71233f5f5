"""`masquerade anonymize`: everybody in a file becomes somebody who does not exist."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.reply import Reply
from masquerade.cli.sealing import sealed_reply


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    from masquerade.compose.blend import ComposeOptions
    from masquerade.generate.anonymize import Options
    from masquerade.media.encoding import Encoding

    parser.description = (
        "Every face becomes that of a person who does not exist, the same person the same one"
        " throughout; expressions stay. Where somebody cannot be drawn over nothing is written,"
        " unless --on-failure says that such heads be covered."
    )
    parser.usage = "masquerade anonymize TARGET -o OUT [--keep WHO | --only WHO] [options]"
    parser.add_argument("target", type=Path, metavar="TARGET", help="the file to change")
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the result goes")
    _add_people(parser)
    parser.add_argument(
        "--drop-sound", action="store_true", help="leave the sound out: voices identify people"
    )
    parser.add_argument(
        "--voice",
        choices=("keep", "disguise"),
        default="keep",
        help="keep voices as they are, or put another pitch and throat over all of the sound;"
        " default keep",
    )
    _add_marks(parser)
    add_flags(parser, Options, "drawing")
    add_flags(parser, ComposeOptions, "blending")
    add_flags(parser, Encoding, "encoding")


def _add_people(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="WHO",
        help="somebody who stays as they are: largest, left, centre, right, a number from the"
        " left, or a photo; may be given again",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="WHO",
        help="hide these people alone, named likewise",
    )
    parser.add_argument(
        "--on-failure",
        choices=("refuse", "pixelate"),
        default="refuse",
        help="where somebody cannot be drawn over: write nothing and say where, or cover the whole"
        " head with plain blocks; default refuse",
    )


def _add_marks(parser: argparse.ArgumentParser) -> None:
    from masquerade.provenance.label import ENGLISH, PRESETS, languages

    parser.add_argument(
        "--label", choices=sorted(PRESETS), default="eu", help="visible label; default eu"
    )
    parser.add_argument(
        "--label-language",
        choices=languages(),
        default=ENGLISH,
        metavar="CODE",
        help=f"language of the label, one of {', '.join(languages())}; default {ENGLISH}",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")


def run(given: argparse.Namespace) -> Reply:
    """Hide the people, seal and save; say who became whom and how far from themselves they are."""
    from masquerade.compose.blend import ComposeOptions
    from masquerade.generate.anonymize import Options
    from masquerade.media.encoding import Encoding
    from masquerade.pipelines.anonymize.anonymize import BLENDING, Request, anonymize

    asked = read_flags(given, ComposeOptions).model_dump(exclude_unset=True)
    encoding = read_flags(given, Encoding)
    if given.drop_sound:
        encoding = encoding.model_copy(update={"audio": "none"})
    request = Request(
        keep=tuple(given.keep),
        only=tuple(given.only),
        on_failure=given.on_failure,
        voice=given.voice,
        options=read_flags(given, Options),
        blending=BLENDING.model_copy(update=asked),
    )
    return sealed_reply(
        given,
        encoding,
        lambda saving, heard: anonymize(
            given.target, given.out, request, saving, progress=heard, tell=heard.tell
        ),
    )
