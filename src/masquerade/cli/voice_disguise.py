"""`masquerade voice disguise`: whoever speaks in a recording becomes hard to recognise."""

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
    from masquerade.generate.voice_disguise import Options

    parser.description = (
        "The voice gets another pitch and another throat; the words stay as they were said. No"
        " consent record is needed, as nothing is taken from anybody. Whoever knows the speaker"
        " well may still tell them by what they say and how: see docs/sound.md."
    )
    parser.usage = "masquerade voice disguise SOUND -o OUT [options]"
    parser.add_argument("target", type=Path, metavar="SOUND", help="a recording, or a video")
    add_sound_flags(parser)
    add_flags(parser, Options, "disguise")


def run(given: argparse.Namespace) -> Reply:
    """Disguise, seal and save; say how far the new voice is from the old one."""
    from masquerade.generate.voice_disguise import Options
    from masquerade.pipelines.voice.disguise import disguise_voice

    return sealed_reply(
        given,
        sound_encoding(given),
        lambda saving, heard: disguise_voice(
            given.target,
            given.out,
            read_flags(given, Options),
            saving,
            progress=heard,
        ),
    )
