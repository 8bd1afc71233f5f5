"""`masquerade lipsync`: somebody in a video says what a recording says."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.make import add_label
from masquerade.cli.reply import Reply
from masquerade.cli.sealing import sealed_reply
from masquerade.cli.spoken_flags import add_consents, add_language


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.description = (
        "The lips, jaw and cheeks of somebody in a video follow a recording, which is heard instead"
        " of the video's sound; eyes, head and body stay. How the mouth moves and looks is learned"
        " from the video itself, and from more footage of the same person. The person who is seen"
        " has to consent, and so has the person who is heard."
    )
    parser.usage = "masquerade lipsync TARGET --speech SOUND -o OUT --consent RECORD [options]"
    parser.add_argument("target", type=Path, metavar="TARGET", help="a video of the person")
    parser.add_argument(
        "--speech", type=Path, required=True, metavar="SOUND", help="the recording that is heard"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the result goes")
    add_lips(parser)


def add_lips(parser: argparse.ArgumentParser) -> None:
    """Who speaks, under whose consent, and how the result is made."""
    from masquerade.compose.blend import ComposeOptions
    from masquerade.generate.lipsync import Options
    from masquerade.media.encoding import Encoding

    _add_people(parser)
    add_language(parser)
    parser.add_argument(
        "--longer",
        choices=("stop", "hold", "loop"),
        default="stop",
        help="where the recording is longer than the video: stop with the video, hold its last"
        " frame, or play it back and forth; default stop",
    )
    add_label(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    add_flags(parser, Options, "options of lipsync")
    add_flags(parser, ComposeOptions, "blending")
    add_flags(parser, Encoding, "encoding")


def _add_people(parser: argparse.ArgumentParser) -> None:
    add_consents(parser)
    parser.add_argument(
        "--footage",
        type=Path,
        action="append",
        default=[],
        metavar="VIDEO",
        help="more footage of the same person talking; may be given again",
    )
    parser.add_argument(
        "--speaker",
        default="auto",
        metavar="WHO",
        help="who speaks: auto (of several, whose lips go with the video's sound), largest, left,"
        " centre, right, a number from the left, or a photo; default auto",
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=None,
        metavar="MODEL",
        help="the speaker's mouth as `masquerade train lips` learned it; it carries their record",
    )


def run(given: argparse.Namespace) -> Reply:
    """Make, seal and save; say what was done, what was not, and why."""
    return made(given)


def made(given: argparse.Namespace, *, text: str = "", voice: Path | None = None) -> Reply:
    """The same, of what is said in a voice."""
    from masquerade.compose.blend import ComposeOptions
    from masquerade.generate.lipsync import Options
    from masquerade.media.encoding import Encoding
    from masquerade.pipelines.lips.lipsync import Request, lipsync

    request = Request(
        speech=given.speech,
        consents=tuple(given.consent),
        footage=tuple(given.footage),
        speaker=given.speaker,
        purpose=given.purpose,
        language=given.language,
        longer=given.longer,
        options=read_flags(given, Options),
        blending=read_flags(given, ComposeOptions),
        text=text,
        voice=voice,
        model=given.model,
    )
    return sealed_reply(
        given,
        read_flags(given, Encoding),
        lambda saving, heard: lipsync(
            given.target, given.out, request, saving, progress=heard, tell=heard.tell
        ),
    )
