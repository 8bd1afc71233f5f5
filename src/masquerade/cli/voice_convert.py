"""`masquerade voice convert`: what a recording says in the voice of somebody who consents."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.reply import Reply
from masquerade.cli.sealing import sealed_reply
from masquerade.cli.sound_flags import add_sound_flags, sound_encoding


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the action's arguments."""
    from masquerade.generate.voice_convert import Options

    parser.description = (
        "Words, melody, timing and loudness stay those of the speaker; the voice becomes another's,"
        " which `masquerade voice build` made under that person's consent."
    )
    parser.usage = "masquerade voice convert SOUND --as NAME.mvoice -o OUT [options]"
    parser.add_argument("target", type=Path, metavar="SOUND", help="a recording, or a video")
    add_voice_flags(parser)
    add_sound_flags(parser)
    add_flags(parser, Options, "voice")


def add_voice_flags(parser: argparse.ArgumentParser) -> None:
    """With whose voice, by which consent, and what for."""
    parser.add_argument(
        "--as", dest="voice", type=Path, required=True, metavar="MVOICE", help="the voice"
    )
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="consent record of the voice; may be left out, as the voice carries it",
    )
    parser.add_argument(
        "--purpose",
        default="",
        help="what it is for, as the record words it; may be left out where it names just one",
    )


def run(given: argparse.Namespace) -> Reply:
    """Convert, seal and save."""
    from masquerade.generate.voice_convert import Options
    from masquerade.pipelines.voice.convert import convert_voice

    return sealed_reply(
        given,
        sound_encoding(given),
        lambda saving, heard: convert_voice(
            given.target,
            given.voice,
            given.out,
            consents=given.consent,
            purpose=given.purpose,
            options=read_flags(given, Options),
            saving=saving,
            progress=heard,
        ),
    )
