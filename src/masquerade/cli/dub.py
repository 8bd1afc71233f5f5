"""`masquerade dub`: somebody in a video says something else, their lips and the voice in one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.lipsync import add_lips, made
from masquerade.cli.reply import Reply
from masquerade.cli.spoken_flags import add_said


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.description = (
        "Somebody in a video says what a recording says, or a text, in a voice that `masquerade"
        " voice build` made: lips, jaw and cheeks follow, and the video's sound is replaced, in one"
        " job with one seal. The person who is seen has to consent; so has the person whose voice"
        " it is, whose record the voice carries; and so has whoever speaks in the recording, which"
        " the record of a performer does."
    )
    parser.usage = (
        "masquerade dub TARGET (--speech SOUND | --text TEXT) [--as NAME.mvoice] -o OUT"
        " --consent RECORD [options]"
    )
    parser.add_argument("target", type=Path, metavar="TARGET", help="a video of the person")
    parser.add_argument(
        "--speech", type=Path, default=None, metavar="SOUND", help="a recording of what is said"
    )
    add_said(parser)
    parser.add_argument("-o", "--out", type=Path, required=True, help="where the result goes")
    add_lips(parser)


def run(given: argparse.Namespace) -> Reply:
    """Make, seal and save; say what was done, what was not, and why."""
    return made(given, text=given.text, voice=given.voice)
