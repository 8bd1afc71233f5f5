"""`masquerade voice speak`: a text in the voice of somebody who consents."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.reply import Reply
from masquerade.cli.sealing import sealed_reply
from masquerade.cli.sound_flags import add_sound_flags, sound_encoding
from masquerade.cli.voice_convert import add_voice_flags
from masquerade.errors import InputError, UsageError


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the action's arguments."""
    from masquerade.generate.voice_speak import Options

    parser.description = (
        "A made-up narrator reads the text in English, and what is read becomes the voice that"
        " `masquerade voice build` made under that person's consent."
    )
    parser.usage = 'masquerade voice speak "TEXT" --as NAME.mvoice -o OUT [options]'
    parser.add_argument("text", nargs="?", default="", metavar="TEXT", help="what is to be said")
    parser.add_argument(
        "--text-file", type=Path, metavar="FILE", help="a file that holds the text, in UTF-8"
    )
    add_voice_flags(parser)
    add_sound_flags(parser)
    add_flags(parser, Options, "voice")


def run(given: argparse.Namespace) -> Reply:
    """Read, convert, seal and save."""
    from masquerade.generate.voice_speak import Options
    from masquerade.pipelines.voice.speak import speak

    text = text_of(given)
    return sealed_reply(
        given,
        sound_encoding(given),
        lambda saving, heard: speak(
            text,
            given.voice,
            given.out,
            consents=given.consent,
            purpose=given.purpose,
            options=read_flags(given, Options),
            saving=saving,
            progress=heard,
        ),
    )


def text_of(given: argparse.Namespace) -> str:
    """What is to be said: what was typed, or what the file holds.

    Raises:
        UsageError: Neither was given, or both.
        InputError: The file cannot be read.
    """
    if bool(given.text) == bool(given.text_file):
        raise UsageError("a text and a text file" if given.text else "no text", "one of the two")
    if given.text:
        return str(given.text)
    try:
        return str(given.text_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{given.text_file} cannot be read ({error})", "text in UTF-8") from error
